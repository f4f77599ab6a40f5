package decide

import (
	"fmt"
	"slices"
	"strconv"
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
	page := documented(t, "../../testdata/codes.tsv")
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

// TestEveryDocumentedCodeOfEveryActionHasARow holds the table against the list of every action that the function calls.
// What stands in no row by its code or its family is known by its HTTP status alone, which says little.
func TestEveryDocumentedCodeOfEveryActionHasARow(t *testing.T) {
	actions := map[string]int{}
	for _, fields := range documented(t, "testdata/documented.tsv") {
		action, code, want := fields[0], fields[2], Class(fields[3])
		actions[action]++
		status, err := strconv.Atoi(fields[1])
		if err != nil {
			t.Fatal(err)
		}
		answer := &cloud.APIError{Action: action, Code: code, Message: "m", Status: status}
		if row := codes().name(*answer); row.code == statusName(status) {
			t.Errorf("%s: no row has %s", action, code)
		}
		if got, fault := codes().ClassOf(answer), codes().Fault(answer); got != want || fault.Advice == "" {
			t.Errorf("%s: %s is %s, want %s: %s", action, code, got, want, fault.Advice)
		}
	}
	for _, action := range cloud.Actions() {
		if actions[action.Name] == 0 {
			t.Errorf("no code of %s is listed", action.Name)
		}
	}
}

// TestWhatAnActionRefusesForGoodIsSaidOfItsOwnKind: the same code may mean something else to another action.
func TestWhatAnActionRefusesForGoodIsSaidOfItsOwnKind(t *testing.T) {
	for _, c := range []struct {
		action, code string
		class        Class
		advice       string
	}{
		{cloud.ActionAssociate, "OperationUnsupported.Associate", ClassPermanent, "The attachment stands; this route"},
		{cloud.ActionPropagate, "OperationUnsupported.EnablePropagation", ClassPermanent, "The attachment stands; th"},
		{cloud.ActionPropagate, "IllegalParam.TransitRouterTableId", ClassPermanent, "The attachment stands; this ro"},
		{cloud.ActionAssociate, "OperationFailed.TransitRouterType", ClassPermanent, "The attachment stands; this ro"},
		{cloud.ActionCreate, "OperationUnsupported.TransitRouterType", ClassPermanent, "Name an Enterprise Edition"},
		{cloud.ActionDelete, "OperationUnsupported.TransitRouterType", ClassPermanent, "detach it in the console"},
		{cloud.ActionRouters, "IllegalParam.TagKey", ClassPermanent, "refuses what ListTransitRouters asked for"},
		{cloud.ActionRouters, "InvalidTransitRouterId.NotFound", ClassPermanent, "Correct the tag"},
		{cloud.ActionTables, "InvalidTransitRouterId.NotFound", ClassReconcile, "look whether it still exists"},
		{cloud.ActionDelete, "OperationFailed.PrefixListExist", ClassOperator, "Remove the prefix lists"},
		{cloud.ActionInventory, "Forbidden.TagKey.Duplicated", ClassPermanent, "fault of the function"},
		{cloud.ActionInventory, "Forbidden.Something", ClassOperator, "vpc:DescribeVpnConnections"},
		{cloud.ActionDescribe, "OperationUnsupported.New", ClassPermanent, "fault of the function"},
	} {
		err := &cloud.APIError{Action: c.action, Code: c.code, Status: 400}
		if class, fault := codes().ClassOf(err), codes().Fault(err); class != c.class ||
			!strings.Contains(fault.Advice, c.advice) {
			t.Errorf("%s, %s: %s, %q", c.action, c.code, class, fault.Advice)
		}
	}
}

// TestEveryRowOfTheTableIsRead: a row that is not whole would be passed over, and one that
// stands twice would hide the other.
func TestEveryRowOfTheTableIsRead(t *testing.T) {
	seen := map[name]bool{}
	for line := range strings.Lines(codesFile) {
		if !strings.HasPrefix(line, "|") || strings.HasPrefix(line, "|--") || strings.HasPrefix(line, "| code ") {
			continue
		}
		cells := strings.Split(line, "|")
		for action := range strings.SplitSeq(strings.TrimSpace(cells[5]), ", ") {
			n := name{action, strings.TrimSpace(cells[1])}
			r, read := readRows()[n]
			if !read || seen[n] {
				t.Errorf("the row of %v is not read, or stands twice", n)
			}
			seen[n] = true
			checkRow(t, n, r, strings.TrimSpace(cells[3]))
		}
	}
	if len(seen) < 130 {
		t.Errorf("the table has %d rows", len(seen))
	}
}

func checkRow(t *testing.T, n name, r row, share string) {
	t.Helper()
	isShare := share == "" && r.share == 0 || share == fmt.Sprint("1/", r.share) && r.share > 1
	if !isClass(r.class) || r.then != "" && (!isClass(r.then) || r.then == ClassReconcile) || !isShare {
		t.Errorf("%v: %+v", n, r)
	}
	if r.share > 0 && r.class != ClassRetry || r.then != "" && r.class != ClassRetry && r.class != ClassReconcile {
		t.Errorf("%v: only what is retried or read again becomes something else: %+v", n, r)
	}
	if strings.Contains(r.advice, ": "+askAgain) {
		t.Errorf("%v: what comes before %s and after it is no sentence: %s", n, askAgain, r.advice)
	}
	if n.action != "" && cloud.Permission(n.action) == cloud.Permission("") {
		t.Errorf("%v is of no action that is called", n)
	}
}

func isClass(c Class) bool {
	return c == ClassRetry || c == ClassReconcile || c == ClassOperator || c == ClassPermanent || c == ClassMalformed
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
	for _, fields := range documented(t, "../../testdata/codes.tsv") {
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
	for _, fields := range documented(t, "../../testdata/own-codes.tsv") {
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
		CodeNameInvalid, CodeMalformed, CodeOversize, CodeUnsigned, CodeNotAllowed, CodeNoAnswer, CodeInternal,
		CodeUnknownVersion, CodeConfirmTimeout, CodeVanished, CodeTableElsewhere, CodeNotOurs, CodeHeldBack,
		CodeRedirected, CodeTooLarge, CodeTagsNotShown,
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
