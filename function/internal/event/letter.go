package event

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"html"
	"slices"
	"strings"
	"unicode/utf8"
)

// letterOf is what may be kept of an element: its message as it came, unless it may hold a key.
func letterOf(element []byte) *Letter {
	body, err := returnable(element)
	if err != nil {
		body = bytes.TrimSpace(element)
		_, err = checkSendable(body)
	}
	letter := Letter{Message: body, Size: len(body)}
	if err != nil || mayHoldKey(body, 0) {
		letter.Message = nil
	}
	return &letter
}

// mayHoldKey reports whether a text mentions a key or a password, in any encoding that messages have. A text that
// cannot be read may hold anything.
func mayHoldKey(text []byte, depth int) bool {
	text = bytes.TrimSpace(text)
	switch {
	case depth > maxDepth, !utf8.Valid(text):
		return true
	case len(text) > 0 && text[0] == '<':
		e, is := readNotice(text)
		var inner string
		_ = json.Unmarshal(e.Message, &inner) // the text that was read is encoded there
		return !is || mentionsKey(html.UnescapeString(string(text))) || mayHoldKey([]byte(inner), depth+1)
	case json.Valid(text):
		return jsonMayHoldKey(text, depth)
	}
	decoded, err := base64.StdEncoding.DecodeString(string(text))
	return err != nil || mayHoldKey(decoded, depth+1)
}

// jsonMayHoldKey looks at every name and text of a JSON value, also at those that a reader would pass over because they
// are there twice.
func jsonMayHoldKey(text []byte, depth int) bool {
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	for {
		token, err := decoder.Token()
		if err != nil {
			return false // its end
		}
		if s, is := token.(string); is && (mentionsKey(s) || isOpaque(s, depth)) {
			return true
		}
	}
}

// isOpaque reports whether a text inside a message holds another one that may hold a key. Plain words hold none.
func isOpaque(s string, depth int) bool {
	s = strings.TrimSpace(s)
	switch {
	case s == "":
		return false
	case strings.IndexByte("{[\"<", s[0]) >= 0:
		return mayHoldKey([]byte(s), depth+1)
	}
	decoded, err := base64.StdEncoding.DecodeString(s)
	return err == nil && utf8.Valid(decoded) && (mentionsKey(string(decoded)) || isOpaque(string(decoded), depth+1))
}

// mentionsKey reports whether a text has a word that names a key or a password, in any spelling: PreSharedKey,
// pre-shared_key, PSK. The configuration of IKE always holds one.
func mentionsKey(s string) bool {
	folded := strings.NewReplacer("_", "", "-", "", ".", "", " ", "").Replace(strings.ToLower(s))
	words := []string{
		"psk", "sharedkey", "sharekey", "passw", "passphrase", "pwd", "secret", "privatekey", "ikeconfig",
	}
	return slices.ContainsFunc(words, func(word string) bool { return strings.Contains(folded, word) })
}
