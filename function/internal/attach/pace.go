package attach

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Pace holds the API calls of this instance back to its share of their quotas, for each API
// and region: other instances, people and their tools need the rest. A throttle stops the API
// for as long as the service asks and halves its rate; calls that succeed bring it back, doubling
// it in some seven seconds. A nil Pace holds nothing back.
type Pace struct {
	Quotas map[string]int // by API; what is not there is not held back
	Share  float64        // of every quota, that this instance may use
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Random func() float64

	mu    sync.Mutex
	gates map[string]*gate
}

// gate is the way to one API in one region.
type gate struct {
	limiter *rate.Limiter
	full    rate.Limit // calls a second
	share   float64    // of full, that is left by throttles
	closed  time.Time  // nothing goes out before
	inside  int        // events that were let in and have not called yet
	latest  time.Time  // when the last event that was turned away comes back
}

// The bounds of pacing: what may go out at once after a rest, how far throttles slow, how long it
// takes at the full rate to come back from nothing, and how long at most an event is kept away.
const (
	burstTime   = 10 * time.Second
	leastShare  = 1.0 / 16
	recoverTime = 10 * time.Second
	maxAway     = time.Hour
)

// gate finds the way to an API in a region; nil is free. The lock is held.
func (p *Pace) gate(region, action string) *gate {
	quota, found := p.Quotas[action]
	if !found {
		return nil
	}
	if p.gates == nil {
		p.gates = map[string]*gate{}
	}
	key := region + " " + action
	if p.gates[key] == nil {
		full := rate.Limit(float64(quota) / 60 * p.Share)
		g := &gate{full: full, share: 1}
		g.limiter = rate.NewLimiter(full, g.burst())
		p.gates[key] = g
	}
	return p.gates[key]
}

// wait waits for the next call that is due. When that is after ctx ends it returns an *APIError
// of code HeldBack that says how long it would be, and takes no place.
func (p *Pace) wait(ctx context.Context, region, action string) error {
	if p == nil {
		return nil
	}
	p.mu.Lock()
	g, now := p.gate(region, action), p.Now()
	if g == nil {
		p.mu.Unlock()
		return nil
	}
	place := g.limiter.ReserveN(now, 1)
	delay := max(place.DelayFrom(now), g.closed.Sub(now))
	deadline, limited := ctx.Deadline()
	if limited && now.Add(delay).After(deadline) {
		place.CancelAt(now)
		p.mu.Unlock()
		return &APIError{Action: action, Code: CodeHeldBack, Status: 429, RetryAfter: delay, Message: "the share of its quota is used up until after this invocation"}
	}
	p.mu.Unlock()
	if delay <= 0 {
		return nil
	}
	return p.Sleep(ctx, delay)
}

// answered learns from how a call ended.
func (p *Pace) answered(region, action string, err error) {
	if p == nil {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, now := p.gate(region, action), p.Now()
	if g == nil {
		return
	}
	var api *APIError
	switch {
	case err == nil && g.share < 1:
		g.share = min(1, g.share+1/max(2, float64(g.full)*recoverTime.Seconds()))
	case errors.As(err, &api) && strings.Contains(strings.ToLower(api.Code), "throttling"):
		if now.Before(g.closed) { // of a call that was under way already
			return
		}
		g.share = max(g.share/2, leastShare)
		g.closed = now.Add(min(api.RetryAfter, time.Minute))
	default:
		return
	}
	g.limiter.SetLimitAt(now, g.full*rate.Limit(g.share))
	g.limiter.SetBurstAt(now, g.burst())
}

// burst is what may go out at once after a rest: as long as a throttle is felt, one call.
func (g *gate) burst() int {
	if g.share < 1 {
		return 1
	}
	return max(1, int(float64(g.full)*burstTime.Seconds()))
}

// enter lets an event in that will need one call, when that call will be due before ctx ends.
// Else it says when to come back: each event after the one before, at the rate of the calls, so
// that they neither crowd nor leave a gap. Leave is called when the call is made or not needed.
func (p *Pace) enter(ctx context.Context, region, action string) (leave func(), away time.Duration) {
	deadline, limited := ctx.Deadline()
	if p == nil || !limited {
		return func() {}, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, now := p.gate(region, action), p.Now()
	if g == nil {
		return func() {}, 0
	}
	limit := float64(g.limiter.Limit())
	due := seconds((float64(g.inside+1) - g.limiter.TokensAt(now)) / limit)
	due = max(due, g.closed.Sub(now))
	if now.Add(due).Before(deadline) {
		g.inside++
		return sync.OnceFunc(func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			g.inside--
		}), 0
	}
	if back := now.Add(due); g.latest.Before(back) {
		g.latest = back
	}
	g.latest = g.latest.Add(seconds(1 / limit))
	away = g.latest.Sub(now)
	if away > maxAway {
		away = time.Duration(float64(maxAway) * (1 + p.Random()) / 2)
		g.latest = now.Add(maxAway)
	}
	return nil, max(away, time.Second)
}

// heldBack is how long a call has to rest that was not made; 0 of any other error, and of none.
func heldBack(err error) time.Duration {
	var api *APIError
	if errors.As(err, &api) && api.Code == CodeHeldBack {
		return max(api.RetryAfter, time.Second)
	}
	return 0
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// paced makes calls of one API with the tries that a passing failure is worth, each in its time
// and within the call timeout. It returns the last error.
func (a *Attacher) paced(ctx context.Context, region, action string, call func(context.Context) error) error {
	return a.Tries.do(ctx, a.clockwork(), a.Errors, func(ctx context.Context) error {
		if err := a.Pace.wait(ctx, region, action); err != nil {
			return err
		}
		err := a.Tries.once(ctx, call)
		a.Pace.answered(region, action, err)
		return err
	})
}
