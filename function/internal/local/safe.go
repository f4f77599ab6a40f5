package local

import (
	"fmt"
	"io"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"

	"vpn-attach/function/internal/event"
)

// maxShown is how much is printed of a text that came from outside, in characters.
const maxShown = 2000

// Safe makes a text that came from an event, a cloud file or a service fit for a terminal: nothing in it is acted on,
// and it is one line.
func Safe(text string) string { return event.Printable(text, maxShown) }

// SafeLines is Safe for a text of several lines, of any length.
func SafeLines(text string) string {
	lines := strings.Split(strings.ReplaceAll(text, "\t", "    "), "\n")
	for i, line := range lines {
		lines[i] = event.Printable(line, len(line))
	}
	return strings.Join(lines, "\n")
}

// Screen makes whatever is written to it fit for a terminal. Every write has to hold whole characters.
type Screen struct{ Out io.Writer }

// Write implements io.Writer.
func (s Screen) Write(text []byte) (int, error) {
	if _, err := io.WriteString(s.Out, SafeLines(string(text))); err != nil {
		return 0, fmt.Errorf("writing to the screen: %w", err)
	}
	return len(text), nil
}

// SafeJSON writes JSON without white space so that it means the same and nothing in it is acted on: characters that
// cannot be seen are escaped.
func SafeJSON(text []byte) []byte {
	var safe []byte
	for len(text) > 0 {
		r, size := utf8.DecodeRune(text)
		isWrong := r == utf8.RuneError && size == 1
		switch {
		case !isWrong && (unicode.IsPrint(r) || r == '\n'):
			safe = append(safe, text[:size]...)
		default:
			for _, unit := range utf16.AppendRune(nil, r) {
				safe = fmt.Appendf(safe, `\u%04x`, unit)
			}
		}
		text = text[size:]
	}
	return safe
}
