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
	about event.Event
	next  decide.Next
	now   time.Time
	took  time.Duration
	spent int // API calls made for this event alone, or for it first
	cold  bool
}

func (inv Invocation) outcome(e ended) (*publication, error) {
	outcome := inv.Outcome(e.about, e.next, e.now, e.took)
	body, err := outcome.Encode()
	status := e.next.Status
	return &publication{id: outcome.ID, status: status, made: outcome.Time, keep: status.Final(), body: body}, err
}

// refusal is the job of an item that was not understood, or on which the function failed.
type refusal struct {
	inv Invocation
	ended
	deadLetter *cloud.Message // of a message that must not be lost
}

func (a *Attacher) refusal(inv Invocation, about event.Event, code, message string) refusal {
	if about.FirstSeen.IsZero() {
		about.FirstSeen = inv.Started
	}
	verdict := a.Schedule.Codes.Verdict(decide.Fail(code, "%s", message))
	return refusal{inv: inv, ended: ended{
		about: about, next: decide.Next{Verdict: verdict}, now: time.Now(), cold: inv.Cold,
	}}
}

// malformed is the refusal of an item that was not understood. What was delivered is kept as a dead letter, so that it
// can be sent again once it is understood.
func (a *Attacher) malformed(inv Invocation, about event.Event, m event.Malformed) refusal {
	r := a.refusal(inv, about, m.Code, m.Field+": "+m.Reason)
	switch {
	case m.Letter == nil || a.DeadLetters == nil:
	case m.Letter.Message != nil:
		r.deadLetter = &cloud.Message{Body: m.Letter.Message}
	default: // it has no type, so that nothing takes it for a message
		body, _ := json.Marshal(map[string]any{ // texts and numbers always encode
			"id": m.ID, "bytes": m.Letter.Size, "error": r.next.Fault,
			"note": "The message itself was not kept: it may hold a key, or fits into no queue.",
		})
		r.deadLetter = &cloud.Message{Body: body}
	}
	return r
}

func (r refusal) work(context.Context) (done effects, err error) {
	done.deadLetter = r.deadLetter
	done.outcome, err = r.inv.outcome(r.ended)
	return done, err
}

// ignore is the job of an item about nothing that could be attached.
type ignore struct{ reason string }

func (ignore) work(context.Context) (effects, error) { return effects{ignored: true}, nil }

func (i ignore) log(log zerolog.Logger, _ effects, _ error) {
	log.Info().Str("ignored", i.reason).Msg("ignored")
}

// putBack is the effect of a message that goes back to the event queue as it came.
func putBack(body []byte, delay time.Duration) effects {
	return effects{requeue: []requeued{{Message: cloud.Message{Body: body, Delay: delay}}}}
}

// surplus is the job of an element beyond what one invocation takes.
type surplus struct{ body []byte }

func (s surplus) work(context.Context) (effects, error) { return putBack(s.body, 0), nil }

func (s surplus) log(log zerolog.Logger, _ effects, _ error) {
	log.Info().Int("bytes", len(s.body)).Msg("more than one invocation takes, put back")
}

// republish is the job of a finished outcome that could not be published before. It is published as it stands.
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

// How long a message of another version rests before it is read again: doubling from the first time to the longest, and
// the longest when it should be given up and there is no dead-letter queue.
const (
	otherVersionDelay = time.Minute
	longestDelay      = 15 * time.Minute
)

// otherVersion gives the job of a message that another version of this function queued: it is put back until its time
// or its rounds are over, then it becomes a dead letter. It is never dropped, so that a rollback loses nothing.
func (a *Attacher) otherVersion(inv Invocation, message event.OtherVersion) job {
	k := keepVersion{message, a.Signer, inv, longestDelay}
	if message.FirstSeen.IsZero() {
		k.FirstSeen = inv.Started
	}
	switch expired := k.Expired(inv.Started, a.Schedule.Horizon); {
	case expired && a.DeadLetters != nil:
		r := a.refusal(inv, event.Event{Origin: event.Origin{ID: message.ID}}, decide.CodeUnknownVersion,
			"a message of type "+message.Type+" is not understood by this version")
		r.deadLetter = &cloud.Message{Body: message.Body}
		return r
	case expired:
		k.Rounds = 0
	default:
		k.delay = min(otherVersionDelay<<min(message.Rounds, event.MaxRounds), longestDelay)
	}
	return k
}

// keepVersion is the job of a message of another version that is put back.
type keepVersion struct {
	event.OtherVersion
	signer event.Signer
	inv    Invocation
	delay  time.Duration
}

func (k keepVersion) work(context.Context) (done effects, err error) {
	header := k.inv.Header(event.TypeWaiting, k.inv.Started, k.ID, fmt.Sprint(k.Rounds))
	body, err := k.signer.EncodeWaiting(k.OtherVersion, header)
	return putBack(body, k.delay), err
}

func (k keepVersion) log(log zerolog.Logger, _ effects, _ error) {
	log.Warn().Str("eventId", k.ID).Str("type", k.Type).Int("rounds", k.Rounds).Dur("delay", k.delay).
		Msg("of another version, put back")
}
