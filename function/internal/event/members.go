package event

import (
	"bytes"
	"encoding/json"
	"strings"
)

// eachMember calls yield for every member of an object, or element of an array (which has no name), in order. It looks
// at brackets, quotes and commas only: a member that is broken or nested too deep does not affect its neighbours, and a
// large payload is not decoded again for each of its layers. Names and values are parts of text, undecoded. It reports
// whether text is one array or object to its end; text that json.Valid accepts always is.
func eachMember(text []byte, yield func(name, value []byte)) bool {
	text = bytes.TrimSpace(text)
	if len(text) == 0 || text[0] != '[' && text[0] != '{' {
		return false
	}
	depth, start, colon, count := 0, 1, 0, 0
	end := func(at int) {
		var name []byte
		if colon > 0 {
			name = bytes.TrimSpace(text[start:colon])
			start = colon + 1
		}
		yield(name, bytes.TrimSpace(text[start:at]))
		start, colon, count = at+1, 0, count+1
	}
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '"':
			i = closingQuote(text, i)
		case '[', '{':
			depth++
		case ':':
			if depth == 1 && colon == 0 && text[0] == '{' {
				colon = i
			}
		case ',':
			if depth == 1 {
				end(i)
			}
		case ']', '}':
			if depth--; depth > 0 {
				continue
			}
			if count > 0 || len(bytes.TrimSpace(text[start:i])) > 0 {
				end(i)
			}
			return text[i] == text[0]+2 && i == len(text)-1 // ']' is '[' + 2, and '}' is '{' + 2
		}
	}
	return false
}

// closingQuote is where the string ends that begins at open, or the end of text.
func closingQuote(text []byte, open int) int {
	for i := open + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i
		}
	}
	return len(text)
}

// splitArray gives the elements of an array, most of them at most, and how many there are.
func splitArray(payload []byte, most int) (elements []json.RawMessage, count int, ok bool) {
	if trimmed := bytes.TrimSpace(payload); len(trimmed) == 0 || trimmed[0] != '[' {
		return nil, 0, false
	}
	ok = eachMember(payload, func(_, value []byte) {
		if count++; count <= most {
			elements = append(elements, value)
		}
	})
	return elements, count, ok
}

// eachField calls yield for every field of an object of valid JSON, with its name as text. Fields whose name is longer
// than any that is known are left out. It reports whether raw is one object to its end.
func eachField(raw []byte, yield func(name, value []byte)) (whole bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return false
	}
	return eachMember(raw, func(quoted, value []byte) {
		name := bytes.Trim(quoted, `"`)
		if bytes.IndexByte(quoted, '\\') >= 0 {
			var text string
			if json.Unmarshal(quoted, &text) != nil {
				return
			}
			name = []byte(text)
		}
		if len(name) <= maxText {
			yield(name, value)
		}
	})
}

// field is a field that is wanted, and where its text or its undecoded value goes.
type field struct {
	name string
	into any // *string or *json.RawMessage
}

// readFields reads fields of an object, by their names in any spelling, like encoding/json. If a
// field is repeated the last one counts. It reports whether raw is one object to its end.
func readFields(raw []byte, wanted ...field) (whole bool) {
	return eachField(raw, func(name, value []byte) {
		for _, f := range wanted {
			if !strings.EqualFold(string(name), f.name) {
				continue
			}
			switch into := f.into.(type) {
			case *string:
				var t text
				_ = t.UnmarshalJSON(value) // what cannot be read is empty
				*into = filled(string(t))
			case *json.RawMessage:
				*into = value
			}
		}
	})
}
