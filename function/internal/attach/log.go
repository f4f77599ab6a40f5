package attach

import (
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/pace"
)

// log writes the one line of an event, with the same keys whatever happened, so that a log
// store can index them. It holds ids and codes; never a message's bytes.
func (e ended) log(log zerolog.Logger, done effects, undelivered error) {
	var fault decide.Fault
	if e.next.Fault != nil {
		fault = *e.next.Fault
	}
	p := publication{}
	if done.outcome != nil {
		p = *done.outcome
	}
	line := log.WithLevel(e.level(p.err, undelivered)).
		Str("eventId", e.about.ID).
		Str("connection", e.about.ConnectionID).
		Str("router", e.next.Router.ID).
		Str("attachment", e.next.Attachment.ID).
		Str("rule", e.next.Rule).
		Str("status", string(e.next.Status)).
		Str("reason", e.next.Reason).
		Str("code", fault.Code).
		Str("class", string(fault.Class)).
		Str("apiRequestId", fault.RequestID).
		Int("attempt", max(1, e.about.Attempt)).
		Int("calls", e.spent).
		Int64("ms", e.took.Milliseconds()).
		Int64("lagSeconds", decide.LagSeconds(e.about, e.now)).
		Int64("waitedSeconds", decide.LagSeconds(e.about, e.about.FirstSeen)).
		Bool("cold", e.cold).
		Bool("swept", e.about.Swept).
		Strs("warnings", e.next.Warnings).
		Bool("published", done.published(undelivered)).
		Bool("queued", p.queued)
	if len(done.requeue) > 0 {
		line = line.Dur("delay", done.requeue[0].Delay)
	}
	if p.err != nil {
		line = line.Str("unpublished", p.err.Error()+granting(p.err))
	}
	line.Msg("event")
}

// published reports whether the subscribers were told.
func (done effects) published(undelivered error) bool {
	return done.outcome != nil && done.outcome.err == nil && undelivered == nil
}

// level follows who must act: nobody, an operator, or whoever reads warnings.
func (e ended) level(unpublished, undelivered error) zerolog.Level {
	fault := e.next.Fault
	switch {
	case unpublished != nil, undelivered != nil,
		fault != nil && (fault.Class == decide.ClassOperator || fault.Exhausted):
		return zerolog.ErrorLevel
	case fault == nil:
		return zerolog.InfoLevel
	}
	return zerolog.WarnLevel
}

func (s *sweep) log(log zerolog.Logger, done effects, undelivered error) {
	line := log.Info()
	if done.outcome != nil && done.outcome.err != nil {
		line = log.Error().AnErr("error", done.outcome.err)
	}
	line.Str("eventId", s.asked.ID).Int("requests", len(s.requests)).Int("calls", s.calls).
		Int64("ms", s.took.Milliseconds()).Bool("done", s.outcome != nil).Bool("published", done.published(undelivered))
	if s.outcome != nil {
		data := s.outcome.Data
		line.Int("connections", data.Connections).Int("inLine", data.Settled).
			Int("wanted", data.Wanted.Count).Int("amiss", data.Drifted.Count)
		if h := data.SweepHealth; h != nil {
			line.Int("up", h.Up.Count).Int("degraded", h.Degraded.Count).Int("down", h.Down.Count).
				Int("notYet", h.NotYet.Count)
		}
	}
	s.logWanted(log)
	s.logPlaces(log)
	line.Msg("sweep")
}

// logWanted writes a line for each connection that the document of a sweep names as wanted, so that an alarm can tell
// one that is found again from another one. A dry run that somebody asks for finds nothing anew.
func (s *sweep) logWanted(log zerolog.Logger) {
	if s.outcome == nil || s.asked.DryRun {
		return
	}
	for _, id := range s.outcome.Data.Wanted.IDs {
		log.Info().Str("eventId", s.asked.ID).Str("connection", id).Msg("wanted")
	}
}

// logPlaces writes a line for each transit router that the document of a sweep names, so that a chart can be made of
// them. Those with the fewest places left come last, next to the line of the sweep, where the end of a log shows them.
func (s *sweep) logPlaces(log zerolog.Logger) {
	if s.outcome == nil || s.outcome.Data.SweepHealth == nil {
		return
	}
	for _, r := range slices.Backward(s.outcome.Data.Routers) {
		log.Info().Str("eventId", s.asked.ID).Str("router", r.RouterID).Int("attachments", r.Attachments).
			Int("left", r.Left).Msg("places")
	}
}

// logInvocation writes the line of an invocation. Its calls are those of all its events, and those that the events
// share. Nobody else calls meanwhile: an instance has one invocation at a time.
func logInvocation(log zerolog.Logger, inv Invocation, answer Answer, bytes int, spent pace.Counts, err error) {
	line := log.Info()
	if err != nil {
		line = log.Error().AnErr("error", err)
	}
	line.Int("events", answer.Events).Int("ignored", answer.Ignored).Int("queued", answer.Queued).
		Int("bytes", bytes).Int64("calls", spent.Calls).Int64("throttles", spent.Throttles).
		Int64("ms", time.Since(inv.Started).Milliseconds()).Bool("cold", inv.Cold).Msg("invocation")
}
