package attach

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/estate"
)

func TestElementsBeyondWhatOneInvocationTakesGoBackAsTheyCame(t *testing.T) {
	b := newBench(t, sites("vco-1", "vco-2"))
	elements := make([]string, event.MaxElements, event.MaxElements+2)
	for i := range elements {
		elements[i] = `{"specversion":"1.0","type":"x:y","id":"1","data":{}}`
	}
	surplus := []string{created("vco-1"), ` {"vpnConnectionId" : "vco-2"}`}
	answer := b.handle(append(elements, surplus...)...)
	queued := b.queue.drain()
	surplus[1] = strings.TrimSpace(surplus[1])
	if !slices.Equal(texts(queued), surplus) || queued[0].Delay != 0 || answer.Ignored != event.MaxElements ||
		answer.Queued != 2 {
		t.Errorf("queued %q, answered %+v", texts(queued), answer)
	}
	if !strings.Contains(b.log.String(), "more than one invocation takes") {
		t.Error("the log does not say so")
	}
}

func TestAMessageOfAnotherVersionIsNeverDropped(t *testing.T) {
	const eternal = "2999-01-02T00:00:00Z"
	stranger := event.OtherVersion{ID: "v-1", Body: []byte(otherVersion(eternal))}
	after := func(rounds int, age time.Duration) string {
		stranger.Rounds, stranger.FirstSeen = rounds-1, time.Now().Add(-age)
		body, err := signer().EncodeWaiting(stranger, event.Header{Type: event.TypeWaiting})
		if err != nil {
			t.Fatal(err)
		}
		return string(body)
	}
	cases := map[string]struct {
		message  string
		homeless bool // there is no dead-letter queue
		delay    time.Duration
		told     string
	}{
		"one that is young is requeued":             {otherVersion(eternal), false, time.Minute, ""},
		"the second time it rests longer":           {after(1, time.Minute), false, 2 * time.Minute, ""},
		"but never longer than the longest":         {after(9, time.Hour), false, longestDelay, ""},
		"one that is over becomes a letter":         {overVersion(), false, 0, "failed UnknownVersion"},
		"its own bound does not pass ours":          {after(1, 25*time.Hour), false, 0, "failed UnknownVersion"},
		"after twenty rounds it becomes a letter":   {after(20, time.Hour), false, 0, "failed UnknownVersion"},
		"without dead letters it rests the longest": {after(20, time.Hour), true, longestDelay, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			if c.homeless {
				b.DeadLetters = nil
			}
			b.handle(c.message)
			queued, dead := b.queue.drain(), b.dead.drain()
			if c.delay > 0 && (len(queued) != 1 || queued[0].Delay != c.delay ||
				!strings.Contains(string(queued[0].Body), event.TypeWaiting) ||
				!strings.Contains(string(queued[0].Body), "vpn-attach.retry.v9")) {
				t.Errorf("queued %+v", texts(queued))
			}
			if c.delay == 0 && (len(queued) != 0 || len(dead) != 1 ||
				!strings.Contains(string(dead[0].Body), "vpn-attach.retry.v9")) {
				t.Errorf("queued %q, dead letters %q", texts(queued), texts(dead))
			}
			if b.told() != c.told {
				t.Errorf("told %q", b.told())
			}
		})
	}
}

// What is deployed keeps messages for longer than the longest delay and a day's outage: the
// contract tests know it as 15 minutes.
func TestNoDelayIsLongerThanAQuarterOfAnHour(t *testing.T) {
	for name, delay := range map[string]time.Duration{
		"of another version": longestDelay,
		"while paused":       pausedDelay,
	} {
		if delay > 15*time.Minute {
			t.Errorf("the delay %s is %s", name, delay)
		}
	}
}

// TestWhatNeedsNoCreateDoesNotWaitForOne: a look and a detach are done while no create is due.
func TestWhatNeedsNoCreateDoesNotWaitForOne(t *testing.T) {
	for told, element := range map[string]string{
		"vco-1 attached": look(3), "vco-1 detaching": forced, "": created("vco-1"),
	} {
		b := newBenchIn(t, slow(), []estate.VPNConnection{ours(sites("vco-1")[0])})
		b.Pace = &pace.Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: cloud.PerMinute(1)}, Share: 1}
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		defer cancel()
		entered, _ := b.Pace.Enter(ctx, "cn-hangzhou", cloud.ActionCreate) // somebody else
		defer entered()
		if b.handle(element); b.told() != told {
			t.Errorf("told %q, want %q", b.told(), told)
		}
	}
}

// TestEventsWhoseCreateIsNotDueAreNotBegun: they are requeued in the order in which
// their creates are due, and nothing is asked about them.
func TestEventsWhoseCreateIsNotDueAreNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		a, queue, topic := attacher(&strings.Builder{}), &busyQueue{}, &toldTopic{}
		a.Queue, a.Topic = queue, topic // there is no Reader: asking one would be a fault that is told
		a.Pace = &pace.Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: cloud.PerMinute(1)}, Share: 1}
		leave, _ := a.Pace.Enter(ctx, "cn-hangzhou", cloud.ActionCreate) // somebody else
		defer leave()
		answer, err := a.Handle(ctx, invocation("r-1"), []byte("["+created("vco-1")+","+created("vco-2")+"]"))
		if err != nil || answer.Queued != 2 || len(topic.told) != 0 || len(queue.taken) != 2 {
			t.Fatalf("got %+v, %v, queued %q", answer, err, texts(queue.taken))
		}
		delays := []time.Duration{queue.taken[0].Delay, queue.taken[1].Delay}
		if slices.Sort(delays); delays[0] < time.Minute || delays[1]-delays[0] < time.Minute {
			t.Errorf("they come back after %s", delays)
		}
	})
}
