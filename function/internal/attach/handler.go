// Package attach takes events to outcomes. The way of an event is straight: read the connection, find its transit
// router, check both as they are now, attach, watch the attachment, bind its route tables, publish what came of it.
//
// Every decision on the way is made by package decide; this package makes the calls and
// keeps the order of their effects. It knows no SDK and no network.
package attach

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
)

// Attacher turns payloads into attachments and outcomes. Its fields are set once and are safe to share. Every
// invocation has its own state; only sizes are kept from one to the next.
type Attacher struct {
	Reader      cloud.Reader
	Writer      cloud.Writer
	Topic       Topic
	Queue       Queue // the one that events come from
	DeadLetters Queue // for what is given up; nil when there is none

	Signer      event.Signer // of what is queued for the function itself
	Rules       decide.Rules
	Schedule    decide.Schedule
	Pace        *pace.Pace // of API calls, over all invocations
	Rereads     int        // how often the state is read at most when it may change in a moment
	Concurrency int        // connections worked on at once
	Paused      bool       // everything is requeued, and nothing else is done
	Sweep       decide.SweepMode
	SweepMax    int // requests that one sweep queues

	Log zerolog.Logger

	sizes sizes
}

// Topic takes outcomes for whoever subscribed. Publishing is not retried by the implementation.
type Topic interface {
	Publish(ctx context.Context, body []byte, tag string) error
}

// Queue takes messages. It returns those that may not be queued, and why: a *cloud.APIError
// where the service gave one. Sending is not retried by the implementation.
type Queue interface {
	Send(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error)
}

// Invocation is what the platform says of one invocation.
type Invocation struct {
	decide.Function
	RequestID string
	Started   time.Time
	Cold      bool // the first of this process
}

// Handle takes one payload to its outcomes. It returns an *event.OversizeError when the
// payload is too large, and a *DeliveryError when a queue did not take what must not be lost.
// Then the platform delivers the payload again, and what was done is found done.
func (a *Attacher) Handle(ctx context.Context, inv Invocation, payload []byte) (Answer, error) {
	log := a.Log.With().Str("version", inv.Version).Str("requestId", inv.RequestID).Logger()
	handle := a.attend
	if a.Paused {
		handle = a.putBack
	}
	before := a.Pace.Counts()
	answer, err := handle(ctx, inv, payload, log)
	logInvocation(log, inv, answer, len(payload), a.Pace.Counts().Since(before), err)
	return answer, err
}

func (a *Attacher) attend(ctx context.Context, inv Invocation, payload []byte, log zerolog.Logger) (Answer, error) {
	decoder := event.Decoder{RequestID: inv.RequestID, AccountID: inv.AccountID, Signer: a.Signer}
	batch, err := decoder.Decode(payload)
	if err != nil {
		return Answer{}, err
	}
	tasks := a.tasksOf(inv, batch.Items)
	err = a.workAndDeliver(budgetOf(ctx), inv, tasks, log)
	for _, t := range tasks {
		t.job.log(log, t.effects, t.undelivered)
	}
	return answerOf(tasks, batch.Direct), err
}

// workAndDeliver delivers what is finished while the rest still works: no event waits for its
// neighbours to be told. When a delivery fails the rest of the work ends, since all of it comes again.
func (a *Attacher) workAndDeliver(b budget, inv Invocation, tasks []*task, log zerolog.Logger) error {
	working, stop := b.until(forWork)
	defer stop()
	finished := make(chan *task, len(tasks))
	go func() {
		defer close(finished)
		a.each(perConnection(tasks), func(t *task) {
			a.guarded(working, inv, t, log)
			finished <- t
		})
	}()
	telling := &publishing{attacher: a}
	var failed error
	for more := true; more; {
		var round []*task
		round, more = nextRound(finished)
		slices.SortFunc(round, func(a, b *task) int { return a.place - b.place })
		if failed == nil {
			telling.isLast = !more
			if failed = a.deliver(b, inv, round, telling); failed != nil {
				stop()
			}
		}
		for _, t := range round {
			t.undelivered = failed
		}
	}
	if telling.rounds.Wait(); failed != nil {
		return failed
	}
	last, stop := b.until(forUnpublished)
	defer stop()
	return a.keepUnpublished(last, inv, tasks)
}

// roundTime is how long what is finished waits for its neighbours, so that a quiet batch is
// delivered at once, in as few calls as can be.
const roundTime = 3 * time.Second

// nextRound gathers what finishes within roundTime after the first. more is false when all is finished.
func nextRound(finished <-chan *task) (round []*task, more bool) {
	first, more := <-finished
	if !more {
		return nil, false
	}
	round = append(round, first)
	timer := time.NewTimer(roundTime)
	defer timer.Stop()
	for {
		select {
		case t, more := <-finished:
			if !more {
				return round, false
			}
			round = append(round, t)
		case <-timer.C:
			return round, true
		}
	}
}

// pausedDelay is how long a message rests that came while the function was paused.
const pausedDelay = 5 * time.Minute

// putBack returns every message of the payload to the queue as it came. What cannot go back fails the invocation, so
// that nothing is processed and nothing is lost.
func (a *Attacher) putBack(ctx context.Context, _ Invocation, payload []byte, log zerolog.Logger) (Answer, error) {
	bodies, err := event.PutBack(payload)
	if err != nil {
		return Answer{}, err
	}
	messages := make([]cloud.Message, 0, len(bodies))
	for _, body := range bodies {
		messages = append(messages, cloud.Message{Body: body, Delay: pausedDelay})
	}
	ctx, cancel := budgetOf(ctx).until(forFollowUp)
	defer cancel()
	if _, err := a.send(ctx, a.Queue, messages); err != nil {
		return Answer{}, &DeliveryError{Unqueued: len(messages), What: "paused messages", Cause: err}
	}
	for _, body := range bodies {
		log.Info().Int("bytes", len(body)).Msg("paused (PAUSE=true), put back for five minutes")
	}
	return Answer{Queued: len(bodies), Paused: true}, nil
}

// Answer is what the caller of an invocation gets: a direct caller the documents, a trigger counts.
type Answer struct {
	Events   int                   `json:"events"`
	Ignored  int                   `json:"ignored"`
	Queued   int                   `json:"queued,omitempty"` // go on later, without news
	Paused   bool                  `json:"paused,omitempty"` // nothing was done: ask again once PAUSE is off
	Statuses map[decide.Status]int `json:"statuses,omitempty"`
	Outcomes []json.RawMessage     `json:"outcomes,omitempty"` // decide.Outcome, as published
	Sweeps   []json.RawMessage     `json:"sweeps,omitempty"`   // decide.SweepOutcome, as published
	Health   []json.RawMessage     `json:"health,omitempty"`   // decide.HealthOutcome, as published
}

func answerOf(tasks []*task, direct bool) Answer {
	answer := Answer{Statuses: map[decide.Status]int{}}
	for _, t := range tasks {
		p := t.effects.outcome
		switch {
		case t.effects.ignored:
			answer.Ignored++
			continue
		case p == nil:
			answer.Queued++
			continue
		case !direct:
			answer.Statuses[p.status]++
		case p.status == decide.StatusSwept:
			answer.Sweeps = append(answer.Sweeps, p.body)
		case p.isHealth():
			answer.Health = append(answer.Health, p.body)
		default:
			answer.Outcomes = append(answer.Outcomes, p.body)
		}
		answer.Events++
	}
	return answer
}
