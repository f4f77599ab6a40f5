package estate

import (
	"slices"
	"time"
)

// dissociate is DissociateTransitRouterAttachmentFromRouteTable of the CBN API.
func (e *Estate) dissociate(c call) (reply, string) {
	return e.endCall(c, KindAssociate, statusDissociating, "OperationUnsupported.dissociateRouteTable")
}

// disable is DisableTransitRouterRouteTablePropagation of the CBN API.
func (e *Estate) disable(c call) (reply, string) {
	return e.endCall(c, KindPropagate, statusDisabling, "OperationUnsupported.DisablePropagation")
}

// endCall ends a binding, which has a status of its own for RouteTableSeconds and is then listed no longer. Its client
// tokens work like those of the call that makes one.
func (e *Estate) endCall(c call, kind, status, fixed string) (reply, string) {
	attempt, _ := e.once(c, status, func(string) (string, string) {
		a, table, code := e.examineUnbinding(c)
		switch {
		case code != "":
			return "", code
		case table.Fixed:
			return "", fixed
		}
		b := e.activeBinding(a.ID, kind, table.ID)
		switch {
		case b == nil:
			return "", codeBindingStatus
		case c.get("DryRun") == "true":
			return "", codeDryRun
		}
		b.Status = status
		e.after(e.scaled(e.options.RouteTableSeconds), a.ID, func() { b.Status, b.ended = StatusDeleted, true })
		return "", ""
	})
	return reply{}, attempt.Code
}

// replace is ReplaceTransitRouterRouteTableAssociation of the CBN API: the association moves to another route table of
// the transit router, and is Replacing for RouteTableSeconds. No definition of it is at hand: its codes are assumed to
// be those of the calls that make and end an association.
func (e *Estate) replace(c call) (reply, string) {
	attempt, _ := e.once(c, statusReplacing, func(string) (string, string) {
		a, table, code := e.examineUnbinding(c)
		switch {
		case code != "":
			return "", code
		case e.router(a.Router).Type != routerEnterprise:
			return "", codeRouterType
		case e.routeTable(a.Router, table.ID) == nil:
			return "", codeOtherTable
		case table.Fixed:
			return "", "OperationUnsupported.Associate"
		case e.isBound(a.ID, KindAssociate, table.ID):
			return "", codeAssociated
		}
		b := e.activeBinding(a.ID, KindAssociate, "")
		switch {
		case b == nil:
			return "", codeBindingStatus
		case c.get("DryRun") == "true":
			return "", codeDryRun
		}
		wait := e.scaled(e.options.RouteTableSeconds)
		b.Table, b.Status, b.Active = table.ID, statusReplacing, time.Now().Add(wait)
		e.after(wait, a.ID, func() { b.Status = statusActive })
		return "", ""
	})
	return reply{}, attempt.Code
}

// examineUnbinding makes the checks that the three calls have in common. Their order is assumed.
func (e *Estate) examineUnbinding(c call) (a *attachment, table *RouteTable, code string) {
	_, legal := c.boolean("DryRun", false)
	a, table = e.liveByID(c.get("TransitRouterAttachmentId")), e.routeTable("", c.get("TransitRouterRouteTableId"))
	switch {
	case c.get("TransitRouterAttachmentId") == "":
		return nil, nil, "InvalidParameter.TransitRouterAttachmentId"
	case c.get("TransitRouterRouteTableId") == "":
		return nil, nil, "InvalidParameter.TransitRouterRouteTableId"
	case !legal || !isClientToken(c.get("ClientToken")):
		return nil, nil, codeInvalidParameter
	case a == nil:
		return nil, nil, codeAttachmentIDNotFound
	case table == nil:
		return nil, nil, codeTableNotFound
	case e.router(a.Router).Status != routerActive:
		return nil, nil, codeRouterStatus
	case a.Status != StatusAttached:
		return nil, nil, codeBindingStatus
	}
	return a, table, ""
}

// activeBinding finds a binding that is Active, to a route table or to any if none is named; nil is none. The lock is
// held.
func (e *Estate) activeBinding(attachmentID, kind, table string) *Binding {
	all := e.bindingsOf[attachmentID]
	i := slices.IndexFunc(all, func(b *Binding) bool {
		return b.Kind == kind && b.Status == statusActive &&
			(table == "" || b.Table == table)
	})
	if i < 0 {
		return nil
	}
	return all[i]
}
