package attach

import (
	"context"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// attachmentOf finds the attachment of a connection: by the id under which it is watched, by
// the tag that attachments of this function have, else among all of the router's, since the
// service has no filter by connection. One without an id was not found, which is no error.
func (r *reading) attachmentOf(ctx context.Context, c cloud.Connection) (cloud.Attachment, error) {
	all := r.ofRouter()
	tagged, byID := all, all
	tagged.Tags = r.rules.ConnectionTag(c.ID)
	filters := []cloud.AttachmentFilter{tagged, all}
	if watch := r.event.Watch; watch != nil {
		if found, err := r.onSharedPage(ctx, c); err != nil || found.ID != "" {
			return found, err
		}
		if watch.AttachmentID != "" {
			byID.AttachmentID = watch.AttachmentID
			filters = []cloud.AttachmentFilter{byID, tagged, all}
		}
	}
	for _, filter := range filters {
		listed, err := list(ctx, r, cloud.ActionAttachments, r.cloud.ListAttachments, filter)
		if err != nil {
			return cloud.Attachment{}, err
		}
		if a := r.among(listed, c); a.ID != "" {
			return a, nil
		}
	}
	return cloud.Attachment{}, nil
}

func (r *reading) ofRouter() cloud.AttachmentFilter {
	return cloud.AttachmentFilter{RegionID: r.event.RegionID, RouterID: r.subject.Router.ID}
}

func (r *reading) routerKey(pass int) key {
	return key{pass, r.event.RegionID, r.subject.Router.ID, "", ""}
}

// onSharedPage looks for an attachment on the first page of its router's list, which all
// watched attachments of the router share: by default a router takes fewer than a page.
func (r *reading) onSharedPage(ctx context.Context, c cloud.Connection) (cloud.Attachment, error) {
	page, err := r.firstPage(ctx)
	return r.among(page.Items, c), err
}

// firstPage is the first page of the router's attachments.
func (r *reading) firstPage(ctx context.Context) (cloud.Page[cloud.Attachment], error) {
	return r.shared.pages.get(r.routerKey(r.pass), func() (cloud.Page[cloud.Attachment], error) {
		return readPage(ctx, r, cloud.ActionAttachments, r.cloud.ListAttachments, r.ofRouter(), "")
	})
}

// attachmentOfAll is attachmentOf for many connections: the router's list is read once.
func (r *reading) attachmentOfAll(ctx context.Context, c cloud.Connection) (cloud.Attachment, error) {
	listed, err := r.allOfRouter(ctx)
	return r.among(listed, c), err
}

// allOfRouter is the whole list of the router's attachments, which an invocation reads once.
func (r *reading) allOfRouter(ctx context.Context) ([]cloud.Attachment, error) {
	return r.shared.attachments.get(r.routerKey(0), func() ([]cloud.Attachment, error) {
		return list(ctx, r, cloud.ActionAttachments, r.cloud.ListAttachments, r.ofRouter())
	})
}

func (r *reading) among(listed []cloud.Attachment, c cloud.Connection) cloud.Attachment {
	for _, a := range listed {
		if a.ConnectionID == c.ID && a.RouterID == r.subject.Router.ID {
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
func (r *reading) checkTables(ctx context.Context, c cloud.Connection, a cloud.Attachment) (t tables, err error) {
	switch {
	case !r.rules.WantsTables(r.event, c):
		return t, nil
	case a.ID == "": // nothing can be bound before it is listed
		return tables{pending: true}, nil
	}
	listed, err := r.routeTables(ctx)
	if err != nil {
		return t, err
	}
	all, err := r.rules.WantedBindings(r.event, c, r.subject.Router, listed)
	if err != nil {
		return t, err
	}
	t.done = &decide.TablesBrief{}
	for _, wanted := range all {
		action, _ := wanted.Kind.Actions()
		asked := wanted.Asked(r.event.RegionID, a.ID)
		bindings, err := list(ctx, r, action, r.cloud.ListBindings, asked)
		if err != nil {
			return t, err
		}
		done, pending, err := wanted.State(a.ID, bindings)
		switch {
		case err != nil:
			return t, err
		case done:
			t.done.With(wanted)
		case pending:
			t.pending = true
		default:
			t.missing = append(t.missing, wanted)
		}
	}
	return t, nil
}

// routeTables lists the route tables of a transit router, once for all events of the invocation in the same pass.
func (r *reading) routeTables(ctx context.Context) ([]cloud.RouteTable, error) {
	return r.shared.tables.get(r.routerKey(r.pass), func() ([]cloud.RouteTable, error) {
		filter := cloud.RouteTableFilter{RegionID: r.event.RegionID, RouterID: r.subject.Router.ID}
		return list(ctx, r, cloud.ActionTables, r.cloud.ListRouteTables, filter)
	})
}
