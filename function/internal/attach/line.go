package attach

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"vpn-attach/function/internal/event"
)

// line is the work for one event, from what is known of it to its verdict.
type line struct {
	*Attacher
	shared *shared
	inv    Invocation
	event  event.Event
	calls  int // API calls made for this event alone or first
	passes int // how often the state was read
	// unanswered: the last create may have had an effect that nothing has shown yet.
	unanswered bool
	// looking: nothing is bound, what is missing counts as pending.
	looking bool
}

// readAgain is how young an event must be, by its own time, for "no such
// connection" to be taken for a connection that is not visible yet.
const readAgain = 30 * time.Second

// guarded runs the line so that a fault in it costs this event alone. The text of a
// panic may hold the message, so only where it happened is logged.
func (l *line) guarded(ctx context.Context) (v Verdict) {
	defer func() {
		if p := recover(); p != nil {
			l.Log.Error().Str("requestId", l.inv.RequestID).Str("eventId", l.event.ID).Type("panic", p).Bytes("stack", debug.Stack()).Msg("internal fault")
			v = failed("", Fault{Code: CodeInternal, Message: "the function failed on this event"}).completed(l.Errors)
		}
	}()
	return l.run(ctx)
}

// run takes the event to its verdict. When the state may be another in a moment it
// is read again, a few times; whatever is found then decides.
func (l *line) run(ctx context.Context) Verdict {
	for try := 1; ; try++ {
		l.passes = try
		v := l.pass(ctx)
		if v.again && try < l.Tries.Count && l.Sleep(ctx, l.Tries.wait(try, nil, l.Random())) == nil {
			continue
		}
		v = v.completed(l.Errors)
		if l.unanswered && v.Status == StatusFailed { // it may stand: whatever else is wrong, another reading has to tell
			fault := *v.Fault
			fault.Class, v.Fault = ClassRetry, &fault
		}
		return v
	}
}

// pass reads the state, decides and acts, once.
func (l *line) pass(ctx context.Context) Verdict {
	if l.event.Detach {
		return l.detach(ctx)
	}
	connection, end := l.describe(ctx)
	if end != nil {
		return *end
	}
	d, end := l.decide(ctx, connection)
	switch {
	case end != nil:
		return *end
	case d.standing:
		return l.adopt(ctx, connection, d.router, d.rule)
	case l.event.Following != nil:
		return l.search(ctx, connection, d.router, d.rule)
	}
	return l.create(ctx, d.plan, d.router, d.rule)
}

// decision is where a connection belongs, and why: it stands there already, it is followed
// there, or plan is what is to be made.
type decision struct {
	router   Router
	rule     string
	standing bool
	plan     plan
}

// decide finds the connection's transit router and looks at both ends. It changes nothing.
func (l *line) decide(ctx context.Context, c Connection) (decision, *Verdict) {
	target, end := l.Rules.target(l.event, c)
	if end != nil {
		return decision{}, end
	}
	listed, err := l.routers(ctx, target.filter)
	if err != nil {
		v := l.fromError(err, target.rule)
		return decision{}, &v
	}
	router, end := l.Rules.choose(target, listed, c)
	if end != nil {
		v := l.orOtherRegion(ctx, *end, target)
		return decision{}, &v
	}
	d := decision{router: router, rule: target.rule}
	d.standing, end = preflight(c, router)
	if d.standing || l.event.Following != nil {
		return d, nil
	}
	if end == nil {
		end = l.Rules.consent(target, router, l.inv.AccountID)
	}
	if end == nil {
		d.plan, end = l.Rules.plan(l.event, c, router, l.inv.AccountID)
	}
	if end != nil {
		end.Router, end.Rule = router, target.rule
	}
	return d, end
}

// describe reads the connection.
func (l *line) describe(ctx context.Context) (Connection, *Verdict) {
	var connection Connection
	err := l.call(ctx, func(ctx context.Context) (err error) {
		connection, err = l.Connections.DescribeConnection(ctx, l.event.RegionID, l.event.ConnectionID)
		return err
	})
	if err == nil && l.event.OwnerID != l.inv.AccountID {
		return Connection{}, failed("", Fault{Code: CodeNotAllowed, Message: "the connection does not belong to the account that the message says", Advice: "Correct the account in the message, or leave it out."})
	}
	if err == nil {
		return connection, nil
	}
	end := l.fromError(err, "")
	switch {
	case !hasCode(err, codeConnectionNotFound):
	case l.event.OwnerID != l.inv.AccountID:
		end.Fault.Class = ClassOperator
		end.Fault.Advice = "The connection belongs to another account, which the function's role can not read. Attach it from that account, or with an event of its own function."
	case l.event.Time.IsZero() || l.Now().Sub(l.event.Time) > readAgain:
		return Connection{}, skipped(CodeGone, "")
	default:
		end.again, end.Fault.Class = true, ClassRetry
	}
	return Connection{}, &end
}

// routers looks the transit router up, once for all events of the invocation that ask
// for the same in the same pass: who reads again wants today's answer.
func (l *line) routers(ctx context.Context, filter RouterFilter) ([]Router, error) {
	return l.shared.routers.get(fmt.Sprint(l.passes, filter.key()), func() ([]Router, error) {
		return listAll(func(cursor string) (page []Router, next string, err error) {
			err = l.call(ctx, func(ctx context.Context) (err error) {
				page, next, err = l.Routers.ListRouters(ctx, filter, cursor)
				return err
			})
			return page, next, err
		})
	})
}

// orOtherRegion tells a transit router that does not exist from one of another region,
// which can not be attached to either but wants another correction.
func (l *line) orOtherRegion(ctx context.Context, end Verdict, t target) Verdict {
	if end.Fault == nil || end.Fault.Code != CodeTargetNotFound || t.filter.RouterID == "" {
		return end
	}
	listed, err := l.routers(ctx, RouterFilter{RouterID: t.filter.RouterID})
	if err != nil {
		return l.fromError(err, t.rule)
	}
	for _, router := range listed {
		if router.ID == t.filter.RouterID {
			return *failed(t.rule, Fault{Code: CodeOtherRegion, Message: fmt.Sprintf("transit router %s is in region %s, VPN connection %s in %s", router.ID, router.RegionID, l.event.ConnectionID, t.filter.RegionID)})
		}
	}
	return end
}

// call makes one API call with the tries that a passing failure is worth, each
// within the call timeout. It returns the last error.
func (l *line) call(ctx context.Context, do func(context.Context) error) error {
	return l.try(ctx, func(ctx context.Context) error {
		l.calls++
		return do(ctx)
	})
}

// fromError ends the line with a service's error.
func (l *line) fromError(err error, rule string) Verdict {
	v := Verdict{Status: StatusFailed, Rule: rule, Fault: l.Errors.Fault(err)}
	var api *APIError
	if errors.As(err, &api) {
		v.wait = api.RetryAfter
	}
	if v.Fault.Class == ClassReconcile {
		v.again, v.Fault.Class = true, l.Errors.reread(v.Fault.Code)
	}
	return v
}
