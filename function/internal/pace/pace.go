// Package pace is the one way to make an API call: in its turn under the quotas, within a timeout, and again a few
// times when it fails for a moment.
package pace

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"vpn-attach/function/internal/cloud"
)

// Pace makes the API calls of this instance. It holds them back to its part of a share of their quotas, for each action
// and region: other instances, people and their tools need the rest. How many instances there are it learns from Heard.
// It is safe for concurrent use. A field that is zero leaves out what it is for, and a nil Pace makes every call once.
type Pace struct {
	Quotas                 map[string]cloud.Quota // by action; an action that is not there is not held back
	Share                  float64                // of every quota, that all instances together may use
	CallTimeout            time.Duration          // of each call
	Retryable              func(error) bool       // says whether the same call is worth making again
	Tries                  int                    // calls at most, the first included
	FirstWait, LongestWait time.Duration          // between two tries; it doubles from the first to the longest
	Slots                  int                    // calls at once that name the same slot

	mu    sync.Mutex
	gates map[way]*gate
	crew  crew
	slots sync.Map // of names to channels with one place for each call

	calls, throttles atomic.Int64
}

// Call says which call is made, and how.
type Call struct {
	Region, Action string
	Slot           string // what takes only so many calls at once; empty for none
	Patient        bool   // retried as long as the context lasts, whatever Tries says
	Once           bool   // never made again
	Leave          func() // leaves the place that Enter gave for this call; nil if there is none
	// Stop is asked before every try, after all waits; the error that it gives ends the call without
	// that try. Nil never ends it.
	Stop func() error
}

// maxPause is the longest wait before a retry. A service that asks for more is not waited for.
const maxPause = 5 * time.Second

// Do makes a call until it succeeds, fails for good or has used up its tries, and returns the last error. It begins no
// wait that would outlast ctx. A call whose turn comes after ctx ends is not made: see HeldBack.
func (p *Pace) Do(ctx context.Context, c Call, call func(context.Context) error) error {
	if p == nil {
		p = &Pace{}
	}
	for try := 1; ; try++ {
		err := p.once(ctx, c, call)
		var over stopped
		if errors.As(err, &over) {
			return over.error
		}
		if err == nil || c.Once || p.Retryable == nil || !p.Retryable(err) || try >= p.Tries && !c.Patient {
			return err
		}
		pause := p.Backoff(try, err)
		deadline, limited := ctx.Deadline()
		if pause > maxPause || limited && time.Until(deadline) < pause || Sleep(ctx, pause) != nil {
			return err
		}
	}
}

// once makes one call. The waits for its turn and for a slot are no part of the call timeout.
func (p *Pace) once(ctx context.Context, c Call, call func(context.Context) error) error {
	if c.Leave != nil {
		c.Leave()
	}
	if err := p.wait(ctx, way{c.Region, c.Action}); err != nil {
		return err
	}
	release, err := p.slot(ctx, c)
	if err != nil {
		return err
	}
	defer release()
	if c.Stop != nil {
		if err := c.Stop(); err != nil {
			return stopped{err}
		}
	}
	if p.CallTimeout > 0 {
		limited, cancel := context.WithTimeout(ctx, p.CallTimeout)
		defer cancel()
		ctx = limited
	}
	err = call(ctx)
	p.count(err)
	p.answered(way{c.Region, c.Action}, err)
	return err
}

// Backoff is the wait after a try: doubling, with half of it jitter so that parallel callers do not come back
// together, and never less than what the service asked for.
func (p *Pace) Backoff(try int, err error) time.Duration {
	wait := p.LongestWait
	if try < 16 {
		wait = min(p.FirstWait<<(try-1), p.LongestWait)
	}
	wait = wait/2 + time.Duration(rand.Float64()*float64(wait/2))
	var api *cloud.APIError
	if errors.As(err, &api) {
		wait = max(wait, api.RetryAfter)
	}
	return wait
}

// stopped is the error by which Stop ended a call.
type stopped struct{ error }

// longestLine is how long a call waits for a slot. Then it is held back, so that it does not stand
// in the way of others.
const longestLine = 5 * time.Second

// slot waits for a free slot and returns how to give it back. When ctx ends first the call goes on without one, and
// fails by its own context.
func (p *Pace) slot(ctx context.Context, c Call) (release func(), err error) {
	if c.Slot == "" || p.Slots == 0 {
		return func() {}, nil
	}
	kept, _ := p.slots.LoadOrStore(c.Slot, make(chan struct{}, p.Slots))
	taken := kept.(chan struct{})
	timer := time.NewTimer(longestLine)
	defer timer.Stop()
	select {
	case taken <- struct{}{}:
		return func() { <-taken }, nil
	case <-ctx.Done():
		return func() {}, nil
	case <-timer.C:
		return nil, cloud.HeldBack(c.Action, longestLine, "other calls for the same resource take too long")
	}
}

// Sleep waits for d or until ctx ends, whichever comes first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
