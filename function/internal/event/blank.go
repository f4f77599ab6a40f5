package event

import (
	"bytes"
	"encoding/json"
	"html"
	"strings"
	"unicode/utf8"
)

// Blanked stands in the place of what may be a key or a password.
const Blanked = "(blanked)"

// Blank gives a message for people to look at: what may be a key or a password is blanked, whatever the message is
// encoded in. What mentions one and is no JSON is blanked as a whole, and so is what cannot be read; plain words are
// shown.
func Blank(message string) string {
	text := []byte(message)
	if !mayHoldKey(text, 0) || isWords(message) || isNoticeOfWords(text) {
		return message
	}
	var value any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if !json.Valid(text) || decoder.Decode(&value) != nil {
		return Blanked
	}
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if encoder.Encode(blanked(value, 0)) != nil {
		return Blanked
	}
	return strings.TrimSpace(out.String())
}

// isWords reports whether a message is words that name no key, neither markup nor another text that is encoded.
func isWords(message string) bool {
	return utf8.ValidString(message) && !mentionsKey(message) && !isOpaque(message, 0)
}

// isNoticeOfWords reports whether a message is the notification of a topic about such words.
func isNoticeOfWords(text []byte) bool {
	e, is := readNotice(bytes.TrimSpace(text))
	var inner string
	_ = json.Unmarshal(e.Message, &inner) // the text that was read is encoded there
	return is && !mentionsKey(html.UnescapeString(string(text))) && isWords(inner)
}

// BlankText gives a text of a message, such as a sentence; where it may hold a key or a password, it is blanked.
func BlankText(text string) string { return blankedText(text, 0) }

// blanked is a decoded value without what may be a key.
func blanked(value any, depth int) any {
	switch value := value.(type) {
	case map[string]any:
		for name, inner := range value {
			if mentionsKey(name) {
				value[name] = Blanked
				continue
			}
			value[name] = blanked(inner, depth)
		}
	case []any:
		for i, inner := range value {
			value[i] = blanked(inner, depth)
		}
	case string:
		return blankedText(value, depth)
	}
	return value
}

// blankedText is a text of a message, which may hold another message.
func blankedText(text string, depth int) string {
	switch {
	case !mentionsKey(text) && !isOpaque(text, depth):
		return text
	case json.Valid([]byte(text)) && depth < maxDepth:
		var inner any
		if json.Unmarshal([]byte(text), &inner) != nil {
			return Blanked
		}
		shown, err := json.Marshal(blanked(inner, depth+1))
		if err != nil {
			return Blanked
		}
		return string(shown)
	}
	return Blanked
}
