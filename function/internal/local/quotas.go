package local

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/fault"
)

// Quotas are those of the account, by API action.
type Quotas map[string]cloud.Quota

// ReadQuotas reads ACTION=CALLS pairs with commas between: calls a minute, or a second (3/s). A quota on an API that
// the function does not call is refused: it would never throttle anything.
func ReadQuotas(text string) (Quotas, error) {
	quotas, called := Quotas{}, calledActions()
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		action, number, _ := strings.Cut(pair, "=")
		quota, err := cloud.ParseQuota(number)
		if action == "" || err != nil {
			return nil, fmt.Errorf("quotas: %q is not ACTION=CALLS", pair)
		}
		if !slices.Contains(called, action) {
			return nil, fmt.Errorf("quotas: the function does not call %q; it calls %s",
				action, strings.Join(called, ", "))
		}
		quotas[action] = quota
	}
	return quotas, nil
}

// calledActions are the names of the API operations that the function calls.
func calledActions() (names []string) {
	for _, action := range cloud.Actions() {
		names = append(names, action.Name)
	}
	return names
}

// String gives the pairs that ReadQuotas, and the function, read.
func (q Quotas) String() string {
	var pairs []string
	for _, action := range slices.Sorted(maps.Keys(q)) {
		pairs = append(pairs, fmt.Sprintf("%s=%s", action, q[action]))
	}
	return strings.Join(pairs, ",")
}

// window is the minute or second of an action that is running.
type window struct {
	ends time.Time
	left int
}

// Draw throttles what exceeds a quota, with the headers that say how long: windows are fixed,
// and shorter by the cloud's speed. Nil when there are no quotas.
func (q Quotas) Draw(speed float64) func(action string, n int) *fault.Fault {
	if len(q) == 0 {
		return nil
	}
	var mu sync.Mutex
	windows := map[string]*window{}
	for _, action := range slices.Collect(maps.Keys(q)) {
		windows[action] = &window{}
	}
	return func(action string, _ int) *fault.Fault {
		mu.Lock()
		defer mu.Unlock()
		w := windows[action]
		if w == nil {
			return nil
		}
		now := time.Now()
		if !now.Before(w.ends) {
			w.ends, w.left = now.Add(scaled(q[action].Window, speed)), q[action].Calls
		}
		if w.left--; w.left >= 0 {
			return nil
		}
		wait := w.ends.Sub(now)
		left := int(wait.Seconds() + 1)
		return &fault.Fault{Action: action, Status: 400, Code: "Throttling.User", Headers: map[string]string{
			"X-RateLimit-User-API": fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d", q[action].Calls, left),
			"x-acs-retry-after":    strconv.FormatInt(wait.Milliseconds()+1, 10),
		}}
	}
}
