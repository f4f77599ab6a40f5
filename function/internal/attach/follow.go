package attach

import (
	"context"
	"fmt"
	"time"

	"vpn-attach/function/internal/event"
)

// Reasons of an attaching outcome that is not the first word about an attachment.
const (
	reasonSlow   = "Slow"        // it takes long
	reasonTables = "RouteTables" // it is Attached; its route tables are being brought in line
)

// The times of following an attachment, as shares of the longest that one is followed:
// of an hour, 20 minutes and 30 seconds.
const (
	slowShare   = 3
	absentShare = 120
)

// trustedLooks: only every so many looks is a connection that says attaching not believed, and
// its attachment looked up all the same.
const trustedLooks = 4

// adopt takes on a connection that is on its transit router already, or on its way there,
// whoever put it there: it is followed until it is Attached and its route tables are in line.
func (l *line) adopt(ctx context.Context, c Connection, router Router, rule string) Verdict {
	if f := l.event.Following; f != nil && f.AttachmentID != "" && c.State == StateAttaching && f.Looks%trustedLooks != 0 {
		a := Attachment{ID: f.AttachmentID, ConnectionID: c.ID, RouterID: router.ID, Status: attaching}
		return l.follow(a).about(rule, router, a)
	}
	attachment, err := l.attachmentOf(ctx, c, router)
	if err != nil {
		return l.fromError(err, rule).about(rule, router, Attachment{ConnectionID: c.ID, RouterID: router.ID, Status: attachmentStatus(c.State)})
	}
	if attachment.ID == "" { // the connection knows better than a list that does not show it
		attachment = Attachment{ConnectionID: c.ID, RouterID: router.ID, Status: attachmentStatus(c.State)}
	}
	return l.takeUp(ctx, c, router, attachment, rule)
}

// search looks for the attachment of a connection that says it has none. One reading is no
// proof that it is gone: a list may be empty for other reasons, a connection may lag.
func (l *line) search(ctx context.Context, c Connection, router Router, rule string) Verdict {
	if end := checkConnection(c, router); end != nil && !end.again {
		return end.about(rule, router, Attachment{})
	}
	attachment, err := l.attachmentOf(ctx, c, router)
	switch {
	case err != nil:
		return l.fromError(err, rule).about(rule, router, Attachment{ID: l.event.Following.AttachmentID})
	case attachment.ID != "":
		return l.takeUp(ctx, c, router, attachment, rule)
	}
	v := l.follow(Attachment{}).about(rule, router, Attachment{ID: l.event.Following.AttachmentID})
	switch since := v.following.AbsentSince; {
	case since.IsZero():
		v.following.AbsentSince = l.Now()
	case l.Now().Sub(since) >= l.ConfirmTimeout/absentShare:
		return l.vanished(c, router, "no longer listed").about(rule, router, Attachment{})
	}
	return v
}

// takeUp goes on from an attachment as it is now.
func (l *line) takeUp(ctx context.Context, c Connection, router Router, a Attachment, rule string) Verdict {
	switch {
	case a.Status == detaching && l.event.Following == nil:
		return busy(c).about(rule, router, a)
	case a.Status == detaching:
		return l.vanished(c, router, "Detaching").about(rule, router, a)
	case l.event.DryRun && a.Status == attaching:
		return Verdict{Status: StatusChecked}.about(rule, router, a)
	case a.Status == attaching:
		return l.follow(a).about(rule, router, a)
	case l.event.DryRun:
		return Verdict{Status: StatusUnchanged}.about(rule, router, a)
	}
	tables, pending, end := l.inLine(ctx, c, router, a)
	v := Verdict{Status: StatusAttached}
	switch {
	case end != nil:
		v = *end
	case pending:
		v = l.follow(a)
		v.Reason = reasonTables
	case a.Tags[l.Rules.TagPrefix+tagEvent] != eventTag(l.event) && (l.event.Following == nil || l.event.Following.Stood):
		v.Status = StatusUnchanged
	}
	v.Tables = tables
	return v.about(rule, router, a)
}

// follow has the attachment looked at again.
func (l *line) follow(a Attachment) Verdict {
	next := event.Following{Since: l.Now(), Stood: a.Status == attached}
	if l.event.Following != nil {
		next = *l.event.Following
	}
	if a.ID != "" {
		next.AttachmentID, next.AbsentSince = a.ID, time.Time{}
	}
	return Verdict{Status: StatusAttaching, Attachment: a, following: &next}
}

func (l *line) vanished(c Connection, router Router, seen string) Verdict {
	return *failed("", Fault{
		Code:    CodeVanished,
		Message: fmt.Sprintf("the attachment of VPN connection %s to transit router %s is %s; the connection is %s", c.ID, router.ID, seen, printable(c.State)),
	})
}

// attachmentOf finds the attachment of a connection: by the id under which it is followed,
// by the tag that ours bear, else among all of the router's, since the service has no filter
// by connection. Without an id it was not found, which is no error.
func (l *line) attachmentOf(ctx context.Context, c Connection, router Router) (Attachment, error) {
	if l.event.Following != nil {
		if found, err := l.onSharedPage(ctx, c, router); err != nil || found.ID != "" {
			return found, err
		}
	}
	filters := []AttachmentFilter{
		{RegionID: c.RegionID, RouterID: router.ID, Tags: map[string]string{l.Rules.TagPrefix + tagConnection: c.ID}},
		{RegionID: c.RegionID, RouterID: router.ID},
	}
	if following := l.event.Following; following != nil && following.AttachmentID != "" {
		filters = append([]AttachmentFilter{{RegionID: c.RegionID, RouterID: router.ID, AttachmentID: following.AttachmentID}}, filters...)
	}
	for _, filter := range filters {
		listed, err := l.attachments(ctx, filter)
		if err != nil {
			return Attachment{}, err
		}
		if a := among(listed, c, router); a.ID != "" {
			return a, nil
		}
	}
	return Attachment{}, nil
}

// onSharedPage looks for an attachment on the first page of its router's list, which all
// followed attachments of the router share: by default a router takes fewer than a page.
func (l *line) onSharedPage(ctx context.Context, c Connection, router Router) (Attachment, error) {
	page, err := l.shared.pages.get(fmt.Sprint(l.passes, router.RegionID, router.ID), func() (page []Attachment, err error) {
		err = l.call(ctx, ActionAttachments, func(ctx context.Context) (err error) {
			page, _, err = l.Attachments.ListAttachments(ctx, AttachmentFilter{RegionID: c.RegionID, RouterID: router.ID}, "")
			return err
		})
		return page, err
	})
	return among(page, c, router), err
}

// among finds a connection's attachment in a list of several.
func among(listed []Attachment, c Connection, router Router) Attachment {
	for _, a := range listed {
		if a.ConnectionID == c.ID && a.RouterID == router.ID {
			return a
		}
	}
	return Attachment{}
}

// attachmentOfAll is attachmentOf for many connections: the router's list is read once.
func (l *line) attachmentOfAll(ctx context.Context, c Connection, router Router) (Attachment, error) {
	listed, err := l.shared.attachments.get(router.RegionID+" "+router.ID, func() ([]Attachment, error) {
		return l.attachments(ctx, AttachmentFilter{RegionID: c.RegionID, RouterID: router.ID})
	})
	return among(listed, c, router), err
}

func (l *line) attachments(ctx context.Context, filter AttachmentFilter) ([]Attachment, error) {
	return listAll(func(cursor string) (page []Attachment, next string, err error) {
		err = l.call(ctx, ActionAttachments, func(ctx context.Context) (err error) {
			page, next, err = l.Attachments.ListAttachments(ctx, filter, cursor)
			return err
		})
		return page, next, err
	})
}

// attachmentStatus is what the connection's state says of its attachment.
func attachmentStatus(state string) string {
	if state == StateAttached {
		return attached
	}
	return attaching
}
