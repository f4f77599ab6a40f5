package event

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// followUp is the data of a message that takes up an event again, as it is read: an Event whose texts are read
// leniently.
type followUp struct {
	Event struct {
		ID, Source, Type, Actor text
		Time                    time.Time
	}
	ConnectionID text `json:"vpnConnectionId"`
	RegionID     text `json:"regionId"`
	OwnerID      text `json:"ownerId"`
	Ask               // for the other fields
	Progress
}

// followUp reads a message that takes up an event again. A dead letter begins it again.
func (d *decoding) followUp(data json.RawMessage, kind string) *Malformed {
	var f followUp
	var fields map[string]json.RawMessage
	if len(data) == 0 || json.Unmarshal(data, &f) != nil || json.Unmarshal(data, &fields) != nil {
		return malformed("data", "it is not what %s holds", kind)
	}
	if bad := checkIDs("data.", string(f.ConnectionID), string(f.OwnerID)); bad != nil {
		return bad
	}
	if !fitWishes(f.Wishes) {
		return malformed("data.wishes", "one is longer than %d characters or not printable", maxWish)
	}
	maps.DeleteFunc(f.Wishes, func(_, value string) bool { return value == "" }) // no wish
	from := f.Event
	e := Event{Ask: f.Ask, Origin: Origin{
		ID: string(from.ID), Time: utcOrZero(from.Time), Actor: Printable(string(from.Actor), maxText),
		Source: Printable(string(from.Source), maxText), Type: Printable(string(from.Type), maxText),
	}}
	e.ConnectionID, e.RegionID, e.OwnerID = string(f.ConnectionID), string(f.RegionID), string(f.OwnerID)
	e.Progress = f.Progress.printable()
	e.Unknown = unknown(fields)
	switch kind {
	case TypeDeadLetter:
		e = e.again()
	case TypeRetry:
		e.Watch, e.Health = nil, nil
	case TypeConfirm:
		e.Watch, e.Health = cmp.Or(e.Watch, &Watch{}), nil
	case TypeHealth:
		e.Watch, e.Health = nil, cmp.Or(e.Health, &Health{})
	}
	return d.event(e)
}

// printable makes what a message says fit to be handed on. Its Watch is changed in place.
func (p Progress) printable() Progress {
	p.FirstSeen, p.Until = utcOrZero(p.FirstSeen), utcOrZero(p.Until)
	p.Attempt, p.UnsureSince = max(p.Attempt, 0), utcOrZero(p.UnsureSince)
	p.Unseen = Printable(p.Unseen, maxText)
	p.Failing = Failing{Code: Printable(p.Failing.Code, maxText), Since: utcOrZero(p.Failing.Since)}
	p.Made = Made{Instance: Printable(p.Made.Instance, maxText), At: utcOrZero(p.Made.At)}
	if w := p.Watch; w != nil {
		w.AttachmentID, w.RouterID = Printable(w.AttachmentID, maxText), Printable(w.RouterID, maxText)
		w.Seen = Printable(w.Seen, maxText)
		w.Since, w.AbsentSince = utcOrZero(w.Since), utcOrZero(w.AbsentSince)
	}
	p.Health.printable()
	return p
}

// unknown keeps the fields that a followUp does not have.
func unknown(fields map[string]json.RawMessage) map[string]json.RawMessage {
	known := []string{
		"event", "vpnConnectionId", "regionId", "ownerId", "ownerAssumed", "wishes", "dryRun", "detach", "force",
		"attempt", "swept", "firstSeen", "until", "failing", "unsureSince", "made", "tags", "following", "refusals",
		"unseen", "health",
	}
	maps.DeleteFunc(fields, func(name string, _ json.RawMessage) bool {
		return slices.ContainsFunc(known, func(k string) bool { return strings.EqualFold(k, name) })
	})
	return fields
}

// fitWishes bounds what a follow-up asks for as a request is bounded.
func fitWishes(wishes map[string]string) bool {
	for tag, value := range wishes {
		if Printable(tag, maxText) != tag || Printable(value, maxWish) != value {
			return false
		}
	}
	return len(wishes) <= maxPerMessage
}

// EncodeFollowUp gives the message that takes up e again: a retry, a confirm or, with what is
// beside it for people to read, a dead letter. Decode reads it.
func (s Signer) EncodeFollowUp(e Event, h Header, beside map[string]any) ([]byte, error) {
	data := map[string]any{}
	for name, value := range e.Unknown {
		data[name] = value
	}
	maps.Copy(data, beside)
	maps.Copy(data, e.fields()) // over what is there
	return s.Encode(h, data)
}

// fields are what the JSON of an event holds. A map is encoded without a look at the type of every field, which is much
// of what the first event of an instance costs.
func (e Event) fields() map[string]any {
	o, w := e.Origin, e.Watch
	all := filledFields{"event": filledFields{"id": o.ID}.
		with("source", o.Source).with("type", o.Type).at("time", o.Time).with("actor", o.Actor),
		"vpnConnectionId": e.ConnectionID}.
		with("regionId", e.RegionID).with("ownerId", e.OwnerID).with("ownerAssumed", e.OwnerAssumed).
		with("dryRun", e.DryRun).with("detach", e.Detach).with("force", e.Force).
		with("attempt", e.Attempt).with("swept", e.Swept).at("firstSeen", e.FirstSeen).at("until", e.Until).
		at("unsureSince", e.UnsureSince).with("refusals", e.Refusals).with("unseen", e.Unseen)
	if len(e.Wishes) > 0 {
		all["wishes"] = e.Wishes
	}
	if len(e.Tags) > 0 {
		all["tags"] = e.Tags
	}
	if e.Failing != (Failing{}) {
		all["failing"] = filledFields{"code": e.Failing.Code, "since": inJSON(e.Failing.Since)}
	}
	if e.Made != (Made{}) {
		all["made"] = filledFields{"instance": e.Made.Instance, "at": inJSON(e.Made.At)}
	}
	if w != nil {
		all["following"] = filledFields{"since": inJSON(w.Since), "looks": w.Looks}.
			with("transitRouterAttachmentId", w.AttachmentID).with("transitRouterId", w.RouterID).with("seen", w.Seen).
			at("absentSince", w.AbsentSince).with("slow", w.Slow).with("stood", w.Stood)
	}
	if e.Health != nil {
		all["health"] = e.Health.fields()
	}
	return all
}

func (h Health) fields() filledFields {
	return filledFields{}.
		with("transitRouterAttachmentId", h.AttachmentID).with("transitRouterId", h.RouterID).with("cenId", h.CenID).
		with("looks", h.Looks).with("seen", h.Seen).at("since", h.Since).
		with("missed", h.Missed).with("failures", h.Failures).with("asked", h.Asked)
}

// filledFields are the fields of an object that say something.
type filledFields map[string]any

func (f filledFields) with(name string, value any) filledFields {
	if value != "" && value != 0 && value != false {
		f[name] = value
	}
	return f
}

func (f filledFields) at(name string, t time.Time) filledFields {
	if !t.IsZero() {
		f[name] = inJSON(t)
	}
	return f
}

// inJSON encodes a time before encoding/json sees it, which would first look for every method of the type. A time that
// cannot be encoded is left to encoding/json, which gives the error.
func inJSON(t time.Time) any {
	text, err := t.MarshalJSON()
	if err != nil {
		return t
	}
	return json.RawMessage(text)
}
