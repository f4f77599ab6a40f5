package local

import (
	"fmt"
	"sync"

	"vpn-attach/function/internal/usage"
)

// Memory is how much the function's largest process used, beside the limit of the template. Function Compute ends a
// process that uses more; here it is said.
type Memory struct {
	LimitMB  int  `json:"limitMB"`
	PeakMB   int  `json:"peakMB"` // 0 where the system does not tell
	Exceeded bool `json:"exceeded"`
}

// meter notes what processes use.
type meter struct {
	mu   sync.Mutex
	peak int64 // KiB
}

// read looks at processes that are still there.
func (m *meter) read(processes []int) (peak int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, process := range processes {
		if used, err := usage.Read(process); err == nil {
			m.peak = max(m.peak, used.Peak)
		}
	}
	return m.peak
}

// memory is what the function used so far.
func (c *Cloud) memory() Memory {
	limit := c.now.Load().function.MemorySize
	used := Memory{LimitMB: limit, PeakMB: int((c.meter.read(c.Runtime.Processes()) + 1023) >> 10)}
	used.Exceeded = used.PeakMB > used.LimitMB
	return used
}

// compare says that the function used more than the template allows, after which no other end counts.
func (m Memory) compare() []string {
	if !m.Exceeded {
		return nil
	}
	return []string{fmt.Sprintf("memory: the template allows %d MB, got %d", m.LimitMB, m.PeakMB)}
}
