package event

import (
	"fmt"
	"strings"
	"unicode"
)

// Bounds of what is decoded. MNS takes bodies of up to 64 KB; the bounds of payloads and
// elements keep an instance of 128 MB well clear of its memory.
const (
	MaxPayload  = 6 << 20  // bytes
	MaxElements = 500      // of one invocation; more are requeued
	maxBatch    = 10000    // elements that a trigger hands over at most
	MaxBody     = 64 << 10 // bytes of one message body or one bare element
	// VPC API TagResources takes 20 resources a call. More events of one message would hold up its neighbours.
	maxPerMessage = 20
	// Bytes of a message that is requeued with what it says: far above what this function
	// writes, and so far below MaxBody that it fits however it has to be escaped.
	maxOwn    = 20 << 10
	maxLayers = 4    // envelopes inside envelopes
	maxDepth  = 32   // how deep connection ids are looked for in a record
	maxIDText = 1024 // bytes of a string in a record that is looked at for an id
	maxText   = 128  // characters of foreign text that is handed on
	maxWish   = 256  // characters of what a request asks for; a description may have as many
)

// OversizeError refuses a whole payload. Nothing of it was acted on.
type OversizeError struct {
	What   string // "bytes", "elements" or "bytes in one element"
	Limit  int
	Actual int
}

func (e *OversizeError) Error() string {
	return fmt.Sprintf("payload refused: %d %s, at most %d are taken; make the trigger's batch smaller",
		e.Actual, e.What, e.Limit)
}

// Printable makes foreign text fit for a log, a terminal or a page: control and
// invisible characters become "?", and what is longer than limit is cut.
func Printable(s string, limit int) string {
	count := 0
	return strings.Map(func(r rune) rune {
		if count++; count > limit {
			return -1
		}
		if !unicode.IsPrint(r) || r == unicode.ReplacementChar {
			return '?'
		}
		return r
	}, s)
}

// IsConnectionID reports whether s has the form of an IPsec-VPN connection's id:
// vco- and lower-case letters and digits.
func IsConnectionID(s string) bool {
	rest, found := strings.CutPrefix(s, "vco-")
	return found && rest != "" && len(s) <= 64 && strings.Trim(rest, "abcdefghijklmnopqrstuvwxyz0123456789") == ""
}

// IsAccountID reports whether s has the form of an account id: 10 to 20 digits.
func IsAccountID(s string) bool {
	return len(s) >= 10 && len(s) <= 20 && strings.Trim(s, "0123456789") == ""
}
