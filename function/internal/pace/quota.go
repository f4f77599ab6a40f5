package pace

import (
	"context"
	"errors"
	"math/rand/v2"
	"strings"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"vpn-attach/function/internal/cloud"
)

// The bounds of pacing.
const (
	burstTime   = 10 * time.Second // a rest saves up the calls of so long
	leastShare  = 1.0 / 16         // throttles slow down to this share of the rate
	recoverTime = 10 * time.Second // to come back from nothing, at the full rate
	maxAway     = time.Hour        // the longest that Enter sends somebody away
)

// HeldBack is how long a call has to wait that was not made; 0 for any other error, and for none.
func HeldBack(err error) time.Duration {
	var api *cloud.APIError
	if errors.As(err, &api) && api.Code == cloud.CodeHeldBack {
		return max(api.RetryAfter, time.Second)
	}
	return 0
}

// way is what has a quota of its own.
type way struct{ region, action string }

// gate lets the calls of one action in one region through.
type gate struct {
	limiter *rate.Limiter
	full    rate.Limit // calls a second
	share   float64    // of full, that is left by throttles
	closed  time.Time  // nothing goes out before
	inside  int        // how many entered and have not called yet
	latest  time.Time  // when the last one that was sent away comes back
}

// gate finds the gate of a way; nil is open. The lock is held.
func (p *Pace) gate(w way) *gate {
	quota, found := p.Quotas[w.action]
	if !found {
		return nil
	}
	if p.gates == nil {
		p.gates = map[way]*gate{}
	}
	if p.gates[w] == nil {
		g := &gate{full: rate.Limit(float64(quota) / 60 * p.Share), share: 1}
		g.limiter = rate.NewLimiter(g.full, g.burst())
		p.gates[w] = g
	}
	return p.gates[w]
}

// burst is what may go out at once after a rest: one call as long as a throttle is felt.
func (g *gate) burst() int {
	if g.share < 1 {
		return 1
	}
	return max(1, int(float64(g.full)*burstTime.Seconds()))
}

// wait waits for the next call that is due. When that is after ctx ends it takes no turn and says how long it would be.
func (p *Pace) wait(ctx context.Context, w way) error {
	p.mu.Lock()
	g, now := p.gate(w), time.Now()
	if g == nil {
		p.mu.Unlock()
		return nil
	}
	turn := g.limiter.ReserveN(now, 1)
	delay := max(turn.DelayFrom(now), g.closed.Sub(now))
	deadline, limited := ctx.Deadline()
	late := limited && now.Add(delay).After(deadline)
	if late {
		turn.CancelAt(now)
	}
	p.mu.Unlock()
	switch {
	case late:
		return &cloud.APIError{
			Action: w.action, Code: cloud.CodeHeldBack, Status: 429, RetryAfter: delay,
			Message: "the share of its quota is used up until after this invocation",
		}
	case delay <= 0:
		return nil
	}
	return Sleep(ctx, delay)
}

// answered learns from how a call ended. A throttle stops the way for as long as the service asks, at most a minute,
// and halves its rate; calls that succeed bring it back, doubling it in some seven seconds.
func (p *Pace) answered(w way, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, now := p.gate(w), time.Now()
	if g == nil {
		return
	}
	var api *cloud.APIError
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

// Enter lets in whoever will need one call, when that call will be due before ctx ends. Otherwise leave is nil and away
// says when to come back: each one after the one before, at the rate of the calls, so that they neither crowd nor
// leave a gap. The place is left, once, when the call is made, see Call, or when it is not needed.
func (p *Pace) Enter(ctx context.Context, region, action string) (leave func(), away time.Duration) {
	deadline, limited := ctx.Deadline()
	if p == nil || !limited {
		return func() {}, 0
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	g, now := p.gate(way{region, action}), time.Now()
	if g == nil {
		return func() {}, 0
	}
	limit := float64(g.limiter.Limit())
	due := max(seconds((float64(g.inside+1)-g.limiter.TokensAt(now))/limit), g.closed.Sub(now))
	if now.Add(due).Before(deadline) {
		g.inside++
		return sync.OnceFunc(func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			g.inside--
		}), 0
	}
	return nil, g.turnAway(now, now.Add(due), seconds(1/limit))
}

// turnAway says when the next one that is sent away comes back. What would be later than maxAway is spread over the
// second half of it.
func (g *gate) turnAway(now, due time.Time, step time.Duration) time.Duration {
	if g.latest.Before(due) {
		g.latest = due
	}
	g.latest = g.latest.Add(step)
	away := g.latest.Sub(now)
	if away > maxAway {
		away = time.Duration(float64(maxAway) * (1 + rand.Float64()) / 2)
		g.latest = now.Add(maxAway)
	}
	return max(away, time.Second)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }
