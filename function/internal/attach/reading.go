package attach

import (
	"context"
	"slices"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
)

// reading reads the cloud for one event, and notes what its outcome will be about. It cannot
// write. Calls are paced; answers are shared with the other events of the invocation.
type reading struct {
	cloud    cloud.Reader
	pace     *pace.Pace
	rules    decide.Rules
	schedule decide.Schedule
	inv      Invocation
	shared   *shared
	sizes    *sizes

	event   event.Event
	subject decide.Subject // what is known so far
	strayed bool           // the tags do not name the transit router any more on which an attachment is watched
	pass    int            // how often the state was read for this event
	calls   int            // API calls made for this event alone, or for it first
}

// foreign is the account of the event's connection when it is not the function's own.
func (r *reading) foreign() string { return r.inv.Foreign(r.event.OwnerID) }

// call makes one call of an API in the event's region, with its tries.
func (r *reading) call(ctx context.Context, action string, do func(context.Context) error) error {
	return r.pace.Do(ctx, pace.Call{Region: r.event.RegionID, Action: action}, func(ctx context.Context) error {
		r.calls++
		return do(ctx)
	})
}

// pager is a call of cloud.Reader that gives one page of a list.
type pager[F, T any] func(ctx context.Context, filter F, cursor string) (cloud.Page[T], error)

func list[F, T any](ctx context.Context, r *reading, action string, read pager[F, T], filter F) (all []T, err error) {
	for cursor := ""; ; {
		page, err := readPage(ctx, r, action, read, filter, cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.Next == "" || page.Next == cursor {
			return all, nil
		}
		cursor = page.Next
	}
}

func readPage[F, T any](
	ctx context.Context, r *reading, action string, read pager[F, T], filter F, cursor string,
) (page cloud.Page[T], err error) {
	err = r.call(ctx, action, func(ctx context.Context) (err error) {
		page, err = read(ctx, filter, cursor)
		return err
	})
	return page, err
}

// connection reads the connection of the event, and notes what it says of its attachment.
func (r *reading) connection(ctx context.Context) (cloud.Connection, error) {
	r.subject.Attachment = decide.LastSeen(r.event)
	c, err := r.describe(ctx)
	if err == nil || decide.Ends(err, decide.CodeGone) {
		r.subject.Attachment = decide.AttachmentOf(r.event, c)
	}
	return c, err
}

func (r *reading) describe(ctx context.Context) (cloud.Connection, error) {
	if c, found := r.listedConnections(ctx)[r.event.ConnectionID]; found {
		return c, nil
	}
	var c cloud.Connection
	err := r.call(ctx, cloud.ActionDescribe, func(ctx context.Context) (err error) {
		c, err = r.cloud.DescribeConnection(ctx, r.foreign(), r.event.RegionID, r.event.ConnectionID)
		return err
	})
	isSeen := r.event.Watch != nil || time.Since(r.event.FirstSeen) > r.schedule.ReadAgain()
	if isSeen && cloud.HasCode(err, decide.CodeConnectionNotFound) {
		return cloud.Connection{}, r.rules.Missing(r.event, r.inv.Function)
	}
	return c, r.rules.RoleError(err, r.foreign(), r.inv.Function)
}

// manyEvents are enough for one page more not to matter.
const manyEvents = 10

// listedConnections are the connections of the event's region, when the invocation has so many events of it that
// reading all pages is fewer calls than one for each event. What is missing there, or is read again, is read by itself.
func (r *reading) listedConnections(ctx context.Context) map[string]cloud.Connection {
	count := r.shared.events[r.event.RegionID]
	if count < manyEvents || r.pass > 1 || r.foreign() != "" || r.sizes.exceed(r.event.RegionID, count/2) {
		return nil
	}
	listed, _ := r.shared.connections.get(r.event.RegionID, func() (map[string]cloud.Connection, error) {
		pages := func(ctx context.Context, f cloud.ConnectionFilter, at string) (cloud.Page[cloud.Connection], error) {
			page, err := r.cloud.ListConnections(ctx, f, at)
			if err == nil {
				r.sizes.note(r.event.RegionID, page.Pages)
			}
			if page.Pages > count/2 {
				page.Items, page.Next = nil, ""
			}
			return page, err
		}
		all := map[string]cloud.Connection{}
		listed, err := list(ctx, r, cloud.ActionInventory, pages, cloud.ConnectionFilter{RegionID: r.event.RegionID})
		for _, c := range listed {
			all[c.ID] = c
		}
		return all, err // without it each connection is described
	})
	return listed
}

// locate finds the connection's transit router and checks both ends. The connection stands there already, or plan is
// what is to be created. It changes nothing.
func (r *reading) locate(ctx context.Context, c cloud.Connection) (stands bool, plan decide.Plan, err error) {
	target, err := r.rules.Target(r.event, c)
	r.subject.Rule = target.Rule
	if err != nil {
		return false, plan, err
	}
	router, err := r.router(ctx, target)
	if err != nil {
		return false, plan, err
	}
	r.subject.Router = router
	stands, err = decide.Preflight(c, router)
	switch {
	case stands:
		return stands, plan, nil
	case err != nil:
		return false, plan, err
	}
	if err := r.rules.Consent(target, router, r.event.OwnerID); err != nil {
		return false, plan, err
	}
	if err := r.granted(ctx, c, router); err != nil {
		return false, plan, err
	}
	plan, err = r.rules.Plan(r.event, c, router, r.inv.Function)
	return false, plan, err
}

// watchedRouter finds the transit router of the watched attachment, by its id. That the tags of either end name
// something else by now is noted, and ends nothing.
func (r *reading) watchedRouter(ctx context.Context, c cloud.Connection) error {
	target, none := r.rules.Target(r.event, c)
	router := decide.WatchedRouter(r.event, c)
	if router.ID == "" {
		r.subject.Rule = target.Rule
		if none != nil {
			return none
		}
		found, err := r.router(ctx, target)
		r.subject.Router = found
		return err
	}
	r.subject.Router = router
	listed, err := r.routers(ctx, cloud.RouterFilter{RegionID: router.RegionID, RouterID: router.ID})
	if err != nil {
		return err
	}
	at := slices.IndexFunc(listed, func(l cloud.Router) bool { return l.ID == router.ID })
	if at >= 0 { // else one list without it is no proof
		r.subject.Router = listed[at]
	}
	note := target.Strayed(none, r.subject.Router, at >= 0)
	if r.strayed = note != ""; r.strayed {
		r.subject.Notes = append(r.subject.Notes, note)
		return nil
	}
	r.subject.Rule = target.Rule
	return nil
}

// router finds the one transit router that the target means. One that is named by its id is looked
// for in other regions, too, to say what is wrong.
func (r *reading) router(ctx context.Context, target decide.Target) (cloud.Router, error) {
	listed, err := r.routers(ctx, target.Filter)
	if err != nil {
		return cloud.Router{}, err
	}
	router, err := target.Choose(listed)
	if target.Filter.RouterID == "" || !decide.Ends(err, decide.CodeTargetNotFound) {
		return router, err
	}
	anywhere, err := r.routers(ctx, cloud.RouterFilter{RouterID: target.Filter.RouterID})
	if err != nil {
		return cloud.Router{}, err
	}
	return target.Choose(anywhere)
}

// routers lists transit routers, once for all events of the invocation that ask for the same
// in the same pass: who reads again wants today's answer.
func (r *reading) routers(ctx context.Context, filter cloud.RouterFilter) ([]cloud.Router, error) {
	return r.shared.routers.get(keyOf(r.pass, filter), func() ([]cloud.Router, error) {
		return list(ctx, r, cloud.ActionRouters, r.cloud.ListRouters, filter)
	})
}

// granted refuses a connection of another account whose owner did not grant it.
func (r *reading) granted(ctx context.Context, c cloud.Connection, router cloud.Router) error {
	if r.foreign() == "" {
		return nil
	}
	filter := cloud.GrantFilter{RegionID: c.RegionID, CenID: router.CenID, OwnerID: r.foreign(), ConnectionID: c.ID}
	grants, err := list(ctx, r, cloud.ActionGrants, r.cloud.ListGrants, filter)
	if err != nil {
		return err
	}
	return decide.Granted(grants, filter, r.inv.Function)
}
