package decide

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// saying makes the outcome of an event with a verdict.
func saying(e event.Event, v Verdict) Outcome {
	return home().Outcome(e, Next{Verdict: v}, time.Unix(1, 0), 0)
}

func TestAnOutcomeIsACloudEventThatRepeatsWhenTheSameIsSaidAgain(t *testing.T) {
	e := event.Event{
		Origin: event.Origin{
			ID: "e-1", Source: "acs.vpc", Type: "vpc:ActionTrail:ApiCall", Time: time.Unix(90, 0).UTC(), Actor: "alice",
		},
		Ask: event.Ask{ConnectionID: "vco-1", RegionID: "cn-hangzhou", OwnerID: account},
	}
	v := Verdict{Status: StatusAttaching, Subject: Subject{
		Rule: "tag x=tr-1", Router: cloud.Router{ID: "tr-1", CenID: "cen-1"},
		Attachment: cloud.Attachment{ID: "tr-attach-1", Status: "Attaching"},
	}}
	e.FirstSeen = time.Unix(100, 0)
	o := home().Outcome(e, Next{Verdict: v}, time.Unix(101, 0), 412*time.Millisecond)
	body, err := o.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"` + o.ID +
		`","source":"acs:fc:cn-hangzhou:1234567890123456:functions/vpn-attach",` +
		`"type":"vpn-attach.outcome.v1","subject":"vco-1","time":"1970-01-01T00:01:41Z",` +
		`"datacontenttype":"application/json","data":{"status":"attaching","final":false,` +
		`"vpnConnectionId":"vco-1","regionId":"cn-hangzhou",` +
		`"ownerId":"1234567890123456","transitRouterId":"tr-1","cenId":"cen-1",` +
		`"transitRouterAttachmentId":"tr-attach-1","attachmentStatus":"Attaching","rule":"tag x=tr-1",` +
		`"event":{"id":"e-1","source":"acs.vpc","type":"vpc:ActionTrail:ApiCall","time":"1970-01-01T00:01:30Z",` +
		`"attempt":1,"firstSeen":"1970-01-01T00:01:40Z","actor":"alice"},"dryRun":false,` +
		`"durationMs":412,"lagSeconds":11}}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	later := e
	later.FirstSeen = time.Unix(499, 0)
	if again := home().Outcome(later, Next{Verdict: v}, time.Unix(500, 0), 1); again.ID != o.ID || len(o.ID) != 64 {
		t.Error("the same said again must have the same id")
	}
	anotherEvent, anotherConnection := e, e
	anotherEvent.ID, anotherConnection.ConnectionID = "e-2", "vco-2"
	for name, other := range map[string]Outcome{
		"another event":      saying(anotherEvent, v),
		"another connection": saying(anotherConnection, v),
		"another status":     saying(e, Verdict{Status: StatusAttached}),
	} {
		if other.ID == o.ID {
			t.Errorf("%s has the same id", name)
		}
	}
}

func TestWhatIsSaidMoreThanOnceOfAnEventHasIDsOfItsOwn(t *testing.T) {
	id := func(attempt int, v Verdict) string {
		e := anEvent()
		e.Attempt = attempt
		return saying(e, v).ID
	}
	retrying, attaching := Verdict{Status: StatusRetrying}, Verdict{Status: StatusAttaching}
	slow, tables := attaching, attaching
	slow.Reason, tables.Reason = ReasonSlow, ReasonTables
	if id(1, retrying) == id(2, retrying) {
		t.Error("two retries have one id")
	}
	if id(1, attaching) == id(1, slow) || id(1, slow) == id(1, tables) {
		t.Error("that it is slow, or waits for route tables, has the id of another outcome")
	}
	if id(1, Verdict{Status: StatusAttached}) != id(7, Verdict{Status: StatusAttached}) {
		t.Error("the end depends on how many tries it took")
	}
	gone, optedOut := Verdict{Status: StatusSkipped}, Verdict{Status: StatusSkipped}
	gone.Reason, optedOut.Reason = CodeGone, CodeOptedOut
	if id(1, gone) != id(1, optedOut) {
		t.Error("a skip depends on its reason")
	}
}

func TestOnlyAttachingDetachingAndRetryingAreNotFinal(t *testing.T) {
	for status, final := range map[Status]bool{
		StatusAttached: true, StatusDetached: true, StatusUnchanged: true, StatusChecked: true, StatusSkipped: true,
		StatusConflict: true, StatusFailed: true, StatusSwept: true,
		StatusAttaching: false, StatusDetaching: false, StatusRetrying: false,
	} {
		if o := saying(anEvent(), Verdict{Status: status}); o.Data.Final != final || o.Data.Status != status {
			t.Errorf("%s: final is %v", status, o.Data.Final)
		}
	}
}

func TestAMalformedElementHasNoSubjectAndATimelessEventNoLag(t *testing.T) {
	o := saying(event.Event{Origin: event.Origin{ID: "abc"}}, codes().Verdict(Fail(CodeMalformed, "data: m\x1b")))
	body, err := o.Encode()
	if err != nil {
		t.Fatal(err)
	}
	var fields map[string]any
	if err := json.Unmarshal(body, &fields); err != nil {
		t.Fatal(err)
	}
	if _, found := fields["subject"]; found || o.Data.LagSeconds != 0 || o.Data.Event.Time != nil {
		t.Errorf("got %s", body)
	}
	if o.Data.Error.Message != "data: m?" || o.Data.Error.Class != ClassMalformed || o.Data.Status != StatusFailed {
		t.Errorf("it is refused as %+v", *o.Data.Error)
	}
	future := anEvent()
	future.Time = time.Unix(100, 0)
	if o := saying(future, Verdict{}); o.Data.LagSeconds != 0 || o.Data.Event.Time == nil {
		t.Errorf("a clock that is behind gives a lag of %d", o.Data.LagSeconds)
	}
}

func TestAnOutcomeStaysFarBelowWhatATopicTakes(t *testing.T) {
	long := strings.Repeat("杭", 100_000)
	verdict := codes().Verdict(Fail(CodeTargetAmbiguous, "%s", long))
	verdict.Rule = "tag x=" + quoted(long)
	body, err := saying(anEvent(), verdict).Encode()
	if err != nil || len(body) > 16<<10 {
		t.Errorf("%d bytes, %v", len(body), err)
	}
}

func TestAnOutcomeThatCannotBeEncodedSaysWhose(t *testing.T) {
	e := anEvent()
	e.FirstSeen = time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := saying(e, Verdict{}).Encode(); err == nil || !strings.Contains(err.Error(), "event e-1") {
		t.Errorf("got %v", err)
	}
}

func TestAnOutcomeSaysWhenItIsRetriedAndWhichVersionMadeIt(t *testing.T) {
	f := home()
	f.Version = "v1.2.3"
	n := schedule().Next(anEvent(), failure("Throttling.User", 400), moment())
	o := f.Outcome(anEvent(), n, moment(), 0)
	if o.Data.RetryAt == nil || !o.Data.RetryAt.Equal(*n.RetryAt) || o.Data.Version != "v1.2.3" ||
		o.Data.Error.Code != "Throttling.User" {
		t.Errorf("got %+v", o.Data)
	}
}
