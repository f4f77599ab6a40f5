package attach

import (
	"context"
	"time"
)

// maxReserve is the most time that is kept free, before the deadline, for delivering what
// the work came to.
const maxReserve = 10 * time.Second

// The stages of an invocation, by how much of the reserve is left when they must end: work,
// then what goes back to the queue, then outcomes; the last is for reports.
const (
	forWork     = 1.0
	forFollowUp = 0.6
	forPublish  = 0.3
	forReports  = 0.05
)

// budget is the time of one invocation.
type budget struct {
	ctx      context.Context
	deadline time.Time
	reserve  time.Duration
}

// budgetOf is taken once, when the invocation begins: a fifth of its time, at most maxReserve,
// is the reserve.
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

// status is the message tag of the result's outcome.
func (r result) status() Status {
	switch {
	case r.item.Report != nil:
		return Status(r.item.Report.Status)
	case r.swept != nil:
		return StatusSwept
	}
	return r.verdict.Status
}

// body is the result's outcome as it is published; one that was made earlier is
// published as it stands.
func (r result) body() ([]byte, error) {
	switch {
	case r.item.Report != nil:
		return r.item.Report.Body, nil
	case r.swept != nil:
		return r.swept.encode()
	}
	return r.outcome.encode()
}

// publish sends every outcome to the topic once, each with the tries that a passing
// failure is worth, and notes the errors. A second success of an outcome whose first
// answer was lost carries the same id.
func (a *Attacher) publish(ctx context.Context, results []result, lanes [][]int) {
	a.inLanes(lanes, func(i int) {
		if r := results[i]; !r.silent && r.err == nil {
			results[i].err = a.publishOne(ctx, r)
		}
	})
}

// encodeBeside encodes the outcomes while the queue is waited for. It only reads.
func encodeBeside(results []result) <-chan [][]byte {
	bodies := make(chan [][]byte, 1)
	go func() {
		all := make([][]byte, len(results))
		for i, r := range results {
			if !r.silent && r.err == nil {
				all[i], _ = r.body() // whoever publishes it meets the error again
			}
		}
		bodies <- all
	}()
	return bodies
}

func (a *Attacher) publishOne(ctx context.Context, r result) error {
	body, err := r.encoded, error(nil)
	if body == nil {
		body, err = r.body()
	}
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
