package decide

import (
	"errors"

	"vpn-attach/function/internal/cloud"
)

// Preflight says whether connection c may be attached to router, by what both look like now.
// It is asked before every create: an old or repeated event acts on today's state. stands is
// true when the connection is attached, or attaching, to this router already.
func Preflight(c cloud.Connection, router cloud.Router) (stands bool, err error) {
	if err := CheckConnection(c, router); err != nil {
		return false, err
	}
	if c.State == cloud.StateAttaching || c.State == cloud.StateAttached {
		return true, nil
	}
	return false, checkRouter(router)
}

// CheckConnection refuses, with an *End, a connection that is bound elsewhere or not ready.
func CheckConnection(c cloud.Connection, router cloud.Router) error {
	switch c.State {
	case cloud.StateUnbound:
		return nil
	case cloud.StateAttaching, cloud.StateAttached:
		if c.TransitRouterID == router.ID {
			return nil
		}
		return Conflict(CodeAttachedElsewhere, "VPN connection %s is %s to transit router %s, not %s",
			c.ID, c.State, c.TransitRouterID, router.ID)
	case cloud.StateGateway:
		return Conflict(CodeBoundToGateway, "VPN connection %s is bound to a VPN gateway", c.ID)
	case cloud.StateDeleted:
		return Skip(CodeGone)
	case cloud.StateLocked:
		return Locked(c)
	}
	return Busy(c)
}

// Busy is the end for a connection that is being changed. The state is read again.
func Busy(c cloud.Connection) *End {
	return Fail(CodeConnectionBusy, "VPN connection %s is %s", c.ID, quoted(c.State))
}

// Locked is the end for a connection whose owner owes money.
func Locked(c cloud.Connection) *End {
	return Fail(CodeConnectionLocked, "VPN connection %s is locked for overdue payment", c.ID)
}

// Vanished is the end for an attachment that was accepted, or stood, and went.
func Vanished(c cloud.Connection, router cloud.Router, seen string) *End {
	return Fail(CodeVanished, "the attachment of VPN connection %s to transit router %s is %s; the connection is %s",
		c.ID, router.ID, seen, quoted(c.State))
}

// checkRouter refuses a transit router that cannot take VPN attachments.
func checkRouter(router cloud.Router) error {
	switch {
	case router.Type != cloud.TypeEnterprise:
		return Fail(CodeRouterNotEnterprise, "transit router %s is of type %s", router.ID, quoted(router.Type))
	case router.Status != cloud.StatusActive:
		return Fail(CodeRouterNotActive, "transit router %s is %s", router.ID, quoted(router.Status))
	case len(router.CIDRs) == 0:
		return Fail(CodeRouterWithoutCIDR, "transit router %s has no CIDR block for VPN attachments", router.ID)
	}
	return nil
}

// Ends reports whether err is the end of an event with this code.
func Ends(err error, code string) bool {
	var end *End
	return errors.As(err, &end) && end.Code == code
}
