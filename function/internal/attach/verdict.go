package attach

// Verdict is how the work for one event ended: what its outcome says beyond who and
// when. Stages hand one back to end the line; nil means go on.
type Verdict struct {
	Status     Status
	Rule       string // why this transit router
	Reason     string // for skipped: a code
	Router     Router
	Attachment Attachment
	Fault      *Fault

	warnings   []string // for the log: what gave way
	again      bool     // the state may be another in a moment: read it again
	unfinished bool     // no end is known yet: time ran out, or a create was never answered
}

func skipped(reason, rule string) *Verdict {
	return &Verdict{Status: StatusSkipped, Reason: reason, Rule: rule}
}

func failed(rule string, fault Fault) *Verdict {
	fault.Message = printable(fault.Message)
	return &Verdict{Status: StatusFailed, Rule: rule, Fault: &fault}
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
	fault.Exhausted = fault.Class == ClassRetry
	if fault.Advice == "" {
		fault.Advice = known.Advice
	}
	v.Fault = &fault
	return v
}
