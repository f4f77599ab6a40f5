package event

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"vpn-attach/events"
)

// What fields finds is what encoding/json finds, for anything that is valid JSON.
func sameFields(t *testing.T, raw []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	if !json.Valid(raw) || json.Unmarshal(raw, &want) != nil {
		return
	}
	folded := map[string]int{}
	for name := range want {
		folded[strings.ToLower(name)]++
	}
	got := map[string]json.RawMessage{}
	fields(bytes.TrimSpace(raw), func(name string, value json.RawMessage) { got[name] = value })
	for name, value := range want {
		if len(name) > maxText || folded[strings.ToLower(name)] > 1 || strings.ContainsRune(name, '\uFFFD') {
			continue // no name that is looked for is like that
		}
		if found := got[strings.ToLower(name)]; !bytes.Equal(found, value) {
			t.Errorf("%s of %s is %s, want %s", name, raw, found, value)
		}
	}
}

func objects() []string {
	return []string{
		`{}`, `{ }`, `{"a":1}`, ` { "a" : 1 , "b" : [ 1 , {"c":":,"} ] } `, `{"a":"}"}`, `{"a\"b":"\\"}`, `{"\u0061":{"b":{}}}`, `{"a":"x","A":"y"}`,
		`{"a":null,"b":true,"":0}`, `{":":":"}`, `{"a":"\"","b":"\\\""}`, `{"a":{"b":1},"b":2}`, `[]`, `[{"a":1}]`, `"text"`, `1`, `null`, ``,
	}
}

func TestFieldsAreThoseOfTheJSONDecoder(t *testing.T) {
	for _, text := range objects() {
		sameFields(t, []byte(text))
	}
	files, err := fs.Glob(events.Files, "wire/*.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		text, err := events.Files.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sameFields(t, text)
	}
}

func TestOfAFieldThatIsThereTwiceTheLastCounts(t *testing.T) {
	if e, _ := readEnvelope([]byte(`{"id":"first","ID":"second","id":"third"}`)); e.ID != "third" {
		t.Errorf("the id is %q", e.ID)
	}
}

func TestNamesAreTakenInAnySpelling(t *testing.T) {
	for _, text := range []string{`{"vpnConnectionId":"x"}`, `{"VpnConnectionID":"x"}`, `{"\u0076pnConnectionId":"x"}`} {
		if e, _ := readEnvelope([]byte(text)); string(e.VPNConnectionID) != `"x"` {
			t.Errorf("%s: got %q", text, e.VPNConnectionID)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, text := range objects() {
		f.Add([]byte(text))
	}
	f.Fuzz(sameFields)
}
