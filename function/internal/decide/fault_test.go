package decide

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

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
		{"a conflict with what else is being changed", "Something.New", 409, ClassRetry},
		{"a conflict as VPC names it", "OperationConflict", 400, ClassRetry},
		{"a token of a request that failed", CodeIdempotentFailed, 400, ClassRetry},
		{"a parameter that is missing", "MissingParameter.New", 400, ClassPermanent},
		{"what is not supported", "OperationUnsupported.New", 400, ClassPermanent},
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
			if got := codes().ClassOf(err); got != c.class {
				t.Errorf("%s with %d is %s, want %s", c.code, c.status, got, c.class)
			}
			if fault := codes().Fault(err); fault.Advice == "" || fault.Code == "" {
				t.Errorf("got %+v", fault)
			}
		})
	}
}

func TestErrorsOfAnyKindHaveAClass(t *testing.T) {
	table := codes()
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

// The cloud tells of a connection before every reading shows it; whoever names one by hand has mostly mistyped it.
func TestOnlyAConnectionThatTheCloudTellsOfIsLookedForAgainAtOnce(t *testing.T) {
	missing := &cloud.APIError{Code: CodeConnectionNotFound, Status: 404}
	for kind, want := range map[string]bool{
		"vpc:ActionTrail:ApiCall": true, "vpn-attach.request.v1": false, "": false,
	} {
		told := event.Event{Origin: event.Origin{Type: kind}}
		if got := NewCodes(nil).MayPass(told, missing); got != want {
			t.Errorf("of type %q: got %t", kind, got)
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
	missing := cloud.APIError{Code: "InvalidVpnId.NotFound", Status: 400}
	if got := table.lookup(missing); got.share != 0 || got.then != "" {
		t.Errorf("a corrected code still has the patience of the table: %+v", got)
	}
	if got := codes().ClassOf(answered("Operation.Blocking", 400)); got != ClassRetry {
		t.Errorf("one table's corrections reached another: %s", got)
	}
}

func TestFaultsSayWhatTheServiceSaidAndNothingElse(t *testing.T) {
	api := &cloud.APIError{Action: "X", Code: "Unauthorized", Message: "no\x1b[31m", RequestID: "R", Status: 400}
	got, reread := codes().Fault(fmt.Errorf("attaching: %w", api)), rereads(api)
	want := Fault{
		Code: "Unauthorized", Class: ClassOperator, Message: "X: no?[31m", RequestID: "R", HTTPStatus: 400,
		Advice: got.Advice, known: got.known,
	}
	if got != want || reread || !strings.Contains(got.Advice, "the refused action") {
		t.Errorf("got %+v", got)
	}
	unknown := codes().Fault(errors.New("dial: secret"))
	if unknown.Code != CodeNoAnswer || unknown.Class != ClassRetry || unknown.Exhausted ||
		unknown.Message != "the service gave no usable answer in time" {
		t.Errorf("got %+v", unknown)
	}
	lost := codes().Fault(&cloud.APIError{Code: "InternalError", Message: "m"})
	if lost.Code != "InternalError" {
		t.Errorf("a code without a status: %+v", lost)
	}
	if bare := codes().Fault(&cloud.APIError{Status: 404}); bare.Code != CodeNoAnswer ||
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
			fault := codes().Fault(&cloud.APIError{Action: action, Code: code, Status: 403})
			if !strings.Contains(fault.Advice, want) || strings.Contains(fault.Advice, permissionMark) {
				t.Errorf("%s refused by %s: advice %q lacks %q", action, code, fault.Advice, want)
			}
		}
	}
}

func TestAdviceAboutTheCreateCallIsNotGivenForAnotherCall(t *testing.T) {
	for action, wants := range map[string]bool{cloud.ActionRouters: true, cloud.ActionCreate: false, "": false} {
		fault := codes().Fault(&cloud.APIError{Action: action, Code: "InvalidParameter", Status: 400})
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
