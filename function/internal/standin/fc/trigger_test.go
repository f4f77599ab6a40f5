package fc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// rig is a trigger over a memory queue and a scripted function, and what was
// seen of them.
type rig struct {
	Trigger
	queue   *memoryQueue
	results []*Failure // of the pushes in turn; then all succeed

	mu       sync.Mutex
	payloads []string
	pushes   []string // as told to Observe
	dead     []string
}

func newRig(queue *memoryQueue, results ...*Failure) *rig {
	r := &rig{queue: queue, results: results}
	r.Trigger = Trigger{
		Queue: queue, QueueName: "work", Account: "1234567890123456", Region: "cn-hangzhou", Name: "queue",
		Invoke: r.run, Mode: EventStreaming, Count: 50, Tries: 3, Backoff: time.Millisecond,
		DeadLetter: r.bury, Observe: r.note,
	}
	return r
}

func (r *rig) run(_ context.Context, payload []byte) (Invocation, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.payloads = append(r.payloads, string(payload))
	if n := len(r.payloads); n <= len(r.results) {
		return Invocation{Number: n, Failure: r.results[n-1]}, nil
	}
	return Invocation{Number: len(r.payloads)}, nil
}

func (r *rig) bury(payload []byte, cause Failure) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.dead = append(r.dead, cause.Type+" "+string(payload))
	return nil
}

func (r *rig) note(p Push) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.pushes = append(r.pushes,
		fmt.Sprintf("%d elements, try %d, number %d: %s, %d undeleted", p.Elements, p.Try, p.Invocation.Number,
			p.Next, p.Undeleted))
}

// runUntil runs the trigger until the condition holds and returns Run's error.
func (r *rig) runUntil(t *testing.T, what string, holds func() bool) error {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- r.Run(ctx) }()
	eventually(t, what, holds)
	cancel()
	return <-ended
}

// untilDeleted runs the trigger until n messages are deleted.
func (r *rig) untilDeleted(t *testing.T, n int) {
	t.Helper()
	err := r.runUntil(t, fmt.Sprintf("%d deleted messages", n), func() bool { return len(r.queue.gone()) == n })
	if err != nil {
		t.Errorf("Run: %v", err)
	}
}

// bodies lists the messages of a payload, batches in brackets.
func bodies(t *testing.T, payload string) string {
	t.Helper()
	var texts []string
	for _, element := range split([]byte(payload)) {
		var e cloudEvent
		if err := json.Unmarshal(element, &e); err != nil {
			t.Fatalf("reading %s: %v", payload, err)
		}
		texts = append(texts, e.Data.MessageBody)
	}
	if payload[0] == '[' {
		return "[" + strings.Join(texts, " ") + "]"
	}
	return strings.Join(texts, " ")
}

func TestBatchesAreMadeByModeAndCount(t *testing.T) {
	for _, c := range []struct {
		name  string
		mode  string
		count int
		want  []string
	}{
		{"streaming, all that is there", EventStreaming, 50, []string{"[a b c]"}},
		{"streaming, two at most", EventStreaming, 2, []string{"[a b]", "[c]"}},
		{"streaming, one at most is still an array", EventStreaming, 1, []string{"[a]", "[b]", "[c]"}},
		{"streaming, no count is one", EventStreaming, 0, []string{"[a]", "[b]", "[c]"}},
		{"event-driven, one object each", EventDriven, 50, []string{"a", "b", "c"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(newQueue("a", "b", "c"))
			r.Mode, r.Count = c.mode, c.count
			r.untilDeleted(t, 3)
			var got []string
			for _, payload := range r.payloads {
				got = append(got, bodies(t, payload))
			}
			if !slices.Equal(got, c.want) {
				t.Errorf("pushed %q, want %q", got, c.want)
			}
		})
	}
}

func TestABatchWaitsForItsWindow(t *testing.T) {
	r := newRig(newQueue("a"))
	r.Window, r.Count = deadline, 2 // only the second message can close the batch in time
	go func() {
		for len(r.queue.askedFor()) == 0 {
			time.Sleep(time.Millisecond)
		}
		r.queue.send("b")
	}()
	r.untilDeleted(t, 2)
	if got := bodies(t, r.payloads[0]); got != "[a b]" {
		t.Errorf("pushed %s first", got)
	}
}

func TestABatchIsClosedByItsWindow(t *testing.T) {
	r := newRig(newQueue("a"))
	r.Window = 10 * time.Millisecond
	r.untilDeleted(t, 1) // though 50 may come
	if got := bodies(t, r.payloads[0]); got != "[a]" {
		t.Errorf("pushed %s", got)
	}
}

func TestNoReceiveAsksForMoreThanMNSGives(t *testing.T) {
	q := newQueue()
	for range 40 {
		q.send("x")
	}
	newRig(q).untilDeleted(t, 40)
	if want := []int{16, 16, 16}; !slices.Equal(q.askedFor(), want) {
		t.Errorf("asked for %v, want %v", q.askedFor(), want)
	}
}

func TestRunEndsWithTheErrorThatKeepsItFromWorking(t *testing.T) {
	broken := errors.New("broken")
	for _, c := range []struct {
		name  string
		spoil func(*rig)
		want  string
	}{
		{"the mode is unknown", func(r *rig) { r.Mode = "stream" }, `starting trigger queue: unknown mode "stream"`},
		{"the queue fails", func(r *rig) { r.queue.failing = broken },
			"running trigger queue: receiving from queue work: broken"},
		{"the function cannot be run", func(r *rig) {
			r.Invoke = func(context.Context, []byte) (Invocation, error) { return Invocation{}, broken }
		}, "running trigger queue: broken"},
		{"the dead-letter queue fails", func(r *rig) {
			r.results, r.Tries = []*Failure{{Type: "x"}}, 1
			r.DeadLetter = func([]byte, Failure) error { return broken }
		}, "running trigger queue: dead-lettering from queue work: broken"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRig(newQueue("a"))
			c.spoil(r)
			err := r.Run(context.Background())
			if err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if gone := r.queue.gone(); len(gone) != 0 {
				t.Errorf("deleted %v", gone)
			}
		})
	}
}

func TestRunLeavesAnUnsettledMessageToTheQueueWhenItEnds(t *testing.T) {
	r := newRig(newQueue("a"), &Failure{Type: "x"})
	r.Backoff = time.Hour
	if err := r.runUntil(t, "the wait for the second try", func() bool {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.pushes) == 1 && r.Busy()
	}); err != nil {
		t.Errorf("Run: %v", err)
	}
	if len(r.queue.gone()) != 0 || len(r.dead) != 0 || r.Busy() {
		t.Errorf("deleted %v, dead %v, busy %v", r.queue.gone(), r.dead, r.Busy())
	}
}

func TestATriggerDrivesTheRealProcess(t *testing.T) {
	p := newPlatform(t, "serves", Function{})
	r := newRig(newQueue("hello"))
	r.Invoke = p.Invoke
	r.untilDeleted(t, 1)
	if got := p.Invocations(); len(got) != 1 || bodies(t, string(got[0].Response)) != "[hello]" {
		t.Errorf("invocations %+v", got)
	}
}
