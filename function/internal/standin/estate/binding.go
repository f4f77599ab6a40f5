package estate

import (
	"slices"
	"time"
)

// The kinds of binding, and the statuses of the CBN APIs ListTransitRouterRouteTableAssociations and …Propagations.
const (
	KindAssociate = "associate"
	KindPropagate = "propagate"

	statusAssociating  = "Associating"
	statusEnabling     = "Enabling"
	statusActive       = "Active"
	statusReplacing    = "Replacing" // of an association that moves to another route table
	statusDissociating = "Dissociating"
	statusDisabling    = "Disabling"
)

// Binding is an association or a propagation of an attachment.
type Binding struct {
	Kind        string // associate or propagate
	Attachment  string // its id
	Table       string
	Status      string // Associating or Enabling, Active, Replacing, Dissociating or Disabling, Deleted
	ClientToken string // of the call that made it, its request id if it had none; "" for one of the seed
	Created     time.Time
	Active      time.Time // when it is, or will be, Active

	ended  bool // by a call: lists no longer show it
	number int  // by creation, from 1
}

// Bind is the record of one attempt to bind an attachment to a route table, with or without success.
type Bind struct {
	Attempt
	Kind       string
	Attachment string
	Table      string
}

// Bindings is a snapshot of all bindings ever made, by creation.
func (e *Estate) Bindings() (all []Binding) {
	e.locked(func() {
		for _, b := range e.bindings {
			made := *b
			made.number = 0 // the estate's own
			all = append(all, made)
		}
	})
	return all
}

// Binds is the record of all attempts to bind, in the order in which they arrived.
func (e *Estate) Binds() (all []Bind) {
	e.locked(func() { all = slices.Clone(e.binds) })
	return all
}

// associate is AssociateTransitRouterAttachmentWithRouteTable of the CBN API.
func (e *Estate) associate(c call) (reply, string) { return e.bindCall(c, KindAssociate) }

// propagate is EnableTransitRouterRouteTablePropagation of the CBN API.
func (e *Estate) propagate(c call) (reply, string) { return e.bindCall(c, KindPropagate) }

// bindCall decides and records. Its client tokens work like those of a create (assumed).
func (e *Estate) bindCall(c call, kind string) (reply, string) {
	b := Bind{Kind: kind, Attachment: c.get("TransitRouterAttachmentId"), Table: c.get("TransitRouterRouteTableId")}
	b.Attempt, _ = e.once(c, kind, func(token string) (string, string) {
		code := e.examineBinding(c, b)
		if code == "" {
			made := Binding{Kind: kind, Attachment: b.Attachment, Table: b.Table, ClientToken: token}
			e.bind(made, e.scaled(e.options.RouteTableSeconds))
		}
		return "", code
	})
	e.binds = append(e.binds, b)
	return reply{}, b.Code
}

// examineBinding makes the checks of the two pages and returns the code of the first that fails. Their order is
// assumed, and so is the code of a propagation that exists, for which neither page has one.
func (e *Estate) examineBinding(c call, wanted Bind) (code string) {
	if code = checkBindingParameters(c, wanted); code != "" {
		return code
	}
	a, table := e.liveByID(wanted.Attachment), e.routeTable("", wanted.Table)
	switch {
	case a == nil:
		return codeAttachmentIDNotFound
	case table == nil:
		return codeTableNotFound
	case e.router(a.Router).Type != routerEnterprise:
		return codeRouterType
	case e.routeTable(a.Router, wanted.Table) == nil:
		return codeOtherTable
	case table.Fixed && wanted.Kind == KindAssociate:
		return "OperationUnsupported.Associate"
	case table.Fixed:
		return "OperationUnsupported.EnablePropagation"
	case a.Status != StatusAttached || e.isEnding(wanted):
		return codeBindingStatus
	case wanted.Kind == KindAssociate && e.isBound(a.ID, KindAssociate, ""):
		return codeAssociated
	case wanted.Kind == KindPropagate && e.isBound(a.ID, KindPropagate, wanted.Table):
		return codeBindingStatus
	case c.get("DryRun") == "true":
		return codeDryRun
	}
	return ""
}

// checkBindingParameters checks the parameters by themselves.
func checkBindingParameters(c call, wanted Bind) (code string) {
	_, legal := c.boolean("DryRun", false)
	missing := func(name string) string {
		if wanted.Kind == KindPropagate {
			return "InvalidParameter." + name
		}
		return codeInvalidParameter
	}
	switch {
	case !legal || !isClientToken(c.get("ClientToken")):
		return codeInvalidParameter
	case wanted.Attachment == "":
		return missing("TransitRouterAttachmentId")
	case wanted.Table == "":
		return missing("TransitRouterRouteTableId")
	}
	return ""
}

// bind makes a binding that is Active after the given time. The lock is held.
func (e *Estate) bind(made Binding, wait time.Duration) *Binding {
	made.Created = time.Now()
	made.Active, made.Status = made.Created.Add(wait), statusAssociating
	if made.Kind == KindPropagate {
		made.Status = statusEnabling
	}
	made.number = len(e.bindings) + 1
	e.bindings = append(e.bindings, &made)
	e.bindingsOf[made.Attachment] = append(e.bindingsOf[made.Attachment], &made)
	e.after(wait, made.Attachment, func() { made.Status = statusActive })
	return &made
}

// isBound tells whether an attachment is bound to a route table, or to any if none is named. What is being ended
// counts. The lock is held.
func (e *Estate) isBound(attachmentID, kind, table string) bool {
	return slices.ContainsFunc(e.bindingsOf[attachmentID], func(b *Binding) bool {
		return b.Kind == kind && b.Status != StatusDeleted &&
			(table == "" || b.Table == table)
	})
}

// isEnding tells whether a binding is being ended that stands in the way of another: any association, or the
// propagation to the same route table. The lock is held.
func (e *Estate) isEnding(wanted Bind) bool {
	return slices.ContainsFunc(e.bindingsOf[wanted.Attachment], func(b *Binding) bool {
		return b.Kind == wanted.Kind &&
			(b.Status == statusDissociating || b.Status == statusDisabling && b.Table == wanted.Table)
	})
}

// routeTable finds a route table of a transit router, or of any if none is named; nil is none. The lock is held.
func (e *Estate) routeTable(routerID, id string) *RouteTable {
	for _, router := range e.routers {
		for i := range router.RouteTables {
			if table := &router.RouteTables[i]; table.ID == id && (routerID == "" || router.ID == routerID) {
				return table
			}
		}
	}
	return nil
}
