package attach

import (
	"time"

	"github.com/rs/zerolog"
)

// logEvent writes the one line of an item, with the same keys whatever happened, so
// that a log store can index them. It holds ids and codes; never a message's bytes.
func (a *Attacher) logEvent(inv Invocation, r result, undelivered error) {
	switch item := r.item; {
	case item.Ignored != "":
		a.Log.Info().Str("requestId", inv.RequestID).Str("ignored", item.Ignored).Msg("ignored")
		return
	case item.Surplus != nil:
		reason := "more than one invocation takes, put back"
		if a.Paused {
			reason = "paused (PAUSE=true), put back for five minutes"
		}
		a.Log.Info().Str("requestId", inv.RequestID).Int("bytes", len(item.Surplus)).Msg(reason)
		return
	case item.Newer != nil && r.silent:
		a.Log.Warn().Str("requestId", inv.RequestID).Str("eventId", item.Newer.ID).Str("type", item.Newer.Type).Dur("delay", r.later.Delay).Msg("of another version, put back")
		return
	case item.Sweep != nil:
		a.logSweep(inv, r, undelivered)
		return
	case item.Report != nil:
		a.Log.Info().Str("requestId", inv.RequestID).Str("outcomeId", item.Report.ID).Str("status", item.Report.Status).Bool("published", r.published(undelivered)).Bool("queued", r.postponed).Msg("report")
		return
	}
	data := r.outcome.Data
	var fault Fault
	if data.Error != nil {
		fault = *data.Error
	}
	line := a.Log.WithLevel(r.level(undelivered)).
		Str("requestId", inv.RequestID).
		Str("eventId", data.Event.ID).
		Str("connection", data.ConnectionID).
		Str("router", data.RouterID).
		Str("attachment", data.AttachmentID).
		Str("rule", data.Rule).
		Str("status", string(data.Status)).
		Str("reason", data.Reason).
		Str("code", fault.Code).
		Str("class", string(fault.Class)).
		Str("apiRequestId", fault.RequestID).
		Int("attempt", data.Event.Attempt).
		Int("calls", r.calls).
		Int64("ms", r.took.Milliseconds()).
		Int64("lagSeconds", data.LagSeconds).
		Bool("cold", inv.Cold).
		Strs("warnings", r.verdict.warnings).
		Bool("published", r.published(undelivered)).
		Bool("queued", r.postponed)
	if r.later != nil {
		line = line.Dur("delay", r.later.Delay)
	}
	if r.err != nil {
		line = line.AnErr("unpublished", r.err)
	}
	line.Msg("event")
}

// logSweep writes the line of a sweep's invocation.
func (a *Attacher) logSweep(inv Invocation, r result, undelivered error) {
	line := a.Log.Info()
	if r.err != nil {
		line = a.Log.Error().AnErr("error", r.err)
	}
	line.Str("requestId", inv.RequestID).Str("eventId", r.item.Sweep.ID).Int("requests", len(r.laters)).Int("calls", r.calls).Int64("ms", r.took.Milliseconds()).
		Bool("done", r.swept != nil).Bool("published", r.published(undelivered))
	if r.swept != nil {
		data := r.swept.Data
		line.Int("connections", data.Connections).Int("inLine", data.InLine).Int("wanted", data.Wanted.Count).Int("amiss", data.Amiss.Count)
	}
	line.Msg("sweep")
}

// published reports whether the subscribers were told.
func (r result) published(undelivered error) bool {
	return !r.silent && r.err == nil && undelivered == nil
}

// level follows who must act: nobody, an operator, or whoever reads warnings.
func (r result) level(undelivered error) zerolog.Level {
	fault := r.outcome.Data.Error
	switch {
	case r.err != nil || undelivered != nil:
		return zerolog.ErrorLevel
	case fault == nil:
		return zerolog.InfoLevel
	case fault.Class == ClassOperator || fault.Exhausted:
		return zerolog.ErrorLevel
	}
	return zerolog.WarnLevel
}

// logInvocation writes the summary line.
func (a *Attacher) logInvocation(inv Invocation, report Report, bytes int, took time.Duration, err error) {
	line := a.Log.Info()
	if err != nil {
		line = a.Log.Error().AnErr("error", err)
	}
	line.Str("requestId", inv.RequestID).
		Int("events", report.Events).
		Int("ignored", report.Ignored).
		Int("queued", report.Queued).
		Int("bytes", bytes).
		Int64("ms", took.Milliseconds()).
		Bool("cold", inv.Cold).
		Msg("invocation")
}
