package decide

import (
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"vpn-attach/function/internal/cloud"
)

// FuzzErrorTable holds that every code and status has exactly one class of those that an
// outcome or the function knows, with advice where a service gave the code; that what is known
// by its exact code does not depend on the status; and that an outcome's text is fit to print.
func FuzzErrorTable(f *testing.F) {
	for i, code := range everyCode() {
		f.Add(code, "message of "+code, []int{400, 503}[i%2])
	}
	f.Add("Throttling.User", "\x1b[31m", 429)
	f.Add("", "<nil>", 0)
	codes, table := everyCode(), NewCodes(map[string]Class{"Overridden": ClassPermanent})
	f.Fuzz(func(t *testing.T, code, message string, status int) {
		class := table.ClassOf(answered(code, status))
		switch class {
		case ClassRetry, ClassReconcile, ClassOperator, ClassPermanent, ClassMalformed:
		default:
			t.Fatalf("%q with %d has class %q", code, status, class)
		}
		if slices.Contains(codes, code) && table.ClassOf(answered(code, status+1)) != class {
			t.Fatalf("%q changes its class with the status", code)
		}
		if strings.Contains(strings.ToLower(code), "throttling") && class != ClassRetry {
			t.Fatalf("the throttle %q has class %q", code, class)
		}
		err := &cloud.APIError{Code: code, Message: message, Status: status}
		fault, reread := table.Fault(err), table.ClassOf(err) == ClassReconcile
		if fault.Code == "" || fault.Exhausted || fault.Class == ClassReconcile ||
			reread != (class == ClassReconcile) ||
			!utf8.ValidString(fault.Message) || utf8.RuneCountInString(fault.Message) > maxMessage ||
			strings.ContainsAny(fault.Message+fault.Code, "\x1b\n\x00") {
			t.Fatalf("%q gives the fault %+v", code, fault)
		}
	})
}
