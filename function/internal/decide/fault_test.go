package decide

import (
	"context"
	"errors"
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
	verdict := NewCodes(nil).Verdict(err)
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
	codes := everyCode()
	slices.Sort(codes)
	if twice := len(codes) - len(slices.Compact(codes)); twice > 0 {
		t.Errorf("%d codes have two rows", twice)
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
		if got := NewCodes(nil).ClassOf(answered(code, 400)); got != want {
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
			verdict, reread := NewCodes(nil).Verdict(Skip(code)), rereads(Skip(code))
			if verdict.Status != StatusSkipped ||
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
		CodeNameInvalid, CodeMalformed, CodeOversize, CodeNotAllowed, CodeNoAnswer, CodeInternal, CodeUnknownVersion,
		CodeConfirmTimeout, CodeVanished, CodeTableElsewhere, CodeNotOurs, CodeHeldBack,
	}
}

func TestEveryRefusalOfOursHasAClassAndAdvice(t *testing.T) {
	for _, code := range advised() {
		fault := NewCodes(nil).Fault(Fail(code, "m"))
		if fault.Code != code || fault.Class == "" || fault.Class == ClassReconcile || fault.Advice == "" ||
			fault.Exhausted {
			t.Errorf("%s: got %+v", code, fault)
		}
	}
	own := Fail(CodeConsentMissing, "m")
	own.Advice = "add the tag"
	if fault := NewCodes(nil).Fault(own); fault.Advice != "add the tag" || fault.Class != ClassOperator {
		t.Errorf("the advice of whoever refused was lost: %+v", fault)
	}
}

func TestCodesBeyondThePageAreKnownByNameFamilyOrStatus(t *testing.T) {
	cases := []struct {
		name   string
		code   string
		status int
		class  Class
	}{
		{"the most frequent transient code", "Operation.Blocking", 400, ClassRetry},
		{"a throttle in the usual spelling", "Throttling.User", 400, ClassRetry},
		{"a throttle in any spelling", "Api.throttling.x", 429, ClassRetry},
		{"any wrong status of any resource", "IncorrectStatus.Cen", 400, ClassRetry},
		{"a server that is not there", "ServiceUnavailable", 503, ClassRetry},
		{"a token that is still being processed", "TokenProcessing", 400, ClassRetry},
		{"a forbidden action", "Forbidden.RAM", 403, ClassOperator},
		{"a forbidden action as the service misspells it", "Forbbiden.Something", 400, ClassOperator},
		{"a missing permission", "NoPermission.Something", 400, ClassOperator},
		{"a token that went with other parameters", "IdempotentParameterMismatch", 400, ClassPermanent},
		{"an attachment that is gone", "InvalidTransitRouterAttachmentId.NotFound", 404, ClassReconcile},
		{"a connection that is not visible", CodeConnectionNotFound, 404, ClassReconcile},
		{"an unknown code with 400, mostly a transient state", "Something.New", 400, ClassRetry},
		{"an unknown code with 403", "Something.New", 403, ClassOperator},
		{"an unknown code with 404", "Something.New", 404, ClassPermanent},
		{"an unknown code with 408", "Something.New", 408, ClassRetry},
		{"an unknown code with 429", "Something.New", 429, ClassRetry},
		{"an unknown code with 500", "Something.New", 500, ClassRetry},
		{"no code and no status", "", 0, ClassRetry},
		{"a missing topic", "TopicNotExist", 404, ClassOperator},
		{"a missing queue", "QueueNotExist", 404, ClassOperator},
		{"a refused publish", "AccessDenied", 403, ClassOperator},
		{"a role that does not exist", "EntityNotExist.Role", 404, ClassOperator},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			err := answered(c.code, c.status)
			if got := NewCodes(nil).ClassOf(err); got != c.class {
				t.Errorf("%s with %d is %s, want %s", c.code, c.status, got, c.class)
			}
			if fault := NewCodes(nil).Fault(err); fault.Advice == "" || fault.Code == "" {
				t.Errorf("got %+v", fault)
			}
		})
	}
}

func TestErrorsOfAnyKindHaveAClass(t *testing.T) {
	table := NewCodes(nil)
	for name, c := range map[string]struct {
		err  error
		want Class
	}{
		"an end of our own":       {fmt.Errorf("working: %w", Fail(CodeNotAllowed, "m")), ClassMalformed},
		"an end that is reread":   {Fail(CodeConnectionBusy, "m"), ClassReconcile},
		"a deadline that passed":  {context.DeadlineExceeded, ClassRetry},
		"a broken connection":     {&cloud.APIError{Action: "X", Message: "the connection broke"}, ClassRetry},
		"a call that was delayed": {&cloud.APIError{Code: CodeHeldBack, Status: 429}, ClassRetry},
		"an answer without code":  {&cloud.APIError{Status: 404}, ClassPermanent},
	} {
		if got := table.ClassOf(c.err); got != c.want {
			t.Errorf("%s is %s, want %s", name, got, c.want)
		}
	}
}

func TestAnOperatorCorrectsTheTable(t *testing.T) {
	overrides := map[string]Class{
		"Operation.Blocking": ClassPermanent, "Something.New": ClassOperator, "InvalidVpnId.NotFound": ClassRetry,
	}
	table := NewCodes(overrides)
	overrides["Something.New"] = ClassPermanent // the table has a copy
	for code, want := range map[string]Class{"Operation.Blocking": ClassPermanent, "Something.New": ClassOperator} {
		if fault := table.Fault(answered(code, 400)); fault.Class != want || fault.Advice == "" {
			t.Errorf("%s: got %+v", code, fault)
		}
	}
	if got := table.lookup("InvalidVpnId.NotFound", 400); got.share != 0 || got.then != "" {
		t.Errorf("a corrected code still has the patience of the table: %+v", got)
	}
	if got := NewCodes(nil).ClassOf(answered("Operation.Blocking", 400)); got != ClassRetry {
		t.Errorf("one table's corrections reached another: %s", got)
	}
}

func TestFaultsSayWhatTheServiceSaidAndNothingElse(t *testing.T) {
	api := &cloud.APIError{Action: "X", Code: "Unauthorized", Message: "no\x1b[31m", RequestID: "R", Status: 400}
	err := fmt.Errorf("attaching: %w", api)
	got, reread := NewCodes(nil).Fault(err), rereads(err)
	want := Fault{
		Code: "Unauthorized", Class: ClassOperator, Message: "X: no?[31m", RequestID: "R", HTTPStatus: 400,
		Advice: got.Advice,
	}
	if got != want || reread || !strings.Contains(got.Advice, "the refused action") {
		t.Errorf("got %+v", got)
	}
	unknown := NewCodes(nil).Fault(errors.New("dial: secret"))
	if unknown.Code != CodeNoAnswer || unknown.Class != ClassRetry || unknown.Exhausted ||
		unknown.Message != "the service gave no usable answer in time" {
		t.Errorf("got %+v", unknown)
	}
	lost := NewCodes(nil).Fault(&cloud.APIError{Code: "InternalError", Message: "m"})
	if lost.Code != "InternalError" {
		t.Errorf("a code without a status: %+v", lost)
	}
	if bare := NewCodes(nil).Fault(&cloud.APIError{Status: 404}); bare.Code != CodeNoAnswer ||
		bare.Class != ClassPermanent {
		t.Errorf("an answer without a code: %+v", bare)
	}
}

func TestAdviceNamesThePermissionThatTheRefusedActionNeeds(t *testing.T) {
	for action, want := range map[string]string{
		cloud.ActionCreate: "cen:CreateTransitRouterVpnAttachment", cloud.ActionRouters: "cen:ListTransitRouters",
		cloud.ActionDescribe: "vpc:DescribeVpnConnection", cloud.ActionPublish: "mns:PublishMessage",
		cloud.ActionSend: "mns:SendMessage", "Else": "the refused action",
	} {
		for _, code := range []string{"Unauthorized", "AccessDenied", "Something.New", "Forbidden.RAM",
			"NoPermission.X"} {
			fault := NewCodes(nil).Fault(&cloud.APIError{Action: action, Code: code, Status: 403})
			if !strings.Contains(fault.Advice, want) || strings.Contains(fault.Advice, permissionMark) {
				t.Errorf("%s refused by %s: advice %q lacks %q", action, code, fault.Advice, want)
			}
		}
	}
}

func TestAdviceAboutTheCreateCallIsNotGivenForAnotherCall(t *testing.T) {
	for action, wants := range map[string]bool{cloud.ActionRouters: true, cloud.ActionCreate: false, "": false} {
		fault := NewCodes(nil).Fault(&cloud.APIError{Action: action, Code: "InvalidParameter", Status: 400})
		if got := strings.Contains(fault.Advice, "The service refuses what "+action+" asked for"); got != wants {
			t.Errorf("%q refused the parameters: %q", action, fault.Advice)
		}
	}
}

func TestEndsAreErrorsWithACodeAndAPrintableMessage(t *testing.T) {
	end := Fail(CodeNoAnswer, "said %s", "a\x1b"+strings.Repeat("x", 2*maxMessage))
	if !strings.HasPrefix(end.Error(), "NoAnswer: said a?x") || len([]rune(end.Message)) != maxMessage {
		t.Errorf("got %d characters, %.40s", len(end.Message), end.Error())
	}
	if end := Conflict(CodeTableElsewhere, "m"); end.Status != StatusConflict || end.Code != CodeTableElsewhere {
		t.Errorf("got %+v", end)
	}
}
