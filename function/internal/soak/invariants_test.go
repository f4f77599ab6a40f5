package soak

import (
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/mns"
)

func moment(second int) time.Time { return time.Date(2026, 11, 23, 3, 0, second, 0, time.UTC) }

// received is an outcome with these data, as the subscriber received it.
func received(t *testing.T, id string, second int, event, connection, data string) outcome {
	t.Helper()
	text := `{"status":"failed",` + data + `"event":{"id":"` + event + `"},"vpnConnectionId":"` + connection + `"}`
	var o outcome
	if err := json.Unmarshal([]byte(text), &o.document.Data); err != nil {
		t.Fatal(err)
	}
	o.ID, o.Time, o.received = id, moment(second), moment(second).Add(time.Millisecond)
	o.Data.Final = o.Data.Status != "attaching"
	return o
}

func letter(event string) json.RawMessage {
	return json.RawMessage(`{"type":"vpn-attach.deadletter.v1","data":{"event":{"id":"` + event + `"}}}`)
}

// sound is the record of a soak in which everything holds: one connection with a route table, attached by one event,
// one that can never be attached, and one that is deleted.
func sound(t *testing.T) *record {
	t.Helper()
	perhaps := []string{"attached", "skipped Gone", "failed Vanished"}
	r := newRecord(&Plan{
		connections: map[string]*connection{
			"vco-1": {id: "vco-1", kind: withTables, router: "tr-1", associated: "vtb-1", endings: perhaps,
				tunnels: make([]estate.Tunnel, 2)},
			"vco-2": {id: "vco-2", kind: neverReady, endings: []string{"exhausted"}},
			"vco-3": {id: "vco-3", kind: deletedMeanwhile, endings: perhaps},
		},
		events:   map[string]string{"e-1": "vco-1", "e-2": "vco-2", "e-3": "vco-3"},
		messages: []message{{event: "e-1"}, {event: "e-2"}, {event: "e-3"}, {}},
		poison:   1,
		options:  Options{Speed: 1},
	})
	made := estate.Attachment{
		ID: "tr-attach-1", Connection: "vco-1", Router: "tr-1", Status: estate.StatusAttaching,
	}
	ready := made
	ready.Status, ready.Attached, ready.ClientToken = estate.StatusAttached, moment(20), "t"
	r.changes, r.attachments = []change{{moment(10), made}, {moment(20), ready}}, []estate.Attachment{ready}
	asked := url.Values{
		"VpnId": {"vco-1"}, "ClientToken": {"t"}, "Tag.1.Value": {"digest of e-1"}, "Tag.2.Value": {"vco-1"},
	}
	create := estate.Create{Connection: "vco-1", Parameters: asked, Attempt: estate.Attempt{ClientToken: "t"}}
	r.creates = []estate.Create{create, create}
	r.creates[0].Effect, r.creates[1].Replay = true, true
	r.bindings = []estate.Binding{
		{Kind: estate.KindAssociate, Attachment: made.ID, Table: "vtb-1", Status: "Active", Active: moment(25)},
	}
	r.deleted["vco-3"], r.messages["e-1"] = moment(5), 3
	r.outcomes = []outcome{
		received(t, "1", 11, "e-1", "vco-1", `"status":"attaching","transitRouterId":"tr-1",`),
		received(t, "2", 30, "e-1", "vco-1", `"status":"attached","transitRouterId":"tr-1",`+
			`"transitRouterAttachmentId":"tr-attach-1","routeTables":{"associated":"vtb-1"},`),
		received(t, "3", 40, "e-2", "vco-2", `"error":{"code":"RouterNotActive","exhausted":true},`),
		received(t, "4", 8, "e-3", "vco-3", `"status":"skipped","reason":"Gone",`),
		received(t, "5", 8, "digest", "", `"error":{"code":"Malformed","class":"malformed"},`),
	}
	r.outcomes = append(r.outcomes, healthDocument(t, "6", "up"))
	r.document.DeadLetters = []json.RawMessage{letter("e-2"), json.RawMessage(`{"error":{"code":"Malformed"}}`)}
	return r
}

// healthDocument says how vco-1 is at second 50.
func healthDocument(t *testing.T, id, state string) outcome {
	t.Helper()
	o := received(t, id, 50, "e-1", "vco-1", `"state":"`+state+`",`)
	o.Data.Status, o.Data.Final = "", false
	return o
}

func (r *record) violations() map[string]string {
	violations := map[string]string{}
	for _, v := range r.judge(0).Violations {
		violations[v.Invariant] += v.Detail + "\n"
	}
	return violations
}

func TestASoundRecordBreaksNothing(t *testing.T) {
	if got := sound(t).violations(); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

// breakage is a change of the sound record, and what an invariant says of it.
type breakage struct {
	name, invariant, says string
	change                func(*record)
}

func breakagesOfTheCloud() []breakage {
	return []breakage{
		{"a connection without its attachment", "attached-once", "0 attachments",
			func(r *record) { r.attachments = nil }},
		{"an attachment on the wrong router", "attached-once", "want one to tr-1",
			func(r *record) { r.attachments[0].Router = "tr-2" }},
		{"an attachment that is pending", "attached-once", "vco-1",
			func(r *record) { r.attachments[0].Status = estate.StatusAttaching }},
		{"a route table that was forgotten", "attached-once", `is bound to ""`, func(r *record) { r.bindings = nil }},
		{"an attachment that nobody wants", "attached-once", "never becomes ready) is attached", func(r *record) {
			other := r.attachments[0]
			other.Connection = "vco-2"
			r.attachments = append(r.attachments, other)
		}},
		{"two creates with an effect", "attached-once", "2 creates", func(r *record) { r.creates[1].Effect = true }},
		{"a random client token", "one-token", "2 tokens after", func(r *record) { r.creates[1].ClientToken = "u" }},
		{"a refusal after its own effect", "no-self-refusal", "vco-1",
			func(r *record) { r.creates[1].Code = "InvalidStatus.ResourceStatus" }},
		{"a message that is left", "queue-empty", "1 delayed", func(r *record) { r.left = mns.Stats{Delayed: 1} }},
		{"messages without end", "bounded", "1000 messages", func(r *record) { r.messages["e-1"] = 1000 }},
		{"a follow-up that was queued twice", "bounded", "twice at once",
			func(r *record) { r.copies = []string{"e-1"} }},
		{"a data race", "race-free", "1 data", func(r *record) { r.races = 1 }},
		{"a permission that the role lacks", "permitted", "a:B on r",
			func(r *record) { r.lacking = []string{"a:B on r"} }},
		{"no dead letter", "dead-letters", "e-2", func(r *record) { r.document.DeadLetters = nil }},
		{"poison without a dead letter", "dead-letters", "0 of 1 poisoned",
			func(r *record) { r.document.DeadLetters = r.document.DeadLetters[:1] }},
		{"a dead letter of another event", "dead-letters", "e-1",
			func(r *record) { r.document.DeadLetters[0] = letter("e-1") }},
		{"a dead letter of the platform", "dead-letters", `type ""`,
			func(r *record) { r.document.DeadLetters[0] = json.RawMessage(`{"data":{"messageBody":"x"}}`) }},
		{"a storm without faults", "crash-points", "no death", func(r *record) {
			for len(r.plan.events) < fullSize {
				r.plan.events[fmt.Sprint(len(r.plan.events))] = "vco-2"
			}
		}},
	}
}

func breakagesOfOutcomes(t *testing.T) []breakage {
	return []breakage{
		{"an event without an end", "final-outcome", "e-1", func(r *record) { r.outcomes = r.outcomes[:1] }},
		{"an event with a wrong end", "final-outcome", "skipped",
			func(r *record) { r.outcomes[1].Data.Status = "skipped" }},
		{"poison that nobody refused", "final-outcome", "0 of 1 poisoned",
			func(r *record) { r.outcomes = r.outcomes[:4] }},
		{"two ends that contradict each other", "finals-agree", "e-2", func(r *record) {
			other := received(t, "9", 40, "e-2", "vco-2", `"error":{"code":"ConsentMissing"},`)
			r.outcomes = append(r.outcomes, other)
		}},
		{"one thing said under two ids", "ids-repeat", "two ids", func(r *record) {
			again := r.outcomes[1]
			again.ID = "9"
			r.outcomes = append(r.outcomes, again)
		}},
		{"two things said under one id", "ids-repeat", "one id", func(r *record) { r.outcomes[3].ID = "2" }},
		{"a postponed outcome that was made again", "ids-repeat", "unchanged",
			func(r *record) { r.postponed = []document{{ID: "2", Time: moment(29)}} }},
		{"attached too early", "truthful", "not Attached",
			func(r *record) { r.outcomes[1].Time, r.outcomes[1].received = moment(11), moment(12) }},
		{"attached before its route table was", "truthful", "not associated",
			func(r *record) { r.bindings[0].Active = moment(31) }},
		{"attaching without an attachment", "truthful", "no attachment", func(r *record) { r.changes = nil }},
		{"gone before it was deleted", "truthful", "existed", func(r *record) { r.deleted["vco-3"] = moment(9) }},
		{"attached, and no word of its health", "health", "vco-1 (with route tables) was attached",
			func(r *record) { r.outcomes = r.outcomes[:5] }},
		{"an event without a word of its health", "health", "e-1 of vco-1 (with route tables) has 0 documents",
			func(r *record) { r.outcomes[5].Data.Event.ID = "e-9" }},
		{"two documents of one event", "health", "has 2 documents", func(r *record) {
			r.outcomes = append(r.outcomes, healthDocument(t, "7", "up"))
		}},
		{"up while a tunnel is not", "health", "vco-1 was told to be up, and was [degraded degraded]", func(r *record) {
			r.plan.connections["vco-1"].tunnels[1].UpAfter = time.Hour
		}},
		{"down while a tunnel is up", "health", "was told to be down", func(r *record) {
			r.outcomes[5].Data.State = "down"
		}},
		{"a document about nothing", "health", `is about ""`, func(r *record) {
			r.outcomes[5].Data.ConnectionID = ""
		}},
		{"vanished while it existed", "truthful", "all the time", func(r *record) {
			r.outcomes[1] = received(t, "2", 30, "e-1", "vco-1", `"error":{"code":"Vanished"},`)
		}},
	}
}

func TestEachInvariantIsBrokenByWhatItForbids(t *testing.T) {
	shown := map[string]bool{}
	for _, b := range append(breakagesOfTheCloud(), breakagesOfOutcomes(t)...) {
		t.Run(b.name, func(t *testing.T) {
			r := sound(t)
			b.change(r)
			if got := r.violations()[b.invariant]; !strings.Contains(got, b.says) || got == "" {
				t.Errorf("%s says %q, want %q", b.invariant, got, b.says)
			}
		})
		shown[b.invariant] = true
	}
	for _, i := range invariants() {
		if !shown[i.name] {
			t.Errorf("nothing shows that %s can be broken", i.name)
		}
	}
}

func TestAStaleAnswerExcusesItsConnectionAlone(t *testing.T) {
	r := sound(t)
	r.creates[1].Code = "InvalidStatus.ResourceStatus"
	r.stale["vco-1"] = true
	if got := r.violations()["no-self-refusal"]; got != "" {
		t.Errorf("got %s", got)
	}
}

// The attachment of vco-1 was removed in second 13; an outcome made from 14 to 15 says that it is there.
func TestAnOutcomeRestsOnNothingOlderThanItsInvocation(t *testing.T) {
	const contradicted = "there was no attachment"
	for _, test := range []struct {
		name string
		also func(*record)
		want string
	}{
		{"an outcome without an invocation", func(*record) {}, contradicted},
		{"its invocation began when the attachment stood", func(r *record) {
			r.deliveries = []delivery{{began: moment(12), ended: moment(16)}}
		}, ""},
		{"that invocation had ended before", func(r *record) {
			r.deliveries = []delivery{{began: moment(12), ended: moment(13)}}
		}, contradicted},
		{"its invocation began when it was removed", func(r *record) {
			r.deliveries = []delivery{{began: moment(14), ended: moment(16)}}
		}, contradicted},
		{"an answer about its connection was stale", func(r *record) { r.stale["vco-1"] = true }, ""},
		{"an answer about another one was stale", func(r *record) { r.stale["vco-2"] = true }, contradicted},
	} {
		t.Run(test.name, func(t *testing.T) {
			r := sound(t)
			removed := r.changes[0].Attachment
			removed.Status = estate.StatusDeleted
			r.changes = []change{r.changes[0], {moment(13), removed}}
			r.outcomes = []outcome{received(t, "1", 15, "e-1", "vco-1", `"status":"attaching","durationMs":1000,`)}
			test.also(r)
			got := r.violations()["truthful"]
			if !strings.Contains(got, test.want) || (test.want == "") != (got == "") {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestTheTableNamesWhatIsBroken(t *testing.T) {
	r := sound(t)
	r.left.Active = 3
	var out strings.Builder
	r.judge(time.Second).Table(&out)
	for _, want := range []string{"queue-empty", "BROKEN 1 times", "queue-empty: 3 visible", "truthful", "holds"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
