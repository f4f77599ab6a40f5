package estate

import (
	"fmt"
	"maps"
	"slices"
	"time"
)

// The statuses of an attachment. The service has no word for one that is deleted, it only stops listing it.
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
	Zones       []string
	Tags        map[string]string
	ClientToken string // of the create that made it, its request id if it had none; "" for one of the seed
	Created     time.Time
	Attached    time.Time // when it is, or will be, Attached
}

// attachment is the estate's own.
type attachment struct {
	Attachment
	number   int
	detached time.Time // when it is gone, once it is Detaching
}

func (a Attachment) clone() Attachment {
	a.Tags, a.Zones = maps.Clone(a.Tags), slices.Clone(a.Zones)
	return a
}

// Attachments is a snapshot of all attachments ever made, by creation, the deleted ones included.
func (e *Estate) Attachments() (all []Attachment) {
	e.locked(func() {
		for _, a := range e.attachments {
			all = append(all, a.clone())
		}
	})
	return all
}

// Attaching counts the attachments on the way.
func (e *Estate) Attaching() (n int) {
	e.locked(func() { n = len(e.attaching) })
	return n
}

// Detach removes an attachment at once, as somebody in the console might; its connection is unbound then. The id is
// that of the attachment or of the connection.
func (e *Estate) Detach(id string) error {
	found := false
	e.locked(func() {
		a := e.live[id]
		if a == nil {
			a = e.liveByID(id)
		}
		found = a != nil
		e.detach(a)
	})
	if !found {
		return fmt.Errorf("detaching %q: it is not attached", id)
	}
	return nil
}

// liveByID finds an attachment that is not deleted; nil is none. The lock is held.
func (e *Estate) liveByID(id string) *attachment {
	for _, a := range e.live {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// attach makes an attachment, which is on the way for AttachSeconds unless it says that it is there. The lock is held.
func (e *Estate) attach(made Attachment) *attachment {
	now := e.options.Now()
	a := &attachment{Attachment: made, number: len(e.attachments) + 1}
	a.ID = fmt.Sprintf("tr-attach-%018d", a.number)
	a.Created, a.Attached = now, now
	if a.Status != StatusAttached {
		wait := e.scaled(time.Duration(e.options.AttachSeconds * float64(time.Second)))
		a.Status, a.Attached = StatusAttaching, now.Add(wait)
		e.attaching = append(e.attaching, a)
		e.wake(wait)
	}
	e.attachments = append(e.attachments, a)
	e.live[a.Connection] = a
	e.changed(a)
	return a
}

// wake settles the state after a time, so that OnChange hears of what is due then though nobody asks. The lock is held.
func (e *Estate) wake(wait time.Duration) {
	if e.closed {
		return
	}
	e.waking.Add(1)
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		defer e.waking.Done()
		e.locked(func() { delete(e.timers, timer) })
	})
	e.timers[timer] = true
}

// settle completes what is due by the clock. The lock is held.
// All wait equally long, so the oldest is due first.
func (e *Estate) settle() {
	now := e.options.Now()
	for len(e.attaching) > 0 && !now.Before(e.attaching[0].Attached) {
		a := e.attaching[0]
		e.attaching = e.attaching[1:]
		a.Status = StatusAttached
		e.changed(a)
	}
	e.settleBindings()
	e.settleDetaching()
}

// detach deletes an attachment; nil is none to delete. The lock is held.
func (e *Estate) detach(a *attachment) {
	if a == nil {
		return
	}
	delete(e.live, a.Connection)
	e.unbind(a.ID)
	e.attaching = slices.DeleteFunc(e.attaching, func(other *attachment) bool { return other == a })
	a.Status = StatusDeleted
	e.changed(a)
}

func (e *Estate) changed(a *attachment) {
	if e.options.OnChange != nil {
		e.changes = append(e.changes, a.clone())
	}
}
