package decide

import (
	"cmp"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// The waits between the tries of an event, and between the looks at an attachment: they
// double from the first to the longest.
const (
	firstRetry   = 10 * time.Second
	longestRetry = 15 * time.Minute
	firstLook    = 15 * time.Second
	longestLook  = time.Minute
)

// Schedule says how long is waited, and for how long.
type Schedule struct {
	Horizon        time.Duration // RETRY_HORIZON: how long anything stays in the queue
	ConfirmTimeout time.Duration // CONFIRM_TIMEOUT: how long an attachment is watched
	HealthTimeout  time.Duration // HEALTH_TIMEOUT: how long an attached connection is looked at; 0 is not at all
	Codes          Codes
}

// Next is what follows an attempt: what is published now, and what is requeued so
// that the event ends. Every event that has not ended has exactly one message there.
type Next struct {
	Verdict         // as it is published
	Silent     bool // nothing is published: there is no news
	RetryAt    *time.Time
	FollowUp   *FollowUp // goes back to the event queue
	DeadLetter bool      // the event is given up: its dead letter goes out before its outcome
}

// FollowUp is the message that brings an event back.
type FollowUp struct {
	Kind  string // event.TypeRetry, event.TypeConfirm or event.TypeHealth
	Event event.Event
	Delay time.Duration
}

// Next decides what follows an attempt that ended with v.
func (s Schedule) Next(e event.Event, v Verdict, now time.Time) Next {
	n := Next{Verdict: v}
	if end := e.FirstSeen.Add(s.Horizon); e.Until.IsZero() || end.Before(e.Until) {
		e.Until = end
	}
	switch {
	case v.Postponed && now.Before(e.Until):
		n.Silent = true
		n.requeue(e, (v.Wait + time.Second - 1).Truncate(time.Second))
	case v.Postponed:
		n.Verdict = s.Codes.Verdict(postponed(e))
		n.giveUp(ClassRetry)
	case v.Watch != nil:
		s.lookAgain(&n, e, *v.Watch, now)
	case v.transient() && e.Watch != nil:
		e.Failing = failing(e, *v.Fault, now)
		s.lookAgain(&n, e, *e.Watch, now)
	case v.transient():
		s.retry(&n, e, now)
	}
	if n.Fault != nil && n.RetryAt == nil {
		finished := n.Fault.finished(e)
		n.Fault = &finished
	}
	if e.Swept && !e.Detach && !isNews(n.Status) { // the sweep reports it
		n.Silent, n.DeadLetter = true, false
	}
	s.checkup(&n, e, now)
	return n
}

// isNews reports whether a status is news of a connection that a sweep asked for.
func isNews(s Status) bool {
	return s == StatusAttaching || s == StatusAttached || s == StatusUnchanged
}

// retry has the event tried again later, or gives it up when it has been failing for as long as its code is worth.
func (s Schedule) retry(n *Next, e event.Event, now time.Time) {
	fault := *n.Fault
	e.Failing = failing(e, fault, now)
	if !now.Before(e.Until) || !now.Before(e.Failing.Since.Add(s.patience(fault))) {
		n.giveUp(cmp.Or(fault.known.then, ClassRetry))
		return
	}
	delay := backoff(firstRetry, longestRetry, e.Attempt, e.ID, e.ConnectionID)
	delay = max(delay, min(n.Wait.Round(time.Second), longestRetry))
	at := now.Add(delay).UTC()
	fault.Advice = "No action needed; next try at " + at.Format("15:04:05") + " UTC."
	fault.Message += waitsFor(fault.Code)
	n.Status, n.Fault, n.RetryAt = StatusRetrying, &fault, &at
	e.Attempt++
	n.requeue(e, delay)
}

// waitsFor ends the message of a retry that only waits for a reading to show more.
func waitsFor(code string) string {
	switch code {
	case CodeTargetNotFound, CodeTableUnknown, CodeGrantMissing:
		return "; a list may not show it yet, so it is read again"
	case CodeTagsNotShown:
		return "; a reading may lag behind, so it is read again"
	}
	return ""
}

// patience is for how long a fault is retried.
func (s Schedule) patience(f Fault) time.Duration {
	return s.Horizon / time.Duration(max(1, f.known.share))
}

// lookAgain has the attachment looked at again later, or ends the watch when it takes too
// long. A look is an outcome only when it is news: the first one, and once that it is slow.
func (s Schedule) lookAgain(n *Next, e event.Event, w event.Watch, now time.Time) {
	took := now.Sub(w.Since)
	stands := n.Fault != nil && n.Attachment.Status == cloud.Attached && !e.Detach
	switch {
	case stands && (took >= s.ConfirmTimeout || now.Sub(e.Failing.Since) >= s.patience(*n.Fault)):
		n.giveUp(cmp.Or(n.Fault.known.then, ClassRetry)) // what failed are its route tables
		return
	case took >= s.ConfirmTimeout:
		late := s.Codes.Verdict(Fail(CodeConfirmTimeout, "%s", timeoutMessage(n.Attachment, e, took)))
		late.Subject, late.Warnings = n.Subject, n.Warnings
		n.Verdict = late
		n.giveUp(ClassRetry)
		return
	}
	n.Silent = e.Watch != nil
	if !w.Slow && took >= s.ConfirmTimeout/slowShare && n.Fault == nil {
		w.Slow, n.Silent, n.Reason = true, false, ReasonSlow
	}
	w.Looks++
	delay := backoff(firstLook, longestLook, w.Looks, e.ID, e.ConnectionID)
	e.Watch, e.Until = &w, w.Since.Add(s.ConfirmTimeout)
	n.requeue(e, delay)
}

// postponed says why an event ends whose work was put off until its time was over.
func postponed(e event.Event) error {
	switch {
	case !e.UnsureSince.IsZero():
		return Fail(CodeNoAnswer, "a call that attaches or detaches had no answer and may have had its effect; the "+
			"state was not read since")
	case e.Failing.Code != "":
		return Fail(e.Failing.Code, "this was the last failure; since then there was no time to finish an attempt")
	}
	return Fail(CodeNoAnswer, "the function never began the work for this event")
}

func timeoutMessage(a cloud.Attachment, e event.Event, took time.Duration) string {
	id, lacks := cmp.Or(a.ID, "(not listed)"), "is not Attached"
	switch {
	case e.Detach:
		lacks = "is not gone"
	case a.Status == cloud.Attached:
		lacks = "is Attached, and its route tables are not bound"
	case a.Status != "" && a.Status != cloud.Attaching:
		lacks += " but " + quoted(a.Status)
	}
	message := fmt.Sprintf("attachment %s %s after %s", id, lacks, took.Round(time.Second))
	if e.Failing.Code != "" {
		message += "; the last failure was " + e.Failing.Code
	}
	return message
}

// requeue has the event back after delay.
func (n *Next) requeue(e event.Event, delay time.Duration) {
	n.FollowUp = &FollowUp{Kind: event.TypeRetry, Event: e, Delay: delay}
	if e.Watch != nil {
		n.FollowUp.Kind = event.TypeConfirm
	}
}

// giveUp ends an event that keeps failing.
func (n *Next) giveUp(class Class) {
	fault := *n.Fault
	fault.Class, fault.Exhausted = class, true
	n.Fault, n.Status, n.Watch, n.DeadLetter = &fault, StatusFailed, nil, true
}

// failing notes since when the fault's code has been the last one.
func failing(e event.Event, fault Fault, now time.Time) event.Failing {
	if e.Failing.Code == fault.Code && !e.Failing.Since.IsZero() && e.Failing.Since.Before(now) {
		return e.Failing
	}
	return event.Failing{Code: fault.Code, Since: now.UTC()}
}

// CopyOf is the same for all copies of a follow-up, which differ in progress alone: what else differs is another event,
// whatever it calls itself.
func (f FollowUp) CopyOf() string {
	e := f.Event
	e.Progress = event.Progress{}
	return Digest(f.Kind, fmt.Sprintf("%q", e.Unknown), fmt.Sprintf("%+v", e))
}

// HeaderOf names a message about an event by what it is for and how far the event has come.
func (f Function) HeaderOf(kind string, e event.Event, now time.Time) event.Header {
	return f.Header(kind, now, kind, e.ID, e.ConnectionID, fmt.Sprint(e.Attempt, e.Looks()))
}

// Progress says how far the follow-up has come: attempts, or looks.
func (f FollowUp) Progress() int {
	if f.Event.Watch != nil || f.Event.Health != nil {
		return f.Event.Looks()
	}
	return f.Event.Attempt
}

// RepublishDelay is the wait before an outcome is published again that the topic did not take. expired is true when it
// is older than RETRY_HORIZON: it becomes a dead letter. One whose date is still to come is as old as the waits behind
// it.
func (s Schedule) RepublishDelay(id string, made, now time.Time, attempt int) (delay time.Duration, expired bool) {
	age := now.Sub(made)
	if age < 0 {
		age = 0
		for n := range attempt {
			age += backoff(firstRetry, longestRetry, n, id)
		}
	}
	return backoff(firstRetry, longestRetry, attempt, id), age > s.Horizon
}

// backoff is the wait after the n-th time: doubling, and a quarter more or less by a jitter that depends on the event
// and the step alone, so that copies of a message stay together. It is in whole seconds, like the delays of the queue.
func backoff(first, longest time.Duration, n int, identity ...string) time.Duration {
	wait := longest
	if n = max(n, 1); n < 20 {
		wait = min(first<<(n-1), longest)
	}
	raw, _ := hex.DecodeString(Digest(append(identity, fmt.Sprint(n))...)[:8]) // always hex
	share := float64(binary.BigEndian.Uint32(raw)) / (1 << 32)
	return min(time.Duration(float64(wait)*(0.75+share/2)).Round(time.Second), longest)
}
