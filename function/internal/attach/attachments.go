package attach

import (
	"context"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// attachmentOf finds the attachment of a connection: by the id under which it is watched, by
// the tag that attachments of this function have, else among all of the router's, since the
// service has no filter by connection. One without an id was not found, which is no error.
func (r *reading) attachmentOf(ctx context.Context, c cloud.Connection, router cloud.Router) (cloud.Attachment, error) {
	filters := []cloud.AttachmentFilter{
		{RegionID: c.RegionID, RouterID: router.ID, Tags: r.rules.ConnectionTag(c.ID)},
		{RegionID: c.RegionID, RouterID: router.ID},
	}
	if watch := r.event.Watch; watch != nil {
		if found, err := r.onSharedPage(ctx, c, router); err != nil || found.ID != "" {
			return found, err
		}
		if watch.AttachmentID != "" {
			byID := cloud.AttachmentFilter{RegionID: c.RegionID, RouterID: router.ID, AttachmentID: watch.AttachmentID}
			filters = append([]cloud.AttachmentFilter{byID}, filters...)
		}
	}
	for _, filter := range filters {
		listed, err := r.attachments(ctx, filter)
		if err != nil {
			return cloud.Attachment{}, err
		}
		if a := among(listed, c, router); a.ID != "" {
			return a, nil
		}
	}
	return cloud.Attachment{}, nil
}

// onSharedPage looks for an attachment on the first page of its router's list, which all
// watched attachments of the router share: by default a router takes fewer than a page.
func (r *reading) onSharedPage(ctx context.Context, c cloud.Connection, router cloud.Router) (cloud.Attachment, error) {
	filter := cloud.AttachmentFilter{RegionID: c.RegionID, RouterID: router.ID}
	page, err := r.shared.pages.get(routerKey{r.pass, router.RegionID, router.ID}, func() (page []cloud.Attachment, err error) {
		err = r.call(ctx, cloud.ActionAttachments, func(ctx context.Context) (err error) {
			page, _, err = r.cloud.ListAttachments(ctx, filter, "")
			return err
		})
		return page, err
	})
	return among(page, c, router), err
}

// attachmentOfAll is attachmentOf for many connections: the router's list is read once.
func (r *reading) attachmentOfAll(ctx context.Context, c cloud.Connection, router cloud.Router) (cloud.Attachment, error) {
	listed, err := r.shared.attachments.get(routerKey{0, router.RegionID, router.ID}, func() ([]cloud.Attachment, error) {
		return r.attachments(ctx, cloud.AttachmentFilter{RegionID: c.RegionID, RouterID: router.ID})
	})
	return among(listed, c, router), err
}

func (r *reading) attachments(ctx context.Context, filter cloud.AttachmentFilter) ([]cloud.Attachment, error) {
	return list(ctx, r, cloud.ActionAttachments, r.cloud.ListAttachments, filter)
}

// among finds a connection's attachment in a list of several.
func among(listed []cloud.Attachment, c cloud.Connection, router cloud.Router) cloud.Attachment {
	for _, a := range listed {
		if a.ConnectionID == c.ID && a.RouterID == router.ID {
			return a
		}
	}
	return cloud.Attachment{}
}

// tables is how far an attachment is with the route tables that are asked for.
type tables struct {
	done    *decide.TablesBrief // nil when none are asked for
	missing []decide.WantedBinding
	pending bool // something is not done, and nothing can be created for it now
}

// checkTables reads which of the wanted bindings stand. Every name is settled before any is
// read, so that a wrong one binds nothing.
func (r *reading) checkTables(ctx context.Context, c cloud.Connection, router cloud.Router, a cloud.Attachment) (t tables, err error) {
	switch {
	case !r.rules.WantsTables(r.event, c):
		return t, nil
	case a.ID == "": // nothing can be bound before it is listed
		return tables{pending: true}, nil
	}
	listed, err := r.routeTables(ctx, router)
	if err != nil {
		return t, err
	}
	all, err := r.rules.WantedBindings(r.event, c, router, listed)
	if err != nil {
		return t, err
	}
	t.done = &decide.TablesBrief{}
	for _, wanted := range all {
		bindings, err := list(ctx, r, wanted.Kind.ListAction(), r.cloud.ListBindings, wanted.Asked(router.RegionID, a.ID))
		if err != nil {
			return t, err
		}
		state, err := wanted.State(a.ID, bindings)
		switch {
		case err != nil:
			return t, err
		case state == decide.BindingDone:
			t.done.With(wanted)
		case state == decide.BindingMissing:
			t.missing = append(t.missing, wanted)
		default:
			t.pending = true
		}
	}
	return t, nil
}

// routeTables lists the route tables of a transit router, once for all events of the
// invocation in the same pass.
func (r *reading) routeTables(ctx context.Context, router cloud.Router) ([]cloud.RouteTable, error) {
	return r.shared.tables.get(routerKey{r.pass, router.RegionID, router.ID}, func() ([]cloud.RouteTable, error) {
		filter := cloud.RouteTableFilter{RegionID: router.RegionID, RouterID: router.ID}
		return list(ctx, r, cloud.ActionTables, r.cloud.ListRouteTables, filter)
	})
}
