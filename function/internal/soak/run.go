package soak

import (
	"context"
	"fmt"
	"sync"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
)

// Run runs the plan of a seed to its end and judges it. An error means that it could not be
// run, or did not come to rest; what it found by then is in the result nevertheless.
func Run(ctx context.Context, o Options) (Result, error) {
	p := NewPlan(o)
	r := &record{plan: p, chaos: &chaos{seed: o.Seed, strikes: map[string]int{}}}
	cloud, err := local.Start(p.spec, local.Options{
		Speed: o.Speed, Binary: o.Binary, Draw: r.chaos.draw,
		Watch: local.Watch{Attachment: r.attachment, Exchange: r.exchange, Output: r.output},
	})
	if err != nil {
		return Result{}, fmt.Errorf("starting seed %d: %w", o.Seed, err)
	}
	defer cloud.Close()
	r.cloud, r.started, r.seeded = cloud, time.Now(), cloud.Estate.Attachments()
	cloud.Trigger.Invoke = r.invoke(cloud.Trigger.Invoke)
	second := cloud.Trigger.Beside() // as when a visibility timeout runs out while a push is under way

	flow, stop := context.WithCancel(ctx)
	var beside sync.WaitGroup
	beside.Go(func() { _ = second.Run(flow) }) // ends with the flow
	beside.Go(func() { r.tell(flow) })
	document, err := cloud.Play(ctx, r.feed, o.Timeout, r.outcome)
	stop()
	beside.Wait()
	r.document, r.attachments, r.creates, r.bindings = document, cloud.Estate.Attachments(), cloud.Estate.Creates(), cloud.Estate.Bindings()
	r.left = cloud.Queues.Stats(local.EventQueue)
	return r.judge(time.Since(r.started)), err
}

// feed puts every message into the queue at its time, and makes the changes. The storm ends
// soon after, and sweeps have the last word.
func (r *record) feed(ctx context.Context) error {
	defer r.chaos.stop()
	var changes sync.WaitGroup
	defer changes.Wait()
	for id, at := range r.plan.deletions {
		changes.Go(func() {
			if pause(ctx, time.Until(r.started.Add(at))) == nil {
				r.delete(id)
			}
		})
	}
	for _, m := range r.plan.messages {
		if err := pause(ctx, time.Until(r.started.Add(m.at))); err != nil {
			return nil // it was stopped
		}
		if _, err := r.cloud.Queues.Send(local.EventQueue, m.body, 0); err != nil {
			return fmt.Errorf("feeding event %s: %w", m.event, err)
		}
		r.mu.Lock()
		r.fed++
		r.mu.Unlock()
	}
	_ = pause(ctx, max(leastTail, time.Since(r.started)/2)) // what was fed last goes through the storm, too
	r.chaos.stop()
	return r.lastSweeps(ctx)
}

// mostSweeps is how many sweeps may follow the storm: each asks for SWEEP_MAX connections.
const mostSweeps = 60

// lastSweeps sweep after the storm, each when what was under way has ended, until one has found
// nothing to ask for, by the estate's own word.
func (r *record) lastSweeps(ctx context.Context) error {
	for n := range mostSweeps {
		if r.rest(ctx) != nil || n > 0 && r.missing() == 0 {
			return nil
		}
		if _, err := r.cloud.Queues.Send(local.EventQueue, timer(time.Duration(n+1)*24*time.Hour), 0); err != nil {
			return fmt.Errorf("asking for sweep %d after the storm: %w", n+1, err)
		}
	}
	return nil
}

// rest waits until nothing is under way.
func (r *record) rest(ctx context.Context) error {
	for {
		if err := pause(ctx, 50*time.Millisecond); err != nil {
			return err
		}
		left := r.cloud.Queues.Stats(local.EventQueue)
		if left.Active+left.Delayed+left.Inactive == 0 && r.cloud.Estate.Pending() == 0 && !r.cloud.Runtime.Busy() {
			return nil
		}
	}
}

// missing counts the connections that should be attached and are not.
func (r *record) missing() int {
	live := map[string]bool{}
	for _, a := range r.cloud.Estate.Attachments() {
		live[a.Connection] = live[a.Connection] || a.Status == estate.StatusAttached
	}
	n := 0
	for id, c := range r.plan.connections {
		if c.router != "" && !live[id] {
			n++
		}
	}
	return n
}

// delete takes a connection away, and notes when: between the two times nobody knows.
func (r *record) delete(id string) {
	before := time.Now()
	if err := r.cloud.Estate.DeleteConnection(id); err != nil {
		return // it is deleted once
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.deleted == nil {
		r.deleted = map[string]time.Time{}
	}
	r.deleted[id] = before
}

// twice is every how many pushes a payload goes to two instances at once.
const twice = 12

// invoke notes who worked on what and when. Now and then it hands a payload to two instances
// at once, as the platform does when a visibility timeout runs out under a running push.
func (r *record) invoke(next func(context.Context, []byte) (fc.Invocation, error)) func(context.Context, []byte) (fc.Invocation, error) {
	one := func(ctx context.Context, payload []byte) (fc.Invocation, error) {
		began := time.Now()
		invocation, err := next(ctx, payload)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.deliveries = append(r.deliveries, delivery{began, time.Now(), messageIDs(payload)})
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
			beside.Go(func() { _, _ = one(ctx, payload) }) // its end is the other's matter
		}
		return one(ctx, payload)
	}
}

// tell says every few seconds how far it is.
func (r *record) tell(ctx context.Context) {
	if r.plan.options.Progress == nil {
		return
	}
	for pause(ctx, 5*time.Second) == nil {
		queue := r.cloud.Queues.Stats(local.EventQueue)
		r.mu.Lock()
		line := fmt.Sprintf("%4.0f s  %d of %d messages fed, %d outcomes, %d in the queue, %d calls struck",
			time.Since(r.started).Seconds(), r.fed, len(r.plan.messages), len(r.outcomes), queue.Active+queue.Delayed+queue.Inactive, r.struck)
		r.mu.Unlock()
		r.plan.options.Progress(line)
	}
}

// attachment notes a change with the estate's own time of it: the news may be late. Only of
// a deletion there is no other time.
func (r *record) attachment(a estate.Attachment) {
	at := time.Now()
	switch a.Status {
	case estate.StatusAttaching:
		at = a.Created
	case estate.StatusAttached:
		at = a.Attached
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.changes = append(r.changes, change{at, a})
}

func (r *record) exchange(x fault.Exchange) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if x.Fault != nil {
		r.struck++
		r.hit(*x.Fault, x.URL)
	}
	if x.Action == "BatchSendMessage" && x.Status < 300 && (x.Fault == nil || x.Fault.Drop != fault.Before && x.Fault.Kill != fault.Before) {
		r.sent(x.Body)
	}
}

func (r *record) output(_, _, line string) {
	if len(line) > 9 && line[:9] == "WARNING: " { // the race detector's
		r.mu.Lock()
		defer r.mu.Unlock()
		r.races++
	}
}

// pause waits for d or the end of ctx, which is its error.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
