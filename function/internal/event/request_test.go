package event

import (
	"fmt"
	"strings"
	"testing"
)

func TestDirectRequestsSayWhatTheyWant(t *testing.T) {
	batch := decode(t, `[{"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","transitRouterId":"tr-1","name":"n",
		"autoPublish":false,"zone":"z","associate":"system","propagate":"a b","dryRun":true},
		{"vpnConnectionId":"vco-2"}]`)
	if !batch.Direct || len(batch.Items) != 2 {
		t.Fatalf("got %+v", batch)
	}
	first, second := batch.Items[0].(Event), batch.Items[1].(Event)
	if first.ID != "manual-REQ-1/0" || second.ID != "manual-REQ-1/1" {
		t.Errorf("ids %q and %q", first.ID, second.ID)
	}
	const wishes = "map[associate:system auto-publish:false name:n propagate:a b transit-router:tr-1 zone:z]"
	if got := fmt.Sprint(first.Wishes); got != wishes || !first.DryRun {
		t.Errorf("wishes %s, dry run %v", got, first.DryRun)
	}
	if len(second.Wishes) != 0 || second.DryRun {
		t.Errorf("the second request got wishes of the first: %+v", second)
	}
	if viaQueue := one[Event](t, queued(`{"vpnConnectionId":"vco-1"}`)); viaQueue.ID != "C6DB" {
		t.Errorf("through the queue its id is %q, want the message's", viaQueue.ID)
	}
	if again := one[Event](t, strings.Replace(queued(`{"vpnConnectionId":"vco-1"}`), "c2g71017", "x", 1)); again.ID !=
		"C6DB" {
		t.Errorf("delivered again its id is %q", again.ID)
	}
	if unnamed := one[Event](t, `{"id":"e","data":{"messageBody":{"vpnConnectionId":"vco-1"}}}`); unnamed.ID != "e" {
		t.Errorf("without a message's id its id is %q", unnamed.ID)
	}
	if told := one[Event](t, queued(noticeJSON(`{"vpnConnectionId":"vco-1"}`))); told.ID != "t-1" {
		t.Errorf("told by a topic its id is %q", told.ID)
	}
	listed := decode(t, queued(`[{"vpnConnectionId":"vco-1"},{"vpnConnectionId":"vco-1","dryRun":true}]`))
	if a, b := listed.Items[0].(Event).ID, listed.Items[1].(Event).ID; a == b || b != a+"/1" {
		t.Errorf("two requests of one message have the ids %q and %q", a, b)
	}
	if mixed := decode(t, `[{"vpnConnectionId":"vco-1"},`+queued(created(nil))+`]`); mixed.Direct {
		t.Error("a payload with a queue message in it must not count as direct")
	}
}

func TestARepeatedFieldIsFoundInEverySpellingThatJSONTakesForTheSame(t *testing.T) {
	for _, payload := range []string{
		`{"vpnConnectionId":"vco-1","dryRun":true,"dryRun":false}`,
		`{"vpnConnectionId":"vco-1","dryRun":true,"DRYRUN":false}`,
		`{"vpnConnectionId":"vco-1","dryRun":true,"dryR\u0075n":false}`,
		`{"vpnConnectionId":"vco-1","associate":"a","a\u017fsociate":"b"}`,
		`{"vpnConnectionId":"vco-1","associate":"a","aſsociate":"b"}`,
	} {
		if got := one[Malformed](t, payload); !strings.Contains(got.Reason, "twice") {
			t.Errorf("%s is refused because %s", payload, got.Reason)
		}
	}
}
