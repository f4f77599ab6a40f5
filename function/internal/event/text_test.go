package event

import (
	"strings"
	"testing"
	"time"
)

func TestTimesAreReadInEveryFormThatProducersWrite(t *testing.T) {
	utc := time.Date(2021, 10, 15, 7, 6, 34, 28000000, time.UTC)
	cases := map[string]time.Time{
		"2021-10-15T07:06:34.028Z":             utc,
		"2021-10-15T07:06:34.028PRC":           utc.Add(-8 * time.Hour),
		"2021-10-15T07:06:34.028Asia/Shanghai": utc.Add(-8 * time.Hour),
		"2021-10-15T15:06:34.028+08:00":        utc,
		"2021-10-15T07:06:34.028":              utc,
		"1634281594028":                        {},
		"9999-12-31T23:59:59Z":                 {},
		"0001-01-01T00:00:00+08:00":            {},
		"yesterday":                            {},
		"":                                     {},
	}
	for text, want := range cases {
		if got := parseTime(text); !got.Equal(want) {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
}

func TestPrintableKeepsTextFitForATerminal(t *testing.T) {
	cases := map[string]string{
		"plain":                  "plain",
		"ESC \x1b[31mred":        "ESC ?[31mred",
		"line\nfeed\x00":         "line?feed?",
		"杭州":                     "杭州",
		"bidi \u202e override":   "bidi ? override",
		"invalid \xff byte":      "invalid ? byte",
		strings.Repeat("é", 200): strings.Repeat("é", 128),
	}
	for text, want := range cases {
		if got := Printable(text, 128); got != want {
			t.Errorf("%q: got %q, want %q", text, got, want)
		}
	}
}

func TestOnlyConnectionIdsAreTakenForOne(t *testing.T) {
	for id, want := range map[string]bool{
		"vco-p0w042cqwvlhl4zyw": true, "vco-1": true, "vco-": false, "": false, "vco": false, "vpn-1": false,
		"vco-UPPER": false, "vco-a/b": false, "vco-a b": false, "vco-é": false, "xvco-1": false, "vco-a****": false,
		"vco-" + strings.Repeat("a", 60): true, "vco-" + strings.Repeat("a", 61): false,
	} {
		if got := IsConnectionID(id); got != want {
			t.Errorf("%q: got %v", id, got)
		}
	}
}

func TestOnlyAccountIdsAreTakenForOne(t *testing.T) {
	for id, want := range map[string]bool{
		"1234567890": true, "12345678901234567890": true, "123456789": false, "123456789012345678901": false,
		"12345678x0": false, "": false, "١٢٣٤٥٦٧٨٩٠": false, "-123456789": false,
	} {
		if got := IsAccountID(id); got != want {
			t.Errorf("%q: got %v", id, got)
		}
	}
}
