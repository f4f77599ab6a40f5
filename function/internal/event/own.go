package event

import (
	"encoding/json"
	"slices"
	"strings"
	"time"
)

// The types of messages that this function and its operators queue for it.
const (
	ownPrefix      = "vpn-attach."
	TypeRequest    = "vpn-attach.request.v1"    // a direct request
	TypeRetry      = "vpn-attach.retry.v1"      // another try
	TypeConfirm    = "vpn-attach.confirm.v1"    // a look at what became of an attachment
	TypeReport     = "vpn-attach.report.v1"     // an outcome to be published
	TypeDeadLetter = "vpn-attach.deadletter.v1" // what was given up, replayed by a person
	outcomePrefix  = "vpn-attach.outcome."      // our own status, come back
)

// own reads a message of this function's own. A version that is not known is kept whole,
// so that a rollback loses none.
func (d *decoder) own(raw json.RawMessage, e envelope, from origin) *Malformed {
	switch kind := string(e.Type); {
	case kind == TypeRequest:
		return d.request(e.Data, from)
	case kind == TypeRetry, kind == TypeConfirm, kind == TypeDeadLetter:
		return d.followUp(e.Data, kind)
	case kind == TypeReport:
		return d.report(e.Data)
	case strings.HasPrefix(kind, outcomePrefix):
		d.ignore("an outcome of our own")
		return nil
	}
	var bounds struct {
		Until text `json:"until"`
	}
	_ = json.Unmarshal(e.Data, &bounds) // without a bound it is given up at once
	d.items = append(d.items, Item{Newer: &Newer{
		ID: sum(raw), Type: Printable(string(e.Type), maxText), Body: slices.Clone(raw),
		Until: parseTime(string(bounds.Until)), Time: parseTime(from.time),
	}})
	return nil
}

// followUp is what a retry, a confirm or a dead letter says: which event it goes back to,
// what that event asked for, and how far it has come. Fields that are not known here
// belong to steps that are not, and are passed over.
type followUp struct {
	Event struct {
		ID     text `json:"id"`
		Source text `json:"source"`
		Type   text `json:"type"`
		Time   text `json:"time"`
		Actor  text `json:"actor"`
	} `json:"event"`
	ConnectionID text              `json:"vpnConnectionId"`
	RegionID     text              `json:"regionId"`
	OwnerID      text              `json:"ownerId"`
	Wishes       map[string]string `json:"wishes"`
	DryRun       bool              `json:"dryRun"`
	Attempt      int               `json:"attempt"`
	FirstSeen    text              `json:"firstSeen"`
}

func (d *decoder) followUp(data json.RawMessage, kind string) *Malformed {
	var f followUp
	switch {
	case len(data) == 0 || json.Unmarshal(data, &f) != nil:
		return malformed("data", "it is not what %s holds", kind)
	case !IsConnectionID(string(f.ConnectionID)):
		return malformed("data.vpnConnectionId", "it is not the id of an IPsec-VPN connection (vco-…)")
	case f.OwnerID != "" && !IsAccountID(string(f.OwnerID)):
		return malformed("data.ownerId", "it is not an account id (10 to 20 digits)")
	}
	return d.add(Event{
		ID: string(f.Event.ID), Source: Printable(string(f.Event.Source), maxText), Type: Printable(string(f.Event.Type), maxText),
		Time: parseTime(string(f.Event.Time)), Actor: Printable(string(f.Event.Actor), maxText),
		ConnectionID: string(f.ConnectionID), RegionID: string(f.RegionID), OwnerID: string(f.OwnerID),
		Wishes: f.Wishes, DryRun: f.DryRun, Attempt: f.Attempt, FirstSeen: parseTime(string(f.FirstSeen)),
	})
}

// report takes a finished outcome, by what identifies it.
func (d *decoder) report(data json.RawMessage) *Malformed {
	var o struct {
		ID   text `json:"id"`
		Type text `json:"type"`
		Data struct {
			Status text `json:"status"`
		} `json:"data"`
	}
	unread := len(data) == 0 || json.Unmarshal(data, &o) != nil
	status := string(o.Data.Status)
	switch {
	case unread || !strings.HasPrefix(string(o.Type), outcomePrefix):
		return malformed("data", "it is not an outcome")
	case len(o.ID) != 64 || strings.Trim(string(o.ID), "0123456789abcdef") != "":
		return malformed("data.id", "it is not the id of an outcome")
	case status == "" || len(status) > 16 || strings.Trim(status, "abcdefghijklmnopqrstuvwxyz") != "":
		return malformed("data.data.status", "it is not the status of an outcome")
	}
	d.items = append(d.items, Item{Report: &Report{ID: string(o.ID), Status: status, Body: slices.Clone(data)}})
	return nil
}

// Expired reports whether a message of another version has gone round for long enough:
// past its own bound, or past the longest time that it may, since its own word counts
// for nothing beyond that.
func (n Newer) Expired(now time.Time, horizon time.Duration) bool {
	return n.Until.IsZero() || n.Time.IsZero() || n.Time.After(now.Add(time.Hour)) || now.After(n.Until) || now.After(n.Time.Add(horizon))
}
