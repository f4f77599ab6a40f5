package event

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Decode reads a payload in any shape that triggers and callers use. The request id of the
// invocation names direct requests, which have no id of their own. Elements beyond the first
// MaxElements become Surplus. The only error is *OversizeError; anything else that is wrong
// becomes a Malformed item. The bodies of items may be parts of the payload.
func Decode(payload []byte, requestID string) (Batch, error) {
	elements, err := elementsOf(payload)
	if err != nil {
		return Batch{}, err
	}
	d := decoder{requestID: requestID, direct: true}
	for i, element := range elements {
		if i >= MaxElements {
			if body := requeueable(element); len(body) > 0 && len(body) <= MaxBody {
				d.add(Surplus{Body: body})
				continue
			}
		}
		d.element(element)
	}
	return Batch{Items: d.items, Direct: d.direct && len(d.items) > 0}, nil
}

// Split takes a payload apart without looking at what its elements mean, and gives each as it is requeued.
// The only error is *OversizeError: the payload is too large, or one element of it is larger than a queue takes, which
// no queue can have delivered. An empty element is dropped.
func Split(payload []byte) ([][]byte, error) {
	elements, err := elementsOf(payload)
	if err != nil {
		return nil, err
	}
	var bodies [][]byte
	for _, element := range elements {
		body := requeueable(element)
		if len(body) > MaxBody {
			return nil, &OversizeError{What: "bytes in one element", Limit: MaxBody, Actual: len(body)}
		}
		if len(body) > 0 {
			bodies = append(bodies, body)
		}
	}
	return bodies, nil
}

// elementsOf gives the elements of an array, else the payload as its only element.
func elementsOf(payload []byte) ([]json.RawMessage, error) {
	if len(payload) > MaxPayload {
		return nil, &OversizeError{What: "bytes", Limit: MaxPayload, Actual: len(payload)}
	}
	elements, isArray := splitArray(payload)
	if len(elements) > maxBatch {
		return nil, &OversizeError{What: "elements", Limit: maxBatch, Actual: len(elements)}
	}
	if !isArray {
		elements = []json.RawMessage{payload}
	}
	return elements, nil
}

// requeueable is what is requeued for an element that is not looked at: the element
// as it is, so that its message keeps its id. If its message is a delivery itself, only that
// goes back, so that envelopes do not pile up; likewise if the queue would not take the element.
func requeueable(element []byte) []byte {
	element = bytes.TrimSpace(element)
	if message, _, is := Unwrap(element); is {
		switch shape := ShapeOf(message); {
		case shape == ShapeDelivery, shape == ShapeRawData, len(element) > MaxBody:
			return message
		}
	}
	return element
}

// decoder gathers the items of one payload.
type decoder struct {
	requestID string
	items     []Item
	direct    bool // every element so far was a direct request
}

// element adds what one element of the payload comes to. A fault in it, however deep, does not affect other elements.
func (d *decoder) element(raw json.RawMessage) {
	before := len(d.items)
	bad := d.layer(raw, envelope{}, 0)
	if found := len(d.items) - before; bad == nil && found > maxPerMessage {
		bad = oversize("payload", "it comes to %d events, at most %d are taken", found, maxPerMessage)
	}
	if bad != nil {
		d.items = d.items[:before]
		d.refuse(raw, bad)
	}
}

func (d *decoder) add(item Item) { d.items = append(d.items, item) }

func (d *decoder) ignore(reason string) *Malformed {
	d.add(Ignored{Reason: reason})
	return nil
}

func (d *decoder) refuse(raw json.RawMessage, bad *Malformed) {
	bad.ID = digest(raw)
	d.add(*bad)
}

// layer reads one envelope, or what an envelope carried.
func (d *decoder) layer(raw json.RawMessage, from envelope, depth int) *Malformed {
	raw = bytes.TrimSpace(raw)
	switch {
	case depth > maxLayers:
		return malformed("messageBody", "more than %d envelopes inside each other", maxLayers)
	case len(raw) == 0:
		return malformed("payload", "it is empty")
	case raw[0] == '"':
		var body string
		if json.Unmarshal(raw, &body) != nil {
			return malformed("payload", "it is not valid JSON")
		}
		return d.body(body, from, depth)
	case raw[0] == '[':
		return d.list(raw, from, depth)
	case raw[0] != '{':
		return malformed("payload", "it is neither a JSON object, an array nor a string")
	}
	e, whole := readEnvelope(raw)
	// The text in a queue's envelope is not validated here: it is when its own layer is read.
	if !whole || !e.fromQueue() && !json.Valid(raw) {
		return malformed("payload", "it is not valid JSON")
	}
	return d.dispatch(raw, e, from, depth)
}

// body reads the text of a message: JSON, or JSON in base64.
func (d *decoder) body(body string, from envelope, depth int) *Malformed {
	body = plain(body)
	switch {
	case len(body) > MaxBody:
		return oversize("messageBody", "it has %d bytes, at most %d are taken", len(body), MaxBody)
	case body == "":
		return malformed("messageBody", "it is empty")
	case strings.IndexByte("{[", body[0]) < 0:
		return malformed("messageBody", "it is neither JSON nor JSON in base64")
	}
	from.nested = true
	return d.layer(json.RawMessage(body), from, depth+1)
}

// dispatch reads an object by its shape.
func (d *decoder) dispatch(raw json.RawMessage, e, from envelope, depth int) *Malformed {
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
		return d.record(e.Data, e.within(from))
	case ShapeDelivery:
		inner := e.inner()
		if inner.MessageBody == nil {
			return malformed("data.messageBody", "a queue message without a body")
		}
		return d.message(inner, e.within(from), depth)
	case ShapeOwn:
		return d.ownMessage(raw, e, e.within(from))
	case ShapeOtherType:
		return d.ignore("an event of another type")
	case ShapeTimer:
		return d.timer(raw)
	}
	return malformed("payload", "it has none of the shapes that are taken: an array or object of the queue trigger, "+
		"an EventBridge event, or a request with vpnConnectionId, sweep or detach")
}

// message reads what a message of the queue carries.
func (d *decoder) message(e, from envelope, depth int) *Malformed {
	from.MessageID = cmp.Or(e.MessageID, from.MessageID)
	from.nested = true
	var body string
	if json.Unmarshal(e.MessageBody, &body) == nil {
		return d.body(body, from, depth)
	}
	return d.layer(e.MessageBody, from, depth+1)
}

// list reads an array inside a message. A bad element does not affect the others.
func (d *decoder) list(raw json.RawMessage, from envelope, depth int) *Malformed {
	elements, ok := splitArray(raw)
	switch {
	case !ok:
		return malformed("payload", "it is not valid JSON")
	case len(elements) == 0:
		return malformed("payload", "it is an empty list")
	case len(elements) > maxPerMessage:
		return oversize("payload", "it is a list of %d elements, at most %d are taken", len(elements), maxPerMessage)
	}
	for _, element := range elements {
		if bad := d.layer(element, from, depth+1); bad != nil {
			d.refuse(element, bad)
		}
	}
	return nil
}

func malformed(field, reason string, args ...any) *Malformed {
	return &Malformed{Field: field, Code: CodeMalformed, Reason: fmt.Sprintf(reason, args...)}
}

func oversize(field, reason string, args ...any) *Malformed {
	return &Malformed{Field: field, Code: CodeOversize, Reason: fmt.Sprintf(reason, args...)}
}

// digest identifies bytes that have no other identity.
func digest(raw []byte) string {
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:])
}
