package attach

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
)

func TestAnOutcomeIsACloudEventThatRepeatsWhenTheSameIsSaidAgain(t *testing.T) {
	inv := Invocation{RegionID: "cn-hangzhou", AccountID: account, FunctionName: "vpn-attach", Started: time.Unix(100, 0)}
	e := event.Event{ID: "e-1", Source: "acs.vpc", Type: "vpc:ActionTrail:ApiCall", Time: time.Unix(90, 0).UTC(), ConnectionID: "vco-1", RegionID: "cn-hangzhou", OwnerID: account, Actor: "alice"}
	v := Verdict{Status: StatusAttaching, Rule: "tag x=tr-1", Router: Router{ID: "tr-1", CenID: "cen-1"}, Attachment: Attachment{ID: "tr-attach-1", Status: "Attaching"}}
	o := inv.document(e, v, time.Unix(101, 0), 412*time.Millisecond)
	body, err := o.encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"` + o.ID + `","source":"acs:fc:cn-hangzhou:1234567890123456:functions/vpn-attach","type":"vpn-attach.outcome.v1","subject":"vco-1",` +
		`"time":"1970-01-01T00:01:41Z","datacontenttype":"application/json","data":{"status":"attaching","final":false,"vpnConnectionId":"vco-1","regionId":"cn-hangzhou",` +
		`"ownerId":"1234567890123456","transitRouterId":"tr-1","cenId":"cen-1","transitRouterAttachmentId":"tr-attach-1","attachmentStatus":"Attaching","rule":"tag x=tr-1",` +
		`"event":{"id":"e-1","source":"acs.vpc","type":"vpc:ActionTrail:ApiCall","time":"1970-01-01T00:01:30Z","attempt":1,"firstSeen":"1970-01-01T00:01:40Z","actor":"alice"},` +
		`"dryRun":false,"durationMs":412,"lagSeconds":11}}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	if again := inv.document(e, v, time.Unix(500, 0), 1); again.ID != o.ID || len(o.ID) != 64 {
		t.Error("the same said again must have the same id")
	}
	for name, other := range map[string]Outcome{
		"another event":      inv.document(event.Event{ID: "e-2", ConnectionID: "vco-1"}, v, time.Unix(101, 0), 0),
		"another connection": inv.document(event.Event{ID: "e-1", ConnectionID: "vco-2"}, v, time.Unix(101, 0), 0),
		"another status":     inv.document(e, Verdict{Status: StatusAttached}, time.Unix(101, 0), 0),
	} {
		if other.ID == o.ID {
			t.Errorf("%s has the same id", name)
		}
	}
}

func TestWhatIsSaidMoreThanOnceOfAnEventHasIDsOfItsOwn(t *testing.T) {
	id := func(attempt int, v Verdict) string {
		return Invocation{}.document(event.Event{ID: "e", ConnectionID: "vco-1", Attempt: attempt}, v, time.Unix(1, 0), 0).ID
	}
	if id(1, Verdict{Status: StatusRetrying}) == id(2, Verdict{Status: StatusRetrying}) {
		t.Error("two retries have one id")
	}
	if id(1, Verdict{Status: StatusAttaching}) == id(1, Verdict{Status: StatusAttaching, Reason: reasonSlow}) {
		t.Error("that it is slow has the id of the first word")
	}
	if id(1, Verdict{Status: StatusAttached}) != id(7, Verdict{Status: StatusAttached}) {
		t.Error("the end depends on how many tries it took")
	}
}

func TestOnlyAttachingAndRetryingAreNotFinal(t *testing.T) {
	for _, status := range []Status{StatusAttached, StatusUnchanged, StatusChecked, StatusSkipped, StatusConflict, StatusFailed, StatusAttaching, StatusRetrying} {
		o := Invocation{}.document(event.Event{ID: "e"}, Verdict{Status: status}, time.Unix(1, 0), 0)
		if o.Data.Final != (status != StatusAttaching && status != StatusRetrying) {
			t.Errorf("%s: final is %v", status, o.Data.Final)
		}
	}
}

func TestAMalformedElementHasNoSubjectAndATimelessEventNoLag(t *testing.T) {
	o := Invocation{}.document(event.Event{ID: "abc"}, Verdict{Status: StatusFailed, Fault: &Fault{Code: CodeMalformed}}, time.Unix(1, 0), 0)
	body, err := o.encode()
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	if _, found := fields["subject"]; found || o.Data.LagSeconds != 0 || strings.Contains(string(body), "0001-01-01T00:00:00Z\",\"attempt") {
		t.Errorf("got %s", body)
	}
	future := Invocation{}.document(event.Event{ID: "e", Time: time.Unix(100, 0)}, Verdict{}, time.Unix(1, 0), 0)
	if future.Data.LagSeconds != 0 {
		t.Errorf("a clock that is behind gives a lag of %d", future.Data.LagSeconds)
	}
}

func TestAnOutcomeStaysFarBelowWhatATopicTakes(t *testing.T) {
	long := strings.Repeat("杭", 100_000)
	fault := failed(long[:300], Fault{Code: CodeTargetAmbiguous, Message: long, Advice: "a"}).Fault
	body, err := Invocation{}.document(event.Event{ID: "e"}, Verdict{Status: StatusFailed, Fault: fault}, time.Unix(1, 0), 0).encode()
	if err != nil || len(body) > 16<<10 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}
