package soak

import (
	"fmt"
	"slices"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// truthful holds every outcome against the cloud as it was between the begin of its making
// and its receipt: it must have been so at some moment.
func truthful(r *record) (broken []string) {
	for _, o := range r.outcomes {
		c := r.plan.connections[o.Data.ConnectionID]
		if c == nil {
			continue
		}
		from := o.Time.Add(-time.Duration(o.Data.DurationMs)*time.Millisecond - slack)
		if lie := r.contradiction(o, c, from); lie != "" {
			broken = append(broken, fmt.Sprintf("event %s of %s (%s) said %q: %s", o.Data.Event.ID, c.id, c.kind, o.ending(), lie))
		}
	}
	return broken
}

// contradiction says what speaks against an outcome; "" is nothing.
func (r *record) contradiction(o outcome, c *connection, from time.Time) string {
	standing := r.standing(c.id, from, o.received)
	is := func(statuses ...string) bool {
		return slices.ContainsFunc(standing, func(a estate.Attachment) bool {
			return slices.Contains(statuses, a.Status) && (o.Data.RouterID == "" || a.Router == o.Data.RouterID)
		})
	}
	deletedAt, deleted := r.deleted[c.id]
	switch o.ending() {
	case "attached", "unchanged":
		if !is(estate.StatusAttached) {
			return "it was not Attached to " + o.Data.RouterID
		}
		return r.unbound(o, c)
	case "attaching", "attaching Slow", "attaching RouteTables":
		if !is(estate.StatusAttaching, estate.StatusAttached) {
			return "there was no attachment"
		}
	case "skipped Gone":
		if !deleted || deletedAt.After(o.received) {
			return "the connection was there"
		}
	case "failed Vanished":
		if !deleted && c.router != "" {
			return "the attachment was there all along"
		}
	case "conflict AttachedElsewhere", "conflict BoundToGateway":
		if c.kind != elsewhere && c.kind != onGateway {
			return "nothing was in its way"
		}
	case "detaching", "detached":
		if c.kind != closing {
			return "nobody asked for it"
		}
		if o.ending() == "detached" && r.stood(c.id, o.received) {
			return "it was still there"
		}
	case "skipped OptedOut", "skipped NoTarget":
		if c.kind != optedOut && c.kind != untagged {
			return "it was tagged for a router"
		}
	}
	return ""
}

// stood reports whether a connection had an attachment at a moment.
func (r *record) stood(connection string, at time.Time) bool {
	forms := r.standing(connection, at, at)
	return len(forms) > 0 && forms[len(forms)-1].Status != estate.StatusDeleted
}

// unbound says which route table of an outcome the attachment was not bound to by then.
func (r *record) unbound(o outcome, c *connection) string {
	if c.associated == "" {
		return ""
	}
	active := func(kind, table string) bool {
		return slices.ContainsFunc(r.bindings, func(b estate.Binding) bool {
			return b.Kind == kind && b.Table == table && b.Attachment == o.Data.AttachmentID && !b.Active.After(o.received)
		})
	}
	if o.Data.Tables == nil || o.Data.Tables.Associated != c.associated || !active(estate.KindAssociate, c.associated) {
		return "it was not associated with " + c.associated
	}
	for _, table := range c.propagated {
		if !slices.Contains(o.Data.Tables.Propagated, table) || !active(estate.KindPropagate, table) {
			return "it did not propagate to " + table
		}
	}
	return ""
}

// standing are the forms that attachments of a connection had at some moment of an interval.
func (r *record) standing(connection string, from, to time.Time) (forms []estate.Attachment) {
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
		if change.at.After(from) {
			forms = append(forms, last)
		}
	}
	if last.ID != "" {
		forms = append(forms, last)
	}
	return forms
}
