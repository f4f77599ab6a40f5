package attach

import "fmt"

// preflight says whether connection c may be attached to router, by what both look
// like now. It is read before every write: an old or repeated event acts on today's
// state. standing is true when the connection is on this router already.
func preflight(c Connection, router Router) (standing bool, end *Verdict) {
	end = checkConnection(c, router)
	switch {
	case end != nil:
		return false, end
	case c.State == StateAttaching, c.State == StateAttached:
		return true, nil
	}
	return false, checkRouter(router)
}

// checkConnection refuses a connection that is bound elsewhere or not ready.
func checkConnection(c Connection, router Router) *Verdict {
	switch c.State {
	case StateUnbound:
		return nil
	case StateAttaching, StateAttached:
		if c.TransitRouterID == router.ID {
			return nil
		}
		return conflict(CodeAttachedElsewhere, fmt.Sprintf("VPN connection %s is %s to transit router %s, not %s", c.ID, c.State, c.TransitRouterID, router.ID))
	case StateGateway:
		return conflict(CodeBoundToGateway, fmt.Sprintf("VPN connection %s is bound to a VPN gateway", c.ID))
	case StateDeleted:
		return skipped(CodeGone, "")
	case StateLocked:
		return failed("", Fault{Code: CodeConnectionLocked, Message: fmt.Sprintf("VPN connection %s is locked for overdue payment", c.ID)})
	}
	return busy(c)
}

// busy is the end for now of a connection that is being changed.
func busy(c Connection) *Verdict {
	end := failed("", Fault{Code: CodeConnectionBusy, Message: fmt.Sprintf("VPN connection %s is %s", c.ID, printable(c.State))})
	end.again = true
	return end
}

// checkRouter refuses a transit router that can not take VPN attachments.
func checkRouter(router Router) *Verdict {
	switch {
	case router.Type != typeEnterprise:
		return failed("", Fault{Code: CodeRouterNotEnterprise, Message: fmt.Sprintf("transit router %s is of type %s", router.ID, printable(router.Type))})
	case router.Status != "Active":
		busy := failed("", Fault{Code: CodeRouterNotActive, Message: fmt.Sprintf("transit router %s is %s", router.ID, printable(router.Status))})
		busy.again = true
		return busy
	case len(router.CIDRs) == 0:
		return failed("", Fault{Code: CodeRouterWithoutCIDR, Message: fmt.Sprintf("transit router %s has no CIDR block for VPN attachments", router.ID)})
	}
	return nil
}

// conflict ends the line without touching anything: what is bound is never moved.
func conflict(code, message string) *Verdict {
	end := failed("", Fault{Code: code, Message: message})
	end.Status = StatusConflict
	return end
}
