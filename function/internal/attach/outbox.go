package attach

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"sync"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
)

// DeliveryError fails an invocation that could not queue what must not be lost. The platform
// delivers the payload again, and what was done already is then found done.
type DeliveryError struct {
	Unqueued int
	What     string // follow-ups, dead letters, or finished outcomes that could not be published
	Cause    error
}

func (e *DeliveryError) Error() string {
	return fmt.Sprintf("queueing %d %s: %v%s; the payload must be delivered again",
		e.Unqueued, e.What, e.Cause, granting(e.Cause))
}

func (e *DeliveryError) Unwrap() error { return e.Cause }

// granting says what the function's role needs where an error is a service's refusal for the lack of it.
func granting(err error) string {
	var api *cloud.APIError
	if !errors.As(err, &api) || api.Status != http.StatusForbidden || api.Action == "" {
		return ""
	}
	return "; grant the function's RAM role " + cloud.Permission(api.Action)
}

// deliver sends what the tasks of a round came to. The order of effects, and what a death after each leaves behind:
//
//  1. Creates and bindings, during the work. A death leaves an attachment, or a binding, that
//     nobody watches; the redelivery finds it by its state and adopts it.
//  2. What is requeued, together. A death leaves a follow-up and the payload: two messages of
//     one event, which act on the same state and collapse when they meet.
//  3. Dead letters. A death leaves a dead letter of an event that is not over: its redelivery
//     writes the same one again, or ends otherwise, and then it says too much, not too little.
//  4. Outcomes. A death leaves some published; the redelivery publishes them again, same id.
//  5. Finished outcomes that the topic did not take, once all else is done. A death leaves the payload, whose
//     redelivery comes to the same outcome again.
//
// When a queue does not take what it must, nothing more is sent. A message that no queue takes costs its own task
// alone: the task is refused.
func (a *Attacher) deliver(b budget, inv Invocation, round []*task, telling *publishing) error {
	ctx, cancel := b.until(forFollowUp)
	defer cancel()
	if err := a.queue(ctx, inv, round, "follow-ups"); err != nil {
		return err
	}
	ctx, cancel = b.until(forPublish)
	telling.begin(ctx, cancel, round)
	return nil
}

// publishing publishes the outcomes of rounds beside the work: an outcome that the topic does not take keeps no later
// round waiting.
type publishing struct {
	attacher *Attacher
	rounds   sync.WaitGroup
	isLast   bool                     // nothing follows the next round, which therefore needs nobody beside it
	last     map[string]chan struct{} // by turn, closed once the outcomes of the last round with it are published
}

// begin publishes the outcomes of a round and calls done after them. Those of one connection come after those that
// earlier rounds have of it.
func (p *publishing) begin(ctx context.Context, done func(), round []*task) {
	before, now, last := p.last, map[string]chan struct{}{}, map[string]chan struct{}{}
	maps.Copy(last, before)
	for _, t := range round {
		if t.turn != "" && now[t.turn] == nil {
			now[t.turn] = make(chan struct{})
			last[t.turn] = now[t.turn]
		}
	}
	p.last = last
	publish := func() {
		defer done()
		p.attacher.eachGroup(perConnection(round), func(group []*task) {
			if earlier := before[group[0].turn]; earlier != nil {
				<-earlier
			}
			for _, t := range group {
				if outcome := t.effects.outcome; outcome != nil {
					outcome.err = p.attacher.publish(ctx, outcome)
				}
			}
			if published := now[group[0].turn]; published != nil {
				close(published)
			}
		})
	}
	if p.isLast {
		publish()
		return
	}
	p.rounds.Go(publish)
}

// queue sends the follow-ups of tasks, then their dead letters.
func (a *Attacher) queue(ctx context.Context, inv Invocation, tasks []*task, what string) error {
	for _, t := range tasks {
		if size := t.effects.largest(); size > event.MaxBody {
			a.refuseUnsendable(inv, t, fmt.Sprintf("what follows from it has %d bytes, a queue takes at most %d",
				size, event.MaxBody))
		}
	}
	if err := a.sendAll(ctx, inv, a.Queue, collapse(tasks), what); err != nil {
		return err
	}
	var deadLetters []outgoing
	for _, t := range tasks {
		if t.effects.deadLetter != nil {
			deadLetters = append(deadLetters, outgoing{*t.effects.deadLetter, t})
		}
	}
	return a.sendAll(ctx, inv, a.DeadLetters, deadLetters, "dead letters")
}

// outgoing is a message for a queue, and the task that it is from.
type outgoing struct {
	cloud.Message
	from *task
}

// sendAll sends messages. What the queue refuses for its own sake costs the task that it is from.
func (a *Attacher) sendAll(ctx context.Context, inv Invocation, to Queue, all []outgoing, what string) error {
	messages := make([]cloud.Message, 0, len(all))
	for _, o := range all {
		messages = append(messages, o.Message)
	}
	left, err := a.send(ctx, to, messages)
	var refused *cloud.RefusedError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &refused):
		return &DeliveryError{Unqueued: len(messages), What: what, Cause: err}
	}
	for _, o := range all {
		isLeft := func(m cloud.Message) bool { return bytes.Equal(m.Body, o.Body) }
		if slices.ContainsFunc(left, isLeft) {
			a.refuseUnsendable(inv, o.from, "no queue takes what follows from it: "+refused.Cause.Code)
		}
	}
	return nil
}

// refuseUnsendable replaces what a task came to by its refusal.
func (a *Attacher) refuseUnsendable(inv Invocation, t *task, why string) {
	t.job = a.refusal(inv, t.about, event.CodeOversize, why)
	t.effects, _ = t.job.work(context.Background()) // a refusal makes no call and can be encoded
}

// publish sends a document to the topic, with the tries that a transient error is worth. A second success of a document
// whose first answer was lost carries the same id. A panic costs this document alone.
func (a *Attacher) publish(ctx context.Context, p *publication) (err error) {
	defer caught(a.Log, "outcomeId", p.id, func() {
		err = fmt.Errorf("publishing outcome %s: the function failed on it", p.id)
	})
	return a.Pace.Do(ctx, pace.Call{Action: cloud.ActionPublish}, func(ctx context.Context) error {
		return a.Topic.Publish(ctx, p.body, string(p.status))
	})
}

// collapse keeps one of the copies of a follow-up: the one that has come furthest. Copies come of redeliveries; without
// this each would return for ever. A single follow-up has no copies, so what it is a copy of is not computed.
func collapse(tasks []*task) []outgoing {
	count := 0
	for _, t := range tasks {
		count += len(t.effects.requeue)
	}
	var kept []outgoing
	var progress []int
	at := map[string]int{}
	for _, t := range tasks {
		for _, f := range t.effects.requeue {
			id := ""
			if count > 1 && f.copyOf != nil {
				id = f.copyOf()
			}
			i, found := at[id]
			switch {
			case !found || id == "":
				at[id] = len(kept)
				kept, progress = append(kept, outgoing{f.Message, t}), append(progress, f.progress)
			case f.progress > progress[i]:
				kept[i], progress[i] = outgoing{f.Message, t}, f.progress
			}
		}
	}
	return kept
}

// send queues messages, gives those that may not be queued, and keeps trying as long as the time for it lasts: a failed
// invocation costs more than a wait. What a person must fix ends it at once.
func (a *Attacher) send(ctx context.Context, queue Queue, messages []cloud.Message) ([]cloud.Message, error) {
	if len(messages) == 0 {
		return nil, nil
	}
	err := a.Pace.Do(ctx, pace.Call{Action: cloud.ActionSend, Patient: true}, func(ctx context.Context) (err error) {
		messages, err = queue.Send(ctx, messages)
		return err
	})
	return messages, err
}
