package event

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"strings"
	"testing"

	"vpn-attach/events"
)

func TestArraysAreTakenApartByTheirBrackets(t *testing.T) {
	for text, want := range map[string]string{
		`[]`: "", ` [ ] `: "", `[1]`: "1", `[1,2]`: "1|2", `["\\"]`: `"\\"`, `["a\",","b"]`: `"a\","|"b"`,
		`[ {"a":[1,2]} , "x,]" ]`: `{"a":[1,2]}|"x,]"`, `[1,]`: "1|", `[,1]`: "|1",
	} {
		elements, _, ok := splitArray([]byte(text), 9)
		var parts []string
		for _, element := range elements {
			parts = append(parts, string(element))
		}
		if got := strings.Join(parts, "|"); !ok || got != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{``, `{}`, `[`, `[1`, `["]`, `[1]]`, `[1] x`, `[}`, `1`} {
		if elements, _, ok := splitArray([]byte(text), 9); ok {
			t.Errorf("%s was taken for %q", text, elements)
		}
	}
}

// What eachField finds is what encoding/json finds, for anything that is valid JSON.
func sameFields(t *testing.T, raw []byte) {
	t.Helper()
	var want map[string]json.RawMessage
	if !json.Valid(raw) || json.Unmarshal(raw, &want) != nil {
		return
	}
	got := map[string]json.RawMessage{}
	whole := eachField(bytes.TrimSpace(raw), func(name, value []byte) { got[string(name)] = value })
	if whole != (want != nil) {
		t.Errorf("%s is an object: %v", raw, whole)
	}
	for name, value := range want {
		if len(name) > maxText || strings.ContainsRune(name, '\uFFFD') {
			continue // no name that is looked for is like that
		}
		if found := got[name]; !bytes.Equal(found, value) {
			t.Errorf("%s of %s is %s, want %s", name, raw, found, value)
		}
	}
}

func objects() []string {
	return []string{
		`{}`, `{ }`, `{"a":1}`, ` { "a" : 1 , "b" : [ 1 , {"c":":,"} ] } `, `{"a":"}"}`, `{"a\"b":"\\"}`,
		`{"\u0061":{"b":{}}}`, `{"a":"x","A":"y"}`, `{"a":null,"b":true,"":0}`, `{":":":"}`, `{"a":"\"","b":"\\\""}`,
		`{"a":{"b":1},"b":2}`, `[]`, `[{"a":1}]`, `"text"`, `1`, `null`, ``,
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

func TestOfARepeatedFieldTheLastCounts(t *testing.T) {
	if e, _ := readEnvelope([]byte(`{"id":"first","ID":"second","id":"third"}`)); e.ID != "third" {
		t.Errorf("the id is %q", e.ID)
	}
}

func TestNamesAreTakenInAnySpelling(t *testing.T) {
	for _, name := range []string{"vpnConnectionId", "VpnConnectionID", `\u0076pnConnectionId`, "vpnConnectionİd"} {
		e, _ := readEnvelope([]byte(`{"` + name + `":"x"}`))
		if is := string(e.VPNConnectionID) == `"x"`; is != !strings.Contains(name, "İ") {
			t.Errorf("%s: got %q", name, e.VPNConnectionID)
		}
	}
}

func FuzzFields(f *testing.F) {
	for _, text := range objects() {
		f.Add([]byte(text))
	}
	f.Fuzz(sameFields)
}
