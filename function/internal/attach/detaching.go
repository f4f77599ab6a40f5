package attach

import (
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// detach reads the state, ends the attachment if that is ours to do, and sees that it is gone,
// once. It is gone when the connection is unbound and no list shows the attachment.
func (t *attempt) detach(ctx context.Context) (decide.Verdict, error) {
	c, err := t.connection(ctx)
	switch {
	case decide.Ends(err, decide.CodeGone) && t.event.Watch != nil:
		return t.detached(), nil
	case err != nil:
		return decide.Verdict{}, err
	case c.State == cloud.StateLocked:
		return decide.Verdict{}, decide.Locked(c)
	}
	router := decide.LastRouter(t.event, c)
	switch {
	case router.ID == "" && t.isUnsure(time.Now()):
		return t.detached(), nil
	case router.ID == "":
		return decide.Verdict{}, decide.Skip(decide.CodeNotAttached)
	}
	t.subject.Router = router
	found, err := t.attachmentOf(ctx, c)
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case found.ID != "" && !decide.IsAnother(t.event, found):
		t.subject.Attachment = found
		return t.detachFound(ctx, c, found)
	case t.event.Watch != nil && (c.State == cloud.StateUnbound || found.ID != ""):
		return t.detached(), nil
	case t.event.Watch != nil: // a list that does not show it is no proof
		t.subject.Attachment.ID = t.event.Watch.AttachmentID
		return decide.Watching(t.event, t.subject, time.Now()), nil
	}
	return decide.Verdict{}, decide.Busy(c)
}

// detachFound ends the attachment, unless it is Detaching already.
func (t *attempt) detachFound(ctx context.Context, c cloud.Connection, a cloud.Attachment) (decide.Verdict, error) {
	rule, err := t.rules.MayDetach(t.event, c, a)
	t.subject.Rule = rule
	isDetaching := a.Status == cloud.Detaching
	if isDetaching {
		t.event.UnsureSince = time.Time{} // what was asked for is found
	}
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case isDetaching && t.event.DryRun:
		return decide.Verdict{Status: decide.StatusChecked}, nil
	case isDetaching || t.event.Watch != nil: // accepted: it takes its time
		return decide.Watching(t.event, t.subject, time.Now()), nil
	case a.Status == cloud.Attaching:
		return decide.Verdict{}, decide.Busy(c)
	}
	if err := t.delete(ctx, decide.DeleteRequest(t.event, c.RegionID, a.ID)); err != nil {
		return decide.Verdict{}, err
	}
	if t.event.DryRun {
		return decide.Verdict{Status: decide.StatusChecked}, nil
	}
	t.subject.Attachment.Status = cloud.Detaching
	return decide.Watching(t.event, t.subject, time.Now()), nil
}

// delete makes the call, with its tries. A dry run that found nothing wrong is answered with
// an error; here that is a success.
func (t *attempt) delete(ctx context.Context, request cloud.DeleteRequest) error {
	first := request.ClientToken
	err := t.call(ctx, cloud.ActionDelete, func(ctx context.Context) error {
		request.ClientToken = decide.NthToken(first, t.event.Refusals)
		err := t.attacher.Writer.DeleteAttachment(ctx, request)
		t.called(err, request.DryRun)
		return err
	})
	if request.DryRun && cloud.HasCode(err, decide.CodeDryRunPassed) {
		return nil
	}
	return err
}

func (t *attempt) detached() decide.Verdict {
	t.subject = decide.Subject{}
	if w := t.event.Watch; w != nil {
		t.subject.Router.ID, t.subject.Attachment.ID = w.RouterID, w.AttachmentID
	}
	return decide.Verdict{Status: decide.StatusDetached}
}
