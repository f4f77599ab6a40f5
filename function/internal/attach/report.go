package attach

import "fmt"

// Report answers an invocation. A direct caller gets the outcomes, a trigger counts.
type Report struct {
	Events   int            `json:"events"`
	Ignored  int            `json:"ignored"`
	Queued   int            `json:"queued,omitempty"` // go on later, without news
	Statuses map[Status]int `json:"statuses,omitempty"`
	Outcomes []Outcome      `json:"outcomes,omitempty"`
	Sweeps   []SweepOutcome `json:"sweeps,omitempty"`
}

// DeliveryError fails an invocation that could not queue what must not be lost. The platform
// delivers the payload again, and what was done already is then found done.
type DeliveryError struct {
	Unqueued int
	What     string // follow-ups, dead letters, or finished outcomes that could not be published
	Cause    error
}

func (e *DeliveryError) Error() string {
	return fmt.Sprintf("queueing %d %s: %v; the payload must be delivered again", e.Unqueued, e.What, e.Cause)
}

func (e *DeliveryError) Unwrap() error { return e.Cause }

// newReport counts what became of the items.
func newReport(results []result, direct bool) Report {
	report := Report{Statuses: map[Status]int{}}
	for _, r := range results {
		switch {
		case r.item.Ignored != "":
			report.Ignored++
			continue
		case r.silent:
			report.Queued++
			continue
		}
		report.Events++
		report.Statuses[r.status()]++
		if r.swept != nil {
			report.Sweeps = append(report.Sweeps, *r.swept)
		} else {
			report.Outcomes = append(report.Outcomes, r.outcome)
		}
	}
	if direct {
		report.Statuses = nil
	} else {
		report.Outcomes, report.Sweeps = nil, nil
	}
	return report
}
