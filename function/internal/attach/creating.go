package attach

import (
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/pace"
)

// create asks for the attachment. A call whose effect is unknown is repeated with the same client token, so that it has
// one effect at most. When the effect is still unknown in the end, the state is read again; and when that shows
// nothing, the same request is made later. A zone that the service refuses is left out, once.
func (t *attempt) create(ctx context.Context, plan decide.Plan) (decide.Verdict, error) {
	id, err := t.createOnce(ctx, plan.Request)
	if plan.Request.Zone != "" && cloud.HasCode(err, decide.CodeZoneOutOfPlace) {
		plan = plan.WithoutZone(t.event)
		id, err = t.createOnce(ctx, plan.Request)
	}
	t.warnings = plan.Warnings
	t.effectUnknown = cloud.EffectUnknown(err) && !plan.Request.DryRun
	t.reread = t.effectUnknown
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case id == "":
		return decide.Verdict{Status: decide.StatusChecked}, nil
	}
	t.subject.Attachment = cloud.Attachment{
		ID: id, ConnectionID: plan.Request.ConnectionID, RouterID: plan.Request.RouterID, Status: cloud.Attaching,
	}
	return decide.Watching(t.event, t.subject, time.Now()), nil
}

// createOnce makes one request, with its tries. The service answers a dry run that found
// nothing wrong with an error; here that is a success without an attachment.
func (t *attempt) createOnce(ctx context.Context, request cloud.CreateRequest) (id string, err error) {
	call := pace.Call{Region: request.RegionID, Action: cloud.ActionCreate, Slot: request.RouterID, Leave: t.leave}
	token := decide.Token{Value: request.ClientToken}
	err = t.pace.Do(ctx, call, func(ctx context.Context) (err error) {
		t.calls++
		request.ClientToken = token.Value
		id, err = t.attacher.Writer.CreateAttachment(ctx, request)
		token = token.After(t.event, err)
		if request.DryRun && cloud.HasCode(err, decide.CodeDryRunPassed) {
			return nil
		}
		return err
	})
	return id, err
}
