package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

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
	return fmt.Sprintf("queueing %d %s: %v; the payload must be delivered again", e.Unqueued, e.What, e.Cause)
}

func (e *DeliveryError) Unwrap() error { return e.Cause }

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

// deliver sends what the tasks came to. The order of effects, and what a death after each leaves behind:
//
//  1. Creates and bindings, during the work. A death leaves an attachment, or a binding, that
//     nobody watches; the redelivery finds it by its state and adopts it.
//  2. What goes back to the event queue, together. A death leaves a follow-up and the payload:
//     two messages of one event, which act on the same state and collapse when they meet.
//  3. Dead letters. A death leaves a dead letter of an event that is not over: its redelivery
//     writes the same one again, or ends otherwise, and then it says too much, not too little.
//  4. Outcomes. A death leaves some published; the redelivery publishes them again, same id.
//  5. Finished outcomes that the topic did not take. A death leaves the payload, whose
//     redelivery comes to the same outcome again.
//
// When a queue does not take what it must, nothing more is sent.
func (a *Attacher) deliver(b budget, inv Invocation, tasks []*task, groups [][]*task) error {
	ctx, cancel := b.until(forFollowUp)
	defer cancel()
	var requeue []requeued
	var deadLetters []cloud.Message
	for _, t := range tasks {
		requeue = append(requeue, t.effects.requeue...)
		if t.effects.deadLetter != nil {
			deadLetters = append(deadLetters, *t.effects.deadLetter)
		}
	}
	if err := a.queue(ctx, requeue, deadLetters, "follow-ups"); err != nil {
		return err
	}
	ctx, cancel = b.until(forPublish)
	defer cancel()
	a.each(groups, func(t *task) {
		if p := t.effects.outcome; p != nil {
			p.err = a.publish(ctx, p)
		}
	})
	ctx, cancel = b.until(forUnpublished)
	defer cancel()
	return a.keepUnpublished(ctx, inv, tasks)
}

// queue sends follow-ups, then dead letters.
func (a *Attacher) queue(ctx context.Context, requeue []requeued, deadLetters []cloud.Message, what string) error {
	messages := collapse(requeue)
	if err := a.send(ctx, a.Queue, messages); err != nil {
		return &DeliveryError{Unqueued: len(messages), What: what, Cause: err}
	}
	if err := a.send(ctx, a.DeadLetters, deadLetters); err != nil {
		return &DeliveryError{Unqueued: len(deadLetters), What: "dead letters", Cause: err}
	}
	return nil
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

// keepUnpublished queues the finished outcomes that could not be published. Others are best
// effort, and the next sweep says anew what a sweep found.
func (a *Attacher) keepUnpublished(ctx context.Context, inv Invocation, tasks []*task) error {
	const what = "finished outcomes that could not be published"
	var requeue []requeued
	var deadLetters []cloud.Message
	for _, t := range tasks {
		p := t.effects.outcome
		if p == nil || p.err == nil || !p.keep {
			continue
		}
		message, expired, err := a.unpublished(inv, p)
		switch {
		case err != nil:
			return &DeliveryError{Unqueued: 1, What: what, Cause: err}
		case expired:
			deadLetters = append(deadLetters, message.Message)
		default:
			requeue = append(requeue, message)
		}
		p.queued = true
	}
	return a.queue(ctx, requeue, deadLetters, what)
}

// unpublished is the message that carries a finished outcome to a later invocation, which
// publishes it as it stands. After RETRY_HORIZON it becomes a dead letter.
func (a *Attacher) unpublished(inv Invocation, p *publication) (message requeued, expired bool, err error) {
	now, attempt := time.Now(), p.attempts+1
	delay, expired := a.Schedule.RepublishDelay(p.id, p.made, now, attempt)
	if expired = expired && a.DeadLetters != nil; expired {
		delay = 0
	}
	header := inv.Header(event.TypeReport, now, p.id, fmt.Sprint(attempt))
	header.Attempt = attempt
	body, err := header.Encode(json.RawMessage(p.body))
	return requeued{Message: cloud.Message{Body: body, Delay: delay}, copyOf: p.id, progress: attempt}, expired, err
}

// collapse keeps one of the copies of a follow-up: the one that has come furthest. Copies come
// of redeliveries; without this each would return for ever.
func collapse(all []requeued) []cloud.Message {
	var kept []requeued
	at := map[string]int{}
	for _, f := range all {
		i, found := at[f.copyOf]
		switch {
		case !found || f.copyOf == "":
			at[f.copyOf] = len(kept)
			kept = append(kept, f)
		case f.progress > kept[i].progress:
			kept[i] = f
		}
	}
	messages := make([]cloud.Message, 0, len(kept))
	for _, f := range kept {
		messages = append(messages, f.Message)
	}
	return messages
}

// send queues messages and keeps trying as long as the time for it lasts: a failed invocation
// costs more than a wait. What a person must fix ends it at once.
func (a *Attacher) send(ctx context.Context, queue Queue, messages []cloud.Message) error {
	if len(messages) == 0 {
		return nil
	}
	return a.Pace.Do(ctx, pace.Call{Action: cloud.ActionSend, Patient: true}, func(ctx context.Context) (err error) {
		messages, err = queue.Send(ctx, messages)
		return err
	})
}
