package attach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/fault"
)

func TestAFifthOfTheTimeIsKeptForDeliveryButNotMoreThanItTakes(t *testing.T) {
	for limit, reserve := range map[time.Duration]time.Duration{10 * time.Second: 2 * time.Second, 300 * time.Second: maxReserve} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			b, whole := budgetOf(ctx), time.Now().Add(limit)
			for stage, left := range map[float64]time.Duration{
				forWork: reserve, forFollowUp: reserve * 6 / 10, forPublish: reserve * 3 / 10, forUnpublished: reserve / 20,
			} {
				part, end := b.until(stage)
				if deadline, _ := part.Deadline(); whole.Sub(deadline) != left {
					t.Errorf("of %s a stage leaves %s, not %s", limit, whole.Sub(deadline), left)
				}
				end()
			}
		})
	}
	work, end := budgetOf(context.Background()).until(forWork)
	defer end()
	if _, limited := work.Deadline(); limited {
		t.Error("a deadline came from nowhere")
	}
}

func TestCopiesOfAFollowUpCollapseToTheOneThatHasComeFurthest(t *testing.T) {
	f := func(copyOf string, progress int) requeued {
		return requeued{Message: cloud.Message{Body: fmt.Appendf(nil, "%s%d", copyOf, progress)}, copyOf: copyOf, progress: progress}
	}
	kept := texts(collapse([]requeued{f("a", 1), f("b", 1), f("", 1), f("a", 3), f("a", 2), f("", 2)}))
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
		"a follow-up":                            {created("vco-1"), []fault.Fault{gone(cloud.ActionSend, 0)}, 1, "follow-ups", "BatchSendMessage 1"},
		"a dead letter":                          {otherVersion, []fault.Fault{gone(cloud.ActionSend, 0)}, 1, "dead letters", "BatchSendMessage 1"},
		"an outcome that could not be published": {created("vco-9"), []fault.Fault{noTopic, gone(cloud.ActionSend, 0)}, 1, "finished outcomes that could not be published", "PublishMessage 1, BatchSendMessage 1"},
		"an outcome that nobody could deliver": {
			unpublishedOutcome(t, time.Now().Add(-25*time.Hour)), []fault.Fault{noTopic, gone(cloud.ActionSend, 0)}, 1, "dead letters",
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
			if !strings.Contains(b.log.String(), `"published":false`) || !strings.Contains(b.log.String(), `"level":"error"`) {
				t.Errorf("the log says %s", b.log)
			}
		})
	}
}

func TestFollowUpsAreQueuedBeforeAnythingIsPublished(t *testing.T) {
	b := newBench(t, sites("vco-1", "vco-2"))
	b.handle(created("vco-1"), created("vco-2"), otherVersion)
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
	if queued, dead := len(b.queue.drain()), texts(b.dead.drain()); queued != 2 || !slices.Equal(dead, []string{otherVersion}) {
		t.Errorf("queued %d, dead letters %q", queued, dead)
	}
}

func TestAnUnpublishedOutcomeWaitsInTheQueueAndIsPublishedAsItIs(t *testing.T) {
	b := newBench(t, nil, fault.Fault{Action: cloud.ActionPublish, Times: 2, Status: 404, Code: "TopicNotExist"})
	b.handle(created("vco-1"))
	first := b.queue.drain()
	b.handle(texts(first)...)
	second := b.queue.drain()
	if len(first) != 1 || len(second) != 1 || b.told() != "" {
		t.Fatalf("queued %q and %q, told %s", texts(first), texts(second), b.told())
	}
	if first[0].Delay < 7*time.Second || second[0].Delay < 15*time.Second || len(b.dead.drain()) != 0 {
		t.Errorf("it rests for %s, then for %s", first[0].Delay, second[0].Delay)
	}
	var message struct {
		Attempt int
		Data    json.RawMessage
	}
	if err := json.Unmarshal(second[0].Body, &message); err != nil || message.Attempt != 2 {
		t.Errorf("the second time it says %s, %v", second[0].Body, err)
	}
	b.handle(texts(second)...)
	published := b.topic.Published("outcomes")
	if len(published) != 1 || published[0].Body != string(message.Data) || published[0].Tag != "skipped" || len(b.queue.drain()) != 0 {
		t.Errorf("published %+v", published)
	}
}

func TestAnUnpublishedOutcomeBecomesADeadLetterAfterTheHorizon(t *testing.T) {
	noTopic := fault.Fault{Action: cloud.ActionPublish, Times: 9, Status: 404, Code: "TopicNotExist"}
	old := unpublishedOutcome(t, time.Now().Add(-25*time.Hour))
	b := newBench(t, nil, noTopic)
	b.handle(old)
	dead := b.dead.drain()
	if len(dead) != 1 || !strings.Contains(string(dead[0].Body), event.TypeReport) || dead[0].Delay != 0 || len(b.queue.drain()) != 0 {
		t.Errorf("dead letters %q", texts(dead))
	}
	without := newBench(t, nil, noTopic)
	without.DeadLetters = nil
	without.handle(old)
	if queued := without.queue.drain(); len(queued) != 1 || queued[0].Delay < 7*time.Second {
		t.Errorf("without a dead-letter queue it queues %+v", queued)
	}
	young := newBench(t, nil, noTopic)
	young.handle(unpublishedOutcome(t, time.Now().Add(-23*time.Hour)))
	if queued, dead := young.queue.drain(), young.dead.drain(); len(queued) != 1 || len(dead) != 0 {
		t.Errorf("before the horizon it queues %q and gives up %q", texts(queued), texts(dead))
	}
}

// What is not finished is told again by itself: it is published as well as may be.
func TestOnlyFinishedOutcomesWaitInTheQueue(t *testing.T) {
	b := newBench(t, sites("vco-1"), fault.Fault{Action: cloud.ActionPublish, Times: 9, Status: 404, Code: "TopicNotExist"})
	answer := b.handle(created("vco-1"), `{"sweep":{}}`)
	queued := b.queue.drain()
	if len(queued) != 1 || !strings.Contains(string(queued[0].Body), event.TypeConfirm) || answer.Events != 2 {
		t.Errorf("queued %q, answered %+v", texts(queued), answer)
	}
}

func TestADeadLetterSaysWhoseItIsWhatWasWrongAndHowToGoOn(t *testing.T) {
	busy := sites("vco-1")[0]
	busy.State = "updating"
	b := newBench(t, append(sites("vco-2"), busy))
	const old = `{"specversion":"1.0","id":"r-1","source":"s","type":"vpn-attach.retry.v1","time":"2026-11-23T03:00:00Z",` +
		`"data":{"event":{"id":"e-1"},"vpnConnectionId":"vco-1","wishes":{"name":"n1"},"attempt":7,"until":"2026-11-23T03:00:00Z"}}`
	b.handle(old)
	dead := b.dead.drain()
	if len(dead) != 1 || len(b.queue.drain()) != 0 || b.told() != "vco-1 failed ConnectionBusy" {
		t.Fatalf("dead letters %q, told %s", texts(dead), b.told())
	}
	var letter struct {
		Type string
		Data struct {
			Error  decide.Fault
			Replay string
		}
	}
	if err := json.Unmarshal(dead[0].Body, &letter); err != nil {
		t.Fatal(err)
	}
	if letter.Type != event.TypeDeadLetter || letter.Data.Error.Message != "VPN connection vco-1 is updating" || !letter.Data.Error.Exhausted ||
		!strings.Contains(letter.Data.Replay, "scripts/redrive") {
		t.Errorf("got %s", dead[0].Body)
	}
	batch, err := event.Decode(dead[0].Body, "R")
	if err != nil {
		t.Fatal(err)
	}
	again, is := batch.Items[0].(event.Event)
	if !is || again.ID != "e-1" || again.ConnectionID != "vco-1" || again.Wishes["name"] != "n1" || again.Attempt != 0 || !again.Until.IsZero() {
		t.Errorf("moved back it is %+v", batch.Items[0])
	}
	b.DeadLetters = nil
	if b.handle(old); b.told() != "vco-1 failed ConnectionBusy, vco-1 failed ConnectionBusy" {
		t.Errorf("without a dead-letter queue it told %s", b.told())
	}
}

// busyQueue refuses for so long, and notes when it was asked.
type busyQueue struct {
	until time.Time
	mu    sync.Mutex
	asked []time.Time
	taken []cloud.Message
}

func (q *busyQueue) Send(_ context.Context, messages []cloud.Message) ([]cloud.Message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked = append(q.asked, time.Now())
	if time.Now().Before(q.until) {
		q.taken = append(q.taken, messages[0]) // one a call is taken
		return messages[1:], &cloud.APIError{Action: cloud.ActionSend, Code: "InternalServerError", Status: 500}
	}
	q.taken = append(q.taken, messages...)
	return nil, nil
}

// toldTopic notes what is published, and when.
type toldTopic struct {
	mu   sync.Mutex
	told []string
	last time.Time
}

func (p *toldTopic) Publish(_ context.Context, _ []byte, tag string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told, p.last = append(p.told, tag), time.Now()
	return nil
}

// TestAQueueThatIsBusyIsAskedForAsLongAsThereIsTime: only what it has not taken is sent again.
func TestAQueueThatIsBusyIsAskedForAsLongAsThereIsTime(t *testing.T) {
	cases := map[string]struct {
		busy      time.Duration
		delivered bool
	}{"which is enough": {5 * time.Second, true}, "which is not enough": {time.Hour, false}}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				defer cancel()
				queue := &busyQueue{until: time.Now().Add(c.busy)}
				a := attacher(&strings.Builder{})
				a.Pace.LongestWait = time.Second
				a.Pace.FirstWait = time.Second
				messages := make([]cloud.Message, 100)
				for i := range messages {
					messages[i].Body = fmt.Append(nil, i)
				}
				a.Queue, a.Paused = queue, true
				began := time.Now()
				_, err := a.Handle(ctx, invocation("r-1"), []byte("["+strings.Join(texts(messages), ",")+"]"))
				took := time.Since(began)
				if (err == nil) != c.delivered || c.delivered && took > 7*time.Second {
					t.Fatalf("after %s: %v", took, err)
				}
				if !c.delivered {
					if took > 54*time.Second || took < 50*time.Second { // six of the ten seconds of reserve are left
						t.Errorf("it gave up after %s", took)
					}
					return
				}
				seen := map[string]int{}
				for _, m := range queue.taken {
					seen[string(m.Body)]++
				}
				if len(seen) != 100 || len(queue.taken) != 100 || len(queue.asked) < 5 {
					t.Errorf("%d messages were taken, %d different ones", len(queue.taken), len(seen))
				}
			})
		})
	}
}

// hangingReader answers nothing before the caller gives up.
type hangingReader struct{ cloud.Reader }

func (hangingReader) DescribeConnection(ctx context.Context, _, _, _ string) (cloud.Connection, error) {
	<-ctx.Done()
	return cloud.Connection{}, ctx.Err()
}

// TestWorkThatHangsLeavesTimeToQueueAndTell: the deadline of the work is not that of the
// invocation.
func TestWorkThatHangsLeavesTimeToQueueAndTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		a, queue, topic := attacher(&strings.Builder{}), &busyQueue{}, &toldTopic{}
		a.Reader, a.Queue, a.Topic, a.Pace.CallTimeout, a.Concurrency = hangingReader{}, queue, topic, time.Hour, 1
		began := time.Now()
		answer, err := a.Handle(ctx, invocation("r-1"), []byte("["+created("vco-1")+","+created("vco-2")+"]"))
		if took := time.Since(began); err != nil || took != 50*time.Second {
			t.Fatalf("after %s: %v", took, err)
		}
		// The first one had no answer; the second one never began, which is no news.
		if len(queue.taken) != 2 || !slices.Equal(topic.told, []string{"retrying"}) || answer.Queued != 1 {
			t.Errorf("queued %q, told %q, answered %+v", texts(queue.taken), topic.told, answer)
		}
	})
}
