package attach

import (
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/pace"
)

// create asks for the attachment. A call that has no answer is repeated with the same client token, so that it has one
// effect at most: the token depends on the request, so it stays the same while the tags do. When there is still no
// answer, the state is read again; and when that shows nothing, the same request is made again, in the next pass of
// this invocation or in a later one. A zone that the service refuses is left out, once.
func (t *attempt) create(ctx context.Context, plan decide.Plan) (decide.Verdict, error) {
	id, err := t.createOnce(ctx, plan.Request)
	if plan.Request.Zone != "" && cloud.HasCode(err, decide.CodeZoneOutOfPlace) {
		plan = plan.WithoutZone(t.event)
		id, err = t.createOnce(ctx, plan.Request)
	}
	t.warnings = plan.Warnings
	switch {
	case err != nil:
		return decide.Verdict{}, err
	case id == "":
		return decide.Verdict{Status: decide.StatusChecked}, nil
	}
	t.subject.Attachment = cloud.Attachment{
		ID: id, ConnectionID: plan.Request.ConnectionID, RouterID: plan.Request.RouterID, Status: cloud.Attaching,
	}
	return decide.Accepted(t.event, t.subject, time.Now()), nil
}

// createOnce makes one request, with its tries. The service answers a dry run that found nothing wrong with an error;
// here that is a success without an attachment. While the router is busy nobody waits for it: the event comes back.
func (t *attempt) createOnce(ctx context.Context, request cloud.CreateRequest) (id string, err error) {
	router, isUnderWay := request.RouterID, false
	call := pace.Call{Region: request.RegionID, Action: cloud.ActionCreate, Slot: router, Leave: t.leave,
		Stop: func() error { return t.shared.busy.why(router, isUnderWay) }}
	if err := call.Stop(); err != nil {
		return "", err
	}
	first := request.ClientToken
	err = t.pace.Do(ctx, call, func(ctx context.Context) (err error) {
		t.calls++
		isUnderWay, request.ClientToken = true, decide.NthToken(first, t.event.Refusals)
		began := time.Now()
		id, err = t.attacher.Writer.CreateAttachment(ctx, request)
		t.called(err, request.DryRun)
		if request.DryRun && cloud.HasCode(err, decide.CodeDryRunPassed) {
			return nil
		}
		if time.Since(began) > longCreate {
			t.shared.busy.noteSlow(router)
		}
		return err
	})
	if decide.IsRouterBusy(err) {
		t.shared.busy.note(router, err)
	}
	return id, err
}
