package pace

import (
	"context"
	"errors"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
)

// lookAgain is after how long a call that waits for its turn looks again when that is: instances come and go.
const lookAgain = time.Second

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

// gate finds the gate of a way, and notes that there is work; nil is open. The lock is held.
func (p *Pace) gate(w way, now time.Time) *gate {
	quota, found := p.Quotas[w.action]
	if !found {
		return nil
	}
	p.crew.work(now)
	s := p.crew.standing(now)
	if p.gates == nil {
		p.gates = map[way]*gate{}
	}
	if p.gates[w] == nil {
		p.gates[w] = newGate(quota, p.Share, s)
	}
	p.gates[w].tune(now, s)
	return p.gates[w]
}

// wait waits for the next call that is due. When that is after ctx ends it takes no turn and says how long it would be.
func (p *Pace) wait(ctx context.Context, w way) error {
	ticket := 0
	defer func() { p.leave(w, ticket) }()
	for {
		due, err := p.turn(ctx, w, &ticket)
		if err != nil || due <= 0 {
			return err
		}
		if err := Sleep(ctx, min(due, lookAgain)); err != nil {
			return err
		}
	}
}

// turn takes the turn of the ticket when it is due, and says how long that takes if it is not. Who has no ticket gets
// one.
func (p *Pace) turn(ctx context.Context, w way, ticket *int) (due time.Duration, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := time.Now()
	g := p.gate(w, now)
	if g == nil {
		return 0, nil
	}
	if *ticket == 0 {
		*ticket = g.stand()
	}
	due = g.turn(now, *ticket)
	if deadline, limited := ctx.Deadline(); due > 0 && limited && now.Add(due).After(deadline) {
		return due, cloud.HeldBack(w.action, g.hoped(now, len(g.line)),
			"the share of its quota is used up until after this invocation")
	}
	return due, nil
}

// leave takes a ticket out of the line, if it is still there.
func (p *Pace) leave(w way, ticket int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if g := p.gates[w]; g != nil {
		g.leave(ticket)
	}
}

// answered learns from how a call ended. A throttle says that it is too much, whoever else is at work: it stops the
// way, and halves its rate. Calls that succeed bring it back within minutes.
func (p *Pace) answered(w way, err error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	g, now := p.gates[w], time.Now()
	if g == nil {
		return
	}
	api, isThrottle := throttle(err)
	switch {
	case err == nil:
		g.succeeded()
	case isThrottle:
		g.throttled(now, api.RetryAfter)
	}
	g.tune(now, p.crew.standing(now))
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
	now := time.Now()
	g := p.gate(way{region, action}, now)
	if g == nil {
		return func() {}, 0
	}
	n := g.inside + len(g.line) + 1
	if now.Add(g.due(now, n)).Before(deadline) {
		g.inside++
		return sync.OnceFunc(func() {
			p.mu.Lock()
			defer p.mu.Unlock()
			g.inside--
		}), 0
	}
	return nil, g.turnAway(now, now.Add(g.hoped(now, n)))
}
