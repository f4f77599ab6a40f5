package soak

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"text/tabwriter"
	"time"
)

// fullSize is the number of events from which on everything must occur, including each crash point: with fewer events
// too few attachments are deleted.
const fullSize = 2000

// Result is the outcome of a soak.
type Result struct {
	Seed        uint64
	Events      int
	Connections int
	Messages    int // fed, with duplicates and poison
	Duplicates  int
	Poison      int
	Lost        int // events that never came
	Sweeps      int // outcomes of sweeps
	Outcomes    int
	Invocations int
	FollowUps   int // messages that the function queued for itself
	Overlaps    int // a message in two invocations at once
	Faults      map[string]int
	Kills       map[string]int // by crash point
	DeadLetters int
	Took        time.Duration
	Violations  []Violation
}

// judge counts, and checks every invariant.
func (r *record) judge(took time.Duration) Result {
	r.mu.Lock()
	defer r.mu.Unlock()
	p := r.plan
	result := Result{
		Seed: p.options.Seed, Events: len(p.events), Connections: len(p.connections), Messages: len(p.messages),
		Poison: p.poison, Lost: p.lost, Outcomes: len(r.outcomes), Invocations: len(r.deliveries),
		Overlaps: r.overlaps(), Faults: r.faults, Kills: r.kills, DeadLetters: len(r.document.DeadLetters), Took: took,
	}
	for _, m := range p.messages {
		if m.duplicate {
			result.Duplicates++
		}
	}
	for _, o := range r.outcomes {
		if o.Data.Status == "swept" {
			result.Sweeps++
		}
	}
	for _, n := range r.messages {
		result.FollowUps += n
	}
	for _, i := range invariants() {
		i.judge(r, func(format string, args ...any) { result.violate(i.name, format, args...) })
	}
	result.checkSize()
	return result
}

func (r *Result) violate(invariant, format string, args ...any) {
	r.Violations = append(r.Violations, Violation{invariant, fmt.Sprintf(format, args...)})
}

// checkSize reports what did not occur in a storm of full size: then it proves less than it says.
func (r *Result) checkSize() {
	if r.Events+r.Lost < fullSize {
		return
	}
	for _, action := range effects() {
		for _, moment := range []string{"before", "after"} {
			if r.Kills[moment+" "+action] == 0 {
				r.violate("crash-points", "no death %s %s", moment, action)
			}
		}
	}
	for name, n := range map[string]int{
		"faults": len(r.Faults), "overlaps": r.Overlaps, "duplicates": r.Duplicates, "poison": r.Poison,
		"dead letters": r.DeadLetters, "lost events": r.Lost, "sweeps": r.Sweeps,
	} {
		if n == 0 {
			r.violate("counts", "there were no %s", name)
		}
	}
}

// overlaps counts the messages that two invocations handled at once.
func (r *record) overlaps() (n int) {
	byMessage := map[string][]delivery{}
	for _, d := range r.deliveries {
		for _, id := range d.messages {
			for _, other := range byMessage[id] {
				if d.began.Before(other.ended) && other.began.Before(d.ended) {
					n++
				}
			}
			byMessage[id] = append(byMessage[id], d)
		}
	}
	return n
}

// shown is how many violations of one invariant are printed.
const shown = 20

// Table prints the closing table.
func (r Result) Table(out io.Writer) {
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(name string, value any) { fmt.Fprintf(table, "%s\t%v\n", name, value) }
	row("seed", r.Seed)
	row("events, connections", fmt.Sprintf("%d, and %d lost; %d", r.Events, r.Lost, r.Connections))
	row("sweeps", r.Sweeps)
	row("messages fed", fmt.Sprintf("%d, of them %d duplicates, %d malformed", r.Messages, r.Duplicates, r.Poison))
	row("invocations, overlaps", fmt.Sprintf("%d, %d", r.Invocations, r.Overlaps))
	row("follow-ups queued", r.FollowUps)
	row("outcomes received", r.Outcomes)
	row("dead letters", r.DeadLetters)
	for _, name := range slices.Sorted(maps.Keys(r.Faults)) {
		row("fault: "+name, r.Faults[name])
	}
	for _, point := range slices.Sorted(maps.Keys(r.Kills)) {
		row("killed "+point, r.Kills[point])
	}
	row("took", r.Took.Round(time.Second/10))
	count := map[string]int{}
	for _, v := range r.Violations {
		count[v.Invariant]++
	}
	for _, i := range invariants() {
		verdict := "holds"
		if n := count[i.name]; n > 0 {
			verdict = fmt.Sprintf("BROKEN %d times", n)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", i.name, verdict, i.holds)
	}
	table.Flush()
	clear(count)
	for _, v := range r.Violations {
		if count[v.Invariant]++; count[v.Invariant] <= shown {
			fmt.Fprintf(out, "%s: %s\n", v.Invariant, v.Detail)
		}
	}
}
