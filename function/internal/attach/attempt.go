package attach

import (
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
)

// attempt is the work for one event, from what is known of it to its verdict.
type attempt struct {
	reading
	attacher *Attacher
	refused  error // why the event was not admitted

	leave    func() // leaves its place in the queue for a create call
	reread   bool   // the state must be read again, because a call may have had an effect
	warnings []string

	// Of the calls of this attempt that create or delete an attachment: the last one was refused for certain, one may
	// have had its effect.
	wasRefused, mayHaveWorked bool
	ended
}

// newAttempt admits the event. Nothing is called yet.
func (a *Attacher) newAttempt(base reading, e event.Event) *attempt {
	t := &attempt{reading: base, attacher: a}
	t.refused = t.admit(a, e)
	return t
}

// admit makes e the event of the reading. It notes which other instance made the event's message, and how many events
// of a region an invocation has. The error says why the event is not admitted.
func (r *reading) admit(a *Attacher, e event.Event) (refused error) {
	if e.Made.Instance != "" {
		a.Pace.Heard(e.Made.Instance, e.Made.At)
	}
	r.event, refused = a.Rules.Admit(e, r.inv.Function, r.inv.Started)
	if refused == nil && r.foreign() == "" {
		r.shared.events[r.event.RegionID]++
	}
	return refused
}

// work takes the event to its verdict and encodes what follows from that.
func (t *attempt) work(ctx context.Context) (done effects, err error) {
	started := time.Now()
	verdict := t.run(ctx)
	t.countRefusal()
	now := time.Now()
	next := t.schedule.Next(t.event, verdict, now)
	t.ended = ended{
		about: t.event, next: next, now: now, took: now.Sub(started), spent: t.calls, cold: t.inv.Cold,
	}
	if next.FollowUp != nil {
		message, err := t.attacher.followUp(t.inv, *next.FollowUp, now)
		if err != nil {
			return effects{}, err
		}
		done.requeue = []requeued{message}
	}
	if next.DeadLetter && t.attacher.DeadLetters != nil {
		if done.deadLetter, err = t.attacher.deadLetter(t.inv, t.event, *next.Fault, now); err != nil {
			return effects{}, err
		}
	}
	if !next.Silent {
		done.outcome, err = t.inv.outcome(t.ended)
	}
	return done, err
}

func (a *Attacher) followUp(inv Invocation, f decide.FollowUp, now time.Time) (requeued, error) {
	f.Event.Made = event.Made{Instance: a.Pace.ID(), At: now.UTC()}
	body, err := a.Signer.EncodeFollowUp(f.Event, inv.HeaderOf(f.Kind, f.Event, now), nil)
	return requeued{Message: cloud.Message{Body: body, Delay: f.Delay}, copyOf: f.CopyOf, progress: f.Progress()}, err
}

// deadLetter encodes what is kept of an event that is given up. Moved back to the queue as it is, the event begins
// again under its next id.
func (a *Attacher) deadLetter(inv Invocation, e event.Event, fault decide.Fault, now time.Time) (
	*cloud.Message, error) {
	kept, header := event.Event{Origin: e.Origin, Ask: e.Ask}, inv.HeaderOf(event.TypeDeadLetter, e, now)
	body, err := a.Signer.EncodeFollowUp(kept, header, map[string]any{
		"error":  fault,
		"replay": "Once the cause is fixed, move this message back to the event queue (scripts/vpn-attach redrive).",
	})
	return &cloud.Message{Body: body}, err
}

// run takes the event to its verdict. When the create that it may come to is not due in this
// invocation, nothing is asked and the event goes back. When the state may be another in a
// moment it is read again, a few times; whatever is found then decides.
func (t *attempt) run(ctx context.Context) decide.Verdict {
	switch {
	case t.refused != nil:
		return t.schedule.Codes.Verdict(t.refused)
	case ctx.Err() != nil:
		return decide.Verdict{Postponed: true}
	case t.event.Watch == nil && !t.event.Detach:
		leave, away := t.pace.Enter(ctx, t.event.RegionID, cloud.ActionCreate)
		if leave == nil {
			return decide.Verdict{Postponed: true, Wait: away}
		}
		t.leave = leave
		defer leave()
	}
	for try := 1; ; try++ {
		verdict, reread := t.once(ctx, try)
		if !reread || try >= t.attacher.Rereads || pace.Sleep(ctx, t.pace.Backoff(try, nil)) != nil {
			return verdict
		}
	}
}

// once reads the state, decides and acts. reread is true when the state may be another in a moment.
func (t *attempt) once(ctx context.Context, try int) (verdict decide.Verdict, reread bool) {
	t.pass, t.subject, t.reread, t.warnings, t.strayed = try, decide.Subject{}, false, nil, false
	verdict, err := t.steps(ctx)
	if err != nil {
		verdict, reread = t.schedule.Codes.Verdict(err), t.schedule.Codes.MayPass(t.event, err)
	}
	t.subject.Notes = append(t.subject.Notes, decide.History(t.event)...)
	verdict.Subject, verdict.Warnings = t.subject, t.warnings
	if t.isUnsure(time.Now()) {
		verdict = t.schedule.Codes.Unproven(verdict)
	}
	return verdict, reread || t.reread
}

// called notes how a call ended that creates or deletes an attachment. Without an answer it may have had its effect, in
// this invocation or in a later one; a later answer to the same request does not change that, a reading does. A dry run
// has no effect.
func (t *attempt) called(err error, isDryRun bool) {
	isRefused, isSpent := decide.IsRefusal(err), decide.SpendsToken(err)
	if isSpent {
		t.event.Refusals++
	}
	t.wasRefused = isRefused && !isSpent
	t.mayHaveWorked = t.mayHaveWorked || err != nil && !isRefused
	if isDryRun {
		return
	}
	t.reread = err != nil && (t.reread || cloud.EffectUnknown(err))
	if cloud.EffectUnknown(err) && t.event.UnsureSince.IsZero() {
		t.event.UnsureSince = time.Now().UTC()
	}
}

// countRefusal gives the next attempt another client token when a definite refusal ended this one: a service may repeat
// its answer to a token. The count travels with the follow-up, so that it survives this instance. While a call may have
// had its effect the token stays.
func (t *attempt) countRefusal() {
	if t.wasRefused && !t.mayHaveWorked && t.event.UnsureSince.IsZero() {
		t.event.Refusals++
	}
}

// isUnsure reports whether an attachment may stand, or be gone, although no reading has shown it.
func (t *attempt) isUnsure(now time.Time) bool { return t.schedule.IsUnsure(t.event, now) }

// steps are the way of an event, once. An error that says why it ended is a *decide.End, or a
// service's *cloud.APIError.
func (t *attempt) steps(ctx context.Context) (decide.Verdict, error) {
	if t.event.Detach {
		return t.detach(ctx)
	}
	connection, err := t.connection(ctx)
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case t.event.Watch != nil:
		return t.look(ctx, connection)
	}
	if err := t.schedule.Shown(t.event, connection, time.Now()); err != nil {
		return decide.Verdict{}, err
	}
	stands, plan, err := t.locate(ctx, connection)
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case stands:
		return t.adopt(ctx, connection)
	}
	return t.create(ctx, plan)
}
