package local

import (
	"context"
	"time"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
)

// trigger is the queue trigger as the spec sets it up.
func (c *Cloud) trigger() *fc.Trigger {
	spec := c.Spec.Trigger
	t := &fc.Trigger{
		Queue: queue{c.Queues}, QueueName: EventQueue, Account: c.Spec.Account, Region: c.Spec.Region, Name: "queue",
		Invoke: c.Runtime.Invoke, Mode: spec.Mode, RawData: spec.RawData,
		Count: spec.Count, Window: scaled(seconds(spec.WindowSeconds), c.speed),
		Tries: spec.Tries, Backoff: scaled(seconds(spec.BackoffSeconds), c.speed),
		Observe: c.push,
	}
	if spec.DeadLetter {
		t.DeadLetter = func(payload []byte, _ fc.Failure) error {
			_, err := c.Queues.Send(DeadLetters, string(payload), 0)
			return err
		}
	}
	return t
}

// queue is the event queue as the trigger uses it, inside the platform.
type queue struct{ service *mns.Service }

func (q queue) Receive(ctx context.Context, most int, wait time.Duration) ([]fc.QueueMessage, error) {
	received, err := q.service.Receive(ctx, EventQueue, most, wait)
	messages := make([]fc.QueueMessage, 0, len(received))
	for _, m := range received {
		messages = append(messages, fc.QueueMessage{
			MessageID: m.MessageID, ReceiptHandle: m.ReceiptHandle, Body: m.Body, EnqueuedAt: m.EnqueueTime,
		})
	}
	return messages, err
}

func (q queue) Delete(receiptHandle string) error { return q.service.Delete(EventQueue, receiptHandle) }
