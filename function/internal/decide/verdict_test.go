package decide

import (
	"fmt"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
)

func TestErrorsBecomeVerdicts(t *testing.T) {
	cases := map[string]struct {
		err       error
		status    Status
		reason    string
		code      string
		class     Class
		reread    bool
		wait      time.Duration
		postponed bool
	}{
		"a skip": {Skip(CodeOptedOut), StatusSkipped, CodeOptedOut, "", "", false, 0, false},
		"a refusal": {
			fmt.Errorf("x: %w", Fail(CodeNameInvalid, "m")), StatusFailed, "", CodeNameInvalid, ClassPermanent,
			false, 0, false,
		},
		"a conflict": {
			Conflict(CodeTableElsewhere, "m"), StatusConflict, "", CodeTableElsewhere, ClassOperator, false, 0, false,
		},
		"a busy connection": {
			Busy(tagged()), StatusFailed, "", CodeConnectionBusy, ClassRetry, true, 0, false,
		},
		"a throttle": {
			&cloud.APIError{Code: "Throttling", Status: 429, RetryAfter: 3 * time.Second},
			StatusFailed, "", "Throttling", ClassRetry, false, 3 * time.Second, false,
		},
		"a call that was held back": {
			&cloud.APIError{Code: CodeHeldBack, Status: 429, RetryAfter: time.Minute},
			StatusFailed, "", CodeHeldBack, ClassRetry, false, time.Minute, true,
		},
		"no answer": {fmt.Errorf("broken"), StatusFailed, "", CodeNoAnswer, ClassRetry, false, 0, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			v, reread := codes().Verdict(c.err), rereads(c.err)
			var code string
			var class Class
			if v.Fault != nil {
				code, class = v.Fault.Code, v.Fault.Class
			}
			if v.Status != c.status || v.Reason != c.reason || code != c.code || class != c.class ||
				reread != c.reread ||
				v.Wait != c.wait || v.Postponed != c.postponed {
				t.Errorf("got %+v, %s %s, reread %v", v, code, class, reread)
			}
		})
	}
}

// A call that had no answer may have had its effect: what would end the event waits for the next reading.
func TestAnEndIsUnprovenWhileACallHadNoAnswer(t *testing.T) {
	for name, c := range map[string]struct {
		verdict Verdict
		code    string // "" when it stays as it is
	}{
		"a refusal":         {codes().Verdict(Fail(CodeConsentMissing, "m")), CodeConsentMissing},
		"a skip":            {codes().Verdict(Skip(CodeGone)), CodeNoAnswer},
		"a conflict":        {codes().Verdict(Conflict(CodeTableElsewhere, "m")), CodeTableElsewhere},
		"an attachment":     {Verdict{Status: StatusAttached}, ""},
		"what is postponed": {Verdict{Status: StatusFailed, Postponed: true}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			got := codes().Unproven(c.verdict)
			if c.code == "" {
				if got.Status != c.verdict.Status || got.Fault != nil {
					t.Errorf("it became %+v", got)
				}
				return
			}
			if got.Status != StatusFailed || got.Reason != "" || got.Fault.Code != c.code || !got.transient() {
				t.Errorf("it became %+v, %+v", got, got.Fault)
			}
			if c.verdict.Fault != nil && c.verdict.transient() {
				t.Error("the verdict itself was changed")
			}
		})
	}
}

func TestARouterIsBusyByItsCodesAlone(t *testing.T) {
	for code, want := range map[string]bool{
		"Operation.Blocking": true, "OperationFailed.TaskConflict": true, "Throttling.User": false, "": false,
	} {
		if got := IsRouterBusy(fmt.Errorf("x: %w", &cloud.APIError{Code: code})); got != want {
			t.Errorf("%q: %v", code, got)
		}
	}
}
