package event

import (
	"bytes"
	"encoding/json"
	"io"
	"io/fs"
	"strings"
	"testing"

	"vpn-attach/events"
)

// byDecoding is what the canonical form means: the value decoded, and encoded again.
func byDecoding(raw []byte) ([]byte, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		return nil, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return nil, io.ErrUnexpectedEOF // more than one value
	}
	return encodePlain(value)
}

// FuzzCanonicalForm holds that the canonical form is what decoding and encoding a value gives.
func FuzzCanonicalForm(f *testing.F) {
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
	for _, text := range []string{
		`{"b":1,"a":{"d":[1,2.50,-0,1E+5],"c":null},"b":{"z":true}}`, `{"a":1,"\u0061":2,"A":3,"ä":4,"\ud800":5}`,
		"\t[ {} , [ ] ,\"\\u2028 \u2029 \\/ \x7f <&> \\\"\\\\ \\b\\u0001\"\r\n] ",
		`"\ud83d\ude00 \udc00"`, `-1`, ` null `,
		"{\"a\xff\":\"\xc3\"}", `{"":{"":{"":0,"-":1}}}`, `{"a":1}{}`, `[1,]`, ``,
		`{"a" :1 ,"a": 2}`, "{\"b\":\"\t\"}",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		want, none := byDecoding(raw)
		if none == nil && depthOf(raw) > maxNesting {
			want, none = nil, io.ErrShortBuffer
		}
		got, err := canonicalJSON(raw)
		if (err == nil) != (none == nil) || !bytes.Equal(got, want) {
			t.Fatalf("%q gives %q, %v; want %q, %v", raw, got, err, want, none)
		}
		if again, err := canonicalJSON(got); none == nil && (err != nil || !bytes.Equal(again, got)) {
			t.Fatalf("%q gives %q, %v, and is canonical already", got, again, err)
		}
	})
}

// Anybody may send a message whose signature must be checked: it costs what its length is worth.
func TestWhatIsNestedTooDeepIsNotSorted(t *testing.T) {
	nested := func(depth int) []byte {
		return []byte(strings.Repeat(`{"b":`, depth) + `"[{"` + strings.Repeat(`,"a":0}`, depth))
	}
	want, err := byDecoding(nested(maxNesting))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := canonicalJSON(nested(maxNesting)); err != nil || !bytes.Equal(got, want) {
		t.Errorf("the deepest gives %.80q, %v", got, err)
	}
	if got, err := canonicalJSON(nested(maxNesting + 1)); err == nil {
		t.Errorf("one level more gives %.80q", got)
	}
}
