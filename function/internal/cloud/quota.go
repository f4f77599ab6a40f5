package cloud

import (
	"errors"
	"strconv"
	"strings"
	"time"
)

// Quota is how many calls of one action a service takes in every window.
type Quota struct {
	Calls  int
	Window time.Duration // a minute or a second
}

func PerMinute(calls int) Quota { return Quota{calls, time.Minute} }
func PerSecond(calls int) Quota { return Quota{calls, time.Second} }

// Rate is the calls a second.
func (q Quota) Rate() float64 { return float64(q.Calls) / q.Window.Seconds() }

// Times multiplies the calls. A call is always left.
func (q Quota) Times(factor float64) Quota {
	return Quota{max(1, int(float64(q.Calls)*factor)), q.Window}
}

// maxCalls is the largest quota that is read: more than any service takes.
const maxCalls = 10_000_000

// ParseQuota reads N, calls a minute, or N/s.
func ParseQuota(text string) (Quota, error) {
	number, perSecond := strings.CutSuffix(text, "/s")
	calls, err := strconv.Atoi(number)
	switch {
	case err != nil || calls < 1 || calls > maxCalls:
		return Quota{}, errors.New("it must be a whole number of calls a minute, such as 500, or a second, such as 3/s")
	case perSecond:
		return PerSecond(calls), nil
	}
	return PerMinute(calls), nil
}

// String is what ParseQuota reads.
func (q Quota) String() string {
	if q.Window == time.Second {
		return strconv.Itoa(q.Calls) + "/s"
	}
	return strconv.Itoa(q.Calls)
}
