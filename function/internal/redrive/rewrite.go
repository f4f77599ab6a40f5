// Package redrive moves dead letters back to the event queue: those of the function, those of
// the queue's trigger and those of the EventBridge rule, each in its own format.
//
// What the function itself wrote goes back byte for byte, since the function signed it; the function
// gives the event of a dead letter its next id, <event id>#<n>. Every other event gets such an id here:
// an outcome's id is derived from it, so that a subscriber does not take the second ending for a
// duplicate of the first. A letter that is not understood stays where it is.
package redrive

import (
	"bytes"
	"cmp"
	"encoding/base64"
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
	From, To   string   // event ids; equal if the message goes back as it is
	Connection []string // ids of the connections that it is about
}

// maxID is the longest event id that the function takes, in characters.
const maxID = 128

// fields are those of a JSON object, undecoded.
type fields map[string]json.RawMessage

// Rewrite gives the messages that a dead letter becomes. The id of the letter is used where the
// letter has no id inside. The error says why it cannot be moved, and repeats nothing of it.
func Rewrite(body []byte, letterID string, now time.Time) ([]Message, error) {
	messages, err := rewrite(body, letterID, now, 0)
	if err != nil {
		return nil, err
	}
	for _, m := range messages {
		if len(m.Body) > event.MaxBody {
			return nil, fmt.Errorf("it would have %d bytes, and a queue takes at most %d", len(m.Body), event.MaxBody)
		}
	}
	return messages, nil
}

// decode reads a message as the function will when it comes through the queue. It has no key for signed ones.
func decode(body []byte) (event.Batch, error) {
	delivery := fmt.Appendf(nil, `{"messageBody":%s}`, quoted(string(body)))
	return event.Decoder{RequestID: "redrive"}.Decode(delivery)
}

// checked is a message that the function would take, with the connections that it is about.
func checked(m Message) ([]Message, error) {
	batch, err := decode(m.Body)
	if err != nil {
		return nil, fmt.Errorf("reading it again: %w", err)
	}
	for _, item := range batch.Items {
		switch is := item.(type) {
		case event.Malformed:
			return nil, fmt.Errorf("it would be refused: %s: %s", is.Field, is.Reason)
		case event.Ignored:
			return nil, fmt.Errorf("it would be ignored: it is %s", is.Reason)
		case event.Event:
			if is.ID != m.To {
				return nil, fmt.Errorf("its event would not get a new id")
			}
			m.Connection = append(m.Connection, is.ConnectionID)
		}
	}
	return []Message{m}, nil
}

// deepest is how many envelopes are opened.
const deepest = 4

func rewrite(body []byte, id string, now time.Time, depth int) ([]Message, error) {
	if message, messageID, is := event.Unwrap(body); is && depth < deepest {
		return rewrite(message, cmp.Or(messageID, id), now, depth+1)
	} else if is || depth > deepest {
		return nil, fmt.Errorf("reading it: more than %d envelopes inside each other", deepest)
	}
	var list []json.RawMessage
	var f fields
	switch {
	case json.Unmarshal(body, &list) == nil && len(list) > 0:
		return each(list, id, now, depth)
	case json.Unmarshal(body, &f) != nil:
		return nil, fmt.Errorf("reading it: it is not a JSON object")
	}
	switch event.ShapeOf(body) {
	case event.ShapeRequest:
		return asRequest(body, id, now)
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

// own puts back a message that the function queued, as it is: the function knows it by its signature. Only a request,
// which anybody may send, gets a new id.
func own(f fields, body []byte, id string) ([]Message, error) {
	m := Message{Body: body, Kind: "a message of another version"}
	switch kind := f.text("type"); {
	case kind == event.TypeRequest:
		return renamed(f, id, "a request")
	case strings.HasPrefix(kind, outcomes), strings.HasPrefix(kind, sweeps):
		return nil, fmt.Errorf("it would be ignored: it is an outcome of the function")
	case kind == event.TypeDeadLetter, kind == event.TypeRetry, kind == event.TypeConfirm:
		m.Kind = "what was given up"
	case kind == event.TypeReport:
		m.Kind = "an unpublished outcome"
	case kind == event.TypeSweeping:
		m.Kind = "the rest of a sweep"
	}
	data := f.object("data")
	for _, about := range []fields{data, data.object("data")} { // of an event, of an outcome
		m.From = cmp.Or(m.From, about.object("event").text("id"))
		if connection := about.text("vpnConnectionId"); connection != "" {
			m.Connection = []string{connection}
		}
	}
	m.From = cmp.Or(m.From, f.text("id"), id)
	m.To = m.From
	return []Message{m}, nil
}

// The types of outcomes, which are published and never queued for the function.
const (
	outcomes = "vpn-attach.outcome."
	sweeps   = "vpn-attach.sweep."
)

// recorded gives an event of EventBridge a new id: the record's, else its own.
func recorded(f fields, id string) ([]Message, error) {
	data := f.object("data")
	if text := f.text("data_base64"); data == nil && text != "" {
		decoded, _ := base64.StdEncoding.DecodeString(text)
		_ = json.Unmarshal(decoded, &data) // what is no object has no fields
		delete(f, "data_base64")
		f["data"] = encode(data)
	}
	if data["eventId"] == nil {
		return renamed(f, id, "an event")
	}
	from := data.text("eventId")
	data["eventId"] = quoted(next(from))
	f["data"] = encode(data)
	return checked(Message{Body: encode(f), Kind: "an event", From: from, To: next(from)})
}

// renamed gives a message a new id.
func renamed(f fields, id, kind string) ([]Message, error) {
	from := cmp.Or(f.text("id"), id)
	f["id"] = quoted(next(from))
	return checked(Message{Body: encode(f), Kind: kind, From: from, To: next(from)})
}

// asRequest wraps a request that has no id of its own.
func asRequest(body []byte, id string, now time.Time) ([]Message, error) {
	f := fields{
		"specversion": quoted("1.0"), "id": quoted(next(id)), "source": quoted("vpn-attach.redrive"),
		"type": quoted(event.TypeRequest), "time": quoted(now.UTC().Format(time.RFC3339Nano)), "data": body,
	}
	return checked(Message{Body: encode(f), Kind: "a request", From: id, To: next(id)})
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
