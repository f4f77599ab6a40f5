package soak

import (
	"context"
	"fmt"
	"sync"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
)

// Run runs the plan of a seed to its end and judges it. An error means that it could not be run, or did not finish; the
// result nevertheless has what was found by then.
func Run(ctx context.Context, o Options) (Result, error) {
	r := newRecord(NewPlan(o))
	needed := &local.Privileges{}
	cloud, err := needed.Start(local.Start)(r.plan.spec, local.Options{
		Deployed: o.Deployed, Speed: o.Speed, Binary: o.Binary, Draw: r.chaos.draw,
		Watch: local.Watch{Attachment: r.attachment, Exchange: r.exchange, Output: r.output},
	})
	if err != nil {
		return Result{}, fmt.Errorf("starting seed %d: %w", o.Seed, err)
	}
	defer cloud.Close()
	r.cloud, r.started, r.seeded = cloud, time.Now(), cloud.Estate.Attachments()
	cloud.Trigger.Invoke = r.invoke(cloud.Trigger.Invoke)
	second := cloud.Trigger.Beside() // as when a visibility timeout ends while a push is under way

	flow, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { _ = second.Run(flow) }) // ends with the flow
	beside.Go(func() { r.reportProgress(flow) })
	running, giveUp := context.WithCancelCause(ctx)
	beside.Go(func() { r.expectProgress(flow, giveUp) })
	document, err := cloud.Play(running, r.feed, 0, r.outcome)
	if late := context.Cause(running); err != nil && late != nil {
		err = late
	}
	stop()
	beside.Wait()
	giveUp(nil)
	r.document, r.attachments, r.creates = document, cloud.Estate.Attachments(), cloud.Estate.Creates()
	r.bindings, r.left, r.lacking = cloud.Estate.Bindings(), r.queue(), needed.Missing()
	return r.judge(time.Since(r.started)), err
}

func (r *record) queue() mns.Stats { return r.cloud.Queues.Stats(r.cloud.EventQueue) }

// feed puts every message into the queue at its time, and makes the changes. The storm ends soon after the last
// message, and sweeps come last.
func (r *record) feed(ctx context.Context) error {
	defer r.chaos.stop()
	var changes sync.WaitGroup
	defer changes.Wait()
	for id, at := range r.plan.deletions {
		changes.Go(func() {
			if pace.Sleep(ctx, time.Until(r.started.Add(at))) == nil {
				r.delete(id)
			}
		})
	}
	for _, m := range r.plan.messages {
		if err := pace.Sleep(ctx, time.Until(r.started.Add(m.at))); err != nil {
			return nil // it was stopped
		}
		if m.direct {
			changes.Go(func() { r.ask(ctx, m.body) })
		} else if _, err := r.cloud.Queues.Send(r.cloud.EventQueue, m.body, 0); err != nil {
			return fmt.Errorf("feeding event %s: %w", m.event, err)
		}
		r.mu.Lock()
		r.fed++
		r.mu.Unlock()
	}
	_ = pace.Sleep(ctx, max(leastTail, time.Since(r.started)/2)) // the last messages meet the storm, too
	r.chaos.stop()
	changes.Wait()
	return r.lastSweeps(ctx)
}

// ask invokes the function as a direct caller, or a timer, does: again until it succeeds.
func (r *record) ask(ctx context.Context, payload string) {
	for {
		done, err := r.cloud.Runtime.Invoke(ctx, []byte(payload))
		if err == nil && done.Failure == nil || pace.Sleep(ctx, 100*time.Millisecond) != nil {
			return
		}
	}
}

// mostSweeps is how many sweeps may follow the storm: each asks for SWEEP_MAX connections.
const mostSweeps = 60

// lastSweeps sweeps after the storm, each time when nothing is pending, until a sweep has found nothing to ask for, by
// the estate's record.
func (r *record) lastSweeps(ctx context.Context) error {
	for n := range mostSweeps {
		if r.settle(ctx) != nil || n > 0 && r.missing() == 0 {
			return nil
		}
		r.ask(ctx, timer(time.Duration(n+1)*24*time.Hour))
	}
	return nil
}

// settle waits until nothing is pending.
func (r *record) settle(ctx context.Context) error {
	for {
		if err := pace.Sleep(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		if r.queue() == (mns.Stats{}) && r.cloud.Estate.Pending() == 0 && !r.cloud.Runtime.Busy() {
			return nil
		}
	}
}

// missing counts the connections that should be attached and are not.
func (r *record) missing() (n int) {
	attached := map[string]bool{}
	for _, a := range r.cloud.Estate.Attachments() {
		attached[a.Connection] = attached[a.Connection] || a.Status == estate.StatusAttached
	}
	for id, c := range r.plan.connections {
		if c.router != "" && !attached[id] {
			n++
		}
	}
	return n
}

// delete deletes a connection and notes a time before: from then on it may be gone.
func (r *record) delete(id string) {
	before := time.Now()
	if err := r.cloud.Estate.DeleteConnection(id); err != nil {
		return // it was deleted already
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.deleted[id] = before
}

// twice is the interval of pushes whose payload goes to two instances at once.
const twice = 12

type invoke = func(context.Context, []byte) (fc.Invocation, error)

// invoke notes who handled what and when. Every now and then it hands a payload to two instances at once, as the
// platform does when a visibility timeout ends during a push.
func (r *record) invoke(next invoke) invoke {
	one := func(ctx context.Context, payload []byte) (fc.Invocation, error) {
		began := time.Now()
		invocation, err := next(ctx, payload)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.delivered(payload, began, time.Now())
		return invocation, err
	}
	return func(ctx context.Context, payload []byte) (fc.Invocation, error) {
		r.mu.Lock()
		r.pushes++
		overlaps := r.pushes%twice == 0
		r.mu.Unlock()
		var beside sync.WaitGroup
		defer beside.Wait()
		if overlaps {
			beside.Go(func() { _, _ = one(ctx, payload) }) // only the other answer counts
		}
		return one(ctx, payload)
	}
}

// expectProgress gives up when nothing comes further for Timeout: no message is fed, no outcome is published and no
// attachment changes. How long the whole takes depends on the machine and on what else it does.
func (r *record) expectProgress(ctx context.Context, giveUp context.CancelCauseFunc) {
	last, since := 0, time.Now()
	for pace.Sleep(ctx, time.Second) == nil {
		r.mu.Lock()
		now := r.fed + len(r.outcomes) + len(r.changes)
		r.mu.Unlock()
		if now != last {
			last, since = now, time.Now()
		}
		if limit := r.plan.options.Timeout; time.Since(since) > limit {
			giveUp(fmt.Errorf("nothing came further for %s; in the queue: %+v", limit, r.queue()))
			return
		}
	}
}

func (r *record) reportProgress(ctx context.Context) {
	if r.plan.options.Progress == nil {
		return
	}
	for pace.Sleep(ctx, 5*time.Second) == nil {
		queue := r.queue()
		r.mu.Lock()
		line := fmt.Sprintf("%4.0f s  %d of %d messages fed, %d outcomes, %d in the queue, %d faults injected",
			time.Since(r.started).Seconds(), r.fed, len(r.plan.messages), len(r.outcomes),
			queue.Active+queue.Delayed+queue.Inactive, r.faulty)
		r.mu.Unlock()
		r.plan.options.Progress(line)
	}
}
