package event

import (
	"bytes"
	"encoding/json"
	"strings"
)

// members calls see for every member of an object, or element of an array, which has no name, in
// order. It goes by brackets, quotes and commas alone: what is broken or too deep inside a member
// costs its neighbours nothing, and a large payload is not decoded once for each of its layers.
// Names and values are parts of text, as they stand there. It reports whether text is one array or
// object to its end; text that json.Valid accepts always is.
func members(text []byte, see func(name, value []byte)) bool {
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
		see(name, bytes.TrimSpace(text[start:at]))
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

// splitArray finds the elements of an array.
func splitArray(payload []byte) (elements []json.RawMessage, ok bool) {
	if trimmed := bytes.TrimSpace(payload); len(trimmed) == 0 || trimmed[0] != '[' {
		return nil, false
	}
	ok = members(payload, func(_, value []byte) { elements = append(elements, value) })
	return elements, ok
}

// fields calls see for every field of an object of valid JSON, by its name in lower case: names
// are taken in any spelling, as encoding/json does. Of a field that is there twice the last counts.
// It reports whether raw is one object to its end.
func fields(raw []byte, see func(name string, value json.RawMessage)) (whole bool) {
	if len(raw) == 0 || raw[0] != '{' {
		return false
	}
	return members(raw, func(quoted, value []byte) {
		if bytes.IndexByte(quoted, '\\') >= 0 {
			var name string
			if json.Unmarshal(quoted, &name) == nil {
				see(strings.ToLower(name), value)
			}
			return
		}
		if name := bytes.Trim(quoted, `"`); len(name) <= maxText { // none that is looked for is as long
			see(strings.ToLower(string(name)), value)
		}
	})
}
