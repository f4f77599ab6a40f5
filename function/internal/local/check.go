package local

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
)

// parallelCases is how many clouds run at once. They mostly wait: no speed shortens the function's own retries.
const parallelCases = 10

// silence is how long nothing is printed at most.
const silence = 4 * time.Second

// result is what a case came to.
type result struct {
	document    Document
	differences []string
}

// Check plays the cases, several at once, and prints each as soon as it and all before it have ended. It gives the
// number of those that failed.
func (t *Terminal) Check(ctx context.Context, cases []Case, o Options) (failed int) {
	results := playAll(ctx, cases, Start, o)
	theme := ""
	for i, one := range cases {
		if one.Theme != theme {
			theme = one.Theme
			fmt.Fprintln(t.Out, Safe(theme))
		}
		came := t.await(one.Name, results[i])
		t.verdict(one.Name, came)
		if len(came.differences) > 0 {
			failed++
		}
	}
	fmt.Fprintf(t.Out, "%d passed, %d failed\n", len(cases)-failed, failed)
	return failed
}

// playAll has the cases play, those that take longest first.
func playAll(ctx context.Context, cases []Case, start Starter, o Options) []chan result {
	results := make([]chan result, len(cases))
	order := make([]int, len(cases))
	for i := range cases {
		results[i], order[i] = make(chan result, 1), i
	}
	long := func(i int) float64 { return cases[i].Spec.AttachSeconds + cases[i].Spec.DetachSeconds }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(long(b), long(a)) })
	next := make(chan int, len(order))
	for _, i := range order {
		next <- i
	}
	close(next)
	for range parallelCases {
		go func() {
			for i := range next {
				document, differences := cases[i].Run(ctx, start, o, CaseTimeout, nil)
				results[i] <- result{document, differences}
			}
		}()
	}
	return results
}

// await waits for a case, and says so when that takes long.
func (t *Terminal) await(name string, results <-chan result) result {
	started, tick := time.Now(), time.NewTicker(silence)
	defer tick.Stop()
	for {
		select {
		case came := <-results:
			return came
		case <-tick.C:
			waited := fmt.Sprintf("      waiting for %s, %.0f s", Safe(name), time.Since(started).Seconds())
			fmt.Fprintln(t.Out, t.paint(grey, waited))
		}
	}
}

func (t *Terminal) verdict(name string, r result) {
	word := t.paint(green, "ok  ")
	if len(r.differences) > 0 {
		word = t.paint(red, "FAIL")
	}
	took := t.paint(grey, fmt.Sprintf("%5.2f s", r.document.Took.Seconds()))
	fmt.Fprintf(t.Out, "%s  %-50s %s  %s\n", word, Safe(name), took, Safe(r.document.tally()))
	t.Differences(r.differences)
}

// Differences prints what did not come out as expected.
func (t *Terminal) Differences(differences []string) {
	for _, difference := range differences {
		fmt.Fprintf(t.Out, "        %s\n", SafeLines(difference))
	}
}

// tally says in a phrase what a case came to: its outcomes and attachments.
func (d Document) tally() string {
	var parts []string
	for _, fields := range flattened(d.Outcomes) {
		part, _ := fields["status"].(string)
		if state, isHealth := fields["state"].(string); isHealth {
			part = state
		}
		if code, _ := fields["code"].(string); code != "" {
			part += " " + code
		}
		parts = append(parts, part)
	}
	if len(parts) == 0 {
		parts = []string{"no outcome"}
	}
	if len(parts) > 3 {
		parts = append(parts[:3], fmt.Sprintf("… %d more", len(parts)-3))
	}
	if len(d.Attachments) > 0 {
		parts = append(parts, fmt.Sprintf("→ %d %s", len(d.Attachments), d.Attachments[0].Status))
	}
	return strings.Join(parts, ", ")
}
