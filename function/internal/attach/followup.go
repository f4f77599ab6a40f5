package attach

import (
	"context"
	"fmt"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Message is something to be queued, of the kind that may have copies.
type Message struct {
	cloud.Message

	copyOf   string // copies of one follow-up have the same; empty means that there are none
	progress int    // how far a follow-up has come
}

// Queue takes messages. It returns those that may not be queued, and why: an *APIError
// where the service gave one. Sending is not tried again by the implementation.
type Queue interface {
	Send(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error)
}

// How long a message of another version rests before it is looked at again, and how long
// when it should be given up and there is nowhere to put it.
const (
	newerDelay    = time.Minute
	homelessDelay = 15 * time.Minute
)

// pausedDelay is how long a message rests that came while the function was paused.
const pausedDelay = 5 * time.Minute

// mostElements is how many elements of a payload are looked at.
func (a *Attacher) mostElements() int {
	if a.Paused {
		return 0
	}
	return event.MaxElements
}

// putBack is the message of an element that is not looked at.
func (a *Attacher) putBack(body []byte) *Message {
	if a.Paused {
		return &Message{Message: cloud.Message{Body: body, Delay: pausedDelay}}
	}
	return &Message{Message: cloud.Message{Body: body}}
}

// keep is the result of a message that another version of this function queued: it goes
// round until its bound, then to the dead letters. It is never dropped, so that a
// rollback loses nothing.
func (a *Attacher) keep(inv Invocation, item event.Item) result {
	newer := *item.Newer
	switch {
	case !newer.Expired(a.Now(), a.Horizon):
		return result{item: item, silent: true, later: &Message{Message: cloud.Message{Body: newer.Body, Delay: newerDelay}}}
	case a.DeadLetters == nil:
		return result{item: item, silent: true, later: &Message{Message: cloud.Message{Body: newer.Body, Delay: homelessDelay}}}
	}
	r := result{item: item, letter: &Message{Message: cloud.Message{Body: newer.Body}}}
	r.verdict = failed("", Fault{Code: CodeUnknownVersion, Message: "a message of type " + newer.Type + " is not understood by this version"}).completed(a.Errors)
	r.outcome = inv.document(event.Event{ID: newer.ID}, r.verdict, a.Now(), 0)
	return r
}

// postpone gives the message that carries a finished outcome to a later invocation, which
// publishes it as it stands. After the horizon it goes to the dead letters.
func (a *Attacher) postpone(inv Invocation, r result) (message Message, given bool, err error) {
	body, err := r.body()
	if err != nil {
		return Message{}, false, err
	}
	id, made, attempt := r.outcome.ID, r.outcome.Time, 1
	if report := r.item.Report; report != nil {
		id, made, attempt = report.ID, report.Time, min(max(report.Attempt, 0), maxAttempt)+1
	}
	now := a.Now()
	given = a.DeadLetters != nil && now.Sub(made) > a.Horizon
	message.Body, err = event.Postpone(body, event.Envelope{ID: digest(id, fmt.Sprint(attempt)), Source: inv.source(), Type: event.TypeReport, Time: now, Attempt: attempt})
	if !given {
		message.Delay = backoff(firstRetry, longestRetry, attempt, id)
	}
	message.copyOf, message.progress = id, attempt
	return message, given, err
}

// sendBack queues what goes back and what is given up before anything is published. When it
// fails for good nothing more is sent.
func (a *Attacher) sendBack(ctx context.Context, results []result) error {
	var later, letters []Message
	for _, r := range results {
		if r.later != nil {
			later = append(later, *r.later)
		}
		later = append(later, r.laters...)
		if r.letter != nil {
			letters = append(letters, *r.letter)
		}
	}
	if err := a.send(ctx, a.Queue, collapse(later)); err != nil {
		return &DeliveryError{Unqueued: len(later), What: "follow-ups", Cause: err}
	}
	if err := a.send(ctx, a.DeadLetters, letters); err != nil {
		return &DeliveryError{Unqueued: len(letters), What: "dead letters", Cause: err}
	}
	return nil
}

// sendReports queues the finished outcomes that could not be published.
func (a *Attacher) sendReports(ctx context.Context, inv Invocation, results []result) error {
	var later, letters []Message
	for i, r := range results {
		if r.err == nil || r.silent || r.swept != nil || !r.status().final() { // the next sweep says it anew
			continue
		}
		message, given, err := a.postpone(inv, r)
		switch {
		case err != nil:
			return &DeliveryError{Unqueued: 1, What: "finished outcomes", Cause: err}
		case given:
			letters = append(letters, message)
		default:
			later = append(later, message)
		}
		results[i].postponed = true
	}
	later = collapse(later)
	if err := a.send(ctx, a.Queue, later); err != nil {
		return &DeliveryError{Unqueued: len(later), What: "finished outcomes that could not be published", Cause: err}
	}
	if err := a.send(ctx, a.DeadLetters, letters); err != nil {
		return &DeliveryError{Unqueued: len(letters), What: "dead letters", Cause: err}
	}
	return nil
}

// collapse keeps one of the copies of a follow-up: the one that has come furthest. Copies
// come of redeliveries; without this each would go round for itself.
func collapse(messages []Message) []Message {
	var kept []Message
	at := map[string]int{}
	for _, m := range messages {
		i, found := at[m.copyOf]
		switch {
		case !found || m.copyOf == "":
			at[m.copyOf] = len(kept)
			kept = append(kept, m)
		case m.progress > kept[i].progress:
			kept[i] = m
		}
	}
	return kept
}

// send queues messages and goes on trying as long as the time for it lasts: a failed
// invocation costs more than a wait. What a person must mend ends it at once.
func (a *Attacher) send(ctx context.Context, queue Queue, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	tries := a.Tries
	tries.Count = manyTries
	left := make([]cloud.Message, 0, len(messages))
	for _, m := range messages {
		left = append(left, m.Message)
	}
	return tries.do(ctx, a.clockwork(), a.Errors, func(ctx context.Context) error {
		return tries.once(ctx, func(ctx context.Context) (err error) {
			left, err = queue.Send(ctx, left)
			return err
		})
	})
}

// manyTries end with the time that there is, not with their number.
const manyTries = 1000
