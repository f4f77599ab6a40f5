package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"vpn-attach/function/internal/event"
)

// Input is one thing to replay.
type Input struct {
	Name  string
	Bytes []byte
	// Payload is handed to the function as it stands; anything else is put into the
	// queue as a message's body.
	Payload bool
}

// NewInput decides by its shape where text goes: what a trigger would hand over is
// handed over, everything else goes through the queue.
func NewInput(name string, text []byte) Input {
	return Input{Name: name, Bytes: text, Payload: looksLikePayload(text)}
}

// looksLikePayload recognises what a trigger hands over, by the shapes that the function itself tells apart: one
// delivery of the queue or a list of them, or a timer; and what only a direct invocation may ask for: to sweep or to
// detach.
func looksLikePayload(text []byte) bool {
	var elements []json.RawMessage
	if json.Unmarshal(text, &elements) != nil {
		elements = []json.RawMessage{text}
	}
	isHandedOver := func(element json.RawMessage) bool {
		shape := event.ShapeOf(element)
		return shape == event.ShapeDelivery || shape == event.ShapeRawData || shape == event.ShapeTimer ||
			shape == event.ShapeSweep || shape == event.ShapeDetach
	}
	return len(elements) == 0 || slices.ContainsFunc(elements, isHandedOver)
}

// Replay puts the inputs where they belong, in order, then lets the trigger run, and
// waits until the cloud is at rest; then the trigger rests, too. The document says what
// there is by then, of this and all earlier replays, also when an error says why that
// came too early. See Play for timeout and tell.
func (c *Cloud) Replay(
	ctx context.Context, inputs []Input, timeout time.Duration, tell func(outcome string),
) (Document, error) {
	for _, input := range inputs {
		if input.Payload {
			continue
		}
		if err := c.send(input.Bytes); err != nil {
			return c.document(0), fmt.Errorf("putting %s into the queue: %w", input.Name, err)
		}
	}
	return c.Play(ctx, func(ctx context.Context) error { return c.handOver(ctx, inputs) }, timeout, tell)
}

// Play lets the trigger run while feed brings events, and waits until feed has ended and the
// cloud is at rest: nothing in the queue, nothing pending, nothing under way. timeout bounds
// all of it; with none, it ends early only when feed has ended and nothing happens any more.
// Tell, which may be nil, gets each outcome as the subscriber does.
func (c *Cloud) Play(
	ctx context.Context, feed func(context.Context) error, timeout time.Duration, tell func(outcome string),
) (Document, error) {
	started := time.Now()
	bounded, cancel := ctx, func() {}
	if timeout > 0 {
		bounded, cancel = context.WithTimeout(ctx, timeout)
	}
	defer cancel()
	failed := make(chan error, 4)
	fed := make(chan struct{})
	flow, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { failed <- c.receive(flow, tell) })
	work.Go(func() { failed <- c.Trigger.Run(flow) })
	if c.Spec.Timers {
		work.Go(func() { failed <- c.tick(flow) })
	}
	work.Go(func() {
		defer close(fed)
		failed <- feed(flow)
	})
	err := c.settle(bounded, timeout == 0, failed, fed)
	stop()
	work.Wait()
	if timeout > 0 && errors.Is(err, context.DeadlineExceeded) {
		err = &TimeoutError{After: timeout, Left: c.left()}
	}
	return c.document(time.Since(started)), err
}

// send puts a message into the event queue.
func (c *Cloud) send(text []byte) error {
	text, err := c.signed(text)
	if err == nil {
		_, err = c.Queues.Send(c.EventQueue, string(text), 0)
	}
	return err
}

// handOver gives the function what is a payload already, one after another.
func (c *Cloud) handOver(ctx context.Context, inputs []Input) error {
	for _, input := range inputs {
		if !input.Payload {
			continue
		}
		if err := c.Trigger.Push(ctx, input.Bytes); err != nil {
			return fmt.Errorf("handing over %s: %w", input.Name, err)
		}
	}
	return nil
}

// receive takes outcomes from the topic as any subscriber would. Without a queue for them there are none.
func (c *Cloud) receive(ctx context.Context, tell func(outcome string)) error {
	if c.outcomeQueue == "" {
		<-ctx.Done()
		return nil
	}
	for ctx.Err() == nil {
		messages, err := c.Queues.Receive(ctx, c.outcomeQueue, 16, 10*time.Minute)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("receiving outcomes: %w", err)
		}
		for _, m := range messages {
			c.touch()
			c.outcomes.add(m.Body)
			if tell != nil {
				tell(m.Body)
			}
			if err := c.Queues.Delete(c.outcomeQueue, m.ReceiptHandle); err != nil {
				return fmt.Errorf("deleting a received outcome: %w", err)
			}
		}
	}
	return nil
}

// asJSON keeps a text that is JSON as it is, and any other as a string.
func asJSON(text string) json.RawMessage {
	if json.Valid([]byte(text)) {
		return json.RawMessage(bytes.TrimSpace([]byte(text)))
	}
	quoted, _ := json.Marshal(text) // a string always encodes
	return quoted
}
