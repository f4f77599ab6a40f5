package decide

import (
	"errors"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Subject is what an outcome is about, as far as the work for its event came.
type Subject struct {
	Rule       string // in words, why this transit router
	Router     cloud.Router
	Attachment cloud.Attachment
	Tables     *TablesBrief
	Notes      []string // sentences about what else was found
}

// Verdict is how the work for one event ended: what its outcome says beyond who and when.
type Verdict struct {
	Subject
	Status Status
	Reason string // for skipped a code, for attaching what is waited for
	Fault  *Fault

	Watch     *event.Watch  // the attachment is looked at again later
	Wait      time.Duration // what the service asked to wait before the next try
	Postponed bool          // the work did not begin, or was held back: it costs no attempt
	Warnings  []string      // for the log: which tags and defaults were overridden
}

// Verdict turns the error that ended the work into a verdict.
func (c Codes) Verdict(err error) Verdict {
	v := Verdict{Status: StatusFailed}
	var end *End
	if errors.As(err, &end) {
		v.Status = end.Status
	}
	if v.Status == StatusSkipped {
		v.Reason = end.Code
		return v
	}
	fault := c.Fault(err)
	v.Fault = &fault
	var api *cloud.APIError
	if errors.As(err, &api) {
		v.Wait, v.Postponed = api.RetryAfter, api.Code == CodeHeldBack
	}
	return v
}

// Unproven makes a verdict that would end the event one that retries it: a call may have had its effect, and the next
// reading has to tell.
func (c Codes) Unproven(v Verdict) Verdict {
	ends := v.Status == StatusFailed || v.Status == StatusSkipped || v.Status == StatusConflict
	if !ends || v.Postponed {
		return v
	}
	if v.Fault == nil {
		unproven := c.Verdict(Fail(CodeNoAnswer,
			"a call that attaches or detaches had no answer; until its effect shows the event is not %s", v.Status))
		v.Fault = unproven.Fault
	}
	fault := *v.Fault
	fault.Class = ClassRetry
	v.Status, v.Reason, v.Fault = StatusFailed, "", &fault
	return v
}

// IsRouterBusy reports whether a service refused a call because of what else goes on at the transit router: the next
// call for that router is refused as well.
func IsRouterBusy(err error) bool {
	return cloud.HasCode(err, "Operation.Blocking") || cloud.HasCode(err, "OperationFailed.TaskConflict")
}

// transient reports whether a retry may end otherwise.
func (v Verdict) transient() bool { return v.Fault != nil && v.Fault.Class == ClassRetry }
