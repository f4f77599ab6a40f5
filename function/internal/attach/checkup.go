package attach

import (
	"context"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// checkup is the job that looks whether an attached connection carries traffic. It cannot write.
type checkup struct {
	reading
	attacher *Attacher
	refused  error // why the event was not admitted

	checked decide.Checked
	took    time.Duration
}

// newCheckup admits the event. Nothing is called yet.
func (a *Attacher) newCheckup(base reading, e event.Event) *checkup {
	t := &checkup{reading: base, attacher: a}
	t.refused = t.admit(a, e)
	return t
}

// work looks once, and encodes what follows: a document, a later look, or nothing.
func (t *checkup) work(ctx context.Context) (done effects, err error) {
	started := time.Now()
	t.checked = t.look(ctx)
	now := time.Now()
	t.took = now.Sub(started)
	if follow := t.checked.FollowUp; follow != nil {
		message, err := t.attacher.followUp(t.inv, *follow, now)
		if err != nil {
			return effects{}, err
		}
		done.requeue = []requeued{message}
	}
	switch {
	case t.checked.Publish:
		document := t.inv.Health(t.event, t.checked, now)
		done.outcome = &publication{
			id: document.ID, status: decide.Status(t.checked.State), made: document.Time, keep: true,
		}
		done.outcome.body, err = document.Encode()
	case t.event.Health.Asked:
		done.outcome, err = t.inv.outcome(t.refusal(now))
	case t.checked.DeadLetter && t.attacher.DeadLetters != nil:
		done.deadLetter, err = t.attacher.deadLetter(t.inv, t.event, *t.checked.Fault, now)
	}
	return done, err
}

// refusal is what a person is answered whose connection could not be looked at.
func (t *checkup) refusal(now time.Time) ended {
	verdict := decide.Verdict{Status: decide.StatusSkipped, Reason: t.checked.Skipped}
	if fault := t.checked.Fault; fault != nil {
		verdict = decide.Verdict{Status: decide.StatusFailed, Fault: fault}
	}
	return ended{about: t.event, next: decide.Next{Verdict: verdict}, now: now, took: t.took, spent: t.calls}
}

// look reads the connection once. One that will not be looked at again and is not up is diagnosed.
func (t *checkup) look(ctx context.Context) decide.Checked {
	c, err := t.connectionInList(ctx)
	if err != nil {
		return t.schedule.Unread(t.event, t.schedule.Codes.Verdict(err), time.Now())
	}
	checked := t.schedule.Looked(t.event, c, time.Now())
	if !checked.Publish || checked.State == decide.HealthUp {
		return checked
	}
	var found []cloud.Finding
	filter, ask := decide.Diagnosis(t.event, c, t.inv.Function)
	if ask {
		err = t.call(ctx, cloud.ActionDiagnose, func(ctx context.Context) (err error) {
			found, err = t.cloud.Diagnose(ctx, filter)
			return err
		})
	}
	if err != nil {
		return t.schedule.Undiagnosed(t.event, checked, err, time.Now())
	}
	checked.Why = decide.CauseOf(checked.Tunnels, found)
	return checked
}

// connectionInList reads the connection where it costs the events that attach nothing: in the list that the invocation
// shares, else alone in a list. One that is not listed comes back without a state.
func (t *checkup) connectionInList(ctx context.Context) (cloud.Connection, error) {
	switch {
	case t.refused != nil:
		return cloud.Connection{}, t.refused
	case ctx.Err() != nil:
		return cloud.Connection{}, ctx.Err()
	}
	id := t.event.ConnectionID
	if c, found := t.listedConnections(ctx)[id]; found {
		return c, nil
	}
	filter := cloud.ConnectionFilter{OwnerID: t.foreign(), RegionID: t.event.RegionID, ID: id}
	page, err := readPage(ctx, &t.reading, cloud.ActionInventory, t.cloud.ListConnections, filter, "")
	if err != nil {
		return cloud.Connection{}, t.rules.RoleError(err, t.foreign(), t.inv.Function)
	}
	at := slices.IndexFunc(page.Items, func(c cloud.Connection) bool { return c.ID == id })
	switch {
	case at >= 0:
		return page.Items[at], nil
	case t.event.Health.Asked:
		return cloud.Connection{}, t.rules.Missing(t.event, t.inv.Function)
	}
	return cloud.Connection{}, nil
}

// log writes the one line of a look.
func (t *checkup) log(log zerolog.Logger, done effects, undelivered error) {
	p, checked := publication{}, t.checked
	if done.outcome != nil {
		p = *done.outcome
	}
	told, level := decide.HealthState(""), zerolog.InfoLevel
	if checked.Publish {
		told = checked.State
	}
	if told == decide.HealthDown || checked.DeadLetter || p.err != nil ||
		undelivered != nil {
		level = zerolog.ErrorLevel
	}
	line := log.WithLevel(level).
		Str("eventId", t.event.ID).
		Str("connection", t.event.ConnectionID).
		Str("router", t.event.Health.RouterID).
		Str("attachment", t.event.Health.AttachmentID).
		Str("status", string(told)).
		Str("seen", string(checked.State)).
		Str("reason", checked.Reason).
		Str("actor", string(checked.Actor)).
		Int("looks", checked.Looks).
		Int("calls", t.calls).
		Int64("ms", t.took.Milliseconds()).
		Bool("published", done.published(undelivered)).
		Bool("queued", p.queued)
	if checked.Fault != nil {
		line = line.Str("code", checked.Fault.Code)
	}
	if len(done.requeue) > 0 {
		line = line.Dur("delay", done.requeue[0].Delay)
	}
	line.Msg("health")
}
