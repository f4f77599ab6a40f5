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

// Quotas are calls a minute by API action.
type Quotas map[string]int

// ReadQuotas reads ACTION=CALLS pairs with commas between. A quota on an API that the function
// does not call is refused: it would never throttle anything.
func ReadQuotas(text string) (Quotas, error) {
	quotas, called := Quotas{}, calledActions()
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		action, number, _ := strings.Cut(pair, "=")
		calls, err := strconv.Atoi(number)
		if action == "" || err != nil || calls < 1 {
			return nil, fmt.Errorf("quotas: %q is not ACTION=CALLS", pair)
		}
		if !slices.Contains(called, action) {
			return nil, fmt.Errorf("quotas: the function does not call %q; it calls %s",
				action, strings.Join(called, ", "))
		}
		quotas[action] = calls
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
		pairs = append(pairs, fmt.Sprintf("%s=%d", action, q[action]))
	}
	return strings.Join(pairs, ",")
}

// window is the minute of an action that is running.
type window struct {
	ends time.Time
	left int
}

// Draw throttles what exceeds a quota, with the headers that say how long: minutes are fixed
// windows, shorter by the cloud's speed. Nil when there are no quotas.
func (q Quotas) Draw(speed float64) func(action string, n int) *fault.Fault {
	if len(q) == 0 {
		return nil
	}
	var mu sync.Mutex
	minute, windows := time.Duration(float64(time.Minute)/speed), map[string]*window{}
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
			w.ends, w.left = now.Add(minute), q[action]
		}
		if w.left--; w.left >= 0 {
			return nil
		}
		wait := w.ends.Sub(now)
		return &fault.Fault{Action: action, Status: 400, Code: "Throttling.User", Headers: map[string]string{
			"X-RateLimit-User-API": fmt.Sprintf("Limit:%d,Remain:0,TimeLeft:%d", q[action], int(wait.Seconds()+1)),
			"x-acs-retry-after":    strconv.FormatInt(wait.Milliseconds()+1, 10),
		}}
	}
}
