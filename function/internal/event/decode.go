package event

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
)

// Decode reads a payload in any shape that triggers and callers use. The request
// id of the invocation names direct requests, which carry no id of their own. What is more
// than MaxElements is Surplus. The only error is *OversizeError; whatever else is wrong
// becomes a Malformed item.
func Decode(payload []byte, requestID string) (Batch, error) {
	return DecodeFirst(MaxElements, payload, requestID)
}

// DecodeFirst is Decode of the first elements; what is more than that is Surplus.
func DecodeFirst(most int, payload []byte, requestID string) (Batch, error) {
	if len(payload) > MaxPayload {
		return Batch{}, &OversizeError{What: "bytes", Limit: MaxPayload, Actual: len(payload)}
	}
	d := decoder{requestID: requestID, direct: true}
	elements, isArray := splitArray(payload)
	if len(elements) > maxBatch {
		return Batch{}, &OversizeError{What: "elements", Limit: maxBatch, Actual: len(elements)}
	}
	if !isArray {
		elements = []json.RawMessage{payload}
	}
	for i, element := range elements {
		if i >= most {
			if body := unwrapped(element); len(body) > 0 && len(body) <= MaxBody {
				d.items = append(d.items, Item{Surplus: body})
				continue
			}
		}
		d.element(element)
	}
	return Batch{Items: d.items, Direct: d.direct && len(d.items) > 0}, nil
}

// decoder gathers the items of one payload.
type decoder struct {
	requestID string
	items     []Item
	direct    bool // still true when every element was a direct request
}

// element adds what one element of the payload comes to. However deep the fault
// sits, it costs this element alone.
func (d *decoder) element(raw json.RawMessage) {
	before := len(d.items)
	bad := d.layer(raw, origin{}, 0)
	if found := len(d.items) - before; bad == nil && found > maxPerMessage {
		bad = oversize("payload", "it comes to %d events, at most %d are taken", found, maxPerMessage)
	}
	if bad != nil {
		bad.ID = sum(raw)
		d.items = append(d.items[:before], Item{Malformed: bad})
	}
}

// unwrapped is what goes back to the queue of an element that is not looked at: without the
// envelope of a delivery when it holds another one, so that envelopes do not pile up, or when
// the queue would not take it with its envelope.
func unwrapped(element json.RawMessage) []byte {
	var outer struct {
		Data struct {
			MessageBody string `json:"messageBody"`
		} `json:"data"`
	}
	if json.Unmarshal(element, &outer) == nil && outer.Data.MessageBody != "" {
		inner, whole := readEnvelope(json.RawMessage(strings.TrimSpace(outer.Data.MessageBody)))
		nested := whole && isQueueEnvelope(inner)
		if nested || len(element) > MaxBody {
			return []byte(outer.Data.MessageBody)
		}
	}
	return bytes.Clone(bytes.TrimSpace(element))
}

// origin is what the outer layers said of a message; inner layers win.
type origin struct {
	id        string // of the innermost CloudEvent
	messageID string
	source    string
	kind      string
	time      string
	nested    bool // came inside another layer
}

// within adds what one more layer says to what is known.
func (o origin) within(e envelope) origin {
	inner := origin{id: string(e.ID), messageID: string(e.MessageID), source: string(e.Source), kind: string(e.Type), time: string(e.Time), nested: true}
	for _, f := range []struct{ inner, outer *string }{
		{&inner.id, &o.id}, {&inner.messageID, &o.messageID}, {&inner.source, &o.source}, {&inner.kind, &o.kind}, {&inner.time, &o.time},
	} {
		if *f.inner == "" {
			*f.inner = *f.outer
		}
	}
	return inner
}

// layer reads one envelope, or what an envelope carried.
func (d *decoder) layer(raw json.RawMessage, from origin, layers int) *Malformed {
	raw = bytes.TrimSpace(raw)
	switch {
	case layers > maxLayers:
		return malformed("messageBody", "more than %d envelopes inside each other", maxLayers)
	case len(raw) == 0:
		return malformed("payload", "it is empty")
	case raw[0] == '"':
		var body string
		if json.Unmarshal(raw, &body) != nil {
			return malformed("payload", "it is not valid JSON")
		}
		return d.body(body, from, layers)
	case raw[0] == '[':
		return d.list(raw, from, layers)
	case raw[0] != '{':
		return malformed("payload", "it is neither a JSON object, an array nor a string")
	}
	e, whole := readEnvelope(raw)
	if !whole || !e.fromQueue() && !json.Valid(raw) { // the text that a queue message carries is looked at by itself
		return malformed("payload", "it is not valid JSON")
	}
	return d.dispatch(raw, e, from, layers)
}

// body reads the text of a message: JSON, or JSON in base64.
func (d *decoder) body(body string, from origin, layers int) *Malformed {
	body = strings.TrimSpace(body)
	if body != "" && strings.IndexByte("{[\"", body[0]) < 0 {
		if plain, err := base64.StdEncoding.DecodeString(body); err == nil {
			body = strings.TrimSpace(string(plain))
		}
	}
	switch {
	case len(body) > MaxBody:
		return oversize("messageBody", "it has %d bytes, at most %d are taken", len(body), MaxBody)
	case body == "":
		return malformed("messageBody", "it is empty")
	case strings.IndexByte("{[", body[0]) < 0:
		return malformed("messageBody", "it is neither JSON nor JSON in base64")
	}
	from.nested = true
	return d.layer(json.RawMessage(body), from, layers+1)
}

// list reads an array inside a message: each of its elements stands for itself.
func (d *decoder) list(raw json.RawMessage, from origin, layers int) *Malformed {
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
		if bad := d.layer(element, from, layers+1); bad != nil {
			bad.ID = sum(element)
			d.items = append(d.items, Item{Malformed: bad})
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

// sum identifies bytes that have no other identity.
func sum(raw []byte) string {
	digest := sha256.Sum256(raw)
	return hex.EncodeToString(digest[:])
}
