package attach

import (
	"encoding/json"

	"vpn-attach/function/internal/decide"
)

// Answer is what the caller of an invocation gets: a direct caller the documents, a trigger counts.
type Answer struct {
	Events   int                   `json:"events"`
	Ignored  int                   `json:"ignored"`
	Queued   int                   `json:"queued,omitempty"` // go on later, without news
	Statuses map[decide.Status]int `json:"statuses,omitempty"`
	Outcomes []json.RawMessage     `json:"outcomes,omitempty"` // decide.Outcome, as published
	Sweeps   []json.RawMessage     `json:"sweeps,omitempty"`   // decide.SweepOutcome, as published
}

// answerOf counts what became of the tasks.
func answerOf(tasks []*task, direct bool) Answer {
	answer := Answer{}
	for _, t := range tasks {
		p := t.effects.outcome
		switch {
		case t.effects.ignored:
			answer.Ignored++
		case p == nil:
			answer.Queued++
		default:
			answer.Events++
			answer.add(p, direct)
		}
	}
	return answer
}

func (a *Answer) add(p *publication, direct bool) {
	switch {
	case !direct && a.Statuses == nil:
		a.Statuses = map[decide.Status]int{p.status: 1}
	case !direct:
		a.Statuses[p.status]++
	case p.status == decide.StatusSwept:
		a.Sweeps = append(a.Sweeps, p.body)
	default:
		a.Outcomes = append(a.Outcomes, p.body)
	}
}
