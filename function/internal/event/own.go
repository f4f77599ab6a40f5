package event

import (
	"cmp"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// The types of messages that this function and its operators queue for it.
const (
	ownPrefix      = "vpn-attach."
	TypeRequest    = "vpn-attach.request.v1"    // a direct request; the only one that anybody may queue
	TypeRetry      = "vpn-attach.retry.v1"      // the event is tried again
	TypeConfirm    = "vpn-attach.confirm.v1"    // a pending attachment is looked at again
	TypeReport     = "vpn-attach.report.v1"     // an outcome is to be published
	TypeSweeping   = "vpn-attach.sweeping.v1"   // a sweep that ran out of time goes on
	TypeDeadLetter = "vpn-attach.deadletter.v1" // an event was given up; a person moved it back
	TypeHealth     = "vpn-attach.health.v1"     // an attached connection is looked at; also the type of its document
	TypeWaiting    = "vpn-attach.waiting.v1"    // holds a message of another version
	outcomePrefix  = "vpn-attach.outcome."      // what is published of an event
	sweepPrefix    = "vpn-attach.sweep."        // what is published of a sweep
)

// isOutcome reports whether a type is of what is published.
func isOutcome(kind string) bool {
	return strings.HasPrefix(kind, outcomePrefix) || strings.HasPrefix(kind, sweepPrefix)
}

// ownMessage reads a message that says it is of this function. A request may come from anybody; what else is not signed
// is refused before it is read. A signed one of another version is kept whole, so that a rollback loses none.
func (d *decoding) ownMessage(raw json.RawMessage, e, from envelope) *Malformed {
	if len(raw) > MaxBody {
		return oversize("payload", "a message has %d bytes, at most %d are taken", len(raw), MaxBody)
	}
	data, isOwn := d.Signer.open(e.Type, e.Signature, e.Data)
	came := e.Data
	if isOwn {
		e.Data = data
	}
	switch {
	case e.Type == TypeRequest && (isOwn || e.Signature == ""):
		from.signed = isOwn
		return d.decodeRequest(e.Data, e.inner(), from)
	case !isOwn:
		return &Malformed{Field: "signature", Code: CodeUnsigned,
			Reason: "a message of this type is taken only when this function signed it"}
	case strings.HasSuffix(e.Type, ".v1") && len(raw) > maxOwn && e.Type != TypeWaiting:
		return oversize("payload", "a message of our own has %d bytes, at most %d are taken", len(raw), maxOwn)
	}
	return d.signedMessage(raw, came, e, from)
}

// signedMessage reads a message that this function queued for itself. Its data is what was signed; came is how it came.
func (d *decoding) signedMessage(raw, came json.RawMessage, e, from envelope) *Malformed {
	data := e.Data
	switch e.Type {
	case TypeRetry, TypeConfirm, TypeHealth, TypeDeadLetter:
		return d.followUp(data, e.Type)
	case TypeSweeping:
		return d.sweeping(raw, data)
	case TypeReport:
		return d.unpublished(e, came)
	case TypeWaiting:
		return d.waiting(data, from)
	}
	d.add(OtherVersion{
		ID: digest(raw), Type: Printable(e.Type, maxText), Body: raw, Until: parseTime(textIn(data, "until")),
		Rounds: from.rounds, FirstSeen: from.firstSeen,
	})
	return nil
}

// held is the data of a message that holds one of another version.
type held struct {
	FirstSeen time.Time       `json:"firstSeen"`
	Rounds    int             `json:"rounds"` // how often it was put back
	Message   json.RawMessage `json:"message"`
}

// waiting reads the message of another version that a message holds: this version may understand it.
func (d *decoding) waiting(data json.RawMessage, from envelope) *Malformed {
	var h held
	if json.Unmarshal(data, &h) != nil || from.rounds > 0 || h.Rounds < 1 || h.FirstSeen.IsZero() {
		return malformed("data", "it is not what %s holds", TypeWaiting)
	}
	e, whole := readEnvelope(h.Message)
	if !whole || e.shape() != ShapeOwn {
		return malformed("data.message", "it is not a message of our own")
	}
	from.rounds, from.firstSeen = h.Rounds, utcOrZero(h.FirstSeen)
	return d.ownMessage(h.Message, e, from)
}

// EncodeWaiting gives the message that holds o for another round. Decode reads it.
func (s Signer) EncodeWaiting(o OtherVersion, h Header) ([]byte, error) {
	return s.Encode(h, held{FirstSeen: o.FirstSeen.UTC(), Rounds: o.Rounds + 1, Message: o.Body})
}

// unpublished reads a finished outcome as far as it identifies it. It is published with the bytes that came.
func (d *decoding) unpublished(e envelope, came json.RawMessage) *Malformed {
	data := came
	if !isPlain(data) {
		data = e.Data
	}
	var o struct {
		ID, Type, Time text
		Data           struct{ Status, State text }
	}
	isRead := len(data) > 0 && json.Unmarshal(data, &o) == nil
	id, status := string(o.ID), string(cmp.Or(o.Data.Status, o.Data.State))
	switch {
	case !isRead || !strings.HasPrefix(string(o.Type), outcomePrefix) && o.Type != TypeHealth:
		return malformed("data", "it is not an outcome")
	case len(id) != 64 || strings.Trim(id, "0123456789abcdef") != "":
		return malformed("data.id", "it is not the id of an outcome")
	case status == "" || len(status) > 16 || strings.Trim(status, "abcdefghijklmnopqrstuvwxyz") != "":
		return malformed("data.data.status", "it is not the status of an outcome")
	}
	var attempt int
	_ = json.Unmarshal(e.Attempt, &attempt) // without a count it is the first
	d.add(Unpublished{ID: id, Status: status, Time: parseTime(string(o.Time)), Attempt: attempt, Body: data})
	return nil
}

// Header is what a message of this function's own says beside its data.
type Header struct {
	ID, Source, Type string
	Time             time.Time
	Attempt          int // only of an unpublished outcome
}

// EncodeRequest gives the request for one connection that a sweep found. It is given up at until,
// and what it comes to is not published: the next sweep finds the connection again.
func (s Signer) EncodeRequest(connectionID, regionID, ownerID string, until time.Time, h Header) ([]byte, error) {
	request := attachRequest{VPNConnectionID: connectionID, RegionID: regionID, OwnerID: ownerID}
	return s.Encode(h, sweptRequest{request, true, until.UTC()})
}

// Encode gives the message with its data and signature, a CloudEvents 1.0 document.
func (s Signer) Encode(h Header, data any) ([]byte, error) {
	raw, signature, err := s.seal(h.Type, data)
	if err != nil {
		return nil, fmt.Errorf("encoding a message of type %s: %w", h.Type, err)
	}
	message := map[string]any{
		"specversion": "1.0", "id": h.ID, "source": h.Source, "type": h.Type, "time": inJSON(h.Time.UTC()),
		"datacontenttype": "application/json", "data": raw, "signature": signature,
	}
	if h.Attempt > 0 {
		message["attempt"] = h.Attempt
	}
	body, err := encodePlain(message)
	if err != nil {
		return nil, fmt.Errorf("encoding a message of type %s: %w", h.Type, err)
	}
	return body, nil
}
