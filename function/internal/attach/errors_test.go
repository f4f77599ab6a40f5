package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

func TestEveryCodeOfTheAPIPageHasItsClassAndAdvice(t *testing.T) {
	page := map[Class][]string{
		ClassReconcile: {"InvalidStatus.ResourceStatus", "QuotaFull.ChildInstanceRelatedCen"},
		ClassRetry:     {"IncorrectStatus.TransitRouter", "InvalidOperation.CenInstanceStatus", "OperationFailed.AllocateCidrFailed", "InvalidVpnId.NotFound"},
		ClassOperator: {
			"InvalidAvailable.NoResource", "QuotaExceeded.CenQuotaVpnAttachPerTransitRouter", "NoPermission.AliyunServiceRolePolicyForCEN",
			"Unauthorized", "Forbbiden.TransitRouterServiceNotOpen", "Forbidden.TransitRouterServiceExpired",
			"Forbidden.ResourceOwnerTransitRouterServiceNotOpen", "Forbidden.ResourceOwnerTransitRouterServiceExpired",
			"InvalidTransitRouterMode.NeedUpgrade", "OperationUnsupported.CenFullLevel",
		},
		ClassPermanent: {
			"OperationUnsupported.VcoTunnelNotMatchZoneParam", "InvalidCenId.NotFound", "InvalidTransitRouterId.NotFound",
			"OperationUnsupported.TransitRouterType", "OperationUnsupported.TransitRouterRegionId", "OperationUnsupported.VpnAttachment",
			"OperationUnsupported.ZoneId", "IllegalParam.ZoneMappings", "InvalidOperation.VpnNetworkTypeInvalid", "IllegalParam.RegionId",
			"IllegalParam.TransitRouterRegionId", "MissingParam.CenIdOrRegionId", "InvalidParameter", "InvalidParameter.ResourceType",
			"InvalidParameter.VpnId", "IllegalParam.ChargeType",
		},
	}
	table, count := NewErrorTable(nil), 0
	for class, codes := range page {
		for _, code := range codes {
			count++
			if known := table.Lookup(code, 400); known.Class != class || known.Advice == "" {
				t.Errorf("%s: got %+v, want class %s and an advice", code, known, class)
			}
		}
	}
	if count != 32 || len(attachErrors()) != 32 {
		t.Errorf("the page has 32 codes; the test has %d, the table %d", count, len(attachErrors()))
	}
}

func TestCodesBeyondThePageAreKnownByNameFamilyOrStatus(t *testing.T) {
	cases := []struct {
		name   string
		code   string
		status int
		class  Class
	}{
		{"the most frequent passing code", "Operation.Blocking", 400, ClassRetry},
		{"a throttle in the usual spelling", "Throttling.User", 400, ClassRetry},
		{"a throttle in any spelling", "Api.throttling.x", 429, ClassRetry},
		{"any wrong status of any resource", "IncorrectStatus.Cen", 400, ClassRetry},
		{"a server that is not there", "ServiceUnavailable", 503, ClassRetry},
		{"a token still being worked on", "TokenProcessing", 400, ClassRetry},
		{"a forbidden action", "Forbidden.RAM", 403, ClassOperator},
		{"a forbidden action as the service misspells it", "Forbbiden.Something", 400, ClassOperator},
		{"a missing permission", "NoPermission.Something", 400, ClassOperator},
		{"a token that went with other parameters", "IdempotentParameterMismatch", 400, ClassPermanent},
		{"an unknown code with 400, mostly a passing state", "Something.New", 400, ClassRetry},
		{"an unknown code with 403", "Something.New", 403, ClassOperator},
		{"an unknown code with 404", "Something.New", 404, ClassPermanent},
		{"an unknown code with 500", "Something.New", 500, ClassRetry},
		{"no code and no status", "", 0, ClassRetry},
		{"a missing topic", "TopicNotExist", 404, ClassOperator},
		{"a refused publish", "AccessDenied", 403, ClassOperator},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := NewErrorTable(nil).Lookup(c.code, c.status); got.Class != c.class || got.Advice == "" {
				t.Errorf("%s with %d: got %+v, want %s", c.code, c.status, got, c.class)
			}
		})
	}
}

func TestAnOperatorCorrectsTheTable(t *testing.T) {
	table := NewErrorTable(map[string]Class{"Operation.Blocking": ClassPermanent, "Something.New": ClassOperator})
	if got := table.Lookup("Operation.Blocking", 400); got.Class != ClassPermanent || got.Advice == "" {
		t.Errorf("a known code: got %+v", got)
	}
	if got := table.Lookup("Something.New", 400); got.Class != ClassOperator || got.Advice == "" {
		t.Errorf("a new code: got %+v", got)
	}
	if got := NewErrorTable(nil).Lookup("Operation.Blocking", 400); got.Class != ClassRetry {
		t.Errorf("one table's corrections reached another: %+v", got)
	}
}

func TestFaultsSayWhatTheServiceSaidAndNothingElse(t *testing.T) {
	table := NewErrorTable(nil)
	api := &APIError{Action: "X", Code: "Unauthorized", Message: "no\x1b[31m", RequestID: "R", Status: 400}
	got := table.Fault(fmt.Errorf("attaching: %w", api))
	if got.Code != "Unauthorized" || got.Class != ClassOperator || got.Exhausted || got.Message != "X: no?[31m" || got.RequestID != "R" || got.HTTPStatus != 400 {
		t.Errorf("got %+v", *got)
	}
	for action, want := range map[string]string{
		"CreateTransitRouterVpnAttachment": "cen:CreateTransitRouterVpnAttachment", "ListTransitRouters": "cen:ListTransitRouters",
		"DescribeVpnConnection": "vpc:DescribeVpnConnection", "PublishMessage": "mns:PublishMessage", "BatchSendMessage": "mns:SendMessage", "Else": "the refused action",
	} {
		for _, code := range []string{"Unauthorized", "AccessDenied", "Something.New"} {
			if advice := table.Fault(&APIError{Action: action, Code: code, Status: 403}).Advice; !strings.Contains(advice, want) || strings.Contains(advice, "{") {
				t.Errorf("%s refused by %s: advice %q lacks %q", action, code, advice, want)
			}
		}
	}
	if advice := table.Fault(&APIError{Action: "ListTransitRouters", Code: "InvalidParameter", Status: 400}).Advice; !strings.Contains(advice, "ListTransitRouters") {
		t.Errorf("advice about another call: %q", advice)
	}
	unknown := table.Fault(errors.New("dial: secret"))
	if unknown.Code != CodeNoAnswer || unknown.Class != ClassRetry || unknown.Exhausted || unknown.Message != "the service gave no usable answer in time" {
		t.Errorf("got %+v", *unknown)
	}
}

// world is a clock that only moves when somebody waits.
type world struct{ waits []time.Duration }

func (w *world) clockwork() clockwork {
	return clockwork{
		sleep:  func(_ context.Context, d time.Duration) error { w.waits = append(w.waits, d); return nil },
		random: func() float64 { return 0.5 },
	}
}

func TestCallsAreTriedAgainOnlyWhenThatCanHelp(t *testing.T) {
	tries := Tries{Count: 3, First: 100 * time.Millisecond, Most: time.Second, CallTimeout: time.Minute}
	passing, lasting := &APIError{Code: "Operation.Blocking", Status: 400}, &APIError{Code: "InvalidParameter", Status: 400}
	slow := &APIError{Code: "Throttling.User", Status: 400, RetryAfter: 3 * time.Second}
	endless := &APIError{Code: "Throttling.User", Status: 400, RetryAfter: time.Minute}
	cases := map[string]struct {
		answers []error
		calls   int
		waits   string
	}{
		"a success is not repeated":                     {[]error{nil}, 1, "[]"},
		"a passing failure is repeated until it passes": {[]error{passing, nil}, 2, "[75ms]"},
		"waits double":                                      {[]error{passing, passing, nil}, 3, "[75ms 150ms]"},
		"tries end":                                         {[]error{passing, passing, passing, nil}, 3, "[75ms 150ms]"},
		"a lasting failure is not repeated":                 {[]error{lasting, nil}, 1, "[]"},
		"what the service asks to wait is waited":           {[]error{slow, nil}, 2, "[3s]"},
		"but not for longer than an invocation has":         {[]error{endless, nil}, 1, "[]"},
		"a call without an answer is repeated":              {[]error{&APIError{}, nil}, 2, "[75ms]"},
		"a state to be read again is not the call's matter": {[]error{&APIError{Code: "InvalidStatus.ResourceStatus", Status: 400}, nil}, 1, "[]"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var w world
			calls := 0
			err := tries.do(context.Background(), w.clockwork(), NewErrorTable(nil), func(context.Context) error {
				calls++
				return c.answers[calls-1]
			})
			if calls != c.calls || fmt.Sprint(w.waits) != c.waits || err != c.answers[calls-1] {
				t.Errorf("got %d calls, waits %v, error %v", calls, w.waits, err)
			}
		})
	}
}

func TestNoWaitOutlastsTheDeadline(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	var w world
	tries := Tries{Count: 5, First: time.Hour, Most: time.Hour, CallTimeout: time.Minute}
	err := tries.do(ctx, w.clockwork(), NewErrorTable(nil), func(context.Context) error { return &APIError{} })
	if err == nil || len(w.waits) != 0 {
		t.Errorf("waited %v, error %v", w.waits, err)
	}
}

func TestACallHasItsOwnDeadline(t *testing.T) {
	tries := Tries{Count: 1, CallTimeout: time.Nanosecond}
	err := tries.once(context.Background(), func(ctx context.Context) error {
		<-ctx.Done()
		return ctx.Err()
	})
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("got %v", err)
	}
}
