package event_test

import (
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
// at least one item and a broken one to exactly one, that each item is one thing only,
// and that what is said about a bad element repeats nothing of it.
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
	f.Fuzz(func(t *testing.T, payload []byte) {
		hold(t, payload)
		planted, err := json.Marshal(string(payload) + canary)
		if err != nil {
			t.Fatal(err) // every text can be a JSON string
		}
		hold(t, planted)
		hold(t, fmt.Appendf(nil, `[%s,{"type":"mns:Queue:SendMessage","data":{"messageBody":%s}}]`, planted, planted))
	})
}

func hold(t *testing.T, payload []byte) {
	batch, err := event.Decode(payload, "R")
	if err != nil {
		return // refused whole, with a named error
	}
	var elements []json.RawMessage
	if json.Unmarshal(payload, &elements) == nil && len(batch.Items) < len(elements) {
		t.Fatalf("%d elements came to %d items", len(elements), len(batch.Items))
	}
	for _, item := range batch.Items {
		kinds := 0
		for _, is := range []bool{item.Event != nil, item.Sweep != nil, item.Report != nil, item.Newer != nil, item.Ignored != "", item.Malformed != nil} {
			if is {
				kinds++
			}
		}
		if kinds != 1 {
			t.Fatalf("an item of %d kinds: %+v", kinds, item)
		}
		if item.Event != nil && (!event.IsConnectionID(item.Event.ConnectionID) || item.Event.ID == "") {
			t.Fatalf("an event that is none: %+v", item.Event)
		}
		if item.Malformed != nil && strings.Contains(fmt.Sprint(*item.Malformed), canary) {
			t.Fatalf("a refusal that repeats the element: %+v", item.Malformed)
		}
	}
}
