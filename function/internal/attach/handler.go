// Package attach is the core: it takes events to verdicts and publishes them as
// outcomes. The way is one line: describe the connection, decide from tags which
// transit router it belongs to, look that router up, check both as they are now,
// attach, say what came of it.
//
// It knows no SDK and no network. Services are reached through the small
// interfaces of cloud.go; what is known of their errors stands in one table.
package attach

import (
	"context"
	"slices"
	"time"

	"github.com/rs/zerolog"
	"golang.org/x/sync/errgroup"

	"vpn-attach/function/internal/event"
)

// Attacher turns payloads into attachments and outcomes. Its fields are set once and
// are safe to share; every invocation has its own state.
type Attacher struct {
	Connections Connections
	Inventory   Inventory
	Grants      Grants
	Routers     Routers
	Attachments Attachments
	Detachments Detachments
	RouteTables RouteTables
	Bindings    Bindings
	Topic       Topic
	Queue       Queue // the one that events come from
	DeadLetters Queue // for what is given up; nil when there is none

	Rules             Rules
	Pace              *Pace // of API calls, over all invocations
	Errors            ErrorTable
	Tries             Tries
	Concurrency       int           // connections worked on at once
	RouterConcurrency int           // creates under way on one transit router
	Horizon           time.Duration // how long anything goes round in the queue
	ConfirmTimeout    time.Duration // how long an attachment is followed
	Paused            bool          // everything goes back to the queue, and nothing else is done
	Sweep             SweepMode
	SweepMax          int // requests that one sweep queues

	Log    zerolog.Logger
	Now    func() time.Time
	Sleep  func(context.Context, time.Duration) error
	Random func() float64 // in [0, 1)
}

// Invocation is what the platform says of one invocation.
type Invocation struct {
	RequestID    string
	RegionID     string
	AccountID    string
	FunctionName string
	Started      time.Time
	Cold         bool // the first of this process
}

// result is the end of one item's line.
type result struct {
	item      event.Item
	verdict   Verdict
	outcome   Outcome
	retryAt   *time.Time
	silent    bool          // there is nothing to publish: it is ignored, or goes back without news
	later     *Message      // goes back to the queue
	laters    []Message     // goes there beside it: what a sweep found
	swept     *SweepOutcome // of a sweep, in the place of outcome
	letter    *Message      // is given up, to the dead letters
	calls     int
	took      time.Duration
	encoded   []byte // the outcome; nil is not yet
	err       error  // why the outcome is not published
	postponed bool   // it is in a queue, finished
}

// Handle takes one payload to its outcomes. The order of effects, and what a death after
// each leaves behind:
//
//  1. Creates and bindings of route tables. A death leaves an attachment, or a binding, that
//     nobody follows; the redelivery finds it by its state and adopts it.
//  2. What goes back to the event queue, together. A death leaves a follow-up and the payload:
//     two messages of one event, which act on the same state and collapse when they meet.
//  3. Dead letters. A death leaves a dead letter of an event that is not over: its redelivery
//     writes the same one again, or comes to another end, and then it says too much, not too little.
//  4. Outcomes. A death leaves some published; the redelivery publishes them again, same id.
//  5. Reports: finished outcomes that the topic did not take. A death leaves the payload, whose
//     redelivery comes to the same outcome again.
//
// When a queue does not take what it must the invocation fails and nothing more is sent.
func (a *Attacher) Handle(ctx context.Context, inv Invocation, payload []byte) (Report, error) {
	batch, err := event.DecodeFirst(a.mostElements(), payload, inv.RequestID)
	if err != nil {
		a.Log.Error().Str("requestId", inv.RequestID).Err(err).Msg("payload refused")
		return Report{}, err
	}
	lanes, b := lanesOf(batch.Items), budgetOf(ctx)
	results := a.work(b, inv, batch.Items, lanes)
	err = a.deliver(b, inv, results, lanes)
	for _, r := range results {
		a.logEvent(inv, r, err)
	}
	report := newReport(results, batch.Direct)
	a.logInvocation(inv, report, len(payload), a.Now().Sub(inv.Started), err)
	if err != nil {
		return Report{}, err
	}
	return report, nil
}

// deliver takes results to where they belong: follow-ups, then outcomes, then reports.
func (a *Attacher) deliver(b budget, inv Invocation, results []result, lanes [][]int) error {
	ctx, cancel := b.until(forFollowUp)
	defer cancel()
	encoded := encodeBeside(results)
	if err := a.sendBack(ctx, results); err != nil {
		return err
	}
	for i, body := range <-encoded {
		results[i].encoded = body
	}
	ctx, cancel = b.until(forPublish)
	defer cancel()
	a.publish(ctx, results, lanes)
	ctx, cancel = b.until(forReports)
	defer cancel()
	return a.sendReports(ctx, inv, results)
}

// lanesOf groups items by connection. Events of one connection go one after another, by
// their time, through work and publishing alike; different lanes go at once.
func lanesOf(items []event.Item) [][]int {
	var lanes [][]int
	laneOf := map[string]int{}
	for i, item := range items {
		switch {
		case item.Malformed != nil, item.Newer != nil, item.Report != nil, item.Surplus != nil, item.Sweep != nil:
			lanes = append(lanes, []int{i})
		case item.Event != nil:
			lane, found := laneOf[item.Event.ConnectionID]
			if !found {
				lane = len(lanes)
				laneOf[item.Event.ConnectionID], lanes = lane, append(lanes, nil)
			}
			lanes[lane] = append(lanes[lane], i)
		}
	}
	for _, lane := range lanes {
		slices.SortStableFunc(lane, func(i, j int) int { return timeOf(items[i]).Compare(timeOf(items[j])) })
	}
	return lanes
}

func timeOf(item event.Item) time.Time {
	if item.Event == nil {
		return time.Time{}
	}
	return item.Event.Time
}

// inLanes does something for every item that has a lane, at most Concurrency at once.
func (a *Attacher) inLanes(lanes [][]int, do func(i int)) {
	var group errgroup.Group
	group.SetLimit(a.Concurrency)
	for _, lane := range lanes {
		group.Go(func() error {
			for _, i := range lane {
				do(i)
			}
			return nil
		})
	}
	_ = group.Wait() // what goes wrong is in the results
}

// work gives every item its result, in the order of the items.
func (a *Attacher) work(b budget, inv Invocation, items []event.Item, lanes [][]int) []result {
	ctx, cancel := b.until(forWork)
	defer cancel()
	results := make([]result, len(items))
	for i, item := range items {
		results[i] = result{item: item, silent: item.Ignored != ""}
	}
	common := &shared{limit: a.RouterConcurrency, events: a.eventsOf(inv, items)}
	a.inLanes(lanes, func(i int) {
		switch item := items[i]; {
		case item.Malformed != nil:
			results[i] = a.refused(inv, item)
		case item.Newer != nil:
			results[i] = a.keep(inv, item)
		case item.Surplus != nil:
			results[i] = result{item: item, silent: true, later: a.putBack(item.Surplus)}
		case item.Sweep != nil:
			results[i] = a.runSweep(ctx, inv, common, *item.Sweep, len(items) == 1)
		case item.Event != nil:
			results[i] = a.attend(ctx, inv, common, *item.Event)
		}
	})
	return results
}

// eventsOf counts the events about connections of the function's own account, by region.
func (a *Attacher) eventsOf(inv Invocation, items []event.Item) map[string]int {
	events := map[string]int{}
	for _, item := range items {
		if item.Event == nil {
			continue
		}
		if e, refused := a.Rules.admit(*item.Event, inv); refused == nil && e.OwnerID == inv.AccountID {
			events[e.RegionID]++
		}
	}
	return events
}

// attend runs the line of one event.
func (a *Attacher) attend(ctx context.Context, inv Invocation, common *shared, e event.Event) result {
	started := a.Now()
	e, refused := a.Rules.admit(e, inv)
	l := &line{Attacher: a, shared: common, inv: inv, event: e}
	var v Verdict
	switch {
	case refused != nil:
		v = refused.completed(a.Errors)
	case ctx.Err() != nil:
		v = Verdict{postponed: true}
	default:
		v = l.admitted(ctx)
	}
	r := a.conclude(inv, e, v)
	now := a.Now()
	r.calls, r.took = l.calls, now.Sub(started)
	r.outcome = inv.document(e, r.verdict, now, r.took)
	r.outcome.Data.RetryAt = r.retryAt
	return r
}

// refused is the result of an element that could not be understood.
func (a *Attacher) refused(inv Invocation, item event.Item) result {
	bad := item.Malformed
	r := result{item: item}
	r.verdict = failed("", Fault{Code: bad.Code, Message: bad.Field + ": " + bad.Reason}).completed(a.Errors)
	r.outcome = inv.document(event.Event{ID: bad.ID}, r.verdict, a.Now(), 0)
	return r
}
