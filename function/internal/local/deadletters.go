package local

import (
	"context"
	"fmt"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/redrive"
	"vpn-attach/function/internal/standin/mns"
)

// deadLetters is the dead-letter queue as redrive reads it.
type deadLetters struct {
	queues *mns.Service
	name   string
}

// mostLetters is how many letters are read at a time.
const mostLetters = 16

// Receive implements redrive.Source.
func (d deadLetters) Receive(ctx context.Context) (all []redrive.Letter, err error) {
	messages, err := d.queues.Receive(ctx, d.name, mostLetters, 0)
	for _, m := range messages {
		all = append(all, redrive.Letter{
			ID: m.MessageID, Body: m.Body, Queued: m.EnqueueTime, Handle: m.ReceiptHandle,
		})
	}
	return all, err
}

// Release implements redrive.Source.
func (d deadLetters) Release(_ context.Context, handle string) error {
	return d.queues.Release(d.name, handle)
}

// Delete implements redrive.Source.
func (d deadLetters) Delete(_ context.Context, handle string) error {
	return d.queues.Delete(d.name, handle)
}

// eventQueue is the event queue as redrive writes to it.
type eventQueue struct {
	queues *mns.Service
	name   string
}

// Send implements redrive.Target.
func (q eventQueue) Send(_ context.Context, messages []cloud.Message) (left []cloud.Message, err error) {
	for i, m := range messages {
		if _, err := q.queues.Send(q.name, string(m.Body), m.Delay); err != nil {
			return messages[i:], fmt.Errorf("sending a message: %w", err)
		}
	}
	return nil, nil
}
