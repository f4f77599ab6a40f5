package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// keepUnpublished queues the finished outcomes that could not be published. Others are best
// effort, and the next sweep says anew what a sweep found.
func (a *Attacher) keepUnpublished(ctx context.Context, inv Invocation, tasks []*task) error {
	const what = "finished outcomes that could not be published"
	var kept []*task
	for _, t := range tasks {
		p := t.effects.outcome
		if p == nil || p.err == nil || !p.keep {
			continue
		}
		message, expired, err := a.unpublished(inv, p)
		if err != nil {
			return &DeliveryError{Unqueued: 1, What: what, Cause: err}
		}
		carrier := &task{about: t.about, carries: p}
		if expired {
			carrier.effects.deadLetter = &message.Message
		} else {
			carrier.effects.requeue = []requeued{message}
		}
		kept = append(kept, carrier)
	}
	err := a.queue(ctx, inv, kept, what)
	for _, carrier := range kept {
		carrier.carries.queued = err == nil && carrier.effects.outcome == nil // else no queue takes it
	}
	return err
}

// unpublished is the message that carries a finished outcome to a later invocation, which
// publishes it as it stands. After RETRY_HORIZON it becomes a dead letter.
func (a *Attacher) unpublished(inv Invocation, p *publication) (message requeued, expired bool, err error) {
	now, attempt := time.Now(), p.attempts+1
	delay, expired := a.Schedule.RepublishDelay(p.id, p.made, now, attempt)
	if expired = expired && a.DeadLetters != nil; expired {
		delay = 0
	}
	header := inv.Header(event.TypeReport, now, p.id, fmt.Sprint(attempt))
	header.Attempt = attempt
	body, err := a.Signer.Encode(header, json.RawMessage(p.body))
	id := func() string { return p.id }
	message = requeued{Message: cloud.Message{Body: body, Delay: delay}, copyOf: id, progress: attempt}
	return message, expired, err
}
