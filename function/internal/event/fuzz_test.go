package event_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"strings"
	"testing"

	"vpn-attach/events"
	"vpn-attach/function/internal/event"
)

// canary is planted next to whatever the fuzzer makes; it must never come back.
const canary = "canary-1f6d6c7e-that-must-never-be-repeated"

// FuzzDecode holds that decoding never panics, that every element of an array comes to
// at least one item, that an event is about a connection, that what is said about a bad
// element repeats nothing of it, and that what goes back is all there and no larger than
// a queue takes.
func FuzzDecode(f *testing.F) {
	names, err := fs.Glob(events.Files, "wire/*.json")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		text, err := events.Files.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(text)
	}
	f.Add([]byte(`<Notification><TopicName>t</TopicName><Message>{"vpnConnectionId":"vco-1"}</Message></Notification>`))
	f.Add([]byte(`{"type":"tag:ActionTrail:ApiCall","data_base64":"eyJldmVudE5hbWUiOiJUYWdSZXNvdXJjZXMifQ=="}`))
	f.Fuzz(func(t *testing.T, payload []byte) {
		hold(t, payload)
		planted, err := json.Marshal(string(payload) + canary)
		if err != nil {
			t.Fatal(err) // every text can be a JSON string
		}
		hold(t, planted)
		hold(t, fmt.Appendf(nil, `[%s,{"type":"mns:Queue:X","data":{"messageBody":%s}}]`, planted, planted))
	})
}

func hold(t *testing.T, payload []byte) {
	batch, err := event.Decoder{RequestID: "R"}.Decode(payload)
	if err != nil {
		return // refused whole, with a named error
	}
	var elements []json.RawMessage
	isArray := json.Unmarshal(payload, &elements) == nil
	if isArray && len(batch.Items) < len(elements) {
		t.Fatalf("%d elements came to %d items", len(elements), len(batch.Items))
	}
	for _, item := range batch.Items {
		switch is := item.(type) {
		case event.Event:
			if !event.IsConnectionID(is.ConnectionID) || is.ID == "" {
				t.Fatalf("an event that is none: %+v", is)
			}
		case event.Malformed:
			if is.Letter != nil && len(is.Letter.Message) > event.MaxBody {
				t.Fatalf("a letter that no queue takes: %+v", is)
			}
			is.Letter = nil // for the dead-letter queue alone
			if strings.Contains(fmt.Sprint(is), canary) {
				t.Fatalf("a refusal that repeats the element: %+v", is)
			}
		}
	}
	bodies, err := event.PutBack(payload)
	if err != nil {
		return // nothing is processed
	}
	for _, body := range bodies {
		if len(body) > event.MaxBody || len(bytes.TrimSpace(body)) == 0 {
			t.Fatalf("a body that no queue takes: %q", body)
		}
	}
}
