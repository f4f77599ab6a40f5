package soak

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// Violation is an invariant that does not hold, and where.
type Violation struct{ Invariant, Detail string }

// invariant judges a record; what it returns are the violations in words.
type invariant struct {
	name  string
	holds string // what it says
	judge func(*record) []string
}

func invariants() []invariant {
	return []invariant{
		{"attached-once", "every connection that should be attached is, once, to the right router, with the right route tables; no other is", attachedOnce},
		{"one-token", "all creates of one event, connection, router and parameters carry one client token", oneToken},
		{"no-self-refusal", "no create is refused by the one-router rule after its own effect", noSelfRefusal},
		{"final-outcome", "every event ends, in the way that it should", finalOutcome},
		{"finals-agree", "all endings of one event agree, unless the cloud changed between them", finalsAgree},
		{"ids-repeat", "ids repeat exactly where outcomes repeat", idsRepeat},
		{"queue-empty", "nothing is left in the queue", queueEmpty},
		{"dead-letters", "dead letters are exactly those of the connections that are doomed", deadLetters},
		{"truthful", "no outcome contradicts the cloud's record while it was made", truthful},
		{"bounded", "messages per event stay under their bound, and copies become one", bounded},
		{"race-free", "the function has no data race that its detector sees", raceFree},
	}
}

// attachedOnce holds the estate against the plan.
func attachedOnce(r *record) (broken []string) {
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
	bound := map[string][]string{}
	for _, b := range r.bindings {
		if b.Status == "Active" {
			bound[b.Attachment+b.Kind] = append(bound[b.Attachment+b.Kind], b.Table)
		}
	}
	for _, id := range slices.Sorted(maps.Keys(r.plan.connections)) {
		c := r.plan.connections[id]
		if effects[id] > 1 {
			broken = append(broken, fmt.Sprintf("%s (%s): %d creates had an effect", id, c.kind, effects[id]))
		}
		switch got := live[id]; {
		case c.router == "" && len(got) > 0:
			broken = append(broken, fmt.Sprintf("%s (%s) is attached to %s", id, c.kind, got[0].Router))
		case c.router == "":
		case len(got) != 1 || got[0].Router != c.router || got[0].Status != estate.StatusAttached:
			broken = append(broken, fmt.Sprintf("%s (%s) has %d attachments, want one to %s", id, c.kind, len(got), c.router))
		default:
			association := strings.Join(bound[got[0].ID+estate.KindAssociate], " ")
			propagations := bound[got[0].ID+estate.KindPropagate]
			slices.Sort(propagations)
			if wanted := slices.Sorted(slices.Values(c.propagated)); association != c.associated || !slices.Equal(propagations, wanted) {
				broken = append(broken, fmt.Sprintf("%s (%s) is bound to %q and %q, want %q and %q", id, c.kind, association, propagations, c.associated, wanted))
			}
		}
	}
	return broken
}

// oneToken groups creates by everything that was asked for but the token.
func oneToken(r *record) (broken []string) {
	tokens := map[string]map[string]bool{}
	for _, create := range r.creates {
		parameters := maps.Clone(create.Parameters)
		delete(parameters, "ClientToken")
		asked := parameters.Encode() // the event is among them, as a tag
		if tokens[asked] == nil {
			tokens[asked] = map[string]bool{}
		}
		tokens[asked][create.ClientToken] = true
		if len(tokens[asked]) == 2 {
			broken = append(broken, fmt.Sprintf("%s was asked for with two tokens", create.Connection))
		}
	}
	return broken
}

// noSelfRefusal looks for an event that asked again, under another token or parameters, for
// what it had made. A stale reading excuses a connection.
func noSelfRefusal(r *record) (broken []string) {
	made := map[string]bool{} // event tag and connection
	for _, create := range r.creates {
		event := create.Parameters.Get("Tag.1.Value") + create.Parameters.Get("Tag.2.Value")
		refused := create.Code == "InvalidStatus.ResourceStatus" || create.Code == "QuotaFull.ChildInstanceRelatedCen"
		if refused && made[event] && !r.stale[create.Connection] {
			broken = append(broken, fmt.Sprintf("%s was refused to the event that had attached it", create.Connection))
		}
		made[event] = made[event] || create.Effect
	}
	return broken
}

func finalOutcome(r *record) (broken []string) {
	finals := r.finals()
	for _, event := range slices.Sorted(maps.Keys(r.plan.events)) {
		c := r.plan.connections[r.plan.events[event]]
		if len(finals[event]) == 0 {
			broken = append(broken, fmt.Sprintf("event %s of %s (%s) has no final outcome", event, c.id, c.kind))
		}
		for _, o := range finals[event] {
			if !slices.Contains(c.endings, o.ending()) {
				broken = append(broken, fmt.Sprintf("event %s of %s (%s) ended as %q, want one of %q", event, c.id, c.kind, o.ending(), c.endings))
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
		broken = append(broken, fmt.Sprintf("%d of %d poisoned messages were refused by an outcome", len(malformed), r.plan.poison))
	}
	return broken
}

func finalsAgree(r *record) (broken []string) {
	for event, finals := range r.finals() {
		c := r.plan.connections[r.plan.events[event]]
		if _, changed := r.deleted[c.id]; changed || c.kind == closing {
			continue
		}
		for _, o := range finals[1:] {
			first := finals[0]
			same := o.ending() == first.ending() || isDone(o) && isDone(first)
			if !same || o.Data.RouterID != first.Data.RouterID {
				broken = append(broken, fmt.Sprintf("event %s of %s ended as %q and as %q", event, c.id, first.ending(), o.ending()))
			}
		}
	}
	return broken
}

func isDone(o outcome) bool { return o.Data.Status == "attached" || o.Data.Status == "unchanged" }

// idsRepeat compares what outcomes say with how they are called.
func idsRepeat(r *record) (broken []string) {
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
			broken = append(broken, fmt.Sprintf("%q has two ids", what))
		}
		if other, known := said[o.ID]; known && other != what {
			broken = append(broken, fmt.Sprintf("%q and %q have one id", what, other))
		}
		ids[what], said[o.ID] = o.ID, what
	}
	return append(broken, sameBodies(r)...)
}

// sameBodies: a final outcome that was postponed is published as it was made.
func sameBodies(r *record) (broken []string) {
	for _, postponed := range r.postponed {
		published := false
		for _, o := range r.outcomes {
			published = published || o.ID == postponed.ID && o.Time.Equal(postponed.Time)
		}
		if !published {
			broken = append(broken, fmt.Sprintf("the outcome of event %s that was postponed was not published as it stood", postponed.Data.Event.ID))
		}
	}
	return broken
}

func queueEmpty(r *record) []string {
	if left := r.left; left.Active+left.Delayed+left.Inactive > 0 {
		return []string{fmt.Sprintf("%d visible, %d delayed, %d in flight", left.Active, left.Delayed, left.Inactive)}
	}
	return nil
}

func deadLetters(r *record) (broken []string) {
	given := map[string]bool{}
	for _, letter := range r.document.DeadLetters {
		var l struct {
			Type string
			Data struct{ Event struct{ ID string } }
		}
		_ = json.Unmarshal(letter, &l) // what is not ours has no event
		c := r.plan.connections[r.plan.events[l.Data.Event.ID]]
		if c == nil || c.kind != doomed || l.Type != "vpn-attach.deadletter.v1" {
			broken = append(broken, fmt.Sprintf("a dead letter of event %q, of type %q", l.Data.Event.ID, l.Type))
		}
		given[l.Data.Event.ID] = true
	}
	for event, id := range r.plan.events {
		if r.plan.connections[id].kind == doomed && !given[event] {
			broken = append(broken, fmt.Sprintf("event %s of %s, which is doomed, has none", event, id))
		}
	}
	return broken
}

// bound is how many messages one delivery of an event may come to: what a horizon and an
// attachment take, twice.
const perDelivery = 60

func bounded(r *record) (broken []string) {
	fed := map[string]int{}
	for _, m := range r.plan.messages {
		fed[m.event]++
	}
	for event, n := range r.messages {
		if limit := perDelivery * max(1, fed[event]); event != "" && n > limit {
			broken = append(broken, fmt.Sprintf("event %s came to %d messages, at most %d", event, n, limit))
		}
	}
	for _, event := range r.copies {
		broken = append(broken, fmt.Sprintf("a follow-up of event %s was queued twice at once", event))
	}
	return broken
}

func raceFree(r *record) []string {
	if r.races > 0 {
		return []string{fmt.Sprintf("%d data races", r.races)}
	}
	return nil
}

// slack is what clocks may differ: outcomes give their duration in whole milliseconds.
const slack = 5 * time.Millisecond
