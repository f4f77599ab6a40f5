package fc

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"
)

// Modes of a Trigger: runOptions.mode of the MNS queue trigger.
const (
	EventStreaming = "event-streaming" // a JSON array of elements, in batches
	EventDriven    = "event-driven"    // one element, a JSON object
)

const (
	maxReceive = 16               // messages in one MNS BatchReceiveMessage
	longPoll   = 30 * time.Second // as long as MNS allows
)

// Queue is what a Trigger needs of MNS. Receive hides what it returns for the
// queue's visibility timeout and waits up to wait for a first message; none
// in time is no error.
type Queue interface {
	Receive(ctx context.Context, most int, wait time.Duration) ([]QueueMessage, error)
	Delete(receiptHandle string) error
}

// QueueMessage is a message as a consumer of the queue receives it.
type QueueMessage struct {
	MessageID, ReceiptHandle, Body string
	EnqueuedAt                     time.Time
}

// Trigger is an MNS queue trigger: the one consumer of a queue that pushes
// what it receives into a function. Its fields are those of the trigger's
// configuration and must not change once it runs.
type Trigger struct {
	Queue                            Queue
	QueueName, Account, Region, Name string // Name is the trigger's
	// Invoke runs the function; an error from it means that it cannot be run.
	Invoke  func(context.Context, []byte) (Invocation, error)
	Mode    string // EventStreaming or EventDriven
	RawData bool   // eventSchema RawData: hand over only the data of each element
	// A batch is closed when it holds Count messages (one when zero) or Window
	// after its first one came; a Window of zero takes what is there at once.
	// An event-driven trigger has no batches.
	Count  int
	Window time.Duration
	// A push that fails is repeated after Backoff, Tries times in all: of
	// BACKOFF_RETRY, 3 tries 10 to 20 s apart. Zero Tries is one.
	Tries   int
	Backoff time.Duration
	// DeadLetter takes, after the last try, each element of the push for itself
	// and as it was handed over. That form is assumed: the platform documents
	// only that there is a dead-letter queue. Nil discards them
	// (errorsTolerance ALL without a deadLetterQueue).
	DeadLetter func(payload []byte, cause Failure) error
	// Observe is told of every try when it is over; may be nil.
	Observe func(Push)
	// Gate stops the trigger while it is closed. Nil is always open.
	Gate *Gate

	pushes atomic.Int32
}

// Beside is a second task of the same trigger, which consumes the queue at the same time. It is
// not observed.
func (t *Trigger) Beside() *Trigger {
	return &Trigger{
		Queue: t.Queue, QueueName: t.QueueName, Account: t.Account, Region: t.Region, Name: t.Name, Invoke: t.Invoke,
		Mode: t.Mode, RawData: t.RawData, Count: t.Count, Window: t.Window,
		Tries: t.Tries, Backoff: t.Backoff, DeadLetter: t.DeadLetter, Gate: t.Gate,
	}
}

// Run pushes what the queue holds, batch after batch, until ctx ends; it then
// returns nil and leaves what is not settled to the queue. It returns an error
// when the queue, the dead-letter queue or Invoke itself fails.
func (t *Trigger) Run(ctx context.Context) error {
	if t.Mode != EventStreaming && t.Mode != EventDriven {
		return fmt.Errorf("starting trigger %s: unknown mode %q", t.Name, t.Mode)
	}
	for {
		messages, err := t.open(ctx)
		if err == nil && len(messages) > 0 {
			err = t.settle(ctx, t.assemble(messages))
		}
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return fmt.Errorf("running trigger %s: %w", t.Name, err)
		}
	}
}

// Push hands over one payload as it stands, with the tries and the
// dead-lettering of the trigger; a JSON array is dead-lettered element by
// element. It returns when the payload is settled, with an error when ctx ends
// before or for the reasons that end Run.
func (t *Trigger) Push(ctx context.Context, payload []byte) error {
	return t.settle(ctx, batch{payload: payload, elements: split(payload)})
}

// Busy reports whether a push is under way or waits for its next try.
func (t *Trigger) Busy() bool { return t.pushes.Load() > 0 }

// open receives while the gate is open. What was received when it closed is still pushed.
func (t *Trigger) open(ctx context.Context) ([]QueueMessage, error) {
	if t.Gate == nil {
		return t.receive(ctx)
	}
	open, stop := t.Gate.Pass(ctx)
	defer stop()
	messages, err := t.receive(open)
	if open.Err() != nil && ctx.Err() == nil {
		err = nil
	}
	return messages, err
}

// receive collects the messages of the next batch, none if there are none.
func (t *Trigger) receive(ctx context.Context) ([]QueueMessage, error) {
	limit := max(1, t.Count)
	if t.Mode == EventDriven {
		limit = 1
	}
	var messages []QueueMessage
	var first time.Time // measures the window, dates nothing
	wait := longPoll
	for len(messages) < limit {
		more, err := t.Queue.Receive(ctx, min(limit-len(messages), maxReceive), wait)
		if err != nil {
			return messages, fmt.Errorf("receiving from queue %s: %w", t.QueueName, err)
		}
		if len(more) == 0 {
			break
		}
		if first.IsZero() {
			first = time.Now()
		}
		messages = append(messages, more...)
		wait = max(0, t.Window-time.Since(first))
	}
	return messages, nil
}

func (t *Trigger) assemble(messages []QueueMessage) batch {
	var b batch
	for _, m := range messages {
		b.elements = append(b.elements, t.element(m))
		b.receipts = append(b.receipts, m.ReceiptHandle)
	}
	if t.Mode == EventDriven {
		b.payload = b.elements[0]
	} else {
		b.payload = encoded(b.elements)
	}
	return b
}
