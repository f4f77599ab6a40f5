package attach

import (
	"context"
	"time"
)

// maxReserve is the most time that is kept free, before the deadline, for delivering what the work came to.
const maxReserve = 10 * time.Second

// The stages of an invocation, by how much of the reserve is left when they must end: work,
// then what is requeued, then outcomes; the last is for unpublished outcomes.
const (
	forWork        = 1.0
	forFollowUp    = 0.6
	forPublish     = 0.3
	forUnpublished = 0.05
)

type budget struct {
	ctx      context.Context
	deadline time.Time
	reserve  time.Duration
}

// budgetOf is taken once, when the invocation begins: a fifth of its time, at most maxReserve, is the reserve.
func budgetOf(ctx context.Context) budget {
	deadline, limited := ctx.Deadline()
	if !limited {
		return budget{ctx: ctx}
	}
	return budget{ctx, deadline, min(time.Until(deadline)/5, maxReserve)}
}

// until gives a stage its deadline.
func (b budget) until(left float64) (context.Context, context.CancelFunc) {
	if b.deadline.IsZero() {
		return context.WithCancel(b.ctx)
	}
	return context.WithDeadline(b.ctx, b.deadline.Add(-time.Duration(left*float64(b.reserve))))
}
