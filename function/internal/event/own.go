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
	case len(raw) > MaxBody:
		return oversize("payload", "a message has %d bytes, at most %d are taken", len(raw), MaxBody)
	case kind == TypeRequest:
		return d.asked(e.Data, from)
	case strings.HasSuffix(kind, ".v1") && len(raw) > maxOwn:
		return oversize("payload", "a message of this function's own has %d bytes, at most %d are taken", len(raw), maxOwn)
	case kind == TypeRetry, kind == TypeConfirm, kind == TypeDeadLetter:
		return d.followUp(e.Data, kind)
	case kind == TypeSweeping:
		return d.sweeping(e.Data)
	case kind == TypeReport:
		return d.report(raw, e.Data)
	case strings.HasPrefix(kind, outcomePrefix), strings.HasPrefix(kind, sweepPrefix):
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

// asked reads what a direct request may ask for.
func (d *decoder) asked(data json.RawMessage, from origin) *Malformed {
	what, _ := readEnvelope(data) // what is no object is no request either
	switch {
	case what.Detach != nil:
		return d.detach(what.Detach, from)
	case what.Sweep != nil:
		return d.sweep(what.Sweep, from)
	}
	return d.request(data, from)
}

// report takes a finished outcome, by what identifies it.
func (d *decoder) report(raw, data json.RawMessage) *Malformed {
	var envelope struct {
		Attempt int `json:"attempt"`
	}
	_ = json.Unmarshal(raw, &envelope) // without a count it is the first
	var o struct {
		ID   text `json:"id"`
		Type text `json:"type"`
		Time text `json:"time"`
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
	d.items = append(d.items, Item{Report: &Report{
		ID: string(o.ID), Status: status, Time: parseTime(string(o.Time)), Attempt: envelope.Attempt, Body: slices.Clone(data),
	}})
	return nil
}

// Expired reports whether a message of another version has gone round for long enough:
// past its own bound, or past the longest time that it may, since its own word counts
// for nothing beyond that.
func (n Newer) Expired(now time.Time, horizon time.Duration) bool {
	return n.Until.IsZero() || n.Time.IsZero() || n.Time.After(now.Add(time.Hour)) || now.After(n.Until) || now.After(n.Time.Add(horizon))
}
