package attach

import (
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// adopt takes on a connection that is attached, or attaching, to its transit router already,
// whoever attached it: it is watched until it is Attached and its route tables are bound.
func (t *attempt) adopt(ctx context.Context, c cloud.Connection) (decide.Verdict, error) {
	t.subject.Attachment = cloud.Attachment{
		ConnectionID: c.ID, RouterID: t.subject.Router.ID, Status: decide.StatusOf(c),
	}
	if !decide.NeedsLook(t.event, c) {
		t.subject.Attachment.ID = t.event.Watch.AttachmentID
		return decide.Watching(t.event, t.subject, time.Now()), nil
	}
	found, err := t.attachmentOf(ctx, c)
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case found.ID != "": // else the connection knows better than a list that does not show it
		t.subject.Attachment = found
	}
	return t.resume(ctx, c, t.subject.Attachment)
}

// findMissing looks for the watched attachment of a connection that says it has none.
func (t *attempt) findMissing(ctx context.Context, c cloud.Connection) (decide.Verdict, error) {
	router := t.subject.Router
	if err := decide.CheckConnection(c, router); err != nil && !decide.Ends(err, decide.CodeConnectionBusy) {
		return decide.Verdict{}, err
	}
	t.subject.Attachment.ID = t.event.Watch.AttachmentID
	found, err := t.attachmentOf(ctx, c)
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case found.ID != "":
		return t.resume(ctx, c, found)
	}
	verdict, gone := t.schedule.Absent(t.event, time.Now())
	if gone {
		t.subject.Attachment = cloud.Attachment{}
		return decide.Verdict{}, decide.Vanished(c, router, "no longer listed")
	}
	return verdict, nil
}

// resume continues from an attachment as it is now.
func (t *attempt) resume(ctx context.Context, c cloud.Connection, a cloud.Attachment) (decide.Verdict, error) {
	t.subject.Attachment = a
	t.event.UnsureSince = time.Time{} // what may have been made is found
	switch {
	case a.Status == cloud.Detaching && t.event.Watch == nil:
		return decide.Verdict{}, decide.Busy(c)
	case a.Status == cloud.Detaching:
		return decide.Verdict{}, decide.Vanished(c, t.subject.Router, cloud.Detaching)
	case t.event.DryRun && a.Status == cloud.Attached:
		return decide.Verdict{Status: decide.StatusUnchanged}, nil
	case t.event.DryRun:
		return decide.Verdict{Status: decide.StatusChecked}, nil
	case a.Status != cloud.Attached: // Attaching, or a status that is not known
		return decide.Watching(t.event, t.subject, time.Now()), nil
	}
	pending, err := t.bindTables(ctx, c, a)
	if err != nil {
		return decide.Verdict{}, err
	}
	if pending {
		verdict := decide.Watching(t.event, t.subject, time.Now())
		verdict.Reason = decide.ReasonTables
		return verdict, nil
	}
	return t.rules.Standing(t.event, a), nil
}

// bindTables creates the bindings to route tables that are asked for and missing. pending is
// true until a later reading shows all of them done.
func (t *attempt) bindTables(ctx context.Context, c cloud.Connection, a cloud.Attachment) (pending bool, err error) {
	tables, err := t.checkTables(ctx, c, a)
	t.subject.Tables = tables.done
	if err != nil {
		return false, err
	}
	for _, wanted := range tables.missing {
		request := decide.BindRequest(t.event, wanted, t.subject.Router.RegionID, a.ID)
		token := decide.Token{Value: request.ClientToken}
		_, action := wanted.Kind.Actions()
		err := t.call(ctx, action, func(ctx context.Context) error {
			request.ClientToken = token.Value
			err := t.attacher.Writer.Bind(ctx, request)
			token = token.After(t.event, err)
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return tables.pending || len(tables.missing) > 0, nil
}
