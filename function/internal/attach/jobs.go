package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// ended is the end of a job about an event, as its outcome and its log line have it.
type ended struct {
	event event.Event
	next  decide.Next
	at    decide.Moment
	calls int // API calls made for this event alone, or for it first
	cold  bool
}

// publish encodes the outcome of an event.
func (inv Invocation) publish(e ended) (*publication, error) {
	outcome := inv.Outcome(e.event, e.next, e.at)
	body, err := outcome.Encode()
	status := e.next.Status
	return &publication{id: outcome.ID, status: status, made: outcome.Time, keep: status.Final(), body: body}, err
}

// refusal is the job of an item that was not understood, or on which the function failed.
type refusal struct {
	inv Invocation
	ended
}

func (a *Attacher) refusal(inv Invocation, about event.Event, code, message string) refusal {
	return refusal{inv, ended{
		event: about, next: a.Schedule.Refusal(code, message), cold: inv.Cold,
		at: decide.Moment{Started: inv.Started, Now: time.Now()},
	}}
}

func (r refusal) work(context.Context) (done effects, err error) {
	done.outcome, err = r.inv.publish(r.ended)
	return done, err
}

// ignore is the job of an item about nothing that could be attached.
type ignore struct{ reason string }

func (ignore) work(context.Context) (effects, error) { return effects{ignored: true}, nil }

func (i ignore) log(log zerolog.Logger, _ effects, _ error) {
	log.Info().Str("ignored", i.reason).Msg("ignored")
}

// surplus is the job of an element beyond what one invocation takes: it goes back as it came.
type surplus struct{ body []byte }

func (s surplus) work(context.Context) (effects, error) {
	return effects{requeue: []followUp{{Message: cloud.Message{Body: s.body}}}}, nil
}

func (s surplus) log(log zerolog.Logger, _ effects, _ error) {
	log.Info().Int("bytes", len(s.body)).Msg("more than one invocation takes, put back")
}

// republish is the job of a finished outcome that could not be published before. It is
// published as it stands.
type republish struct{ event.Unpublished }

func (r republish) work(context.Context) (effects, error) {
	return effects{outcome: &publication{
		id: r.ID, status: decide.Status(r.Status), made: r.Time, attempts: min(max(r.Attempt, 0), decide.MaxAttempt),
		keep: decide.Status(r.Status).Final(), body: r.Body,
	}}, nil
}

func (r republish) log(log zerolog.Logger, done effects, undelivered error) {
	log.Info().Str("outcomeId", r.ID).Str("status", r.Status).
		Bool("published", done.published(undelivered)).Bool("queued", done.outcome.queued).Msg("report")
}

// How long a message of another version rests before it is read again, and how long when it
// should be given up and there is no dead-letter queue.
const (
	otherVersionDelay = time.Minute
	homelessDelay     = 15 * time.Minute
)

// keepVersion is the job of a message that another version of this function queued. It is put
// back until its time is over, then it becomes a dead letter. It is never dropped, so that a
// rollback loses nothing.
type keepVersion struct {
	*Attacher
	inv     Invocation
	message event.OtherVersion
	ended
}

func (k *keepVersion) work(context.Context) (done effects, err error) {
	now, delay := time.Now(), otherVersionDelay
	if k.message.Expired(now, k.Schedule.Horizon) {
		if k.DeadLetters != nil {
			k.ended = k.refusal(k.inv, event.Event{Origin: event.Origin{ID: k.message.ID}}, decide.CodeUnknownVersion,
				"a message of type "+k.message.Type+" is not understood by this version").ended
			done.deadLetter = &cloud.Message{Body: k.message.Body}
			done.outcome, err = k.inv.publish(k.ended)
			return done, err
		}
		delay = homelessDelay
	}
	return effects{requeue: []followUp{{Message: cloud.Message{Body: k.message.Body, Delay: delay}}}}, nil
}

func (k *keepVersion) log(log zerolog.Logger, done effects, undelivered error) {
	if done.outcome != nil {
		k.ended.log(log, done, undelivered)
		return
	}
	log.Warn().Str("eventId", k.message.ID).Str("type", k.message.Type).
		Dur("delay", done.requeue[0].Delay).Msg("of another version, put back")
}

// unpublished is the message that carries a finished outcome to a later invocation, which
// publishes it as it stands. After RETRY_HORIZON it becomes a dead letter.
func (a *Attacher) unpublished(inv Invocation, p *publication) (message followUp, expired bool, err error) {
	now, attempt := time.Now(), p.attempts+1
	delay, expired := a.Schedule.RepublishDelay(p.id, p.made, now, attempt)
	if expired = expired && a.DeadLetters != nil; expired {
		delay = 0
	}
	header := inv.Header(event.TypeReport, now, p.id, fmt.Sprint(attempt))
	header.Attempt = attempt
	body, err := header.Encode(json.RawMessage(p.body))
	return followUp{Message: cloud.Message{Body: body, Delay: delay}, copyOf: p.id, progress: attempt}, expired, err
}
