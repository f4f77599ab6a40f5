package estate

import (
	"slices"
	"time"
)

// The kinds of binding, and the statuses of the CBN APIs ListTransitRouterRouteTableAssociations and …Propagations.
const (
	KindAssociate = "associate"
	KindPropagate = "propagate"

	statusAssociating = "Associating"
	statusEnabling    = "Enabling"
	statusActive      = "Active"
)

// Binding is an association or a propagation of an attachment.
type Binding struct {
	Kind        string // associate or propagate
	Attachment  string // its id
	Table       string
	Status      string // Associating or Enabling, Active, Deleted
	ClientToken string // of the call that made it, its request id if it had none; "" for one of the seed
	Created     time.Time
	Active      time.Time // when it is, or will be, Active
}

// Bind is the record of one attempt to bind an attachment to a route table, whatever became of it.
type Bind struct {
	Kind        string
	Attachment  string
	Table       string
	ClientToken string
	RequestID   string
	At          time.Time
	Effect      bool   // a new binding was made
	Replay      bool   // an earlier success was answered again
	Code        string // the error answered; "" for a success
}

// Bindings is a snapshot of all bindings ever made, by creation.
func (e *Estate) Bindings() (all []Binding) {
	e.locked(func() {
		for _, b := range e.bindings {
			all = append(all, *b)
		}
	})
	return all
}

// Binds is the record of all attempts to bind, in the order in which they arrived.
func (e *Estate) Binds() (all []Bind) {
	e.locked(func() { all = slices.Clone(e.binds) })
	return all
}

// Pending counts what is on the way: attachments, and bindings.
func (e *Estate) Pending() (n int) {
	e.locked(func() {
		n = len(e.attaching)
		for _, a := range e.live {
			if a.Status == StatusDetaching {
				n++
			}
		}
		for _, b := range e.bindings {
			if b.Status == statusAssociating || b.Status == statusEnabling {
				n++
			}
		}
	})
	return n
}

// associate is AssociateTransitRouterAttachmentWithRouteTable of the CBN API.
func (e *Estate) associate(c call) (reply, string) { return e.bindCall(c, KindAssociate) }

// propagate is EnableTransitRouterRouteTablePropagation of the CBN API.
func (e *Estate) propagate(c call) (reply, string) { return e.bindCall(c, KindPropagate) }

// bindCall decides and records. A client token replays as that of a create does (assumed).
func (e *Estate) bindCall(c call, kind string) (reply, string) {
	record := Bind{
		Kind: kind, Attachment: c.get("TransitRouterAttachmentId"), Table: c.get("TransitRouterRouteTableId"),
		ClientToken: c.get("ClientToken"), RequestID: c.requestID, At: e.options.Now(),
	}
	e.bindOnce(c, &record)
	e.binds = append(e.binds, record)
	if record.Code != "" {
		return nil, record.Code
	}
	return reply{}, ""
}

func (e *Estate) bindOnce(c call, record *Bind) {
	token := orDefault(record.ClientToken, c.requestID)
	remembered := record.Kind + ":" + token // the operations do not share tokens
	if before := e.tokens[remembered]; before != nil {
		if before.parameters != c.parameters.Encode() {
			record.Code = codeTokenReused
			return
		}
		record.Replay = true
		return
	}
	dryRun, legal := c.boolean("DryRun", false)
	code := e.examineBinding(*record)
	switch {
	case !legal || !isClientToken(record.ClientToken):
		record.Code = codeInvalidParameter
	case code != "":
		record.Code = code
	case dryRun:
		record.Code = codeDryRun
	default:
		record.Effect = true
		wait := e.scaled(time.Duration(e.options.RouteTableSeconds * float64(time.Second)))
		e.bind(Binding{Kind: record.Kind, Attachment: record.Attachment, Table: record.Table, ClientToken: token}, wait)
		e.tokens[remembered] = &granted{parameters: c.parameters.Encode()}
	}
}

// examineBinding makes the checks of the two pages and returns the code of the first that fails; their order, and the
// codes of an attachment that is not Attached or is bound already, are assumed.
func (e *Estate) examineBinding(wanted Bind) (code string) {
	a := e.liveByID(wanted.Attachment)
	switch {
	case a == nil:
		return codeAttachmentNotFound
	case e.routeTable(a.Router, wanted.Table) == nil:
		return codeTableNotFound
	case a.Status != StatusAttached:
		return codeAttachmentStatus
	}
	for _, b := range e.bindings {
		if b.Status == StatusDeleted || b.Kind != wanted.Kind || b.Attachment != wanted.Attachment {
			continue
		}
		if wanted.Kind == KindAssociate {
			return codeAssociated
		}
		if b.Table == wanted.Table {
			return codePropagated
		}
	}
	return ""
}

// bind makes a binding that is Active after the given time. The lock is held.
func (e *Estate) bind(made Binding, wait time.Duration) {
	made.Created = e.options.Now()
	made.Active, made.Status = made.Created.Add(wait), statusAssociating
	if made.Kind == KindPropagate {
		made.Status = statusEnabling
	}
	e.bindings = append(e.bindings, &made)
	e.settleBindings()
}

// settleBindings completes what is due by the clock. The lock is held.
func (e *Estate) settleBindings() {
	now := e.options.Now()
	for _, b := range e.bindings {
		if (b.Status == statusAssociating || b.Status == statusEnabling) && !now.Before(b.Active) {
			b.Status = statusActive
		}
	}
}

// isBound tells whether an attachment is bound to any route table. The lock is held.
func (e *Estate) isBound(attachmentID, kind string) bool {
	return slices.ContainsFunc(e.bindings, func(b *Binding) bool {
		return b.Attachment == attachmentID && b.Kind == kind && b.Status != StatusDeleted
	})
}

// unbind deletes what an attachment that is gone was bound to. The lock is held.
func (e *Estate) unbind(attachmentID string) {
	for _, b := range e.bindings {
		if b.Attachment == attachmentID {
			b.Status = StatusDeleted
		}
	}
}

// routeTable finds a route table of a transit router; nil is none. The lock is held.
func (e *Estate) routeTable(routerID, id string) *RouteTable {
	router := e.router(routerID)
	if router == nil {
		return nil
	}
	for i := range router.RouteTables {
		if router.RouteTables[i].ID == id {
			return &router.RouteTables[i]
		}
	}
	return nil
}

// anyRouteTable finds a route table of whichever transit router; nil is none. The lock is held.
func (e *Estate) anyRouteTable(id string) *RouteTable {
	for _, r := range e.routers {
		if t := e.routeTable(r.ID, id); t != nil {
			return t
		}
	}
	return nil
}
