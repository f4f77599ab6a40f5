// Package redrive takes dead letters back to the event queue: those that the function gave up,
// those of the queue's trigger and those of the EventBridge rule, each in its own format.
//
// Every message gets an event id of its own, <event id>#<n>: an outcome's id is derived from
// it, so that a subscriber does not take the second ending for a duplicate of the first. All
// else is kept. What is not understood stays where it is.
package redrive

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// Message is what goes to the event queue for a dead letter, and what can be said of it; its
// body may hold pre-shared keys.
type Message struct {
	Body       []byte
	Kind       string   // what it is, in words
	From, To   string   // event ids; equal where it has to stay the same
	Connection []string // that it is about
}

// maxID is the longest event id that the function takes, in characters.
const maxID = 128

// fields is a JSON object of which only some fields are looked at.
type fields map[string]json.RawMessage

// Rewrite gives what a dead letter becomes. The id of the letter serves what has none of its
// own. The error says why it is not understood, and repeats nothing of it.
func Rewrite(body []byte, letterID string, now time.Time) ([]Message, error) {
	messages, err := rewrite(body, letterID, now, 0)
	if err != nil {
		return nil, err
	}
	for i, m := range messages {
		batch, err := event.Decode(m.Body, "redrive")
		if err != nil {
			return nil, fmt.Errorf("reading it again: %w", err)
		}
		for _, item := range batch.Items {
			switch {
			case item.Malformed != nil:
				return nil, fmt.Errorf("it would be refused: %s: %s", item.Malformed.Field, item.Malformed.Reason)
			case item.Ignored != "":
				return nil, fmt.Errorf("it would be ignored: it is %s", item.Ignored)
			case item.Event != nil:
				messages[i].Connection = append(messages[i].Connection, item.Event.ConnectionID)
			}
		}
	}
	return messages, nil
}

// deepest is how many envelopes are opened.
const deepest = 4

func rewrite(body []byte, id string, now time.Time, depth int) ([]Message, error) {
	body = bytes.TrimSpace(body)
	var list []json.RawMessage
	var f fields
	switch {
	case depth > deepest:
		return nil, fmt.Errorf("reading it: more than %d envelopes inside each other", deepest)
	case json.Unmarshal(body, &list) == nil:
		return each(list, id, now, depth)
	case json.Unmarshal(body, &f) != nil:
		return nil, fmt.Errorf("reading it: it is not a JSON object")
	}
	var data fields
	_ = json.Unmarshal(f["data"], &data) // what is no object has no fields
	switch kind := f.text("type"); {
	case f["vpnConnectionId"] != nil:
		return asRequest(body, id, now)
	case data["messageBody"] != nil:
		return inside(data, or(f.text("id"), id), now, depth)
	case f["messageBody"] != nil:
		return inside(f, or(f.text("messageId"), id), now, depth)
	case kind == event.TypeDeadLetter, kind == event.TypeRetry, kind == event.TypeConfirm:
		return afresh(f, data)
	case kind == event.TypeRequest:
		return renamed(f, "id", or(f.text("id"), id), "a request", nil)
	case kind == event.TypeReport:
		delete(f, "attempt")
		return []Message{{Body: encode(f), Kind: "an unpublished outcome", From: f.text("id"), To: f.text("id")}}, nil
	case strings.HasPrefix(kind, "vpn-attach."):
		return []Message{{Body: body, Kind: "a message of another version", From: f.text("id"), To: f.text("id")}}, nil
	case data["eventId"] != nil:
		return renamed(data, "eventId", data.text("eventId"), "an event", func(changed []byte) []byte {
			f["data"] = changed
			return encode(f)
		})
	case kind != "":
		return renamed(f, "id", or(f.text("id"), id), "an event", nil)
	}
	return nil, fmt.Errorf("reading it: it has none of the known formats")
}

// each takes a list apart; its elements stand for themselves.
func each(list []json.RawMessage, id string, now time.Time, depth int) (all []Message, err error) {
	for i, element := range list {
		messages, err := rewrite(element, fmt.Sprintf("%s/%d", id, i), now, depth+1)
		if err != nil {
			return nil, err
		}
		all = append(all, messages...)
	}
	return all, nil
}

// inside opens the envelope of a queue's delivery.
func inside(f fields, id string, now time.Time, depth int) ([]Message, error) {
	body := f["messageBody"]
	var text string
	if json.Unmarshal(body, &text) == nil {
		body = []byte(strings.TrimSpace(text))
		if plain, err := base64.StdEncoding.DecodeString(text); err == nil && len(plain) > 0 {
			body = plain
		}
	}
	return rewrite(body, or(f.text("messageId"), id), now, depth+1)
}

// afresh makes a follow-up begin again, under a new id of its event.
func afresh(f, data fields) ([]Message, error) {
	var origin fields
	if json.Unmarshal(data["event"], &origin) != nil {
		return nil, fmt.Errorf("reading it: it names no event")
	}
	from := origin.text("id")
	origin["id"] = quoted(next(from))
	for _, name := range []string{"attempt", "firstSeen", "until", "failing", "following", "error", "replay"} {
		delete(data, name)
	}
	data["event"] = encode(origin)
	f["data"], f["type"] = encode(data), quoted(event.TypeRetry)
	return []Message{{Body: encode(f), Kind: "what was given up", From: from, To: next(from)}}, nil
}

// asRequest wraps a request that has no id of its own.
func asRequest(body []byte, id string, now time.Time) ([]Message, error) {
	f := fields{
		"specversion": quoted("1.0"), "id": quoted(next(id)), "source": quoted("vpn-attach.redrive"), "type": quoted(event.TypeRequest),
		"time": quoted(now.UTC().Format(time.RFC3339Nano)), "data": body,
	}
	return []Message{{Body: encode(f), Kind: "a request", From: id, To: next(id)}}, nil
}

// renamed replaces an id.
func renamed(f fields, name, from, kind string, within func([]byte) []byte) ([]Message, error) {
	f = maps.Clone(f)
	f[name] = quoted(next(from))
	body := encode(f)
	if within != nil {
		body = within(body)
	}
	return []Message{{Body: body, Kind: kind, From: from, To: next(from)}}, nil
}

// next is the id of an event's next life.
func next(id string) string {
	root, n := id, 1
	if before, digits, found := cutLast(id, "#"); found {
		if k, err := strconv.Atoi(digits); err == nil && k > 0 {
			root, n = before, k+1
		}
	}
	suffix := "#" + strconv.Itoa(n)
	if len(root)+len(suffix) > maxID {
		root = root[:maxID-len(suffix)]
	}
	return root + suffix
}

func cutLast(s, separator string) (before, after string, found bool) {
	if i := strings.LastIndex(s, separator); i >= 0 {
		return s[:i], s[i+len(separator):], true
	}
	return s, "", false
}

// text is the string under name, or "".
func (f fields) text(name string) string {
	var s string
	_ = json.Unmarshal(f[name], &s) // what is no string reads as empty
	return s
}

func quoted(s string) json.RawMessage {
	raw, _ := json.Marshal(s) // a string always encodes
	return raw
}

// encode writes an object with every value as it came.
func encode(f fields) []byte {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(map[string]json.RawMessage(f)) // JSON that was decoded always encodes
	return bytes.TrimSpace(b.Bytes())
}

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}
