package event

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
)

// decodeStrict reads a request into a struct. It is strict where the rest of this package is lenient: if a misspelt,
// repeated or empty "dryRun" were passed over, a connection would be attached in earnest. path is where the request
// stands. A refusal names the field.
func decodeStrict(raw json.RawMessage, into any, path string) *Malformed {
	known, seen := fieldNames(into), map[string]bool{}
	var bad *Malformed
	whole := eachField(raw, func(name, value []byte) {
		folded := fold(string(name))
		field := path + Printable(string(name), maxFieldName)
		switch is := slices.IndexFunc(known, func(k string) bool { return fold(k) == folded }); {
		case bad != nil:
		case is < 0:
			bad = malformed(field, "this field is not known; known are %s", strings.Join(known, ", "))
		case seen[folded]:
			bad = malformed(field, "this field is there twice")
		case string(value) == "null":
			bad = malformed(field, "it is null: leave the field out, or give it a value")
		}
		seen[folded] = true
	})
	var wrong *json.UnmarshalTypeError
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	err := strict.Decode(into)
	switch {
	case bad != nil:
		return bad
	case !whole:
		return malformed(cmp.Or(strings.TrimSuffix(path, "."), "request"), "it is not an object")
	case errors.As(err, &wrong):
		return malformed(path+wrong.Field, "its value is of the wrong kind: it must be %s", kindName(wrong.Type))
	case err != nil:
		return malformed(path+"request", "a field is not known, or its value cannot be read")
	}
	return nil
}

// maxFieldName is how much of the name of an unknown field is repeated, in characters.
const maxFieldName = 32

// fold makes names equal that encoding/json takes for equal: it takes "ſ" for "s", too.
func fold(name string) string { return strings.ToUpper(strings.ToLower(name)) }

// fieldNames are the names of a struct's fields in JSON.
func fieldNames(of any) (names []string) {
	for _, f := range reflect.VisibleFields(reflect.TypeOf(of).Elem()) {
		if f.Anonymous {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "" {
			name = strings.ToLower(f.Name)
		}
		names = append(names, name)
	}
	return names
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Slice:
		return "a list"
	case reflect.Struct:
		return "an object"
	}
	return "text"
}
