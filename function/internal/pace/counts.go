package pace

import (
	"errors"
	"strings"

	"vpn-attach/function/internal/cloud"
)

// Counts are the calls that were made, and how many of them the service throttled.
type Counts struct{ Calls, Throttles int64 }

// Counts are those of all calls so far; immediate retries count as well.
func (p *Pace) Counts() Counts {
	if p == nil {
		return Counts{}
	}
	return Counts{p.calls.Load(), p.throttles.Load()}
}

// Since is what was counted after an earlier count.
func (c Counts) Since(before Counts) Counts {
	return Counts{c.Calls - before.Calls, c.Throttles - before.Throttles}
}

func (p *Pace) count(err error) {
	p.calls.Add(1)
	if _, is := throttle(err); is {
		p.throttles.Add(1)
	}
}

// IsThrottle reports whether an error says that a quota is used up.
func IsThrottle(err error) bool {
	_, is := throttle(err)
	return is
}

// throttle reports whether a service refused a call because a quota is used up.
func throttle(err error) (api *cloud.APIError, is bool) {
	is = errors.As(err, &api) && strings.Contains(strings.ToLower(api.Code), "throttling")
	return api, is
}
