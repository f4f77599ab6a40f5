package attach

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"time"

	"vpn-attach/function/internal/cloud"
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
	// leave gives up the place that the event has for its create.
	leave func()
}

// readAgain is how young an event must be, by its own time, for "no such
// connection" to be taken for a connection that is not visible yet.
const readAgain = 30 * time.Second

// admitted runs the line when the create that it may come to will be due in this invocation:
// what is not is put off before anything is asked about it.
func (l *line) admitted(ctx context.Context) Verdict {
	l.leave = func() {}
	if l.event.Following == nil && !l.event.Detach {
		leave, away := l.Pace.enter(ctx, l.event.RegionID, ActionCreate)
		if leave == nil {
			return Verdict{postponed: true, wait: away}
		}
		l.leave = leave
	}
	defer l.leave()
	return l.guarded(ctx)
}

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
		end = l.Rules.consent(target, router, l.event.OwnerID)
	}
	if end == nil {
		end = l.granted(ctx, c, router)
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
	if connection, found := l.listed(ctx)[l.event.ConnectionID]; found {
		return connection, nil
	}
	var connection Connection
	err := l.call(ctx, ActionDescribe, func(ctx context.Context) (err error) {
		connection, err = l.Connections.DescribeConnection(ctx, l.foreign(), l.event.RegionID, l.event.ConnectionID)
		return err
	})
	if err == nil {
		return connection, nil
	}
	end := l.withRoleAdvice(err, l.fromError(err, ""))
	switch {
	case !hasCode(err, codeConnectionNotFound):
	case l.event.Time.IsZero() || l.Now().Sub(l.event.Time) > readAgain:
		return Connection{}, skipped(CodeGone, "")
	default:
		end.again, end.Fault.Class = true, ClassRetry
	}
	return Connection{}, &end
}

// manyEvents are enough for one page more not to matter.
const manyEvents = 10

// listed are the connections of the event's region, when the invocation has so many events of
// it that reading all pages is fewer calls than one for each. What is missing there, or is read
// again, is read by itself.
func (l *line) listed(ctx context.Context) map[string]Connection {
	count := l.shared.events[l.event.RegionID]
	if count < manyEvents || l.passes > 1 || l.foreign() != "" {
		return nil
	}
	listed, _ := l.shared.listed.get(l.event.RegionID, func() (map[string]Connection, error) { // without it there is the single way
		all := map[string]Connection{}
		_, err := listAll(func(cursor string) (_ []Connection, next string, err error) {
			var page ConnectionPage
			err = l.call(ctx, ActionInventory, func(ctx context.Context) (err error) {
				page, err = l.Inventory.ListConnections(ctx, cloud.ConnectionFilter{RegionID: l.event.RegionID}, cursor)
				return err
			})
			if page.Pages > count/2 {
				return nil, "", err
			}
			for _, c := range page.Connections {
				all[c.ID] = c
			}
			return page.Connections, page.Next, err
		})
		return all, err
	})
	return listed
}

// routers looks the transit router up, once for all events of the invocation that ask
// for the same in the same pass: who reads again wants today's answer.
func (l *line) routers(ctx context.Context, filter RouterFilter) ([]Router, error) {
	return l.shared.routers.get(fmt.Sprint(l.passes, filterKey(filter)), func() ([]Router, error) {
		return listAll(func(cursor string) (page []Router, next string, err error) {
			err = l.call(ctx, ActionRouters, func(ctx context.Context) (err error) {
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

// call makes one call of an API in the event's region, with its tries.
func (l *line) call(ctx context.Context, action string, do func(context.Context) error) error {
	return l.paced(ctx, l.event.RegionID, action, func(ctx context.Context) error {
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
		v.postponed = heldBack(err) > 0 // it costs no attempt
	}
	if v.Fault.Class == ClassReconcile {
		v.again, v.Fault.Class = true, l.Errors.reread(v.Fault.Code)
	}
	return v
}
