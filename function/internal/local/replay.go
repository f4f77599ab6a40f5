package local

import (
	"bytes"
	"context"
	"encoding/json"
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
		if json.Unmarshal(element, &shape) != nil {
			continue
		}
		if shape.MessageBody != nil || shape.TriggerTime != nil || shape.Data.MessageBody != nil {
			return true
		}
	}
	return false
}

// Replay puts the inputs where they belong, in order, then lets the trigger run, and
// waits until the cloud is at rest; then the trigger rests, too. The document says what
// there is by then, of this and all earlier replays, also when an error says why that
// came too early. See Play for timeout and tell.
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

// Play lets the trigger run while feed brings events, and waits until feed has ended and the
// cloud is at rest: nothing in the queue, nothing pending, nothing under way. timeout bounds
// all of it; with none, only a standstill ends it early. Tell, which may be nil, gets each
// outcome as the subscriber does.
func (c *Cloud) Play(
	ctx context.Context, feed func(context.Context) error, timeout time.Duration, tell func(outcome string),
) (Document, error) {
	c.touch()
	started := time.Now()
	failed := make(chan error, 3)
	fed := make(chan struct{})
	flow, stop := context.WithCancel(context.Background())
	var work sync.WaitGroup
	work.Go(func() { failed <- c.receive(flow, tell) })
	work.Go(func() { failed <- c.Trigger.Run(flow) })
	work.Go(func() {
		defer close(fed)
		failed <- feed(flow)
	})
	err := c.settle(ctx, timeout, failed, fed)
	stop()
	work.Wait()
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

// settle waits until the cloud is at rest, or until one of the flows cannot go on.
func (c *Cloud) settle(ctx context.Context, timeout time.Duration, failed <-chan error, fed <-chan struct{}) error {
	started := time.Now()
	look, tell := time.NewTicker(scaled(500*time.Millisecond, c.speed)), time.NewTicker(5*time.Second)
	defer look.Stop()
	defer tell.Stop()
	for {
		select {
		case err := <-failed:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-tell.C:
			if c.watch.Waiting != nil {
				c.watch.Waiting(c.left())
			}
		case <-look.C:
			left := c.left()
			if left == "" && isClosed(fed) {
				return nil
			}
			if timeout > 0 && time.Since(started) >= timeout {
				return &TimeoutError{After: timeout, Left: left}
			}
			if still := c.still(); timeout == 0 && still > 0 {
				return &StandstillError{After: still, Left: left}
			}
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// touch notes that something happened.
func (c *Cloud) touch() { c.latest.Store(time.Now().UnixNano()) }

// still is how long nothing has happened that should have: nothing is due any more. It is zero
// while something may be on its way.
func (c *Cloud) still() time.Duration {
	latest := time.Unix(0, c.latest.Load())
	if due := c.Queues.Due(EventQueue); due.After(latest) {
		latest = due
	}
	if still := time.Since(latest); still > c.patience() {
		return still
	}
	return 0
}

// patience is the longest that this cloud can be silent while it works, and a minute.
func (c *Cloud) patience() time.Duration {
	spec := c.Spec
	longest := max(spec.AttachSeconds, spec.RouteTableSeconds, spec.DetachSeconds,
		spec.Trigger.WindowSeconds, spec.Trigger.BackoffSeconds)
	return scaled(seconds(longest), c.speed) + time.Duration(spec.Function.Timeout)*time.Second + time.Minute
}

// left says what is still under way. The order matters: what flows does so from the
// function to the queue to the subscriber, so that nothing can slip past unseen.
func (c *Cloud) left() string {
	var parts []string
	if c.Runtime.Busy() {
		parts = append(parts, "an invocation is under way")
	}
	if q := c.Queues.Stats(EventQueue); q.Active+q.Delayed+q.Inactive > 0 {
		parts = append(parts, fmt.Sprintf("%s visible, %d delayed, %d in flight", count(q.Active, "message"), q.Delayed, q.Inactive))
	}
	if c.Trigger.Busy() {
		parts = append(parts, "the trigger is busy")
	}
	if pending := c.Estate.Pending(); pending > 0 {
		parts = append(parts, fmt.Sprintf("%d attachments or bindings pending", pending))
	}
	if outcomes := c.Queues.Stats(outcomeQueue); outcomes.Active+outcomes.Inactive > 0 {
		parts = append(parts, count(outcomes.Active+outcomes.Inactive, "outcome")+" not received")
	}
	return strings.Join(parts, ", ")
}

// TimeoutError says that the cloud was not at rest in time, and what was left.
type TimeoutError struct {
	After time.Duration
	Left  string
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("not at rest after %s: %s; give it longer with --timeout", e.After, e.Left)
}

// StandstillError says that nothing happens any more although something is left to do.
type StandstillError struct {
	After time.Duration
	Left  string
}

func (e *StandstillError) Error() string {
	return fmt.Sprintf("nothing has happened for %s, and yet: %s", e.After.Round(time.Second), e.Left)
}

// receive takes outcomes from the topic as any subscriber would.
func (c *Cloud) receive(ctx context.Context, tell func(outcome string)) error {
	for ctx.Err() == nil {
		messages, err := c.Queues.Receive(ctx, outcomeQueue, 16, 30*time.Second)
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
