package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The types of messages that this function and its operators queue for it.
const (
	ownPrefix      = "vpn-attach."
	TypeRequest    = "vpn-attach.request.v1"    // a direct request
	TypeRetry      = "vpn-attach.retry.v1"      // the event is tried again
	TypeConfirm    = "vpn-attach.confirm.v1"    // a pending attachment is looked at again
	TypeReport     = "vpn-attach.report.v1"     // an outcome is to be published
	TypeSweeping   = "vpn-attach.sweeping.v1"   // a sweep that ran out of time goes on
	TypeDeadLetter = "vpn-attach.deadletter.v1" // an event was given up; a person moved it back
	outcomePrefix  = "vpn-attach.outcome."      // what is published of an event
	sweepPrefix    = "vpn-attach.sweep."        // what is published of a sweep
)

// ownMessage reads a message of this function's own. One of another version is kept whole,
// so that a rollback loses none.
func (d *decoder) ownMessage(raw json.RawMessage, e, from envelope) *Malformed {
	switch {
	case len(raw) > MaxBody:
		return oversize("payload", "a message has %d bytes, at most %d are taken", len(raw), MaxBody)
	case e.Type == TypeRequest:
		return d.decodeRequest(e.Data, e.inner(), from)
	case strings.HasSuffix(e.Type, ".v1") && len(raw) > maxOwn:
		return oversize("payload", "a message of our own has %d bytes, at most %d are taken", len(raw), maxOwn)
	case e.Type == TypeRetry, e.Type == TypeConfirm, e.Type == TypeDeadLetter:
		return d.followUp(e.Data, e.Type)
	case e.Type == TypeSweeping:
		return d.sweeping(e.Data)
	case e.Type == TypeReport:
		return d.unpublished(raw, e.Data)
	case strings.HasPrefix(e.Type, outcomePrefix), strings.HasPrefix(e.Type, sweepPrefix):
		return d.ignore("an outcome of our own")
	}
	d.add(OtherVersion{
		ID: digest(raw), Type: Printable(e.Type, maxText), Body: raw,
		Until: parseTime(textIn(e.Data, "until")), Time: parseTime(from.Time),
	})
	return nil
}

// unpublished reads a finished outcome as far as it identifies it.
func (d *decoder) unpublished(raw, data json.RawMessage) *Malformed {
	var message struct{ Attempt int }
	_ = json.Unmarshal(raw, &message) // without a count it is the first
	var o struct {
		ID, Type, Time text
		Data           struct{ Status text }
	}
	isRead := len(data) > 0 && json.Unmarshal(data, &o) == nil
	id, status := string(o.ID), string(o.Data.Status)
	switch {
	case !isRead || !strings.HasPrefix(string(o.Type), outcomePrefix):
		return malformed("data", "it is not an outcome")
	case len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "":
		return malformed("data.id", "it is not the id of an outcome")
	case status == "" || len(status) > 16 || strings.Trim(status, "abcdefghijklmnopqrstuvwxyz") != "":
		return malformed("data.data.status", "it is not the status of an outcome")
	}
	d.add(Unpublished{ID: id, Status: status, Time: parseTime(string(o.Time)), Attempt: message.Attempt, Body: data})
	return nil
}

// Expired reports whether a message of another version has been requeued for long enough: past
// its own bound, or past the horizon, because its own bound does not count beyond that.
func (o OtherVersion) Expired(now time.Time, horizon time.Duration) bool {
	return o.Until.IsZero() || o.Time.IsZero() || o.Time.After(now.Add(time.Hour)) ||
		now.After(o.Until) || now.After(o.Time.Add(horizon))
}

// Header is what a message of this function's own says beside its data.
type Header struct {
	ID, Source, Type string
	Time             time.Time
	Attempt          int // only of an unpublished outcome
}

// EncodeRequest gives the request for one connection that a sweep found. It is given up at until,
// and what it comes to is not published: the next sweep finds the connection again.
func EncodeRequest(connectionID, regionID, ownerID string, until time.Time, h Header) ([]byte, error) {
	return h.Encode(attachRequest{
		VPNConnectionID: connectionID, RegionID: regionID, OwnerID: ownerID, Swept: true, Until: until.UTC(),
	})
}

// Encode gives the message with its data, a CloudEvents 1.0 document. It escapes nothing that JSON does not demand,
// so that data goes out with the bytes that came in.
func (h Header) Encode(data any) ([]byte, error) {
	message := map[string]any{
		"specversion": "1.0", "id": h.ID, "source": h.Source, "type": h.Type, "time": h.Time.UTC(),
		"datacontenttype": "application/json", "data": data,
	}
	if h.Attempt > 0 {
		message["attempt"] = h.Attempt
	}
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(message); err != nil {
		return nil, fmt.Errorf("encoding a message of type %s: %w", h.Type, err)
	}
	return bytes.TrimSpace(body.Bytes()), nil
}
