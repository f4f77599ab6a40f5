package attach

import (
	"context"
	"fmt"
	"strings"

	"vpn-attach/function/internal/event"
)

// Detachments ends attachments. Ending one is asynchronous, and not tried again by the
// implementation.
type Detachments interface {
	DeleteAttachment(ctx context.Context, request DetachRequest) error
}

// detach reads the state, lets go of the attachment if that is ours to do, and sees that it is
// gone, once. It is gone when the connection is unbound and no list shows the attachment.
func (l *line) detach(ctx context.Context) Verdict {
	connection, end := l.describe(ctx)
	switch {
	case end != nil && end.Reason == CodeGone && l.event.Following != nil:
		return l.detached()
	case end != nil:
		return *end
	case connection.State == StateLocked:
		return *checkConnection(connection, Router{})
	}
	router := l.lastRouter(connection)
	if router.ID == "" {
		if l.unanswered {
			return l.detached()
		}
		return *skipped(CodeNotAttached, "")
	}
	attachment, err := l.attachmentOf(ctx, connection, router)
	switch {
	case err != nil:
		return l.fromError(err, "").about("", router, Attachment{})
	case attachment.ID != "" && !l.isAnother(attachment):
		return l.letGo(ctx, connection, router, attachment)
	case l.event.Following != nil && (connection.State == StateUnbound || attachment.ID != ""):
		return l.detached().about("", router, Attachment{ID: l.event.Following.AttachmentID})
	case l.event.Following != nil:
		return l.followGone(router, Attachment{ID: l.event.Following.AttachmentID})
	}
	return *busy(connection)
}

// lastRouter is the transit router that the connection is on, or was when it was followed.
func (l *line) lastRouter(c Connection) Router {
	router := Router{ID: c.TransitRouterID, CenID: c.CenID, RegionID: c.RegionID}
	if following := l.event.Following; router.ID == "" && following != nil {
		router.ID = following.RouterID
	}
	return router
}

// isAnother reports whether an attachment came after the one that is let go of.
func (l *line) isAnother(a Attachment) bool {
	return l.event.Following != nil && l.event.Following.AttachmentID != a.ID
}

// letGo ends the attachment, unless it is ending already.
func (l *line) letGo(ctx context.Context, c Connection, router Router, a Attachment) Verdict {
	rule, end := l.mayLetGo(c, a)
	switch {
	case end != nil:
		return end.about(rule, router, a)
	case a.Status == detaching && l.event.DryRun:
		return Verdict{Status: StatusChecked}.about(rule, router, a)
	case a.Status == detaching || l.event.Following != nil: // accepted: it takes its time
		return l.followGone(router, a)
	case a.Status == attaching:
		return busy(c).about(rule, router, a)
	}
	request := DetachRequest{RegionID: c.RegionID, AttachmentID: a.ID, DryRun: l.event.DryRun}
	request.ClientToken = digest("detach", l.event.ID, request.RegionID, request.AttachmentID, fmt.Sprint(request.DryRun))
	err := l.call(ctx, ActionDelete, func(ctx context.Context) error {
		err := l.Detachments.DeleteAttachment(ctx, request)
		l.unanswered = l.unanswered || err != nil && isUnknown(err) && !request.DryRun
		return err
	})
	switch {
	case request.DryRun && (err == nil || hasCode(err, codeDryRunPassed)):
		return Verdict{Status: StatusChecked}.about(rule, router, a)
	case err != nil:
		v := l.fromError(err, rule).about(rule, router, a)
		v.again = v.again || l.unanswered
		return v
	}
	a.Status = detaching
	v := l.followGone(router, a)
	v.Rule = rule
	return v
}

// mayLetGo refuses to end an attachment that this function did not make, or that nobody said
// may end: the connection's tag none, or the request's force.
func (l *line) mayLetGo(c Connection, a Attachment) (rule string, end *Verdict) {
	tag := l.Rules.TagPrefix + tagRouter
	switch {
	case a.Tags[l.Rules.TagPrefix+tagConnection] != c.ID:
		return "", failed("", Fault{Code: CodeNotOurs, Message: fmt.Sprintf("attachment %s does not carry the tag %s%s=%s", a.ID, l.Rules.TagPrefix, tagConnection, c.ID)})
	case strings.TrimSpace(c.Tags[tag]) == optOut:
		return fmt.Sprintf("tag %s=%s", tag, optOut), nil
	case l.event.Force:
		return "request force", nil
	}
	return "", failed("", Fault{
		Code:    CodeNotOptedOut,
		Message: fmt.Sprintf("VPN connection %s does not say that it is not to be attached", c.ID),
		Advice:  fmt.Sprintf("Tag VPN connection %s with %s=%s and ask again; or say \"force\": true, and mind that its tags may have it attached anew.", c.ID, tag, optOut),
	})
}

// followGone has the attachment looked at again until it is gone.
func (l *line) followGone(router Router, a Attachment) Verdict {
	next := event.Following{AttachmentID: a.ID, RouterID: router.ID, Since: l.Now()}
	if l.event.Following != nil {
		next = *l.event.Following
	}
	return Verdict{Status: StatusDetaching, following: &next}.about("", router, a)
}

func (l *line) detached() Verdict {
	v := Verdict{Status: StatusDetached}
	if following := l.event.Following; following != nil {
		v = v.about("", Router{ID: following.RouterID}, Attachment{ID: following.AttachmentID})
	}
	return v
}
