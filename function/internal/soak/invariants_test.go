package soak

import (
	"encoding/json"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/mns"
)

func quoted(text string) string {
	raw, _ := json.Marshal(text)
	return string(raw)
}

// sound is the record of a soak in which everything holds: one connection with a route table,
// attached by one event, and one that is doomed.
func sound() *record {
	start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	at := func(seconds int) time.Time { return start.Add(time.Duration(seconds) * time.Second) }
	p := &Plan{
		connections: map[string]*connection{
			"vco-1": {id: "vco-1", kind: withTables, router: "tr-1", associated: "vtb-1", endings: []string{"attached", "unchanged"}},
			"vco-2": {id: "vco-2", kind: doomed, endings: []string{"exhausted"}},
			"vco-3": {id: "vco-3", kind: disappearing, endings: []string{"attached", "skipped Gone", "failed Vanished"}},
		},
		events:   map[string]string{"e-1": "vco-1", "e-2": "vco-2", "e-3": "vco-3"},
		messages: []message{{event: "e-1"}, {event: "e-2"}, {event: "e-3"}, {}},
		poison:   1,
	}
	made := estate.Attachment{ID: "tr-attach-1", Connection: "vco-1", Router: "tr-1", Status: estate.StatusAttaching}
	ready := made
	ready.Status = estate.StatusAttached
	asked := url.Values{"VpnId": {"vco-1"}, "ClientToken": {"t"}, "Tag.1.Value": {"digest of e-1"}, "Tag.2.Value": {"vco-1"}}
	r := &record{
		plan:        p,
		changes:     []change{{at(10), made}, {at(20), ready}},
		attachments: []estate.Attachment{ready},
		creates: []estate.Create{
			{Connection: "vco-1", Parameters: asked, Attempt: estate.Attempt{ClientToken: "t", Effect: true}, AttachmentID: "tr-attach-1"},
			{Connection: "vco-1", Parameters: asked, Attempt: estate.Attempt{ClientToken: "t", Replay: true}},
		},
		bindings: []estate.Binding{{Kind: estate.KindAssociate, Attachment: "tr-attach-1", Table: "vtb-1", Status: "Active", Active: at(25)}},
		deleted:  map[string]time.Time{"vco-3": at(5)},
		messages: map[string]int{"e-1": 3},
		stale:    map[string]bool{},
	}
	add := func(event, connection string, o attach.OutcomeData, id string, second int) {
		o.Event.ID, o.ConnectionID = event, connection
		o.Final = o.Status != attach.StatusAttaching && o.Status != attach.StatusRetrying
		r.outcomes = append(r.outcomes, outcome{attach.Outcome{ID: id, Time: at(second), Data: o}, at(second).Add(time.Millisecond)})
	}
	add("e-1", "vco-1", attach.OutcomeData{Status: attach.StatusAttaching, RouterID: "tr-1"}, "1", 11)
	add("e-1", "vco-1", attach.OutcomeData{Status: attach.StatusAttached, RouterID: "tr-1", AttachmentID: "tr-attach-1", Tables: &attach.TablesBrief{Associated: "vtb-1"}}, "2", 30)
	add("e-2", "vco-2", attach.OutcomeData{Status: attach.StatusFailed, Error: &attach.Fault{Code: "RouterNotActive", Exhausted: true}}, "3", 40)
	add("e-3", "vco-3", attach.OutcomeData{Status: attach.StatusSkipped, Reason: "Gone"}, "4", 8)
	add("digest", "", attach.OutcomeData{Status: attach.StatusFailed, Error: &attach.Fault{Code: "Malformed", Class: attach.ClassMalformed}}, "5", 8)
	r.document.DeadLetters = []json.RawMessage{json.RawMessage(`{"type":"vpn-attach.deadletter.v1","data":{"event":{"id":"e-2"}}}`)}
	return r
}

func (r *record) violations() map[string]string {
	violations := map[string]string{}
	for _, v := range r.judge(0).Violations {
		violations[v.Invariant] += v.Detail + "\n"
	}
	return violations
}

func TestASoundRecordBreaksNothing(t *testing.T) {
	if got := sound().violations(); len(got) != 0 {
		t.Errorf("got %v", got)
	}
}

func TestEachInvariantIsBrokenByWhatItForbids(t *testing.T) {
	cases := map[string]struct {
		breakIt   func(*record)
		invariant string
		says      string
	}{
		"a connection without its attachment": {func(r *record) { r.attachments = nil }, "attached-once", "0 attachments"},
		"an attachment on the wrong router":   {func(r *record) { r.attachments[0].Router = "tr-2" }, "attached-once", "want one to tr-1"},
		"an attachment still on its way":      {func(r *record) { r.attachments[0].Status = estate.StatusAttaching }, "attached-once", "vco-1"},
		"a route table that was forgotten":    {func(r *record) { r.bindings = nil }, "attached-once", `is bound to ""`},
		"an attachment that nobody wants": {func(r *record) {
			r.attachments = append(r.attachments, estate.Attachment{Connection: "vco-2", Router: "tr-1", Status: estate.StatusAttached})
		}, "attached-once", "vco-2 (on a router that never settles) is attached"},
		"two creates with an effect": {func(r *record) { r.creates[1].Effect = true }, "attached-once", "2 creates"},
		"a random client token":      {func(r *record) { r.creates[1].ClientToken = "u" }, "one-token", "two tokens"},
		"a refusal after the own effect": {func(r *record) {
			r.creates[1].Code = "InvalidStatus.ResourceStatus"
		}, "no-self-refusal", "vco-1"},
		"an event without an end":    {func(r *record) { r.outcomes = r.outcomes[:1] }, "final-outcome", "e-1"},
		"an event with a wrong end":  {func(r *record) { r.outcomes[1].Data.Status = attach.StatusSkipped }, "final-outcome", "skipped"},
		"poison that nobody refused": {func(r *record) { r.outcomes = r.outcomes[:4] }, "final-outcome", "0 of 1 poisoned"},
		"two ends that contradict each other": {func(r *record) {
			other := r.outcomes[2]
			other.ID, other.Data.Error = "9", &attach.Fault{Code: "ConsentMissing"}
			r.outcomes = append(r.outcomes, other)
		}, "finals-agree", "e-2"},
		"one thing said under two ids": {func(r *record) {
			again := r.outcomes[1]
			again.ID = "9"
			r.outcomes = append(r.outcomes, again)
		}, "ids-repeat", "two ids"},
		"two things said under one id": {func(r *record) { r.outcomes[3].ID = "2" }, "ids-repeat", "one id"},
		"a report that was made anew": {func(r *record) {
			r.postponed = []attach.Outcome{{ID: "2", Time: r.outcomes[1].Time.Add(-time.Second)}}
		}, "ids-repeat", "as it stood"},
		"a message that is left":          {func(r *record) { r.left = mns.Stats{Delayed: 1} }, "queue-empty", "1 delayed"},
		"a doomed event without a letter": {func(r *record) { r.document.DeadLetters = nil }, "dead-letters", "e-2"},
		"a letter of an event that is not": {func(r *record) {
			r.document.DeadLetters[0] = json.RawMessage(`{"type":"vpn-attach.deadletter.v1","data":{"event":{"id":"e-1"}}}`)
		}, "dead-letters", "e-1"},
		"a letter of the platform": {func(r *record) { r.document.DeadLetters[0] = json.RawMessage(`{"data":{"messageBody":"x"}}`) }, "dead-letters", `type ""`},
		"attached before it was": {func(r *record) {
			r.outcomes[1].Time, r.outcomes[1].received = r.outcomes[0].Time, r.outcomes[0].received
		}, "truthful", "not Attached"},
		"attached before its route table was": {func(r *record) {
			r.bindings[0].Active = r.outcomes[1].received.Add(time.Second)
		}, "truthful", "not associated"},
		"attaching without an attachment": {func(r *record) { r.changes = nil }, "truthful", "no attachment"},
		"gone before it was deleted":      {func(r *record) { r.deleted["vco-3"] = r.outcomes[3].received.Add(time.Second) }, "truthful", "was there"},
		"vanished while it stood": {func(r *record) {
			r.outcomes[1].Data.Status, r.outcomes[1].Data.Error = attach.StatusFailed, &attach.Fault{Code: "Vanished"}
		}, "truthful", "all along"},
		"messages without end":              {func(r *record) { r.messages["e-1"] = 1000 }, "bounded", "1000 messages"},
		"a follow-up that was queued twice": {func(r *record) { r.copies = []string{"e-1"} }, "bounded", "twice at once"},
		"a data race":                       {func(r *record) { r.races = 1 }, "race-free", "1 data"},
		"a storm that never blew": {func(r *record) {
			for len(r.plan.events) < fullSize {
				r.plan.events[strings.Repeat("x", len(r.plan.events))] = "vco-2"
			}
		}, "crash-points", "no death"},
	}
	tripped := map[string]bool{"counts": true} // with the crash points
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := sound()
			c.breakIt(r)
			if got := r.violations()[c.invariant]; !strings.Contains(got, c.says) || got == "" {
				t.Errorf("%s says %q, want %q", c.invariant, got, c.says)
			}
		})
		tripped[c.invariant] = true
	}
	for _, i := range invariants() {
		if !tripped[i.name] {
			t.Errorf("nothing shows that %s can be broken", i.name)
		}
	}
}

func TestAStaleReadingExcusesItsConnectionAlone(t *testing.T) {
	r := sound()
	r.creates[1].Code = "InvalidStatus.ResourceStatus"
	r.stale["vco-1"] = true
	if got := r.violations()["no-self-refusal"]; got != "" {
		t.Errorf("got %s", got)
	}
}

func TestTheTableNamesWhatIsBroken(t *testing.T) {
	r := sound()
	r.left.Active = 3
	var out strings.Builder
	r.judge(time.Second).Table(&out)
	for _, want := range []string{"queue-empty", "BROKEN 1 times", "queue-empty: 3 visible", "truthful", "holds"} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("no %q in\n%s", want, out.String())
		}
	}
}
