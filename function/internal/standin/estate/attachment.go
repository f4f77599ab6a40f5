package estate

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"time"
)

// The statuses of an attachment. The service has none for a deleted one: it only stops listing it.
const (
	StatusAttaching = "Attaching"
	StatusAttached  = "Attached"
	StatusDetaching = "Detaching"
	StatusDeleted   = "Deleted"
)

// Attachment is a VPN attachment of a transit router, with the values of the CBN API ListTransitRouterVpnAttachments.
type Attachment struct {
	ID          string
	Connection  string // the VPN connection's id
	Owner       string // the account id of the VPN connection's owner
	Router      string
	CEN         string
	Region      string
	Status      string
	Name        string
	Description string
	AutoPublish bool
	OrderType   string // who pays; default: the owner of the CEN
	Zones       []string
	Tags        map[string]string
	ClientToken string // of the create that made it, its request id if it had none; "" for one of the seed
	Created     time.Time
	Attached    time.Time // when it is, or will be, Attached
}

// attachment is the estate's own.
type attachment struct {
	Attachment
	number int
}

func (a Attachment) clone() Attachment {
	a.Tags, a.Zones = maps.Clone(a.Tags), slices.Clone(a.Zones)
	return a
}

// Attachments is a snapshot of all attachments ever made, by creation, including the deleted ones.
func (e *Estate) Attachments() (all []Attachment) {
	e.locked(func() {
		for _, a := range e.attachments {
			all = append(all, a.clone())
		}
	})
	return all
}

// Detach removes an attachment at once, as a person in the console might; its connection is then unbound. The id is
// that of the attachment or of the connection.
func (e *Estate) Detach(id string) (err error) {
	e.locked(func() {
		if a := cmp.Or(e.live[id], e.liveByID(id)); a != nil {
			e.remove(a)
		} else {
			err = fmt.Errorf("detaching %q: it is not attached", id)
		}
	})
	return err
}

// liveByID finds an attachment that is not deleted, or nil. The lock is held.
func (e *Estate) liveByID(id string) *attachment {
	if a := e.byID[id]; a != nil && e.live[a.Connection] == a {
		return a
	}
	return nil
}

// attach makes an attachment, which is Attaching for AttachSeconds unless it is made Attached. The lock is held.
func (e *Estate) attach(made Attachment) *attachment {
	a := &attachment{Attachment: made, number: len(e.attachments) + 1}
	a.ID = cmp.Or(a.ID, fmt.Sprintf("tr-attach-%018d", a.number))
	a.OrderType = cmp.Or(a.OrderType, payByCEN)
	wait := e.scaled(e.options.AttachSeconds)
	if a.Status == StatusAttached {
		wait = 0
	}
	now := time.Now()
	a.Created, a.Attached = cmp.Or(a.Created, now), now.Add(wait)
	e.attachments = append(e.attachments, a)
	e.live[a.Connection], e.byID[a.ID] = a, a
	e.byTag.add(a)
	e.move(a, StatusAttaching)
	e.after(wait, a.ID, func() { e.move(a, StatusAttached) })
	return a
}

// remove deletes an attachment and its bindings. The lock is held.
func (e *Estate) remove(a *attachment) {
	delete(e.live, a.Connection)
	e.cancel(a.ID)
	for _, b := range e.bindingsOf[a.ID] {
		b.Status = StatusDeleted
	}
	e.move(a, StatusDeleted)
}

// move gives an attachment another status and reports it. The lock is held.
func (e *Estate) move(a *attachment, status string) {
	a.Status = status
	if e.options.OnChange != nil {
		e.changes = append(e.changes, a.clone())
	}
}

// updateAttachment is UpdateTransitRouterVpnAttachmentAttribute of the CBN API. Its client tokens work like those of a
// create (assumed).
func (e *Estate) updateAttachment(c call) (reply, string) {
	attempt, _ := e.once(c, "update", func(string) (string, string) {
		a := e.liveByID(c.get("TransitRouterAttachmentId"))
		code := e.examineUpdate(c, a)
		if code != "" {
			return "", code
		}
		for name, value := range map[string]*string{
			"TransitRouterAttachmentName": &a.Name, "TransitRouterAttachmentDescription": &a.Description,
		} {
			if c.parameters.Has(name) {
				*value = c.get(name)
			}
		}
		a.AutoPublish, _ = c.boolean("AutoPublishRouteEnabled", a.AutoPublish)
		a.OrderType = cmp.Or(c.get("OrderType"), a.OrderType)
		return "", ""
	})
	return reply{}, attempt.Code
}

// examineUpdate makes the checks of the definition. It has codes for OrderType, which its parameters lack and the
// vendor's SDK has. Their order is assumed.
func (e *Estate) examineUpdate(c call, a *attachment) (code string) {
	_, legalPublish := c.boolean("AutoPublishRouteEnabled", true)
	dryRun, legalDryRun := c.boolean("DryRun", false)
	order := c.get("OrderType")
	switch {
	case !legalPublish, !legalDryRun, !isClientToken(c.get("ClientToken")),
		!isText(c.get("TransitRouterAttachmentName"), 128),
		!isText(c.get("TransitRouterAttachmentDescription"), 256):
		return codeInvalidParameter
	case order != "" && !isOrderType(order):
		return "InvalidParameter.OrderType"
	case a == nil:
		return codeAttachmentNotFound
	case a.Status != StatusAttached:
		return "IncorrectStatus.TransitRouterAttachmentId"
	}
	v := e.connections[a.Connection]
	switch {
	case order != "" && v.Owner != e.options.Account && !v.isGranted(a.CEN):
		return codeGrantMissing
	case order != "" && v.Owner != e.options.Account && v.grantTo(a.CEN).OrderType != order:
		return "InvalidOperation.OrderTypeMustMatchGrantCrossAccount"
	case dryRun:
		return codeDryRun
	}
	return ""
}
