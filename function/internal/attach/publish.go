package attach

import (
	"context"
	"time"
)

// maxReserve is the most time that is kept free, before the deadline, for publishing
// what the work came to.
const maxReserve = 10 * time.Second

// withReserve gives the work its deadline: a fifth of the invocation's time, at most
// maxReserve, is left for publishing.
func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, limited := ctx.Deadline()
	if !limited {
		return context.WithCancel(ctx)
	}
	reserve := min(time.Until(deadline)/5, maxReserve)
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// hasOutcome reports whether the item says something that is published: everything
// but what concerns no connection.
func (r result) hasOutcome() bool { return r.item.Ignored == "" }

// publish sends every outcome to the topic once, each with the tries that a passing
// failure is worth, and notes the errors. A second success of an outcome whose first
// answer was lost carries the same id.
func (a *Attacher) publish(ctx context.Context, results []result, lanes [][]int) {
	a.inLanes(lanes, func(i int) {
		if !results[i].verdict.unfinished {
			results[i].err = a.publishOne(ctx, results[i].outcome)
		}
	})
}

func (a *Attacher) publishOne(ctx context.Context, o Outcome) error {
	body, err := o.encode()
	if err != nil {
		return err
	}
	return a.Tries.do(ctx, a.clockwork(), a.Errors, func(ctx context.Context) error {
		return a.Topic.Publish(ctx, body, string(o.Data.Status))
	})
}

func (a *Attacher) clockwork() clockwork { return clockwork{sleep: a.Sleep, random: a.Random} }
