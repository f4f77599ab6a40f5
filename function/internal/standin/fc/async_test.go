package fc

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// later asks for an asynchronous invocation and returns its request id.
func (d *door) later(event string) string {
	d.t.Helper()
	got := d.must(map[string]string{"x-fc-invocation-type": "Async", "x-fc-log-type": "Tail"}, event)
	id := got.header("x-fc-request-id")
	if got.status != http.StatusAccepted || got.body != "" || id == "" || got.header("x-fc-log-result") != "" {
		d.t.Errorf("answered %d %q, %v", got.status, got.body, got.headers)
	}
	return id
}

// end returns the next asynchronous invocation that came to its end.
func (d *door) end() Invocation {
	d.t.Helper()
	select {
	case last := <-d.ended:
		return last
	case <-time.After(deadline):
		d.t.Fatal("waited in vain for the end of an asynchronous invocation")
		return Invocation{}
	}
}

func TestAnAsynchronousInvocationIsTriedUntilItSucceedsOrItsRetriesAreUsedUp(t *testing.T) {
	for _, c := range []struct {
		name, event string
		tries       int
		failure     Failure
	}{
		{"it succeeds at once", `{"do":"echo"}`, 1, Failure{}},
		{"it succeeds at the second retry, which the function is told", `{"do":"fail before retry","value":"2"}`, 3,
			Failure{}},
		{"it always fails", `{"do":"fail","value":"no"}`, 4, Failure{"refusedError", "refused: no"}},
		{"its process always ends", `{"do":"crash"}`, 4,
			Failure{InstanceCrashed, "the process ended before it answered: exit status 3"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			d := newDoor(t, "serves", Function{})
			id := d.later(c.event)
			last := d.end()
			if failureOf(last) != c.failure || last.Retry != c.tries-1 {
				t.Errorf("retry %d ended with %+v, want %d and %+v", last.Retry, failureOf(last), c.tries-1, c.failure)
			}
			record := d.Runtime.Invocations()
			if len(record) != c.tries {
				t.Errorf("%d invocations, want %d", len(record), c.tries)
			}
			for retry, i := range record {
				if i.RequestID != id || i.Retry != retry {
					t.Errorf("try %d has request id %s and retry %d, want %s", retry, i.RequestID, i.Retry, id)
				}
			}
		})
	}
}

func TestAnAsynchronousCallerDoesNotWaitForTheFunction(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	file, busy := d.inBackground("the only instance")
	id := d.later(`{"do":"echo"}`)
	select {
	case i := <-d.ended:
		t.Errorf("%s ran beside the only instance: %+v", i.RequestID, i)
	default:
	}
	touch(t, file)
	<-busy
	if last := d.end(); last.RequestID != id || last.Failure != nil {
		t.Errorf("ended: %+v", last)
	}
}

func TestWhatCannotBeBegunIsDroppedAndTold(t *testing.T) {
	d := newDoor(t, "exits at once", Function{})
	id := d.later(`{}`)
	last := d.end()
	if last.RequestID != id || failureOf(last).Type != internalError ||
		!strings.Contains(failureOf(last).Message, "MNS_ENDPOINT is missing") {
		t.Errorf("ended: %+v, %+v", last, failureOf(last))
	}
	if d.issued() != 1 {
		t.Errorf("%d processes were started", d.issued())
	}
}

func TestCloseBringsAsynchronousInvocationsToAnEnd(t *testing.T) {
	d := newDoor(t, "serves", Function{})
	d.later(`{"do":"sleep"}`)
	eventually(t, "the invocation", d.Runtime.Busy)
	d.Runtime.Close()
	d.api.Close()
	select {
	case last := <-d.ended:
		if last.Failure == nil {
			t.Errorf("ended without a failure: %+v", last)
		}
	default:
		t.Error("Close returned before the end of an asynchronous invocation was told")
	}
}
