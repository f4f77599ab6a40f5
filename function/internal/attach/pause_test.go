package attach

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/fault"
)

// everything is an element of every kind, with the white space and the spelling of its producer.
func everything(t *testing.T) []string {
	t.Helper()
	return []string{
		created("vco-1"), `{"é":"<&>\u003c"}`, "17", `"text"`,
		otherVersion("2999-01-02T00:00:00Z"), unpublishedOutcome(t, time.Now()), sweeping(`{"place":0}`),
		lookAtDetach(),
	}
}

func TestWhilePausedEveryElementGoesBackAsItCame(t *testing.T) {
	b := newBench(t, sites("vco-1", "vco-2"))
	b.Paused = true
	elements := everything(t)
	answer := b.handle(elements...)
	queued := b.queue.drain()
	if !slices.Equal(texts(queued), elements) {
		t.Errorf("queued %q", texts(queued))
	}
	for _, m := range queued {
		if m.Delay != pausedDelay {
			t.Errorf("%s rests for %s", m.Body, m.Delay)
		}
	}
	if !answer.Paused || answer.Queued != len(elements) || answer.Events+answer.Ignored != 0 ||
		answer.Statuses != nil ||
		answer.Outcomes != nil {
		t.Errorf("it answers %+v", answer)
	}
	if counts := b.faults.Counts(); !maps.Equal(counts, map[string]int{cloud.ActionSend: 1}) {
		t.Errorf("it called %v", counts)
	}
	if lines := strings.Count(b.log.String(), "PAUSE=true"); lines != len(elements) {
		t.Errorf("%d lines of the log say so", lines)
	}
	b.Paused = false
	if b.handle(texts(queued)...); b.attached() != "vco-1" {
		t.Errorf("afterwards attached are %s", b.attached())
	}
}

func TestWhatCannotGoBackWhilePausedFailsTheInvocation(t *testing.T) {
	b := newBench(t, nil, fault.Fault{Action: cloud.ActionSend, Status: 404, Code: "QueueNotExist"})
	b.Paused = true
	_, err := b.try(created("vco-1"), created("vco-2"))
	var undelivered *DeliveryError
	if !errors.As(err, &undelivered) || undelivered.Unqueued != 2 || !cloud.HasCode(err, "QueueNotExist") {
		t.Errorf("got %v", err)
	}
}

func TestAPayloadThatIsTooLargeIsRefusedWhole(t *testing.T) {
	for _, paused := range []bool{true, false} {
		b := newBench(t, nil)
		b.Paused = paused
		answer, err := b.Handle(context.Background(), invocation("r-1"), make([]byte, event.MaxPayload+1))
		var oversize *event.OversizeError
		if !errors.As(err, &oversize) || answer.Events+answer.Queued != 0 || len(b.faults.Calls()) != 0 {
			t.Errorf("paused %v: %+v, %v, calls %v", paused, answer, err, b.faults.Calls())
		}
		if !strings.Contains(b.log.String(), `"level":"error"`) {
			t.Errorf("paused %v: the log says %s", paused, b.log)
		}
	}
}
