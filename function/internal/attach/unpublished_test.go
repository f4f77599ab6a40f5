package attach

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/fault"
)

func TestAnUnpublishedOutcomeWaitsInTheQueueAndIsPublishedAsItIs(t *testing.T) {
	b := newBench(t, nil, fault.Fault{Action: cloud.ActionPublish, Times: 2, Status: 404, Code: "TopicNotExist"})
	b.handle(retried("vco-1"))
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
	if len(published) != 1 || published[0].Body != string(message.Data) || published[0].Tag != "skipped" ||
		len(b.queue.drain()) != 0 {
		t.Errorf("published %+v", published)
	}
}

func TestAnUnpublishedOutcomeBecomesADeadLetterAfterTheHorizon(t *testing.T) {
	noTopic := fault.Fault{Action: cloud.ActionPublish, Times: 9, Status: 404, Code: "TopicNotExist"}
	old := unpublishedOutcome(t, time.Now().Add(-25*time.Hour))
	b := newBench(t, nil, noTopic)
	b.handle(old)
	dead := b.dead.drain()
	if len(dead) != 1 || !strings.Contains(string(dead[0].Body), event.TypeReport) || dead[0].Delay != 0 ||
		len(b.queue.drain()) != 0 {
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
	b := newBench(t, sites("vco-1"), fault.Fault{Action: cloud.ActionPublish, Times: 9, Status: 404,
		Code: "TopicNotExist"})
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
	old := own(event.TypeRetry, `{"event":{"id":"e-1"},"vpnConnectionId":"vco-1","wishes":{"name":"n1"},"attempt":7,`+
		`"until":"2026-11-23T03:00:00Z"}`)
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
	if letter.Type != event.TypeDeadLetter || letter.Data.Error.Message != "VPN connection vco-1 is updating" ||
		!letter.Data.Error.Exhausted ||
		!strings.Contains(letter.Data.Replay, "scripts/vpn-attach redrive") {
		t.Errorf("got %s", dead[0].Body)
	}
	batch, err := decoder().Decode(dead[0].Body)
	if err != nil {
		t.Fatal(err)
	}
	again, is := batch.Items[0].(event.Event)
	if !is || again.ID != "e-1#1" || again.ConnectionID != "vco-1" || again.Wishes["name"] != "n1" ||
		again.Attempt != 0 || !again.Until.IsZero() {
		t.Errorf("moved back it is %+v", batch.Items[0])
	}
	b.DeadLetters = nil
	if b.handle(old); b.told() != "vco-1 failed ConnectionBusy, vco-1 failed ConnectionBusy" {
		t.Errorf("without a dead-letter queue it told %s", b.told())
	}
}
