package event

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"slices"
	"strings"
)

// Shape is what a JSON object is, by its outermost layer.
type Shape int

// The shapes that are told apart.
const (
	ShapeUnknown     Shape = iota
	ShapeRequest           // {"vpnConnectionId":…}: attach this connection
	ShapeSweep             // {"sweep":…}
	ShapeDetach            // {"detach":…}
	ShapeRawData           // {"messageBody":…}: a delivery of the queue trigger without CloudEvent
	ShapeActionTrail       // a CloudEvent with a record of ActionTrail
	ShapeDelivery          // a CloudEvent with a message of the queue: the trigger's delivery
	ShapeOwn               // a CloudEvent of this function's own, of any version
	ShapeOtherType         // a CloudEvent of another type
	ShapeTimer             // {"triggerName":…}: a timer trigger's payload
)

// ShapeOf recognises the shape of an object. It does not look at whether the object is sound.
func ShapeOf(raw []byte) Shape {
	e, whole := readEnvelope(bytes.TrimSpace(raw))
	if !whole {
		return ShapeUnknown
	}
	return e.shape()
}

// FromTrigger reports whether a payload is what a trigger hands over: a delivery of the queue, a
// list with one, an empty list, or what a timer says.
func FromTrigger(payload []byte) bool {
	elements, isArray := splitArray(payload)
	if !isArray {
		elements = []json.RawMessage{payload}
	}
	return len(elements) == 0 || slices.ContainsFunc(elements, func(element json.RawMessage) bool {
		shape := ShapeOf(element)
		return shape == ShapeDelivery || shape == ShapeRawData || shape == ShapeTimer
	})
}

// Unwrap gives the message that a delivery of the queue carries, and the id that the queue gave
// it. It reports whether raw is a delivery with a message.
func Unwrap(raw []byte) (message []byte, messageID string, is bool) {
	outer, whole := readEnvelope(bytes.TrimSpace(raw))
	inner := outer
	switch shape := outer.shape(); {
	case !whole:
		return nil, "", false
	case shape == ShapeDelivery:
		inner = outer.inner()
	case shape != ShapeRawData:
		return nil, "", false
	}
	messageID = cmp.Or(inner.MessageID, outer.ID)
	var text string
	if json.Unmarshal(inner.MessageBody, &text) == nil {
		return []byte(plain(text)), messageID, text != ""
	}
	return inner.MessageBody, messageID, inner.MessageBody != nil
}

// plain is the text of a message that may be in base64.
func plain(body string) string {
	body = strings.TrimSpace(body)
	if body == "" || strings.IndexByte("{[\"", body[0]) >= 0 {
		return body
	}
	if decoded, err := base64.StdEncoding.DecodeString(body); err == nil {
		return strings.TrimSpace(string(decoded))
	}
	return body
}

// envelope holds the fields by which shapes are told apart.
type envelope struct {
	ID, Source, Type, Time string // of a CloudEvent
	Data                   json.RawMessage
	MessageID              string // of RawData
	MessageBody            json.RawMessage
	VPNConnectionID        json.RawMessage // of a direct request, like the next two
	Sweep, Detach          json.RawMessage
	TriggerName            string
}

// readEnvelope reads an object, and reports whether it is one to its end.
func readEnvelope(raw []byte) (e envelope, whole bool) {
	whole = readFields(raw,
		field{"id", &e.ID}, field{"source", &e.Source}, field{"type", &e.Type}, field{"time", &e.Time},
		field{"data", &e.Data}, field{"messageId", &e.MessageID}, field{"messageBody", &e.MessageBody},
		field{"vpnConnectionId", &e.VPNConnectionID}, field{"sweep", &e.Sweep}, field{"detach", &e.Detach},
		field{"triggerName", &e.TriggerName})
	return e, whole
}

// inner is what the data of a CloudEvent says.
func (e envelope) inner() envelope {
	inner, _ := readEnvelope(e.Data)
	return inner
}

// fromQueue reports whether the queue trigger made the envelope, by its type.
func (e envelope) fromQueue() bool {
	return e.Data != nil && strings.HasPrefix(e.Type, "mns:Queue:")
}

// shape takes an envelope for what it is. The order matters: a delivery of the queue may have
// any type, and only what nothing else claims is unknown.
func (e envelope) shape() Shape {
	switch {
	case e.VPNConnectionID != nil:
		return ShapeRequest
	case e.Sweep != nil:
		return ShapeSweep
	case e.Detach != nil:
		return ShapeDetach
	case e.MessageBody != nil:
		return ShapeRawData
	case strings.HasPrefix(e.Type, "vpc:ActionTrail:"):
		return ShapeActionTrail
	case e.fromQueue(), e.inner().MessageBody != nil: // the type does not always tell
		return ShapeDelivery
	case strings.HasPrefix(e.Type, ownPrefix):
		return ShapeOwn
	case e.Type != "":
		return ShapeOtherType
	case e.TriggerName != "":
		return ShapeTimer
	}
	return ShapeUnknown
}

// provenance is what the layers around a message say of it. Inner layers win.
type provenance struct {
	id        string // of the innermost CloudEvent
	messageID string
	source    string
	kind      string
	time      string
	nested    bool // it came inside another layer
}

// within adds what one more layer says.
func (p provenance) within(e envelope) provenance {
	return provenance{
		id: cmp.Or(e.ID, p.id), messageID: cmp.Or(e.MessageID, p.messageID), source: cmp.Or(e.Source, p.source),
		kind: cmp.Or(e.Type, p.kind), time: cmp.Or(e.Time, p.time), nested: true,
	}
}

// dispatch reads an object by its shape.
func (d *decoder) dispatch(raw json.RawMessage, e envelope, from provenance, depth int) *Malformed {
	shape := e.shape()
	isDirect := shape == ShapeRequest || shape == ShapeSweep || shape == ShapeDetach
	d.direct = d.direct && isDirect
	if len(raw) > MaxBody && !from.nested && e.Data == nil && e.MessageBody == nil {
		return oversize("payload", "one element has %d bytes, at most %d are taken", len(raw), MaxBody)
	}
	switch shape {
	case ShapeRequest, ShapeSweep, ShapeDetach:
		return d.decodeRequest(raw, e, from)
	case ShapeRawData:
		return d.message(e, from, depth)
	case ShapeActionTrail:
		return d.record(e.Data, from.within(e))
	case ShapeDelivery:
		inner := e.inner()
		if inner.MessageBody == nil {
			return malformed("data.messageBody", "a queue message without a body")
		}
		return d.message(inner, from.within(e), depth)
	case ShapeOwn:
		return d.ownMessage(raw, e, from.within(e))
	case ShapeOtherType:
		d.add(Ignored{Reason: "an event of another type"})
		return nil
	case ShapeTimer:
		return d.timer(raw)
	}
	return malformed("payload", "it has none of the shapes that are taken: an array or object of the queue trigger, "+
		"an EventBridge event, or a request with vpnConnectionId, sweep or detach")
}

// message reads what a message of the queue carries.
func (d *decoder) message(e envelope, from provenance, depth int) *Malformed {
	from.messageID = cmp.Or(e.MessageID, from.messageID)
	from.nested = true
	var body string
	if json.Unmarshal(e.MessageBody, &body) == nil {
		return d.body(body, from, depth)
	}
	return d.layer(e.MessageBody, from, depth+1)
}
