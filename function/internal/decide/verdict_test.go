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
