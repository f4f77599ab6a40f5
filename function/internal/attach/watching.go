package attach

import (
	"cmp"
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// look reads the watched attachment again, on the transit router that it was accepted for, whatever the tags of either
// end say by now.
func (t *attempt) look(ctx context.Context, c cloud.Connection) (decide.Verdict, error) {
	if err := t.watchedRouter(ctx, c); err != nil {
		return decide.Verdict{}, err
	}
	if !decide.StandsOn(c, t.subject.Router) {
		return t.findMissing(ctx, c)
	}
	t.event = decide.Sighted(t.event, t.subject.Attachment)
	verdict, err := t.adopt(ctx, c)
	t.subject.Attachment.ID = cmp.Or(t.subject.Attachment.ID, t.event.Watch.AttachmentID)
	return verdict, err
}

// adopt takes on a connection that is attached, or attaching, to its transit router already,
// whoever attached it: it is watched until it is Attached and its route tables are bound.
func (t *attempt) adopt(ctx context.Context, c cloud.Connection) (decide.Verdict, error) {
	if !decide.NeedsLook(t.event, c) {
		return decide.Watching(t.event, t.subject, time.Now()), nil
	}
	found, err := t.attachmentOf(ctx, c)
	if err != nil {
		return decide.Verdict{}, err
	}
	if found.ID == "" { // the connection knows better than a list that does not show it
		found = t.subject.Attachment
		found.ID = ""
	}
	return t.resume(ctx, c, found)
}

// findMissing looks for the watched attachment of a connection that says it has none.
func (t *attempt) findMissing(ctx context.Context, c cloud.Connection) (decide.Verdict, error) {
	found, err := t.attachmentOf(ctx, c)
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case found.ID != "":
		return t.resume(ctx, c, found)
	}
	router := t.subject.Router
	if err := decide.CheckConnection(c, router); err != nil && !decide.Ends(err, decide.CodeConnectionBusy) {
		return decide.Verdict{}, err
	}
	verdict, gone := t.schedule.Absent(t.event, time.Now())
	if !gone {
		t.subject.Attachment.ID = t.event.Watch.AttachmentID
		return verdict, nil
	}
	t.subject.Attachment = cloud.Attachment{}
	if again, ok := decide.Again(t.event); ok && !t.isUnsure(time.Now()) {
		t.event = again
		return decide.Verdict{Postponed: true}, nil // an attempt of its own, with a place in the queue for creates
	}
	return decide.Verdict{}, decide.Vanished(c, router, "no longer listed")
}

// resume continues from an attachment as it is now.
func (t *attempt) resume(ctx context.Context, c cloud.Connection, a cloud.Attachment) (decide.Verdict, error) {
	t.subject.Attachment, t.event = a, decide.Sighted(t.event, a)
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
	verdict := t.rules.Standing(t.event, a)
	t.noteNeighbours(ctx, verdict)
	return verdict, nil
}

// bindTables creates the bindings to route tables that are asked for and missing. pending is true until a later
// reading shows all of them done. None is asked for when the tags name another transit router by now.
func (t *attempt) bindTables(ctx context.Context, c cloud.Connection, a cloud.Attachment) (pending bool, err error) {
	if t.strayed {
		return false, nil
	}
	tables, err := t.checkTables(ctx, c, a)
	t.subject.Tables = tables.done
	if err != nil {
		return false, err
	}
	for _, wanted := range tables.missing {
		request := decide.BindRequest(t.event, wanted, t.subject.Router.RegionID, a.ID)
		first, spent := request.ClientToken, 0
		_, action := wanted.Kind.Actions()
		err := t.call(ctx, action, func(ctx context.Context) error {
			request.ClientToken = decide.NthToken(first, spent)
			err := t.attacher.Writer.Bind(ctx, request)
			if decide.SpendsToken(err) {
				spent++
			}
			return err
		})
		if err != nil {
			return false, err
		}
	}
	return tables.pending || len(tables.missing) > 0, nil
}
