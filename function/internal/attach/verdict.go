package attach

import (
	"time"

	"vpn-attach/function/internal/event"
)

// Verdict is how the work for one event ended: what its outcome says beyond who and
// when. Stages hand one back to end the line; nil means go on.
type Verdict struct {
	Status     Status
	Rule       string // why this transit router
	Reason     string // for skipped: a code; for attaching: what is waited for
	Router     Router
	Attachment Attachment
	Tables     *TablesBrief
	Fault      *Fault

	following *event.Following // the attachment is looked at again later
	wait      time.Duration    // what the service asked to wait before another try
	warnings  []string         // for the log: what gave way
	again     bool             // the state may be another in a moment: read it again
	postponed bool             // the deadline came before the work began
}

func skipped(reason, rule string) *Verdict {
	return &Verdict{Status: StatusSkipped, Reason: reason, Rule: rule}
}

func failed(rule string, fault Fault) *Verdict {
	fault.Message = printable(fault.Message)
	return &Verdict{Status: StatusFailed, Rule: rule, Fault: &fault}
}

// passing reports whether another try may end otherwise.
func (v Verdict) passing() bool { return v.Fault != nil && v.Fault.Class == ClassRetry }

// about adds what the verdict is about.
func (v Verdict) about(rule string, router Router, attachment Attachment) Verdict {
	v.Rule, v.Router, v.Attachment = rule, router, attachment
	return v
}

// completed fills in what the error table knows of a verdict's code.
func (v Verdict) completed(table ErrorTable) Verdict {
	if v.Fault == nil || v.Fault.Class != "" {
		return v
	}
	fault := *v.Fault
	known := table.Lookup(fault.Code, fault.HTTPStatus)
	fault.Class = known.Class
	if known.Class == ClassReconcile { // everything has been read again by now
		fault.Class = ClassRetry
	}
	if fault.Advice == "" {
		fault.Advice = known.Advice
	}
	v.Fault = &fault
	return v
}
