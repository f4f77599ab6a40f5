package attach

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/fault"
)

func TestCopiesOfAFollowUpCollapseToTheOneThatHasComeFurthest(t *testing.T) {
	f := func(copyOf string, progress int) *task {
		message := cloud.Message{Body: fmt.Appendf(nil, "%s%d", copyOf, progress)}
		one := requeued{Message: message, progress: progress}
		if copyOf != "" {
			one.copyOf = func() string { return copyOf }
		}
		return &task{effects: effects{requeue: []requeued{one}}}
	}
	var kept []string
	for _, o := range collapse([]*task{f("a", 1), f("b", 1), f("", 1), f("a", 3), f("a", 2), f("", 2)}) {
		kept = append(kept, string(o.Body))
	}
	if strings.Join(kept, " ") != "a3 b1 1 2" {
		t.Errorf("kept %q", kept)
	}
}

// A redelivery meets the follow-up of its first delivery: of the two, one goes on.
func TestCopiesOfAnEventCollapseWhenTheyMeet(t *testing.T) {
	busy := sites("vco-1")[0]
	busy.State = "updating"
	b := newBench(t, append(sites("vco-2"), busy))
	b.handle(created("vco-1"))
	again := texts(b.queue.drain())
	b.handle(append(again, again[0], created("vco-1"), created("vco-2"))...)
	var kinds []string
	for _, m := range b.queue.drain() {
		var message struct {
			Type string
			Data struct{ Attempt int }
		}
		if err := json.Unmarshal(m.Body, &message); err != nil {
			t.Fatal(err)
		}
		kinds = append(kinds, fmt.Sprint(message.Type, message.Data.Attempt))
	}
	slices.Sort(kinds)
	if want := []string{event.TypeConfirm + "1", event.TypeRetry + "3"}; !slices.Equal(kinds, want) {
		t.Errorf("queued %q", kinds)
	}
}

func TestDeliveryErrorsSayWhatIsMissingAndWhy(t *testing.T) {
	err := &DeliveryError{Unqueued: 3, What: "follow-ups", Cause: &cloud.APIError{
		Action: "BatchSendMessage", Code: "QueueNotExist", Status: 404, Message: "no queue",
	}}
	const want = "queueing 3 follow-ups: calling BatchSendMessage: QueueNotExist (HTTP 404): no queue; " +
		"the payload must be delivered again"
	if err.Error() != want {
		t.Errorf("got %s", err)
	}
}

// TestWhatMustNotBeLostFailsTheInvocation: a queue refuses for good, and nothing more is sent.
func TestWhatMustNotBeLostFailsTheInvocation(t *testing.T) {
	gone := func(action string, skip int) fault.Fault {
		return fault.Fault{Action: action, Skip: skip, Times: 9, Status: 404, Code: "QueueNotExist"}
	}
	noTopic := fault.Fault{Action: cloud.ActionPublish, Times: 9, Status: 404, Code: "TopicNotExist"}
	cases := map[string]struct {
		element  string
		faults   []fault.Fault
		unqueued int
		what     string
		sent     string // what was sent all the same, by action
	}{
		"a follow-up": {
			created("vco-1"), []fault.Fault{gone(cloud.ActionSend, 0)}, 1, "follow-ups", "BatchSendMessage 1",
		},
		"a dead letter": {
			overVersion(), []fault.Fault{gone(cloud.ActionSend, 0)}, 1, "dead letters", "BatchSendMessage 1",
		},
		"an outcome that could not be published": {
			retried("vco-9"), []fault.Fault{noTopic, gone(cloud.ActionSend, 0)}, 1,
			"finished outcomes that could not be published", "PublishMessage 1, BatchSendMessage 1",
		},
		"an outcome that nobody could deliver": {
			unpublishedOutcome(t, time.Now().Add(-25*time.Hour)), []fault.Fault{noTopic, gone(cloud.ActionSend,
				0)}, 1, "dead letters",
			"PublishMessage 1, BatchSendMessage 1",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, sites("vco-1"), c.faults...)
			_, err := b.try(c.element)
			var undelivered *DeliveryError
			if !errors.As(err, &undelivered) || undelivered.Unqueued != c.unqueued || undelivered.What != c.what {
				t.Fatalf("got %v", err)
			}
			var sent []string
			for _, action := range []string{cloud.ActionPublish, cloud.ActionSend} {
				if n := b.faults.Counts()[action]; n > 0 {
					sent = append(sent, fmt.Sprint(action, " ", n))
				}
			}
			if got := strings.Join(sent, ", "); got != c.sent || b.told() != "" {
				t.Errorf("sent %s, told %s", got, b.told())
			}
			if !strings.Contains(b.log.String(), `"published":false`) ||
				!strings.Contains(b.log.String(), `"level":"error"`) {
				t.Errorf("the log says %s", b.log)
			}
		})
	}
}

func TestFollowUpsAreQueuedBeforeAnythingIsPublished(t *testing.T) {
	b := newBench(t, sites("vco-1", "vco-2"))
	b.handle(created("vco-1"), created("vco-2"), overVersion())
	var order []string
	for _, c := range b.faults.Calls() {
		if c.Service == "mns" {
			order = append(order, c.Action)
		}
	}
	send, publish := cloud.ActionSend, cloud.ActionPublish
	if want := []string{send, send, publish, publish, publish}; !slices.Equal(order, want) {
		t.Errorf("called %q", order)
	}
	if queued, dead := len(b.queue.drain()), texts(b.dead.drain()); queued != 2 ||
		!slices.Equal(dead, []string{overVersion()}) {
		t.Errorf("queued %d, dead letters %q", queued, dead)
	}
}
