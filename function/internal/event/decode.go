package event

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"unicode/utf8"
)

// Decoder reads the payloads of one invocation.
type Decoder struct {
	RequestID string // of the invocation; names direct requests, which have no id of their own
	AccountID string // the function's own; "" takes what comes from any account's bus
	Signer    Signer // of the function's own messages
}

// Decode reads a payload in any shape that triggers and callers use. Elements beyond the first MaxElements become
// Surplus. The only error is *OversizeError; anything else that is wrong becomes a Malformed item. The bodies of items
// may be parts of the payload.
func (d Decoder) Decode(payload []byte) (Batch, error) {
	elements, err := elementsOf(payload)
	if err != nil {
		return Batch{}, err
	}
	reading := decoding{Decoder: d, direct: true}
	for i, element := range elements {
		if i >= MaxElements {
			if body, err := returnable(element); err == nil {
				reading.add(Surplus{Body: body})
				continue
			}
		}
		reading.element(element)
	}
	return reading.batch(), nil
}

// elementsOf gives the elements of an array, else the payload as its only element.
func elementsOf(payload []byte) ([]json.RawMessage, error) {
	if len(payload) > MaxPayload {
		return nil, &OversizeError{What: "bytes", Limit: MaxPayload, Actual: len(payload)}
	}
	elements, count, isArray := splitArray(payload, maxBatch)
	if count > maxBatch {
		return nil, &OversizeError{What: "elements", Limit: maxBatch, Actual: count}
	}
	if !isArray {
		elements = []json.RawMessage{payload}
	}
	return elements, nil
}

// decoding gathers the items of one payload.
type decoding struct {
	Decoder
	items  []Item
	direct bool // nothing so far was delivered by a trigger
	swept  bool // the payload has its one sweep
}

// batch is what the payload came to. A direct caller has the answer, and needs no letters.
func (d *decoding) batch() Batch {
	b := Batch{Items: d.items, Direct: d.direct && len(d.items) > 0}
	for i, item := range b.Items {
		if bad, is := item.(Malformed); is && b.Direct {
			bad.Letter = nil
			b.Items[i] = bad
		}
	}
	return b
}

// element adds what one element of the payload comes to. A fault in it, however deep, does not affect other elements.
func (d *decoding) element(raw json.RawMessage) {
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

func (d *decoding) add(item Item) { d.items = append(d.items, item) }

func (d *decoding) ignore(reason string) *Malformed {
	d.add(Ignored{Reason: reason})
	return nil
}

// refuse adds what is wrong with an element. About a message that carries an outcome nothing is said: whoever feeds
// outcomes back would get one more for each.
func (d *decoding) refuse(raw json.RawMessage, bad *Malformed) {
	if carriesOutcome(raw) {
		_ = d.ignore("an outcome of our own, in a message that is not understood")
		return
	}
	bad.ID, bad.Letter = digest(raw), letterOf(raw)
	d.add(*bad)
}

// carriesOutcome reports whether a text holds an outcome, or the data of one. A report is the function's own way to
// carry one.
func carriesOutcome(raw []byte) bool {
	has := func(word string) bool { return bytes.Contains(raw, []byte(word)) }
	isOutcome := has(outcomePrefix) || has(sweepPrefix) || has(TypeHealth) && has("tunnels") ||
		has("durationMs") && has("lagSeconds")
	return isOutcome && !has(TypeReport)
}

// layer reads one envelope, or what an envelope carried.
func (d *decoding) layer(raw json.RawMessage, from envelope, depth int) *Malformed {
	raw = bytes.TrimSpace(raw)
	switch {
	case depth > maxLayers:
		return malformed("messageBody", "more than %d envelopes inside each other", maxLayers)
	case len(raw) == 0:
		return malformed("payload", "it is empty")
	case !utf8.Valid(raw):
		return malformed("payload", "it is not valid UTF-8")
	case raw[0] == '"':
		var body string
		if json.Unmarshal(raw, &body) != nil {
			return malformed("payload", "it is not valid JSON")
		}
		return d.body(body, from, depth)
	case raw[0] == '[':
		return d.list(raw, from, depth)
	case raw[0] == '<':
		return d.notice(raw, from, depth)
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

// body reads the text of a message: JSON, JSON in base64, JSON as a JSON string, or a notification in XML.
func (d *decoding) body(body string, from envelope, depth int) *Malformed {
	body = plain(body)
	switch {
	case len(body) > MaxBody:
		return oversize("messageBody", "it has %d bytes, at most %d are taken", len(body), MaxBody)
	case body == "":
		return malformed("messageBody", "it is empty")
	case strings.IndexByte("{[\"<", body[0]) < 0:
		return malformed("messageBody", "it is neither JSON nor JSON in base64")
	}
	from.nested = true
	return d.layer(json.RawMessage(body), from, depth+1)
}

// dispatch reads an object by its shape.
func (d *decoding) dispatch(raw json.RawMessage, e, from envelope, depth int) *Malformed {
	shape := e.shape()
	isRequest := shape == ShapeRequest || shape == ShapeSweep || shape == ShapeDetach || shape == ShapeHealth
	d.direct = d.direct && (isRequest || shape == ShapeUnknown)
	mayBeLarge := shape == ShapeRawData || shape == ShapeDelivery || shape == ShapeNotice || shape == ShapeActionTrail
	if len(raw) > MaxBody && !mayBeLarge {
		return oversize("payload", "one element has %d bytes, at most %d are taken", len(raw), MaxBody)
	}
	from.bus = cmp.Or(from.bus, e.sender(d.AccountID)) // what came from another account's bus cannot deny it
	if shape == ShapeOwn && isOutcome(e.Type) {
		return d.ignore("an outcome of our own")
	}
	if bad := foreign(shape, from.bus); bad != nil {
		return bad
	}
	switch shape {
	case ShapeRequest, ShapeSweep, ShapeDetach, ShapeHealth:
		return d.decodeRequest(raw, e, from)
	case ShapeRawData:
		return d.message(e, from, depth)
	case ShapeActionTrail:
		return d.record(e, e.within(from))
	case ShapeDelivery:
		inner := e.carried(shape)
		if inner.MessageBody == nil {
			return malformed("data.messageBody", "a queue message without a body")
		}
		return d.message(inner, e.within(from), depth)
	case ShapeNotice:
		return d.message(e.carried(shape), e.within(from), depth)
	case ShapeOwn:
		return d.ownMessage(raw, e, e.within(from))
	case ShapeOtherType:
		return d.ignore("an event of another type")
	case ShapeTimer:
		return d.timer(raw, from)
	}
	return malformed("payload", "it has none of the shapes that are taken: an array or object of the queue trigger, "+
		"an EventBridge event, or a request with vpnConnectionId, sweep, detach or health")
}

// foreign refuses what comes from another account's bus and is not a record of ActionTrail. The envelopes around it do
// not matter, and an event of another type is ignored anyway.
func foreign(shape Shape, bus string) *Malformed {
	switch shape {
	case ShapeActionTrail, ShapeDelivery, ShapeRawData, ShapeNotice, ShapeOtherType:
		return nil
	}
	if bus == "" {
		return nil
	}
	return malformed("aliyunaccountid", "it comes from another account: only ActionTrail records of that account "+
		"are taken")
}

// message reads what a message of the queue carries. A message with an id has it instead of the id of the envelope
// around it, which may be made anew at each delivery.
func (d *decoding) message(e, from envelope, depth int) *Malformed {
	if from.MessageID = cmp.Or(e.MessageID, from.MessageID); from.MessageID != "" {
		from.ID = ""
	}
	from.bus = cmp.Or(from.bus, e.sender(d.AccountID))
	from.nested, from.queued = true, true
	var body string
	switch {
	case e.MessageBody[0] == '"' && json.Unmarshal(e.MessageBody, &body) == nil:
		return d.body(body, from, depth)
	case len(e.MessageBody) > MaxBody:
		return oversize("messageBody", "it has %d bytes, at most %d are taken", len(e.MessageBody), MaxBody)
	}
	return d.layer(e.MessageBody, from, depth+1)
}

// list reads an array inside a message. A bad element does not affect the others.
func (d *decoding) list(raw json.RawMessage, from envelope, depth int) *Malformed {
	elements, count, ok := splitArray(raw, maxPerMessage)
	switch {
	case !ok:
		return malformed("payload", "it is not valid JSON")
	case count == 0:
		return malformed("payload", "it is an empty list")
	case count > maxPerMessage:
		return oversize("payload", "it is a list of %d elements, at most %d are taken", count, maxPerMessage)
	}
	for i, element := range elements {
		if bad := d.layer(element, from.place(i), depth+1); bad != nil {
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
