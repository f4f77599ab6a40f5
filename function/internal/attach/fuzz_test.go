package attach

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzErrorTable holds that every code and status has exactly one class of those that an
// outcome or the core knows, with advice; that what is known by its exact code does not
// depend on the status; and that an outcome's text is fit to print.
func FuzzErrorTable(f *testing.F) {
	for code := range attachErrors() {
		f.Add(code, "message of "+code, 400)
	}
	for code := range sharedErrors() {
		f.Add(code, "m", 503)
	}
	f.Add("Throttling.User", "\x1b[31m", 429)
	f.Add("", "<nil>", 0)
	table := NewErrorTable(map[string]Class{"Overridden": ClassPermanent})
	f.Fuzz(func(t *testing.T, code, message string, status int) {
		known := table.Lookup(code, status)
		switch known.Class {
		case ClassRetry, ClassReconcile, ClassOperator, ClassPermanent, ClassMalformed:
		default:
			t.Fatalf("%q with %d has class %q", code, status, known.Class)
		}
		if _, exact := table.exact()[code]; exact && table.Lookup(code, status+1).Class != known.Class {
			t.Fatalf("%q changes its class with the status", code)
		}
		if strings.Contains(strings.ToLower(code), "throttling") && known.Class != ClassRetry {
			t.Fatalf("the throttle %q has class %q", code, known.Class)
		}
		fault := table.Fault(&APIError{Code: code, Message: message, Status: status})
		if fault.Code == "" || fault.Exhausted || !utf8.ValidString(fault.Message) || strings.ContainsAny(fault.Message+fault.Code, "\x1b\n\x00") || utf8.RuneCountInString(fault.Message) > maxMessage {
			t.Fatalf("%q gives the fault %+v", code, *fault)
		}
	})
}
