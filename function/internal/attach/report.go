package attach

import "fmt"

// Report answers an invocation. A direct caller gets the outcomes, a trigger counts.
type Report struct {
	Events   int            `json:"events"`
	Ignored  int            `json:"ignored"`
	Statuses map[Status]int `json:"statuses,omitempty"`
	Outcomes []Outcome      `json:"outcomes,omitempty"`
}

// DeliveryError fails an invocation whose results did not all reach the topic, or
// whose work was not finished in time. The platform delivers the payload again, and
// what was done already is then found done.
type DeliveryError struct {
	Unqueued    int
	Unpublished int
	Unfinished  int
	Outcomes    int
	Cause       error // of the first that could not be published
}

func (e *DeliveryError) Error() string {
	switch {
	case e.Unqueued > 0:
		return fmt.Sprintf("queueing %d messages: %v; the payload must be delivered again", e.Unqueued, e.Cause)
	case e.Unfinished > 0 && e.Cause == nil:
		return fmt.Sprintf("%d of %d events were not finished: the deadline came first, or nobody knows whether a create had its effect; the payload must be delivered again", e.Unfinished, e.Outcomes)
	case e.Cause == nil:
		return "nothing failed"
	}
	return fmt.Sprintf("publishing %d of %d outcomes: %v; the payload must be delivered again", e.Unpublished, e.Outcomes, e.Cause)
}

func (e *DeliveryError) Unwrap() error { return e.Cause }

// newReport counts what became of the items.
func newReport(results []result, direct bool) Report {
	report := Report{Statuses: map[Status]int{}}
	for _, r := range results {
		if !r.hasOutcome() {
			report.Ignored++
			continue
		}
		report.Events++
		report.Statuses[r.status()]++
		report.Outcomes = append(report.Outcomes, r.outcome)
	}
	if direct {
		report.Statuses = nil
	} else {
		report.Outcomes = nil
	}
	return report
}

// deliveryError is nil when every result is where it belongs.
func deliveryError(results []result) error {
	var failure DeliveryError
	for _, r := range results {
		if !r.hasOutcome() {
			continue
		}
		failure.Outcomes++
		switch {
		case r.verdict.unfinished:
			failure.Unfinished++
		case r.err != nil:
			failure.Unpublished++
			if failure.Cause == nil {
				failure.Cause = r.err
			}
		}
	}
	if failure.Unfinished+failure.Unpublished == 0 {
		return nil
	}
	return &failure
}
