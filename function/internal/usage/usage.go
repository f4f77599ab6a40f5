// Package usage reads what a process has used, where the system reports it (Linux).
package usage

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// Of is what a process has used so far.
type Of struct {
	CPU  time.Duration // of all its threads
	Now  int64         // resident memory, KiB
	Peak int64         // the most of it so far, KiB
}

// Read reads what a process uses. An error says that the system does not report it.
func Read(pid int) (Of, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return Of{}, fmt.Errorf("reading what process %d uses: %w", pid, err)
	}
	used := Of{Now: field(status, "VmRSS:"), Peak: field(status, "VmHWM:")}
	threads, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/schedstat", pid)) // the pattern is right
	for _, thread := range threads {
		text, err := os.ReadFile(thread)
		if err != nil {
			continue // it has ended
		}
		var nanoseconds int64
		if n, _ := fmt.Sscan(string(text), &nanoseconds); n == 1 {
			used.CPU += time.Duration(nanoseconds)
		}
	}
	return used, nil
}

func field(status []byte, name string) (kib int64) {
	_, after, _ := strings.Cut(string(status), name)
	_, _ = fmt.Sscan(after, &kib) // 0 is not known
	return kib
}
