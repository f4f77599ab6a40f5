package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// followUp is what a retry, a confirm or a dead letter says: which event it goes back to,
// what that event asked for, and how far it has come.
type followUp struct {
	Event        origins           `json:"event"`
	ConnectionID text              `json:"vpnConnectionId"`
	RegionID     text              `json:"regionId,omitempty"`
	OwnerID      text              `json:"ownerId,omitempty"`
	Wishes       map[string]string `json:"wishes,omitempty"`
	DryRun       bool              `json:"dryRun,omitempty"`
	Detach       bool              `json:"detach,omitempty"`
	Force        bool              `json:"force,omitempty"`
	Attempt      int               `json:"attempt,omitempty"`
	Swept        bool              `json:"swept,omitempty"`
	FirstSeen    time.Time         `json:"firstSeen,omitzero"`
	Until        time.Time         `json:"until,omitzero"`
	Failing      Failing           `json:"failing,omitzero"`
	Following    *Following        `json:"following,omitempty"`
}

// origins is what is kept of the event that it all began with.
type origins struct {
	ID     text      `json:"id"`
	Source text      `json:"source,omitempty"`
	Type   text      `json:"type,omitempty"`
	Time   time.Time `json:"time,omitzero"`
	Actor  text      `json:"actor,omitempty"`
}

// followUp reads a message that goes back to an event. A dead letter begins afresh: only
// what the event was is taken from it.
func (d *decoder) followUp(data json.RawMessage, kind string) *Malformed {
	var f followUp
	var fields map[string]json.RawMessage
	switch {
	case len(data) == 0 || json.Unmarshal(data, &f) != nil || json.Unmarshal(data, &fields) != nil:
		return malformed("data", "it is not what %s holds", kind)
	case !IsConnectionID(string(f.ConnectionID)):
		return malformed("data.vpnConnectionId", "it is not the id of an IPsec-VPN connection (vco-…)")
	case f.OwnerID != "" && !IsAccountID(string(f.OwnerID)):
		return malformed("data.ownerId", "it is not an account id (10 to 20 digits)")
	case !fitWishes(f.Wishes):
		return malformed("data.wishes", "one is longer than %d characters or not printable", maxWish)
	}
	e := Event{
		ID: string(f.Event.ID), Source: Printable(string(f.Event.Source), maxText), Type: Printable(string(f.Event.Type), maxText),
		Time: sane(f.Event.Time), Actor: Printable(string(f.Event.Actor), maxText),
		ConnectionID: string(f.ConnectionID), RegionID: string(f.RegionID), OwnerID: string(f.OwnerID),
		Wishes: f.Wishes, DryRun: f.DryRun, Detach: f.Detach, Force: f.Force,
	}
	if kind == TypeDeadLetter {
		return d.add(e)
	}
	e.Swept = f.Swept
	e.Attempt, e.FirstSeen, e.Until, e.Unknown = f.Attempt, sane(f.FirstSeen), sane(f.Until), unknown(fields)
	e.Failing = Failing{Code: Printable(f.Failing.Code, maxText), Since: sane(f.Failing.Since)}
	if kind == TypeConfirm {
		e.Following = f.Following.sane()
	}
	return d.add(e)
}

// sane makes what a message says of following an attachment fit to be handed on.
func (f *Following) sane() *Following {
	if f == nil {
		return &Following{}
	}
	fit := *f
	fit.AttachmentID, fit.RouterID = Printable(f.AttachmentID, maxText), Printable(f.RouterID, maxText)
	fit.Since, fit.AbsentSince = sane(f.Since), sane(f.AbsentSince)
	return &fit
}

// unknown keeps the fields that this version does not know.
func unknown(fields map[string]json.RawMessage) map[string]json.RawMessage {
	for _, known := range []string{
		"event", "vpnConnectionId", "regionId", "ownerId", "wishes", "dryRun", "attempt", "firstSeen", "until", "failing", "following", "swept", "detach", "force",
	} {
		delete(fields, known)
	}
	return fields
}

// fitWishes bounds what a follow-up asks for like what a request asks for.
func fitWishes(wishes map[string]string) bool {
	for tag, value := range wishes {
		if Printable(tag, maxText) != tag || Printable(value, maxWish) != value {
			return false
		}
	}
	return len(wishes) <= maxPerMessage
}

// Envelope is what is said of a message of our own beside its data.
type Envelope struct {
	ID, Source, Type string
	Time             time.Time
	Attempt          int // of a report
}

// FollowUp gives the message that goes back to e: a retry, a confirm or, with what is to be
// said to people beside it, a dead letter. What follows for good is read from it by Decode.
func FollowUp(e Event, envelope Envelope, beside map[string]any) ([]byte, error) {
	f := followUp{
		Event:        origins{ID: text(e.ID), Source: text(e.Source), Type: text(e.Type), Time: e.Time, Actor: text(e.Actor)},
		ConnectionID: text(e.ConnectionID), RegionID: text(e.RegionID), OwnerID: text(e.OwnerID), Wishes: e.Wishes,
		DryRun: e.DryRun, Detach: e.Detach, Force: e.Force,
		Attempt: e.Attempt, Swept: e.Swept, FirstSeen: e.FirstSeen, Until: e.Until, Failing: e.Failing, Following: e.Following,
	}
	if len(e.Unknown) == 0 && len(beside) == 0 {
		return envelope.wrap(f)
	}
	known, err := json.Marshal(f)
	if err != nil {
		return nil, fmt.Errorf("encoding a follow-up of event %s: %w", e.ID, err)
	}
	data := map[string]any{}
	for name, value := range e.Unknown {
		data[name] = value
	}
	maps.Copy(data, beside)
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(known, &fields); err != nil {
		return nil, fmt.Errorf("encoding a follow-up of event %s: %w", e.ID, err)
	}
	for name, value := range fields {
		data[name] = value
	}
	return envelope.wrap(data)
}

// Postpone gives the message that carries a finished outcome to a later invocation.
func Postpone(outcome []byte, envelope Envelope) ([]byte, error) {
	return envelope.wrap(json.RawMessage(outcome))
}

// wrap makes a CloudEvents 1.0 document. Nothing is escaped that need not be: what came in as
// a message's data goes out with the same bytes.
func (v Envelope) wrap(data any) ([]byte, error) {
	message := map[string]any{
		"specversion": "1.0", "id": v.ID, "source": v.Source, "type": v.Type, "time": v.Time.UTC(), "datacontenttype": "application/json", "data": data,
	}
	if v.Attempt > 0 {
		message["attempt"] = v.Attempt
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	err := encoder.Encode(message)
	if err != nil {
		return nil, fmt.Errorf("encoding a message of type %s: %w", v.Type, err)
	}
	return bytes.TrimSpace(body.Bytes()), nil
}
