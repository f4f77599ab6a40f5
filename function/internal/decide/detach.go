package decide

import (
	"fmt"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// MayDetach refuses, with an *End, to detach what this function did not attach, or what nobody said may be detached:
// the connection's tag none, or the request's force. The rule says which of the two it was.
func (r Rules) MayDetach(e event.Event, c cloud.Connection, a cloud.Attachment) (rule string, err error) {
	tag := r.TagPrefix + tagRouter
	switch {
	case !r.IsOurs(a, c.ID):
		return "", Fail(CodeNotOurs, "attachment %s lacks the tag %s%s=%s", a.ID, r.TagPrefix, tagConnection, c.ID)
	case r.optedOut(c):
		return "tag " + tag + "=" + optOut, nil
	case e.Force:
		return "request force", nil
	}
	return "", Fail(CodeNotOptedOut, "VPN connection %s does not say that it must not be attached", c.ID).
		advise(`Tag VPN connection %s with %s=%s and ask again; or say "force": true, `+
			`and mind that its tags may have it attached again.`, c.ID, tag, optOut)
}

// LastRouter is the transit router that the connection is on, or was on when it was watched.
func LastRouter(e event.Event, c cloud.Connection) cloud.Router {
	router := cloud.Router{ID: c.TransitRouterID, CenID: c.CenID, RegionID: c.RegionID}
	if router.ID == "" && e.Watch != nil {
		router.ID = e.Watch.RouterID
	}
	return router
}

// IsAnother reports whether an attachment was created after the one that is detached.
func IsAnother(e event.Event, a cloud.Attachment) bool {
	return e.Watch != nil && e.Watch.AttachmentID != a.ID
}

// DeleteRequest asks for the attachment's end. All tries of the event have the same client token.
func DeleteRequest(e event.Event, regionID, attachmentID string) cloud.DeleteRequest {
	return cloud.DeleteRequest{
		RegionID: regionID, AttachmentID: attachmentID, DryRun: e.DryRun,
		ClientToken: Digest("detach", e.ID, regionID, attachmentID, fmt.Sprint(e.DryRun)),
	}
}
