package decide

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// answered is a create call that was refused with a code.
func answered(code string, status int) error {
	return &cloud.APIError{Action: cloud.ActionCreate, Code: code, Message: "m", Status: status}
}

// lasting is what an event comes to that has been failing with err for as long as anything is retried.
func lasting(t *testing.T, err error) Next {
	t.Helper()
	verdict := codes().Verdict(err)
	e := anEvent()
	if verdict.Fault != nil {
		e.Failing = event.Failing{Code: verdict.Fault.Code, Since: moment()}
	}
	return schedule().Next(e, verdict, moment().Add(24*time.Hour))
}

// TestEveryCodeOfTheAPIPageHasItsClassAndAdvice holds the table against the documented list.
func TestEveryCodeOfTheAPIPageHasItsClassAndAdvice(t *testing.T) {
	page := documented(t, "codes.tsv")
	if len(page) != 32 {
		t.Fatalf("the page has 32 codes, the list %d", len(page))
	}
	for _, fields := range page {
		code, class, remedy := fields[0], Class(fields[1]), fields[2]
		t.Run(code, func(t *testing.T) {
			if !slices.Contains(everyCode(), code) {
				t.Fatal("the table does not know it by name")
			}
			n := lasting(t, answered(code, 400))
			if n.Status != StatusFailed || n.Fault.Class != class || n.Fault.HTTPStatus != 400 {
				t.Errorf("it ends as %s, %+v", n.Status, n.Fault)
			}
			if !strings.Contains(strings.ToLower(n.Fault.Advice), strings.ToLower(remedy)) {
				t.Errorf("advice %q lacks %q", n.Fault.Advice, remedy)
			}
		})
	}
}

// TestEveryRowOfTheTableIsRead: a row that is not whole would be passed over, and one that
// stands twice would hide the other.
func TestEveryRowOfTheTableIsRead(t *testing.T) {
	seen := map[string]bool{"code": true}
	for line := range strings.Lines(codesFile) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|--") {
			continue
		}
		code := strings.TrimSpace(strings.Split(line, "|")[1])
		r, read := readRows()[code]
		if code != "code" && (!read || seen[code]) {
			t.Errorf("the row of %q is not read, or stands twice", code)
		}
		if seen[code] = true; !read {
			continue
		}
		knownClass := func(c Class) bool {
			return c == ClassRetry || c == ClassReconcile || c == ClassOperator || c == ClassPermanent ||
				c == ClassMalformed
		}
		share := strings.TrimSpace(strings.Split(line, "|")[3])
		isShare := share == "" && r.share == 0 || share == fmt.Sprint("1/", r.share) && r.share > 1
		if !knownClass(r.class) || r.then != "" && (!knownClass(r.then) || r.then == ClassReconcile) || !isShare {
			t.Errorf("%s: %+v", code, r)
		}
		if r.share > 0 && r.class != ClassRetry || r.then != "" && r.class != ClassRetry && r.class != ClassReconcile {
			t.Errorf("%s: only what is retried or read again becomes something else: %+v", code, r)
		}
		if strings.Contains(r.advice, ": "+askAgain) {
			t.Errorf("%s: what comes before %s and after it is no sentence: %s", code, askAgain, r.advice)
		}
		if r.about != "" && cloud.Permission(r.about) == cloud.Permission("") {
			t.Errorf("%s is about %s, which is no action", code, r.about)
		}
	}
	if len(seen) < 90 {
		t.Errorf("the table has %d rows", len(seen))
	}
}

// TestCodesOfThePageAreRetriedOrReadAgainAsDocumented: the class before any time has passed.
func TestCodesOfThePageAreRetriedOrReadAgainAsDocumented(t *testing.T) {
	first := map[Class][]string{
		ClassReconcile: {"InvalidStatus.ResourceStatus", "QuotaFull.ChildInstanceRelatedCen"},
		ClassRetry: {
			"IncorrectStatus.TransitRouter", "InvalidOperation.CenInstanceStatus", "OperationFailed.AllocateCidrFailed",
			"InvalidVpnId.NotFound",
		},
	}
	for _, fields := range documented(t, "codes.tsv") {
		code, want := fields[0], Class(fields[1])
		for class, codes := range first {
			if slices.Contains(codes, code) {
				want = class
			}
		}
		if got := codes().ClassOf(answered(code, 400)); got != want {
			t.Errorf("%s is %s at first, want %s", code, got, want)
		}
		if reread := rereads(answered(code, 400)); reread != (want == ClassReconcile) {
			t.Errorf("%s: the state is read again: %v", code, reread)
		}
	}
}

// TestEveryCodeOfOursEndsInItsClass holds the table against the documented list.
func TestEveryCodeOfOursEndsInItsClass(t *testing.T) {
	for _, fields := range documented(t, "own-codes.tsv") {
		code, want := fields[0], fields[1]
		if want == string(StatusSkipped) {
			if verdict, reread := codes().Verdict(Skip(code)), rereads(Skip(code)); verdict.Status != StatusSkipped ||
				verdict.Reason != code || reread {
				t.Errorf("%s: %+v", code, verdict)
			}
			continue
		}
		if n := lasting(t, Fail(code, "m")); n.Status != StatusFailed || string(n.Fault.Class) != want ||
			n.Fault.Code != code {
			t.Errorf("%s ends as %s, %+v", code, n.Status, n.Fault)
		}
	}
}

// advised are the codes of our own whose advice the table knows.
func advised() []string {
	return []string{
		CodeTargetNotFound, CodeTargetAmbiguous, CodeRouterNotEnterprise, CodeRouterNotActive, CodeRouterWithoutCIDR,
		CodeOtherRegion, CodeBoundToGateway, CodeAttachedElsewhere, CodeConnectionBusy, CodeConnectionLocked,
		CodeNameInvalid, CodeMalformed, CodeOversize, CodeUnsigned, CodeNotAllowed, CodeNoAnswer, CodeInternal, CodeUnknownVersion,
		CodeConfirmTimeout, CodeVanished, CodeTableElsewhere, CodeNotOurs, CodeHeldBack,
		CodeRedirected, CodeTooLarge,
	}
}

func TestEveryRefusalOfOursHasAClassAndAdvice(t *testing.T) {
	for _, code := range advised() {
		fault := codes().Fault(Fail(code, "m"))
		if fault.Code != code || fault.Class == "" || fault.Class == ClassReconcile || fault.Advice == "" ||
			fault.Exhausted {
			t.Errorf("%s: got %+v", code, fault)
		}
	}
	own := Fail(CodeConsentMissing, "m")
	own.Advice = "add the tag"
	if fault := codes().Fault(own); fault.Advice != "add the tag" || fault.Class != ClassOperator {
		t.Errorf("the advice of whoever refused was lost: %+v", fault)
	}
}
