package event

import (
	"bytes"
	"encoding/json"
	"strings"
	"time"
	"unicode/utf8"
)

// text is a field that producers write as a string or as a number (eventVersion 1
// and "1"). Anything else reads as empty, so that a field nobody needs can never
// make an element unreadable. What it reads is valid JSON.
type text string

func (t *text) UnmarshalJSON(raw []byte) error {
	*t = ""
	switch {
	case len(raw) > 1 && raw[0] == '"' && bytes.IndexByte(raw, '\\') < 0 && utf8.Valid(raw): // as it stands
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

// textOf reads a value of valid JSON as text.
func textOf(raw json.RawMessage) (t text) {
	_ = t.UnmarshalJSON(raw) // what can not be read is empty
	return t
}

// object is a part of a record, as it stands: it should be an object and may be missing, null or
// of another kind; then it is empty.
type object json.RawMessage

// str is the text under key, or "".
func (o object) str(key string) (found string) {
	fields(o, func(name string, value json.RawMessage) {
		if name == strings.ToLower(key) {
			found = string(textOf(value))
		}
	})
	return found
}

// parseTime reads the times that producers write: RFC 3339, and the trigger's
// "2021-10-15T07:06:34.028PRC" and "…Asia/Shanghai" (China Standard Time). A time
// that cannot be read is no time, never an error.
func parseTime(s string) time.Time {
	for _, zone := range []string{"PRC", "Asia/Shanghai"} {
		if local, found := strings.CutSuffix(s, zone); found {
			s = strings.TrimSpace(local) + "+08:00"
		}
	}
	for _, layout := range []string{time.RFC3339Nano, "2006-01-02T15:04:05.999999999"} {
		if t, err := time.Parse(layout, s); err == nil {
			return sane(t)
		}
	}
	return time.Time{}
}

// sane gives a time in UTC; one that JSON could not hold, in whatever zone, is no time.
func sane(t time.Time) time.Time {
	if year := t.UTC().Year(); year < 1 || year > 9998 {
		return time.Time{}
	}
	return t.UTC()
}
