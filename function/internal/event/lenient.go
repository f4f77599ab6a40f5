package event

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// text is a field that producers write as a string or as a number (eventVersion 1 and "1"). Anything else reads as
// empty, so that a field nobody needs can never make an element unreadable. It is read from valid JSON.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	switch {
	case len(raw) > 1 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw): // nothing to decode
		*t = text(raw[1 : len(raw)-1])
	case len(raw) > 0 && raw[0] == '"':
		var s string
		if err := json.Unmarshal(raw, &s); err != nil {
			return err
		}
		*t = text(s)
	case len(raw) > 0 && (raw[0] == '-' || raw[0] >= '0' && raw[0] <= '9'):
		*t = text(raw)
	}
	return nil
}

// filled is text that somebody filled in. A transformation of EventBridge leaves its placeholder, such as ${errorCode},
// where a record has no such field, and writes null as a word.
func filled(s string) string {
	if s == "null" || strings.HasPrefix(s, "${") && strings.HasSuffix(s, "}") {
		return ""
	}
	return s
}

// textIn is the text of one field of an object; "" if raw is no object.
func textIn(raw json.RawMessage, name string) (found string) {
	readFields(raw, field{name, &found})
	return found
}

// parseTime reads the times that producers write: RFC 3339, and the trigger's "2021-10-15T07:06:34.028PRC" and
// "…Asia/Shanghai" (China Standard Time). A time that cannot be read is zero, never an error.
func parseTime(s string) time.Time {
	for _, zone := range []string{"PRC", "Asia/Shanghai"} {
		if local, found := strings.CutSuffix(s, zone); found {
			s = strings.TrimSpace(local) + "+08:00"
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return utcOrZero(t)
		}
	}
	return time.Time{}
}

// utcOrZero gives a time in UTC; zero if JSON could not hold it in every zone.
func utcOrZero(t time.Time) time.Time {
	if year := t.UTC().Year(); year < 1 || year > 9998 {
		return time.Time{}
	}
	return t.UTC()
}
