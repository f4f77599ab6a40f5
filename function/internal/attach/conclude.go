package attach

import (
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

// conclude gives the result of an event's line: what is published of it now, and what goes
// back to the queue so that it comes to its end. Every event that has not come to one has
// exactly one message there.
func (a *Attacher) conclude(inv Invocation, e event.Event, v Verdict) result {
	now := a.Now()
	r := result{item: event.Item{Event: &e}, verdict: v}
	e.Until = earlier(e.Until, e.FirstSeen.Add(a.Horizon))
	switch {
	case v.postponed && now.Before(e.Until):
		r.silent = true
		r.later = a.again(inv, e, now, wholeSeconds(v.wait))
	case v.postponed:
		r.verdict = *failed("", Fault{Code: CodeNoAnswer, Class: ClassRetry, Message: "the function never came to it"})
		a.giveUp(&r, inv, e, now, ClassRetry)
	case v.following != nil:
		a.lookAgain(&r, inv, e, now, *v.following)
	case v.passing() && e.Following != nil:
		e.Failing = failing(e, v, now)
		a.lookAgain(&r, inv, e, now, *e.Following)
	case v.passing():
		a.tryAgain(&r, inv, e, now)
	}
	if e.Swept && !tells(r.verdict.Status) {
		r.silent = true // the sweeps go on saying it
	}
	return r
}

// tells reports whether a status is news of a connection that a sweep asked for.
func tells(s Status) bool {
	return s == StatusAttaching || s == StatusAttached || s == StatusUnchanged
}

// tryAgain has the event tried again later, or gives it up when it has been failing for as
// long as its failure is worth.
func (a *Attacher) tryAgain(r *result, inv Invocation, e event.Event, now time.Time) {
	v := &r.verdict
	e.Failing = failing(e, *v, now)
	patience := a.Errors.patienceOf(v.Fault.Code, v.Fault.HTTPStatus)
	if !now.Before(e.Until) || !now.Before(e.Failing.Since.Add(a.Horizon/patience.share)) {
		a.giveUp(r, inv, e, now, patience.then)
		return
	}
	delay := max(backoff(firstRetry, longestRetry, e.Attempt, e.ID, e.ConnectionID), min(v.wait.Round(time.Second), longestRetry))
	retryAt := now.Add(delay).UTC()
	v.Status, r.retryAt = StatusRetrying, &retryAt
	e.Attempt++
	r.later = a.again(inv, e, now, delay)
}

// lookAgain has the attachment looked at again later, or says that it takes too long. A look
// is an outcome only when it tells something new: the first, and once that it is slow.
func (a *Attacher) lookAgain(r *result, inv Invocation, e event.Event, now time.Time, f event.Following) {
	v, known := &r.verdict, e.Following != nil
	took := now.Sub(f.Since)
	if took >= a.ConfirmTimeout {
		goal := "Attached"
		if e.Detach {
			goal = "gone"
		}
		message := fmt.Sprintf("attachment %s is not %s after %s", orNone(v.Attachment.ID), goal, took.Round(time.Second))
		if e.Failing.Code != "" {
			message += "; the last failure was " + e.Failing.Code
		}
		timeout := *failed("", Fault{Code: CodeConfirmTimeout, Message: message})
		timeout.Tables = v.Tables
		*v = timeout.about(v.Rule, v.Router, v.Attachment).completed(a.Errors)
		a.giveUp(r, inv, e, now, ClassRetry)
		return
	}
	r.silent = known
	if !f.Slow && took >= a.ConfirmTimeout/slowShare && v.Fault == nil {
		f.Slow, r.silent, v.Reason = true, false, reasonSlow
	}
	delay := backoff(firstLook, longestLook, f.Looks+1, e.ID, e.ConnectionID)
	f.Looks++
	e.Following, e.Until = &f, f.Since.Add(a.ConfirmTimeout)
	r.later = a.again(inv, e, now, delay)
}

// giveUp ends an event that goes on failing: its dead letter goes out before its outcome, so
// that nothing is said to be over that could not be taken up again.
func (a *Attacher) giveUp(r *result, inv Invocation, e event.Event, now time.Time, class Class) {
	fault := *r.verdict.Fault
	fault.Class, fault.Exhausted = class, true
	r.verdict.Fault, r.verdict.Status, r.verdict.following = &fault, StatusFailed, nil
	if a.DeadLetters == nil || e.Swept {
		return
	}
	letter, err := event.FollowUp(e.Afresh(), inv.envelope(event.TypeDeadLetter, e, now), map[string]any{
		"error":  fault,
		"replay": "Once the cause is mended, move this message back to the event queue (scripts/redrive does).",
	})
	r.letter, r.err = &Message{Message: cloud.Message{Body: letter}}, err
}

// again is the message that brings an event back.
func (a *Attacher) again(inv Invocation, e event.Event, now time.Time, delay time.Duration) *Message {
	kind, progress := event.TypeRetry, e.Attempt
	if e.Following != nil {
		kind, progress = event.TypeConfirm, e.Following.Looks
	}
	envelope := inv.envelope(kind, e, now)
	body, err := event.FollowUp(e, envelope, nil)
	if err != nil { // all that an event holds can be encoded
		a.Log.Error().Str("eventId", e.ID).Err(err).Msg("internal fault")
	}
	return &Message{Message: cloud.Message{Body: body, Delay: delay}, copyOf: digest(kind, e.ID, e.ConnectionID), progress: progress}
}

// envelope names a message of ours by what it is for.
func (inv Invocation) envelope(kind string, e event.Event, now time.Time) event.Envelope {
	looks := 0
	if e.Following != nil {
		looks = e.Following.Looks
	}
	return event.Envelope{ID: digest(kind, e.ID, e.ConnectionID, fmt.Sprint(e.Attempt, looks)), Source: inv.source(), Type: kind, Time: now}
}

// failing notes since when the verdict's failure has been the last word.
func failing(e event.Event, v Verdict, now time.Time) event.Failing {
	if e.Failing.Code == v.Fault.Code && !e.Failing.Since.IsZero() && e.Failing.Since.Before(now) {
		return e.Failing
	}
	return event.Failing{Code: v.Fault.Code, Since: now.UTC()}
}

// backoff is the wait after the n-th time: doubling, and a quarter more or less by a jitter
// that depends on the event and the step alone, so that copies of a message stay together.
// It is in whole seconds, like the delays of the queue.
func backoff(first, longest time.Duration, n int, identity ...string) time.Duration {
	wait := longest
	if n = max(n, 1); n < 20 {
		wait = min(first<<(n-1), longest)
	}
	raw, _ := hex.DecodeString(digest(append(identity, fmt.Sprint(n))...)[:8]) // always hex
	share := float64(binary.BigEndian.Uint32(raw)) / (1 << 32)
	return min(time.Duration(float64(wait)*(0.75+share/2)).Round(time.Second), longest)
}

// wholeSeconds is how long a message rests, no shorter than d.
func wholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1).Truncate(time.Second)
}

func earlier(a, b time.Time) time.Time {
	if a.IsZero() || b.Before(a) {
		return b
	}
	return a
}

func orNone(id string) string {
	if id == "" {
		return "(not listed)"
	}
	return id
}
