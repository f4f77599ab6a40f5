package decide

import (
	"cmp"
	"fmt"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Reasons of an attaching outcome that is not the first one about an attachment.
const (
	ReasonSlow   = "Slow"         // it takes long
	ReasonTables = "RouteTables"  // it is Attached; its route tables are pending
	ReasonAgain  = "CreatedAgain" // the service had named one that was gone
)

// The times of watching an attachment, as shares of CONFIRM_TIMEOUT: of an hour, 20 minutes and 30 seconds.
const (
	slowShare   = 3
	absentShare = 120
	unsureShare = 12
)

// rereadEvery: every fourth look re-reads the attachment even if the connection still says attaching.
const rereadEvery = 4

// NeedsLook reports whether the attachment itself must be read. It need not while it is
// watched and the connection says attaching, but for every fourth look.
func NeedsLook(e event.Event, c cloud.Connection) bool {
	w := e.Watch
	return w == nil || w.AttachmentID == "" || c.State != cloud.StateAttaching || w.Looks%rereadEvery == 0
}

// AttachmentOf is what a connection says of its attachment; empty when it says that it has none. Of a watched one the
// id is known.
func AttachmentOf(e event.Event, c cloud.Connection) cloud.Attachment {
	status := map[string]string{
		cloud.StateAttaching: cloud.Attaching, cloud.StateAttached: cloud.Attached,
		cloud.StateDetaching: cloud.Detaching,
	}[c.State]
	if status == "" {
		return cloud.Attachment{}
	}
	a := cloud.Attachment{ConnectionID: c.ID, RouterID: c.TransitRouterID, Status: status}
	if w := e.Watch; w != nil && w.RouterID == c.TransitRouterID {
		a.ID = w.AttachmentID
	}
	return a
}

// LastSeen is the watched attachment as it was when a reading last showed it; empty when none is watched.
func LastSeen(e event.Event) cloud.Attachment {
	w := e.Watch
	if w == nil {
		return cloud.Attachment{}
	}
	return cloud.Attachment{ID: w.AttachmentID, ConnectionID: e.ConnectionID, RouterID: w.RouterID, Status: w.Seen}
}

// WatchedRouter is the transit router on which an attachment is watched, as far as the connection tells; without an id
// it is the one that the tags name.
func WatchedRouter(e event.Event, c cloud.Connection) cloud.Router {
	router := cloud.Router{ID: cmp.Or(e.Watch.RouterID, c.TransitRouterID), RegionID: c.RegionID}
	if router.ID == c.TransitRouterID {
		router.CenID = c.CenID
	}
	return router
}

// Strayed says in a sentence that the tags do not name the transit router any more on which an attachment is watched,
// by what Target found in them; empty when they do, or when the router is not listed so that nobody can tell. Nothing
// follows from it for the event: whoever changed the tags made another one.
func (t Target) Strayed(none error, router cloud.Router, isListed bool) string {
	const left = "the attachment is left as it is, and no further route table is bound"
	switch {
	case Ends(none, CodeOptedOut):
		return fmt.Sprintf("Meanwhile %s says that the connection must not be attached: %s.", t.Rule, left)
	case none != nil:
		return fmt.Sprintf("Meanwhile no tag names a transit router: %s.", left)
	case t.matches(router), !isListed && t.Filter.RouterID == "":
		return ""
	}
	return fmt.Sprintf("Meanwhile %s does not name transit router %s: %s.", t.Rule, router.ID, left)
}

// Watching has the attachment looked at again: until it is Attached, or gone when the event detaches it.
func Watching(e event.Event, s Subject, now time.Time) Verdict {
	seen := s.Attachment.Status
	status, next := StatusAttaching, event.Watch{Since: now, Seen: seen, Stood: seen == cloud.Attached}
	if e.Detach {
		status, next = StatusDetaching, event.Watch{Since: now, Seen: seen}
	}
	if e.Watch != nil {
		next = *e.Watch
	}
	next.RouterID = cmp.Or(next.RouterID, s.Router.ID)
	if s.Attachment.ID != "" {
		next.AttachmentID, next.AbsentSince = s.Attachment.ID, time.Time{}
	}
	return Verdict{Status: status, Watch: &next}
}

// StandsOn reports whether a connection says that it is attached, or attaching, to a transit router.
func StandsOn(c cloud.Connection, router cloud.Router) bool {
	return (c.State == cloud.StateAttaching || c.State == cloud.StateAttached) && c.TransitRouterID == router.ID
}

// Sighted notes in the event's watch that a reading showed the attachment. The event's own Watch is not changed.
func Sighted(e event.Event, a cloud.Attachment) event.Event {
	if e.Watch != nil && a.Status != "" {
		w := *e.Watch
		w.Seen, e.Watch = a.Status, &w
	}
	return e
}

// Accepted has an attachment watched that the service has just accepted: no reading has shown it yet.
func Accepted(e event.Event, s Subject, now time.Time) Verdict {
	v := Watching(e, s, now)
	v.Watch.Seen = ""
	if e.Unseen != "" {
		v.Reason = ReasonAgain
	}
	return v
}

// Again is the event for a second create, when no reading ever showed the watched attachment: the service may have
// repeated an old answer to the event's client token, and named what is gone. ok is false for an attachment that was
// seen, which somebody detached, and after the second create.
func Again(e event.Event) (again event.Event, ok bool) {
	w := e.Watch
	if w.Seen != "" || w.AttachmentID == "" || e.Unseen != "" {
		return e, false
	}
	again = e
	again.Unseen, again.Watch, again.Until = w.AttachmentID, nil, time.Time{}
	return again, true
}

// History says in sentences what an outcome cannot tell otherwise of how its event came so far.
func History(e event.Event) []string {
	if e.Unseen == "" {
		return nil
	}
	return []string{fmt.Sprintf("The service named attachment %s first, which no reading showed: "+
		"it was created once more.", e.Unseen)}
}

// Absent handles a reading that shows no attachment although one is watched. One such reading
// is no proof that it is gone: a list may be empty for other reasons, a connection may lag.
// After CONFIRM_TIMEOUT/120 without a reading that shows it, gone is true.
func (s Schedule) Absent(e event.Event, now time.Time) (v Verdict, gone bool) {
	v = Watching(e, Subject{}, now)
	if v.Watch.AbsentSince.IsZero() {
		v.Watch.AbsentSince = now
		return v, false
	}
	return v, now.Sub(v.Watch.AbsentSince) >= s.ConfirmTimeout/absentShare
}

// ReadAgain is for how long after the function first saw an event "no such connection" is taken for a connection that
// is not visible yet: 30 seconds of a day of RETRY_HORIZON, and never more.
func (s Schedule) ReadAgain() time.Duration { return min(s.Horizon/2880, 30*time.Second) }

// IsUnsure reports whether a call that had no answer may have had its effect although no reading has shown it. After
// CONFIRM_TIMEOUT/12 the readings are believed.
func (s Schedule) IsUnsure(e event.Event, now time.Time) bool {
	return !e.UnsureSince.IsZero() && now.Sub(e.UnsureSince) < s.ConfirmTimeout/unsureShare
}

// Stuck reports whether an attachment has been Attaching for so long that nobody may be watching it any more.
func (s Schedule) Stuck(a cloud.Attachment, now time.Time) bool {
	return !a.Created.IsZero() && now.Sub(a.Created) > s.ConfirmTimeout/slowShare
}

// Standing is the verdict about an attachment that is Attached with its route tables bound:
// attached when it stands because of this event, else unchanged.
func (r Rules) Standing(e event.Event, a cloud.Attachment) Verdict {
	if !r.CreatedBy(a, e) && (e.Watch == nil || e.Watch.Stood) {
		return Verdict{Status: StatusUnchanged}
	}
	return Verdict{Status: StatusAttached}
}
