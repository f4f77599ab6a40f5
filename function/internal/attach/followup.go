package attach

import (
	"context"
	"fmt"
	"time"

	"vpn-attach/function/internal/event"
)

// Message is something to be queued.
type Message struct {
	Body  []byte
	Delay time.Duration // until it can be received
}

// Queue takes messages. An error means that some of them, or all, may not be queued; it
// is an *APIError where the service gave one. Sending is not tried again by the
// implementation.
type Queue interface {
	Send(ctx context.Context, messages []Message) error
}

// How long a message of another version rests before it is looked at again, and how long
// when it should be given up and there is nowhere to put it.
const (
	newerDelay    = time.Minute
	homelessDelay = 15 * time.Minute
)

// keep is the result of a message that another version of this function queued: it goes
// round until its bound, then to the dead letters. It is never dropped, so that a
// rollback loses nothing.
func (a *Attacher) keep(inv Invocation, item event.Item) result {
	newer := *item.Newer
	switch {
	case !newer.Expired(a.Now(), a.Horizon):
		return result{item: item, later: &Message{Body: newer.Body, Delay: newerDelay}}
	case a.DeadLetters == nil:
		return result{item: item, later: &Message{Body: newer.Body, Delay: homelessDelay}}
	}
	r := result{item: item, letter: &Message{Body: newer.Body}}
	r.verdict = failed("", Fault{Code: CodeUnknownVersion, Message: "a message of type " + newer.Type + " is not understood by this version"}).completed(a.Errors)
	r.outcome = inv.document(event.Event{ID: newer.ID}, r.verdict, a.Now(), 0)
	return r
}

// sendBack queues what goes back and what is given up, together, before anything is
// published. When it fails for good nothing more is sent.
func (a *Attacher) sendBack(ctx context.Context, results []result) error {
	var later, letters []Message
	for _, r := range results {
		if r.later != nil {
			later = append(later, *r.later)
		}
		if r.letter != nil {
			letters = append(letters, *r.letter)
		}
	}
	if err := a.send(ctx, a.Queue, later); err != nil {
		return &DeliveryError{Unqueued: len(later), Cause: fmt.Errorf("to the event queue: %w", err)}
	}
	if err := a.send(ctx, a.DeadLetters, letters); err != nil {
		return &DeliveryError{Unqueued: len(letters), Cause: fmt.Errorf("to the dead-letter queue: %w", err)}
	}
	return nil
}

func (a *Attacher) send(ctx context.Context, queue Queue, messages []Message) error {
	if len(messages) == 0 {
		return nil
	}
	return a.try(ctx, func(ctx context.Context) error { return queue.Send(ctx, messages) })
}
