package decide

import (
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Reasons of an attaching outcome that is not the first one about an attachment.
const (
	ReasonSlow   = "Slow"        // it takes long
	ReasonTables = "RouteTables" // it is Attached; its route tables are pending
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

// StatusOf is what a connection's state says of its attachment.
func StatusOf(c cloud.Connection) string {
	if c.State == cloud.StateAttached {
		return cloud.Attached
	}
	return cloud.Attaching
}

// Watching has the attachment looked at again: until it is Attached, or gone when the event detaches it.
func Watching(e event.Event, s Subject, now time.Time) Verdict {
	status, next := StatusAttaching, event.Watch{Since: now, Stood: s.Attachment.Status == cloud.Attached}
	if e.Detach {
		status, next = StatusDetaching, event.Watch{Since: now, RouterID: s.Router.ID}
	}
	if e.Watch != nil {
		next = *e.Watch
	}
	if s.Attachment.ID != "" {
		next.AttachmentID, next.AbsentSince = s.Attachment.ID, time.Time{}
	}
	return Verdict{Status: status, Watch: &next}
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
