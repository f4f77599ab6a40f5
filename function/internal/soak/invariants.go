package soak

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// Violation is an invariant that does not hold, and where.
type Violation struct{ Invariant, Detail string }

// broken reports a violation.
type broken func(format string, args ...any)

// invariant judges a record.
type invariant struct {
	name  string
	holds string // what it says
	judge func(*record, broken)
}

func invariants() []invariant {
	return []invariant{
		{"attached-once", "every connection that should be attached is, once, to the right router, " +
			"with the right route tables; no other is", attachedOnce},
		{"one-token", "creates of one event, connection, router and parameters have one client token, until a refusal",
			oneToken},
		{"no-self-refusal", "no create is refused by the one-router rule after its own effect", noSelfRefusal},
		{"final-outcome", "every event ends, in the way that it should", finalOutcome},
		{"finals-agree", "all endings of one event agree, unless the cloud changed between them", finalsAgree},
		{"ids-repeat", "ids repeat exactly where outcomes repeat", idsRepeat},
		{"queue-empty", "nothing is left in the queue", queueEmpty},
		{"dead-letters", "dead letters are exactly those of poison and of the connections that can never be attached",
			deadLetters},
		{"truthful", "no outcome contradicts the cloud's record while it was made", truthful},
		{"health", "whoever is attached and stays has one document about its health, as its tunnels are", healthTold},
		{"bounded", "messages per event stay below their bound, and copies become one", bounded},
		{"permitted", "the role has every permission that the function needs", permitted},
		{"race-free", "the function has no data race that its detector sees", raceFree},
	}
}

// attachedOnce compares the estate with the plan.
func attachedOnce(r *record, broken broken) {
	live, effects := map[string][]estate.Attachment{}, map[string]int{}
	for _, a := range r.attachments {
		if a.Status != estate.StatusDeleted {
			live[a.Connection] = append(live[a.Connection], a)
		}
	}
	for _, create := range r.creates {
		if create.Effect {
			effects[create.Connection]++
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.plan.connections)) {
		c := r.plan.connections[id]
		if effects[id] > 1 {
			broken("%s (%s): %d creates had an effect", id, c.kind, effects[id])
		}
		switch got := live[id]; {
		case c.router == "" && len(got) > 0:
			broken("%s (%s) is attached to %s", id, c.kind, got[0].Router)
		case c.router == "":
		case len(got) != 1 || got[0].Router != c.router || got[0].Status != estate.StatusAttached:
			broken("%s (%s) has %d attachments, want one to %s", id, c.kind, len(got), c.router)
		default:
			r.boundAsPlanned(c, got[0].ID, broken)
		}
	}
}

// boundAsPlanned compares the route tables of an attachment with the plan.
func (r *record) boundAsPlanned(c *connection, attachmentID string, broken broken) {
	tables := func(kind string) (tables []string) {
		for _, b := range r.bindings {
			if b.Attachment == attachmentID && b.Kind == kind && b.Status == "Active" {
				tables = append(tables, b.Table)
			}
		}
		slices.Sort(tables)
		return tables
	}
	association, propagations := strings.Join(tables(estate.KindAssociate), " "), tables(estate.KindPropagate)
	wanted := slices.Sorted(slices.Values(c.propagated))
	if association != c.associated || !slices.Equal(propagations, wanted) {
		broken("%s (%s) is bound to %q and %q, want %q and %q",
			c.id, c.kind, association, propagations, c.associated, wanted)
	}
}

// oneToken groups creates by all their parameters except the token. The event is one of them, as a tag. Only a refusal
// frees a token.
func oneToken(r *record, broken broken) {
	tokens := map[string]map[string]bool{}
	for _, create := range r.creates {
		parameters := maps.Clone(create.Parameters)
		delete(parameters, "ClientToken")
		asked := parameters.Encode()
		if tokens[asked] == nil {
			tokens[asked] = map[string]bool{}
		}
		tokens[asked][create.ClientToken] = true
	}
	for asked, used := range tokens {
		parameters, _ := url.ParseQuery(asked) // it was encoded here
		if id := parameters.Get("VpnId"); len(used) > 1+r.refused[id] {
			broken("%s was asked for with %d tokens after %d refusals", id, len(used), r.refused[id])
		}
	}
}

// noSelfRefusal looks for an event that asked again, with another token or other parameters, for what it had made.
// A stale answer excuses a connection.
func noSelfRefusal(r *record, broken broken) {
	made := map[string]bool{} // by event tag and connection
	for _, create := range r.creates {
		event := create.Parameters.Get("Tag.1.Value") + create.Parameters.Get("Tag.2.Value")
		refused := create.Code == "InvalidStatus.ResourceStatus" || create.Code == "QuotaFull.ChildInstanceRelatedCen"
		if refused && made[event] && !r.stale[create.Connection] {
			broken("%s was refused to the event that had attached it", create.Connection)
		}
		made[event] = made[event] || create.Effect
	}
}

func finalOutcome(r *record, broken broken) {
	finals := r.finals()
	for _, event := range slices.Sorted(maps.Keys(r.plan.events)) {
		c := r.plan.connections[r.plan.events[event]]
		if len(finals[event]) == 0 {
			broken("event %s of %s (%s) has no final outcome", event, c.id, c.kind)
		}
		for _, o := range finals[event] {
			if !slices.Contains(c.endings, o.ending()) {
				broken("event %s of %s (%s) ended as %q, want one of %q", event, c.id, c.kind, o.ending(), c.endings)
			}
		}
	}
	malformed := map[string]bool{}
	for _, o := range r.outcomes {
		if o.Data.Error != nil && o.Data.Error.Class == "malformed" {
			malformed[o.ID] = true
		}
	}
	if len(malformed) < r.plan.poison {
		broken("%d of %d poisoned messages were refused by an outcome", len(malformed), r.plan.poison)
	}
}

func finalsAgree(r *record, broken broken) {
	for event, finals := range r.finals() {
		c := r.plan.connections[r.plan.events[event]]
		if _, changed := r.deleted[c.id]; changed || c.kind == detachedByEvent {
			continue
		}
		first := finals[0]
		for _, o := range finals[1:] {
			same := o.ending() == first.ending() || o.isDone() && first.isDone()
			if !same || o.Data.RouterID != first.Data.RouterID {
				broken("event %s of %s ended as %q and as %q", event, c.id, first.ending(), o.ending())
			}
		}
	}
}

// idsRepeat compares what outcomes say with their ids. A final outcome that was postponed is published unchanged; of
// copies that were made at different times, one at least.
func idsRepeat(r *record, broken broken) {
	ids, said := map[string]string{}, map[string]string{}
	for _, o := range r.outcomes {
		d := o.Data
		what := fmt.Sprint(d.Event.ID, " ", d.ConnectionID, " ", d.Status)
		switch d.Status {
		case "retrying":
			what += fmt.Sprint(" ", d.Event.Attempt)
		case "attaching":
			what += " " + d.Reason
		}
		if id, known := ids[what]; known && id != o.ID {
			broken("%q has two ids", what)
		}
		if other, known := said[o.ID]; known && other != what {
			broken("%q and %q have one id", what, other)
		}
		ids[what], said[o.ID] = o.ID, what
	}
	published := map[string]bool{} // postponed ones, by id
	for _, p := range r.postponed {
		isSame := func(o outcome) bool { return o.ID == p.ID && o.Time.Equal(p.Time) }
		published[p.ID] = published[p.ID] || slices.ContainsFunc(r.outcomes, isSame)
	}
	for _, p := range r.postponed {
		if !published[p.ID] {
			broken("the postponed outcome of event %s was not published unchanged", p.Data.Event.ID)
		}
	}
}

func queueEmpty(r *record, broken broken) {
	if left := r.left; left.Active+left.Delayed+left.Inactive > 0 {
		broken("%d visible, %d delayed, %d in flight", left.Active, left.Delayed, left.Inactive)
	}
}

// isPoison reports whether a dead letter is of a message that is not an event: as it came, or without what it said.
func (p *Plan) isPoison(letter json.RawMessage) bool {
	var short struct{ Error struct{ Code string } }
	_ = json.Unmarshal(letter, &short) // what is no object has no code
	text := string(letter)
	_ = json.Unmarshal(letter, &text) // one that is no JSON is shown as a JSON string
	text = strings.TrimSpace(text)    // of a list the element that was refused
	var delivered struct{ Data struct{ MessageBody string } }
	_ = json.Unmarshal(letter, &delivered)
	inner := delivered.Data.MessageBody // of a text that a queue would not take as it is
	came := func(m message) bool {
		isPart := func(text string) bool { return text != "" && strings.Contains(m.body, text) }
		return m.event == "" && (isPart(text) || isPart(inner))
	}
	isRefused := slices.Contains([]string{"Malformed", "Oversize", "Unsigned"}, short.Error.Code)
	return isRefused || slices.ContainsFunc(p.messages, came)
}

func deadLetters(r *record, broken broken) {
	given, refused := map[string]bool{}, 0
	for _, letter := range r.document.DeadLetters {
		if r.plan.isPoison(letter) {
			refused++
			continue
		}
		var l struct {
			Type string
			Data struct{ Event struct{ ID string } }
		}
		_ = json.Unmarshal(letter, &l) // a dead letter that is not the function's has no event
		c := r.plan.connections[r.plan.events[l.Data.Event.ID]]
		if c == nil || !c.isGivenUp() || l.Type != "vpn-attach.deadletter.v1" {
			broken("a dead letter of event %q, of type %q: %.300s", l.Data.Event.ID, l.Type, letter)
		}
		given[l.Data.Event.ID] = true
	}
	if refused < r.plan.poison {
		broken("%d of %d poisoned messages have a dead letter", refused, r.plan.poison)
	}
	for event, id := range r.plan.events {
		if r.plan.connections[id].isGivenUp() && !given[event] {
			broken("event %s of %s, which can never be attached, has no dead letter", event, id)
		}
	}
}

// perDelivery is how many messages one delivery of an event may need: those of a horizon and of an attachment. A
// message of the event that is delivered again begins a copy of what follows from it, until the copies meet.
const perDelivery = 30

func bounded(r *record, broken broken) {
	fed := map[string]int{}
	for _, m := range r.plan.messages {
		fed[m.event]++
	}
	for event, n := range r.messages {
		deliveries := max(1, fed[event]) + r.again[event]
		if limit := perDelivery * deliveries; event != "" && n > limit {
			broken("event %s came to %d messages, at most %d", event, n, limit)
		}
	}
	for _, event := range r.copies {
		broken("a follow-up of event %s was queued twice at once", event)
	}
}

func permitted(r *record, broken broken) {
	for _, lacking := range r.lacking {
		broken("%s", lacking)
	}
}

func raceFree(r *record, broken broken) {
	if r.races > 0 {
		broken("%d data races", r.races)
	}
}

// slack is how far clocks may differ: outcomes give their duration in whole milliseconds.
const slack = 5 * time.Millisecond
