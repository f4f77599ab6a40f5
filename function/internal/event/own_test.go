package event

import (
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"
)

// ownMessage is a message of this function's own, as it comes through the queue.
func ownMessage(kind, data string) string { return queued(signed(kind, data)) }

// signed is a message that the function signed.
func signed(kind, data string) string {
	header := Header{ID: "own-1", Source: "acs:fc:x", Type: kind, Time: time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)}
	body, err := signer().Encode(header, json.RawMessage(data))
	if err != nil {
		panic(err)
	}
	return string(body)
}

const followUpData = `{
	"event":{"id":"root-1","source":"acs.vpc","type":"vpc:ActionTrail:ApiCall","time":"2026-11-23T02:00:00Z",
		"actor":"alice"},
	"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","ownerId":"1234567890123456","wishes":{"name":"n"},"dryRun":true,
	"attempt":3,"firstSeen":"2026-11-23T02:00:01Z","until":"2026-11-24T02:00:01Z",
	"following":{"transitRouterAttachmentId":"tr-attach-1","since":"2026-11-23T02:00:02Z","looks":4,"slow":true},
	"failing":{"code":"C","since":"2026-11-23T02:00:03Z"},"novelty":[1]}`

func TestFollowUpsGoBackToTheirEvent(t *testing.T) {
	at := func(minute, second int) time.Time { return time.Date(2026, 11, 23, 2, minute, second, 0, time.UTC) }
	want := Event{
		Origin{ID: "root-1", Source: "acs.vpc", Type: "vpc:ActionTrail:ApiCall", Time: at(0, 0), Actor: "alice"},
		Ask{
			ConnectionID: "vco-1", RegionID: "cn-hangzhou", OwnerID: "1234567890123456",
			Wishes: map[string]string{"name": "n"}, DryRun: true,
		},
		Progress{Attempt: 3, FirstSeen: at(0, 1), Until: at(0, 1).AddDate(0, 0, 1), Failing: Failing{"C", at(0, 3)}},
	}
	for _, kind := range []string{TypeRetry, TypeConfirm, TypeDeadLetter} {
		e := one[Event](t, ownMessage(kind, followUpData))
		if kind == TypeDeadLetter {
			again := Event{Origin: want.Origin, Ask: want.Ask}
			again.ID = "root-1#1"
			if !reflect.DeepEqual(e, again) {
				t.Errorf("a dead letter does not begin afresh: %+v", e)
			}
			continue
		}
		if string(e.Unknown["novelty"]) != "[1]" || len(e.Unknown) != 1 || (e.Watch != nil) != (kind == TypeConfirm) {
			t.Errorf("%s: unknown %s, watch %+v", kind, e.Unknown, e.Watch)
		}
		if e.Watch != nil && *e.Watch != (Watch{AttachmentID: "tr-attach-1", Since: at(0, 2), Looks: 4, Slow: true}) {
			t.Errorf("watch %+v", e.Watch)
		}
		e.Unknown, e.Watch = nil, nil
		if !reflect.DeepEqual(e, want) {
			t.Errorf("%s: got %+v", kind, e)
		}
	}
	e := one[Event](t, ownMessage(TypeRequest, `{"vpnConnectionId":"vco-1","transitRouterId":"tr-1"}`))
	if e.ID != "own-1" || e.Wishes["transit-router"] != "tr-1" {
		t.Errorf("a request gave %+v", e)
	}
	const loose = `{"event":{"id":7,"source":[]},"vpnConnectionId":"vco-1","ownerId":1234567890}`
	e = one[Event](t, ownMessage(TypeConfirm, loose))
	if e.ID != "7" || e.Source != "" || e.OwnerID != "1234567890" || e.Watch == nil {
		t.Errorf("texts that are numbers, or missing, gave %+v", e)
	}
}

func TestAFinishedOutcomeIsTakenAsItStands(t *testing.T) {
	id := strings.Repeat("a", 64)
	outcome := `{"specversion":"1.0","id":"` + id + `","type":"vpn-attach.outcome.v1","time":"2026-11-23T03:00:00Z",` +
		`"data":{"status":"attached","novelty":1}}`
	got := one[Unpublished](t, ownMessage(TypeReport, outcome))
	want := Unpublished{id, "attached", time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC), 0, []byte(outcome)}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

// What is queued again says what it said, and keeps what it does not understand.
func TestAFollowUpSurvivesBeingQueuedAgain(t *testing.T) {
	for name, data := range map[string]string{
		"with fields of another version":      followUpData,
		"without any":                         strings.Replace(followUpData, `,"novelty":[1]`, "", 1),
		"with a known field in two spellings": strings.Replace(followUpData, `"novelty":[1]`, `"DryRun":true`, 1),
	} {
		t.Run(name, func(t *testing.T) {
			e := one[Event](t, ownMessage(TypeConfirm, data))
			if _, is := e.Unknown["DryRun"]; is {
				t.Error("a known field is taken for one of another version")
			}
			message, err := signer().EncodeFollowUp(e,
				Header{ID: "m", Source: "s", Type: TypeConfirm, Time: e.FirstSeen}, nil)
			if err != nil {
				t.Fatal(err)
			}
			if again := one[Event](t, string(message)); !reflect.DeepEqual(again, e) {
				t.Errorf("queued %+v, came back as %+v: %s", e, again, message)
			}
		})
	}
}

func TestADeadLetterSaysWhatIsBesideTheEvent(t *testing.T) {
	e := Event{Origin: Origin{ID: "e"}, Ask: Ask{ConnectionID: "vco-1"}}
	beside := map[string]any{"error": map[string]any{"code": "a < b"}, "vpnConnectionId": "vco-other"}
	message, err := signer().EncodeFollowUp(e, Header{Type: TypeDeadLetter}, beside)
	if err != nil || !strings.Contains(string(message), `"error":{"code":"a < b"}`) {
		t.Fatalf("%s, %v", message, err)
	}
	if got := one[Event](t, string(message)); got.ConnectionID != "vco-1" {
		t.Errorf("what is beside the event wins over it: %+v", got)
	}
	if _, err := signer().EncodeFollowUp(e, Header{}, map[string]any{"error": func() {}}); err == nil {
		t.Error("what has no JSON was encoded")
	}
	e.Time = time.Date(10000, 1, 1, 0, 0, 0, 0, time.UTC)
	if _, err := signer().EncodeFollowUp(e, Header{}, beside); err == nil {
		t.Error("a time that has no JSON was encoded")
	}
}

func TestAnOutcomeThatIsPostponedStaysTheSame(t *testing.T) {
	outcome := `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","time":"2026-11-23T03:00:00Z",` +
		`"data":{"status":"attached","rule":"a \u003c b"}}`
	message, err := signer().Encode(Header{ID: "m", Source: "s", Type: TypeReport, Attempt: 3},
		json.RawMessage(outcome))
	if err != nil {
		t.Fatal(err)
	}
	if got := one[Unpublished](t, string(message)); string(got.Body) != outcome || got.Attempt != 3 {
		t.Errorf("got %+v of %s", got, message)
	}
}

// A field that comes twice is read by some as the one value and by others as the other.
func TestAnOutcomeWithAFieldThatWasAddedIsPublishedAsItWasSigned(t *testing.T) {
	outcome := `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1",` +
		`"time":"2026-11-23T03:00:00Z","data":{"status":"failed"}}`
	message := strings.Replace(signed(TypeReport, outcome), `"status":"failed"`,
		`"status":"attached","status":"failed"`, 1)
	got := one[Unpublished](t, message)
	if got.Status != "failed" || strings.Contains(string(got.Body), "attached") {
		t.Errorf("got %s", got.Body)
	}
}

func TestAnotherVersionIsKeptWholeAndNamed(t *testing.T) {
	for _, kind := range []string{"vpn-attach.retry.v2", "vpn-attach.request.v9", "vpn-attach.novelty.v1"} {
		message := signed(kind, `{"until":"2026-11-24T03:00:00Z","psk":"`+secret+`"}`)
		first := one[OtherVersion](t, queued(message))
		if string(first.Body) != message || first.Type != kind || len(first.ID) != 64 || first.Until.Day() != 24 ||
			first.Rounds != 0 || !first.FirstSeen.IsZero() {
			t.Errorf("%s: got %+v", kind, first)
		}
		first.FirstSeen = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)
		kept, err := signer().EncodeWaiting(first, Header{ID: "w-1", Source: "s", Type: TypeWaiting})
		if err != nil {
			t.Fatal(err)
		}
		second := one[OtherVersion](t, queued(string(kept)))
		if second.Rounds != 1 || !second.FirstSeen.Equal(first.FirstSeen) || second.Type != kind {
			t.Errorf("%s: put back it is %+v", kind, second)
		}
		again, _ := signer().EncodeWaiting(second, Header{ID: "w-1", Source: "s", Type: TypeWaiting})
		if third := one[OtherVersion](t, string(again)); third.Rounds != 2 ||
			!strings.Contains(string(third.Body), secret) {
			t.Errorf("%s: put back twice it is %+v", kind, third)
		}
	}
}

// After a rollback and an upgrade the version that made a message takes it out of what holds it.
func TestAMessageThatWaitedIsReadByTheVersionThatKnowsIt(t *testing.T) {
	body, err := signer().EncodeWaiting(OtherVersion{
		FirstSeen: time.Now(), Body: []byte(signed(TypeConfirm, followUpData)),
	}, Header{Type: TypeWaiting})
	if err != nil {
		t.Fatal(err)
	}
	if e := one[Event](t, queued(string(body))); e.ID != "root-1" || e.Looks() != 4 {
		t.Errorf("got %+v", e)
	}
}

func TestAMessageThatHoldsNoMessageOfOursIsRefused(t *testing.T) {
	hold := func(message string) string {
		return signed(TypeWaiting, `{"firstSeen":"2026-11-23T02:00:00Z","rounds":1,"message":`+message+`}`)
	}
	for name, c := range map[string]struct{ code, message string }{
		"what is not signed": {CodeUnsigned, hold(`{"type":"vpn-attach.retry.v1","data":{}}`)},
		"what is no message": {CodeMalformed, hold(`7`)},
		"another event":      {CodeMalformed, hold(wanted)},
		"one that holds one": {CodeMalformed, hold(hold(signed("vpn-attach.new.v9", `{}`)))},
		"one without its count": {CodeMalformed,
			signed(TypeWaiting, `{"firstSeen":"2026-11-23T02:00:00Z","message":{}}`)},
	} {
		if got := one[Malformed](t, queued(c.message)); got.Code != c.code {
			t.Errorf("%s came to %+v", name, got)
		}
	}
}

func TestAnotherVersionIsRequeuedWithinBounds(t *testing.T) {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	in := func(hours float64) time.Time { return now.Add(time.Duration(hours * float64(time.Hour))) }
	cases := map[string]struct {
		message OtherVersion
		expired bool
	}{
		"the first time":                     {OtherVersion{}, false},
		"within its own bound":               {OtherVersion{FirstSeen: in(-1), Until: in(1)}, false},
		"past its own bound":                 {OtherVersion{FirstSeen: in(-1), Until: in(-0.1)}, true},
		"past the horizon, whatever it says": {OtherVersion{FirstSeen: in(-25), Until: in(1e6)}, true},
		"after as many rounds as there are":  {OtherVersion{FirstSeen: in(-1), Rounds: MaxRounds}, true},
		"before the last round":              {OtherVersion{FirstSeen: in(-1), Rounds: MaxRounds - 1}, false},
	}
	for name, c := range cases {
		if got := c.message.Expired(now, 24*time.Hour); got != c.expired {
			t.Errorf("%s: expired is %v", name, got)
		}
	}
}

func TestMessagesOfOursThatAreWrongAreRefusedLikeAnyOther(t *testing.T) {
	retry := func(more string) string { return `{"event":{"id":"e"},"vpnConnectionId":"vco-1",` + more + `}` }
	outcome := func(data string) string {
		return `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","data":` + data + `}`
	}
	cases := map[string]struct{ kind, field, data string }{
		"a retry that is too large to requeue": {
			TypeRetry, "payload", retry(`"n":"` + strings.Repeat("x", maxOwn) + `"`)},
		"a retry without data":           {TypeRetry, "data.vpnConnectionId", `null`},
		"a retry that is a text":         {TypeRetry, "data", `"` + secret + `"`},
		"a retry of a time that is none": {TypeRetry, "data", retry(`"until":"` + secret + `"`)},
		"a retry for no connection": {
			TypeRetry, "data.vpnConnectionId", `{"vpnConnectionId":"` + secret + `"}`},
		"a retry of no event":              {TypeRetry, "id", `{"vpnConnectionId":"vco-1"}`},
		"a retry of an owner that is none": {TypeRetry, "data.ownerId", retry(`"ownerId":"` + secret + `"`)},
		"a retry with a wish without end": {
			TypeRetry, "data.wishes", retry(`"wishes":{"name":"` + strings.Repeat("n", 300) + `"}`)},
		"a request without data":                  {TypeRequest, "vpnConnectionId", `{}`},
		"a report of something else":              {TypeReport, "data", `{"type":"x","data":{"status":"attached"}}`},
		"a report that is a text":                 {TypeReport, "data", `"` + secret + `"`},
		"a report of an outcome without data":     {TypeReport, "data", outcome(`"` + secret + `"`)},
		"a report without an id":                  {TypeReport, "data.id", `{"type":"vpn-attach.outcome.v1"}`},
		"a report whose status is no message tag": {TypeReport, "data.data.status", outcome(`{"status":"<x>"}`)},
		"a report whose status is without end": {
			TypeReport, "data.data.status", outcome(`{"status":"aaaaaaaaaaaaaaaaa"}`)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := one[Malformed](t, ownMessage(c.kind, c.data))
			if got.Field != c.field || strings.Contains(fmt.Sprint(got), secret) {
				t.Errorf("got %+v", got)
			}
		})
	}
	if got := one[Malformed](t, queued(`{"type":"vpn-attach.request.v1"}`)); got.Field != "data" {
		t.Errorf("a request without any data: got %+v", got)
	}
}

func TestAnEventWithoutAnAttachmentToWatchWasNotLookedAt(t *testing.T) {
	e := Event{}
	if e.Looks() != 0 {
		t.Errorf("%d looks at nothing", e.Looks())
	}
	if e.Watch = (&Watch{Looks: 3}); e.Looks() != 3 {
		t.Errorf("%d looks, want 3", e.Looks())
	}
}
