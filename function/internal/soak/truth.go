package soak

import (
	"slices"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// truthful compares every outcome with the cloud between the first answer that it can rest on and its receipt: at some
// moment the cloud must have been as the outcome says.
func truthful(r *record, broken broken) {
	for _, o := range r.outcomes {
		c := r.plan.connections[o.Data.ConnectionID]
		if c == nil {
			continue
		}
		if why := r.contradiction(o, c, r.firstAnswer(o)); why != "" {
			broken("event %s of %s (%s) said %q: %s", o.Data.Event.ID, c.id, c.kind, o.ending(), why)
		}
	}
}

// firstAnswer is when the first answer that an outcome can rest on was given: not before the invocation that made it,
// since the events of an invocation share what was read for one of them. A stale answer was true a while before. Which
// of the invocations under way made it is not known, so it is the one that began first.
func (r *record) firstAnswer(o outcome) time.Time {
	began := o.Time.Add(-time.Duration(o.Data.DurationMs)*time.Millisecond - slack)
	first := began
	for _, d := range r.deliveries {
		if d.began.Before(first) && !d.ended.Before(began) {
			first = d.began
		}
	}
	if r.stale[o.Data.ConnectionID] {
		first = first.Add(-time.Duration(float64(stale) / r.plan.options.Speed))
	}
	return first
}

// contradiction says what contradicts an outcome; "" is nothing.
func (r *record) contradiction(o outcome, c *connection, from time.Time) string {
	forms := r.forms(c.id, from, o.received)
	was := func(statuses ...string) bool {
		return slices.ContainsFunc(forms, func(a estate.Attachment) bool {
			return slices.Contains(statuses, a.Status) && (o.Data.RouterID == "" || a.Router == o.Data.RouterID)
		})
	}
	deletedAt, deleted := r.deleted[c.id]
	ending := o.ending()
	switch ending {
	case "attached", "unchanged":
		if !was(estate.StatusAttached) {
			return "it was not Attached to " + o.Data.RouterID
		}
		return r.unbound(o, c)
	case "attaching", "attaching Slow", "attaching RouteTables", "attaching CreatedAgain":
		if !was(estate.StatusAttaching, estate.StatusAttached) {
			return "there was no attachment"
		}
	case "skipped Gone":
		if !deleted || deletedAt.After(o.received) {
			return "the connection existed"
		}
	case "failed Vanished":
		if !deleted && c.router != "" {
			return "the attachment existed all the time"
		}
	case "conflict AttachedElsewhere", "conflict BoundToGateway":
		if c.kind != elsewhere && c.kind != onGateway {
			return "there was no conflict"
		}
	case "detaching", "detached":
		if c.kind != detachedByEvent {
			return "nobody asked for it"
		}
		if ending == "detached" && r.existed(c.id, o.received) {
			return "it still existed"
		}
	case "skipped OptedOut", "skipped NoTarget":
		if c.kind != optedOut && c.kind != untagged {
			return "it was tagged for a router"
		}
	}
	return ""
}

// existed reports whether a connection had an attachment at a moment.
func (r *record) existed(connection string, at time.Time) bool {
	forms := r.forms(connection, at, at)
	return len(forms) > 0 && forms[len(forms)-1].Status != estate.StatusDeleted
}

// unbound says to which route table of an outcome the attachment was not bound by then.
func (r *record) unbound(o outcome, c *connection) string {
	if c.associated == "" {
		return ""
	}
	active := func(kind, table string) bool {
		return slices.ContainsFunc(r.bindings, func(b estate.Binding) bool {
			return b.Kind == kind && b.Table == table && b.Attachment == o.Data.AttachmentID &&
				!b.Active.After(o.received)
		})
	}
	tables := o.Data.Tables
	if tables == nil || tables.Associated != c.associated || !active(estate.KindAssociate, c.associated) {
		return "it was not associated with " + c.associated
	}
	for _, table := range c.propagated {
		if !slices.Contains(tables.Propagated, table) || !active(estate.KindPropagate, table) {
			return "it did not propagate to " + table
		}
	}
	return ""
}

// forms are the forms that attachments of a connection had at some moment of an interval.
func (r *record) forms(connection string, from, to time.Time) (forms []estate.Attachment) {
	last := estate.Attachment{}
	for _, seeded := range r.seeded {
		if seeded.Connection == connection {
			last = seeded
		}
	}
	for _, change := range r.changes {
		if change.Connection != connection {
			continue
		}
		if change.at.After(to) {
			break
		}
		if change.at.After(from) && last.ID != "" {
			forms = append(forms, last)
		}
		last = change.Attachment
	}
	if last.ID != "" {
		forms = append(forms, last)
	}
	return forms
}
