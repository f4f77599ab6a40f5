package local

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"
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

// looksLikePayload recognises a queue trigger's payload (one envelope or an array of
// them, as CloudEvents or as RawData) and a timer's.
func looksLikePayload(text []byte) bool {
	var elements []json.RawMessage
	if json.Unmarshal(text, &elements) != nil {
		elements = []json.RawMessage{text}
	}
	if len(elements) == 0 {
		return true
	}
	for _, element := range elements {
		var shape struct {
			MessageBody json.RawMessage `json:"messageBody"`
			TriggerTime json.RawMessage `json:"triggerTime"`
			Data        struct {
				MessageBody json.RawMessage `json:"messageBody"`
			} `json:"data"`
		}
		if json.Unmarshal(element, &shape) == nil && (shape.MessageBody != nil || shape.TriggerTime != nil || shape.Data.MessageBody != nil) {
			return true
		}
	}
	return false
}

// TimeoutError says that the cloud had not come to rest in time, and what was left.
type TimeoutError struct {
	After time.Duration
	Left  string
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("not at rest after %s: %s; give it longer with --timeout", e.After, e.Left)
}

// Replay puts the inputs where they belong, in order, then lets the trigger run, and
// waits until nothing is under way; then the trigger rests. The document says what
// there is by then, of this and all earlier replays, also when an error says why that
// came too early. Tell, which may be nil, gets each outcome as the subscriber does.
func (c *Cloud) Replay(ctx context.Context, inputs []Input, timeout time.Duration, tell func(outcome string)) (Document, error) {
	for _, input := range inputs {
		if input.Payload {
			continue
		}
		if _, err := c.Queues.Send(EventQueue, string(input.Bytes), 0); err != nil {
			return c.document(0), fmt.Errorf("putting %s into the queue: %w", input.Name, err)
		}
	}
	return c.Play(ctx, func(ctx context.Context) error { return c.handOver(ctx, inputs) }, timeout, tell)
}

// Play lets the trigger run while feed brings events, and waits until feed has ended and
// nothing is under way; see Replay for the rest.
func (c *Cloud) Play(ctx context.Context, feed func(context.Context) error, timeout time.Duration, tell func(outcome string)) (Document, error) {
	started := time.Now()
	bounded, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	failed := make(chan error, 3)
	pushed := make(chan struct{})
	flow, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { failed <- c.receive(flow, tell) })
	work.Go(func() { failed <- c.Trigger.Run(flow) })
	work.Go(func() {
		defer close(pushed)
		failed <- feed(flow)
	})
	err := c.settle(bounded, failed, pushed)
	stop()
	work.Wait()
	if errors.Is(err, context.DeadlineExceeded) {
		err = &TimeoutError{After: timeout, Left: c.left()}
	}
	return c.document(time.Since(started)), err
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

// settle waits until nothing is visible, delayed or in flight and no attachment is on
// its way, or until one of the flows can not go on.
func (c *Cloud) settle(ctx context.Context, failed <-chan error, pushed <-chan struct{}) error {
	tick, patience := time.NewTicker(5*time.Millisecond), time.NewTicker(5*time.Second)
	defer tick.Stop()
	defer patience.Stop()
	for {
		select {
		case <-patience.C:
			if c.watch.Waiting != nil {
				c.watch.Waiting(c.left())
			}
		case err := <-failed:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
			select {
			case <-pushed:
				if c.left() == "" {
					return nil
				}
			default:
			}
		}
	}
}

// left says what is still under way. The order matters: what flows does so from the
// function to the queue to the subscriber, so that nothing can slip past unseen.
func (c *Cloud) left() string {
	var parts []string
	if c.Runtime.Busy() {
		parts = append(parts, "an invocation is under way")
	}
	if events := c.Queues.Stats(EventQueue); events.Active+events.Delayed+events.Inactive > 0 {
		parts = append(parts, fmt.Sprintf("%d messages visible, %d delayed, %d in flight", events.Active, events.Delayed, events.Inactive))
	}
	if c.Trigger.Busy() {
		parts = append(parts, "the trigger is busy")
	}
	if pending := c.Estate.Pending(); pending > 0 {
		parts = append(parts, fmt.Sprintf("%d attachments and bindings on their way", pending))
	}
	if outcomes := c.Queues.Stats(outcomeQueue); outcomes.Active+outcomes.Inactive > 0 {
		parts = append(parts, fmt.Sprintf("%d outcomes not received", outcomes.Active+outcomes.Inactive))
	}
	return strings.Join(parts, ", ")
}

// receive takes outcomes from the topic as any subscriber would.
func (c *Cloud) receive(ctx context.Context, tell func(outcome string)) error {
	for ctx.Err() == nil {
		messages, err := c.Queues.Receive(ctx, outcomeQueue, 16, time.Second)
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("receiving outcomes: %w", err)
		}
		for _, m := range messages {
			c.outcomes.add(m.Body)
			if tell != nil {
				tell(m.Body)
			}
			if err := c.Queues.Delete(outcomeQueue, m.ReceiptHandle); err != nil {
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
