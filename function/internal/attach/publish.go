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

// hasOutcome reports whether the item says something that is published: everything but
// what concerns no connection, and what only goes back to the queue.
func (r result) hasOutcome() bool { return r.item.Ignored == "" && r.later == nil }

// status is the message tag of the result's outcome.
func (r result) status() Status {
	if r.item.Report != nil {
		return Status(r.item.Report.Status)
	}
	return r.verdict.Status
}

// body is the result's outcome as it is published; one that was made earlier is
// published as it stands.
func (r result) body() ([]byte, error) {
	if r.item.Report != nil {
		return r.item.Report.Body, nil
	}
	return r.outcome.encode()
}

// publish sends every outcome to the topic once, each with the tries that a passing
// failure is worth, and notes the errors. A second success of an outcome whose first
// answer was lost carries the same id.
func (a *Attacher) publish(ctx context.Context, results []result, lanes [][]int) {
	a.inLanes(lanes, func(i int) {
		if r := results[i]; r.hasOutcome() && !r.verdict.unfinished {
			results[i].err = a.publishOne(ctx, r)
		}
	})
}

func (a *Attacher) publishOne(ctx context.Context, r result) error {
	body, err := r.body()
	if err != nil {
		return err
	}
	return a.try(ctx, func(ctx context.Context) error { return a.Topic.Publish(ctx, body, string(r.status())) })
}

// try makes one call with the tries that a passing failure is worth, each within the call
// timeout. It returns the last error.
func (a *Attacher) try(ctx context.Context, call func(context.Context) error) error {
	return a.Tries.do(ctx, a.clockwork(), a.Errors, func(ctx context.Context) error { return a.Tries.once(ctx, call) })
}

func (a *Attacher) clockwork() clockwork { return clockwork{sleep: a.Sleep, random: a.Random} }
