package attach

import (
	"time"

	"github.com/rs/zerolog"
)

// logEvent writes the one line of an item, with the same keys whatever happened, so
// that a log store can index them. It holds ids and codes; never a message's bytes.
func (a *Attacher) logEvent(inv Invocation, r result) {
	if r.item.Ignored != "" {
		a.Log.Info().Str("requestId", inv.RequestID).Str("ignored", r.item.Ignored).Msg("ignored")
		return
	}
	if newer := r.item.Newer; r.later != nil {
		a.Log.Warn().Str("requestId", inv.RequestID).Str("eventId", newer.ID).Str("type", newer.Type).Dur("delay", r.later.Delay).Msg("of another version, put back")
		return
	}
	if report := r.item.Report; report != nil {
		a.Log.Info().Str("requestId", inv.RequestID).Str("outcomeId", report.ID).Str("status", report.Status).Bool("published", r.err == nil).Msg("report")
		return
	}
	data := r.outcome.Data
	var fault Fault
	if data.Error != nil {
		fault = *data.Error
	}
	a.Log.WithLevel(level(r)).
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
		Int("calls", r.calls).
		Int64("ms", r.took.Milliseconds()).
		Int64("lagSeconds", data.LagSeconds).
		Bool("cold", inv.Cold).
		Strs("warnings", r.verdict.warnings).
		Bool("published", r.err == nil && !r.verdict.unfinished).
		Msg("event")
}

// level follows who must act: nobody, an operator, or whoever reads warnings.
func level(r result) zerolog.Level {
	fault := r.outcome.Data.Error
	switch {
	case r.err != nil || r.verdict.unfinished:
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
		Int("bytes", bytes).
		Int64("ms", took.Milliseconds()).
		Bool("cold", inv.Cold).
		Msg("invocation")
}
