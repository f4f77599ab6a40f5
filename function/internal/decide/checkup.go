package decide

import (
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// looksAt are the times of the looks at the health of a connection, in parts of HEALTH_TIMEOUT: of 30 minutes the 1st,
// 2nd, 5th, 10th, 20th and 30th. The looks are counted and not timed: a queue that is late makes none of them more.
func looksAt() []int { return []int{1, 2, 5, 10, 20, 30} }

const wholeHealth = 30 // the last of them

// Waits between readings beside those of the looks.
const (
	missedAgain  = 30 * time.Second // before a connection that is not shown as attached is read again
	maxUnread    = 24               // readings in a row without an answer: some five hours
	maxDiagnoses = 4                // diagnoses in a row without an answer
)

// Checked is what a look at the health of a connection came to, and what follows.
type Checked struct {
	State   HealthState // empty: it was not read, or is not attached
	Router  cloud.Router
	Tunnels []TunnelBrief
	Since   time.Time
	Looks   int
	Why

	Publish    bool      // its document is published
	FollowUp   *FollowUp // a later look
	Fault      *Fault    // why it was not read, or not diagnosed
	DeadLetter bool      // it is given up
	Skipped    string    // the code of why there is nothing to look at
}

// wait is the time from the look before to the n-th one, from 0.
func (s Schedule) wait(n int) time.Duration {
	at := looksAt()
	part := at[n]
	if n > 0 {
		part -= at[n-1]
	}
	return max(time.Second, (s.HealthTimeout / wholeHealth * time.Duration(part)).Round(time.Second))
}

// checkup begins the looks at a connection that has just been found attached.
func (s Schedule) checkup(n *Next, e event.Event, now time.Time) {
	isDone := n.Status == StatusAttached || n.Status == StatusUnchanged
	if s.HealthTimeout == 0 || e.DryRun || e.Detach || !isDone {
		return
	}
	h := event.Health{AttachmentID: n.Attachment.ID, RouterID: n.Router.ID, CenID: n.Router.CenID}
	n.FollowUp = s.later(e, h, s.wait(0), now)
}

// later has a connection looked at after a time. Of the event's progress nothing else is left.
func (s Schedule) later(e event.Event, h event.Health, delay time.Duration, now time.Time) *FollowUp {
	e.Progress = event.Progress{
		Attempt: e.Attempt, FirstSeen: e.FirstSeen, Swept: e.Swept, Health: &h,
		Until: now.Add(s.HealthTimeout + s.Horizon).UTC(), // for a version that does not know it
	}
	return &FollowUp{Kind: event.TypeHealth, Event: e, Delay: delay}
}

// Looked decides what a reading of an attached connection comes to. A connection that two readings in a row do not show
// on its transit router was detached, or is gone: then nothing follows.
func (s Schedule) Looked(e event.Event, c cloud.Connection, now time.Time) Checked {
	h := *e.Health
	isThere := c.State == cloud.StateAttached && (c.TransitRouterID == h.RouterID || h.RouterID == "")
	switch {
	case !isThere && (h.Asked || h.Missed):
		return Checked{Skipped: CodeNotAttached}
	case !isThere:
		h.Missed = true
		return Checked{FollowUp: s.later(e, h, missedAgain, now)}
	}
	out := Checked{Router: cloud.Router{ID: c.TransitRouterID, CenID: c.CenID}, Tunnels: Tunnels(c), Looks: h.Looks + 1}
	out.State, out.Since = StateOf(out.Tunnels), h.Since
	if string(out.State) != h.Seen || h.Since.IsZero() || h.Since.After(now) {
		out.Since = now
	}
	h.Looks, h.Seen, h.Since, h.Missed, h.Failures = out.Looks, string(out.State), out.Since.UTC(), false, 0
	h.RouterID, h.CenID = c.TransitRouterID, c.CenID
	switch {
	case h.Asked:
		h.Asked, h.Looks, out.Publish = false, 0, true
		if out.State != HealthUp && s.HealthTimeout > 0 { // who asked is told how it ends as well
			out.FollowUp = s.later(e, h, s.wait(0), now)
		}
	case out.State == HealthUp || out.Looks >= len(looksAt()):
		out.Publish = true
	default:
		out.FollowUp = s.later(e, h, s.wait(out.Looks), now)
	}
	return out
}

// Undiagnosed adds to a document that a diagnosis failed. One that may answer later is asked again before the document
// is published, and the connection is then read again, too.
func (s Schedule) Undiagnosed(e event.Event, out Checked, err error, now time.Time) Checked {
	fault := s.Codes.Fault(err)
	out.Why, out.Fault = s.Codes.Undiagnosed(err), &fault
	h := *e.Health
	if fault.Class != ClassRetry || h.Failures >= maxDiagnoses || h.Asked {
		return out
	}
	h.Failures++
	out.Publish, out.FollowUp = false, s.later(e, h, backoff(firstRetry, longestRetry, h.Failures, e.ID), now)
	return out
}

// Unread decides what follows when a connection cannot be read. It is read again later, and in the end is a dead letter
// that begins its event again; whoever asked is told at once.
func (s Schedule) Unread(e event.Event, v Verdict, now time.Time) Checked {
	out, h := Checked{Fault: v.Fault}, *e.Health
	switch {
	case v.Status == StatusSkipped:
		return Checked{Skipped: v.Reason}
	case h.Asked:
		return out
	case v.Postponed && now.Before(e.Until):
		out.Fault = nil
		out.FollowUp = s.later(e, h, max(time.Second, v.Wait.Round(time.Second)), now)
		out.FollowUp.Event.Until = e.Until
		return out
	case v.Postponed, !v.transient(), h.Failures >= maxUnread:
		fault := v.Fault.finished(e)
		out.Fault, out.DeadLetter = &fault, true
		return out
	}
	h.Failures++
	out.FollowUp = s.later(e, h, backoff(firstRetry, longestRetry, h.Failures, e.ID), now)
	return out
}
