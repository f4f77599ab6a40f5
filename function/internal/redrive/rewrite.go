// Package redrive moves dead letters back to the event queue: those of the function, those of
// the queue's trigger and those of the EventBridge rule, each in its own format.
//
// Every event gets a new id, <event id>#<n>: an outcome's id is derived from it, so that a
// subscriber does not take the second ending for a duplicate of the first. Everything else is
// kept. A letter that is not understood stays where it is.
package redrive

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// Message is what goes to the event queue for a dead letter, and what can be said of it. Its
// body may hold pre-shared keys.
type Message struct {
	Body       []byte
	Kind       string   // what it is, in words
	From, To   string   // event ids; equal if the id must stay
	Connection []string // ids of the connections that it is about
}

// maxID is the longest event id that the function takes, in characters.
const maxID = 128

// fields are those of a JSON object, undecoded.
type fields map[string]json.RawMessage

// Rewrite gives the messages that a dead letter becomes. The id of the letter is used where the
// letter has no id inside. The error says why it is not understood, and repeats nothing of it.
func Rewrite(body []byte, letterID string, now time.Time) ([]Message, error) {
	messages, err := rewrite(body, letterID, now, 0)
	if err != nil {
		return nil, err
	}
	for i := range messages {
		if err := messages[i].check(); err != nil {
			return nil, err
		}
	}
	return messages, nil
}

// check reads a message as the function will, and finds the connections that it is about.
func (m *Message) check() error {
	batch, err := event.Decoder{RequestID: "redrive"}.Decode(m.Body)
	if err != nil {
		return fmt.Errorf("reading it again: %w", err)
	}
	for _, item := range batch.Items {
		switch is := item.(type) {
		case event.Malformed:
			return fmt.Errorf("it would be refused: %s: %s", is.Field, is.Reason)
		case event.Ignored:
			return fmt.Errorf("it would be ignored: it is %s", is.Reason)
		case event.Event:
			if is.ID != m.To {
				return fmt.Errorf("its event would not get a new id")
			}
			m.Connection = append(m.Connection, is.ConnectionID)
		}
	}
	return nil
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
	case json.Unmarshal(body, &list) == nil && len(list) > 0:
		return each(list, id, now, depth)
	case json.Unmarshal(body, &f) != nil:
		return nil, fmt.Errorf("reading it: it is not a JSON object")
	}
	switch event.ShapeOf(body) {
	case event.ShapeRequest:
		return asRequest(body, id, now)
	case event.ShapeDelivery, event.ShapeRawData:
		message, messageID, _ := event.Unwrap(body) // without a message there is nothing to read in it
		return rewrite(message, cmp.Or(messageID, id), now, depth+1)
	case event.ShapeOwn:
		return own(f, body, id)
	case event.ShapeActionTrail, event.ShapeOtherType:
		return recorded(f, id)
	}
	return nil, fmt.Errorf("reading it: it has none of the known formats")
}

// each takes a list apart. Its elements stand for themselves.
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

// own rewrites a message that the function queued.
func own(f fields, body []byte, id string) ([]Message, error) {
	switch f.text("type") {
	case event.TypeDeadLetter, event.TypeRetry, event.TypeConfirm:
		return afresh(f)
	case event.TypeRequest:
		return renamed(f, id, "a request")
	case event.TypeReport:
		delete(f, "attempt")
		return []Message{{Body: encode(f), Kind: "an unpublished outcome", From: f.text("id"), To: f.text("id")}}, nil
	}
	return []Message{{Body: body, Kind: "a message of another version", From: f.text("id"), To: f.text("id")}}, nil
}

// afresh makes a follow-up begin again, under a new id of its event.
func afresh(f fields) ([]Message, error) {
	data := f.object("data")
	origin := data.object("event")
	if origin == nil {
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

// recorded gives an event of EventBridge a new id: the record's, else its own.
func recorded(f fields, id string) ([]Message, error) {
	data := f.object("data")
	if data["eventId"] == nil {
		return renamed(f, id, "an event")
	}
	from := data.text("eventId")
	data["eventId"] = quoted(next(from))
	f["data"] = encode(data)
	return []Message{{Body: encode(f), Kind: "an event", From: from, To: next(from)}}, nil
}

// renamed gives a message a new id.
func renamed(f fields, id, kind string) ([]Message, error) {
	from := cmp.Or(f.text("id"), id)
	f["id"] = quoted(next(from))
	return []Message{{Body: encode(f), Kind: kind, From: from, To: next(from)}}, nil
}

// asRequest wraps a request that has no id of its own.
func asRequest(body []byte, id string, now time.Time) ([]Message, error) {
	f := fields{
		"specversion": quoted("1.0"), "id": quoted(next(id)), "source": quoted("vpn-attach.redrive"),
		"type": quoted(event.TypeRequest), "time": quoted(now.UTC().Format(time.RFC3339Nano)), "data": body,
	}
	return []Message{{Body: encode(f), Kind: "a request", From: id, To: next(id)}}, nil
}

// next is the id under which an event begins again.
func next(id string) string {
	root, n := id, 1
	if i := strings.LastIndex(id, "#"); i >= 0 {
		if k, err := strconv.Atoi(id[i+1:]); err == nil && k > 0 {
			root, n = id[:i], k+1
		}
	}
	suffix := "#" + strconv.Itoa(n)
	if len(root)+len(suffix) > maxID {
		root = root[:maxID-len(suffix)]
	}
	return root + suffix
}

// text is the string under name, or "".
func (f fields) text(name string) string {
	var s string
	_ = json.Unmarshal(f[name], &s) // what is no string reads as empty
	return s
}

// object is the object under name, or nil.
func (f fields) object(name string) (inner fields) {
	_ = json.Unmarshal(f[name], &inner) // what is no object has no fields
	return inner
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
