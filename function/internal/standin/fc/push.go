package fc

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Push is one try to have the function take a payload.
type Push struct {
	Elements, Try int // Try counts from 1
	Invocation    Invocation
	// Next is what follows: "acknowledged", "retry in 10s", "dead-lettered" or
	// "discarded".
	Next string
	// Undeleted is how many settled messages the queue refused to delete,
	// because their visibility timeout ran out: it delivers them again.
	Undeleted int
}

// batch is what one push hands over.
type batch struct {
	payload  []byte
	elements []json.RawMessage
	receipts []string // of the messages it came from
}

// settle pushes the batch until it is acknowledged or its tries are used up,
// and only then deletes its messages.
func (t *Trigger) settle(ctx context.Context, b batch) error {
	t.pushes.Add(1)
	defer t.pushes.Add(-1)
	for try := 1; ; try++ {
		invocation, err := t.Invoke(ctx, b.payload)
		if err != nil {
			return err
		}
		push := Push{Elements: len(b.elements), Try: try, Invocation: invocation}
		if invocation.Failure != nil && try < t.Tries {
			push.Next = fmt.Sprintf("retry in %s", t.Backoff)
			t.observe(push)
			if err := sleep(ctx, t.Backoff); err != nil {
				return fmt.Errorf("waiting for try %d: %w", try+1, err)
			}
			continue
		}
		if push.Next, err = t.conclude(b, invocation.Failure); err != nil {
			return err
		}
		push.Undeleted = t.delete(b)
		t.observe(push)
		return nil
	}
}

// conclude brings a batch to where it belongs after its last try.
func (t *Trigger) conclude(b batch, cause *Failure) (next string, err error) {
	switch {
	case cause == nil:
		return "acknowledged", nil
	case t.DeadLetter == nil:
		return "discarded", nil
	}
	for _, element := range b.elements {
		if err := t.DeadLetter(element, *cause); err != nil {
			return "", fmt.Errorf("dead-lettering from queue %s: %w", t.QueueName, err)
		}
	}
	return "dead-lettered", nil
}

func (t *Trigger) delete(b batch) (refused int) {
	for _, receipt := range b.receipts {
		if err := t.Queue.Delete(receipt); err != nil {
			refused++
		}
	}
	return refused
}

func (t *Trigger) observe(p Push) {
	if t.Observe != nil {
		t.Observe(p)
	}
}

// sleep waits for d, or for the end of ctx, which is its error.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
