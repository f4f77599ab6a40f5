package operate

import (
	"context"
	"fmt"
	"strings"

	"vpn-attach/function/internal/redrive"
)

// Redriven is what became of dead letters.
type Redriven struct {
	Moved  int      `json:"moved"`
	Left   int      `json:"left"`
	DryRun bool     `json:"dryRun"`
	Held   int      `json:"held"`  // that somebody else reads just now
	Lines  []string `json:"lines"` // one for each
	inbox  string   // the command that lists what was refused and is no dead letter
}

// Redrive moves dead letters of a choice back to the event queue. With DryRun it says what it would move, of all that
// there are.
func (o Operator) Redrive(ctx context.Context, c Choice, dryRun bool) (Redriven, error) {
	q, err := o.reach(ctx)
	if err != nil {
		return Redriven{}, err
	}
	var lines strings.Builder
	held := o.held(ctx, q.letters)
	o.say("moving dead letters of %s to %s", q.letters.Name, q.events.Name)
	count, err := redrive.Move(ctx, q.letters, q.events.Queue, redrive.Options{
		Max: c.Most, DryRun: dryRun, Out: &lines, Chosen: c.takes,
	})
	r := Redriven{Moved: count.Moved, Left: count.Left, DryRun: dryRun, Held: held, Lines: []string{},
		inbox: o.command("inbox")}
	for line := range strings.Lines(lines.String()) {
		r.Lines = append(r.Lines, strings.TrimSuffix(line, "\n"))
	}
	return r, missingQueue(q.letters, err)
}

// Text implements Result.
func (r Redriven) Text() string {
	done := "moved"
	if r.DryRun {
		done = "would be moved"
	}
	var text strings.Builder
	shown := 0
	for _, line := range r.Lines {
		if stays := strings.HasPrefix(line, "left "); !stays {
			if shown++; shown > mostMoved {
				continue // what stays is always named
			}
		}
		text.WriteString(line + "\n")
	}
	if shown > mostMoved {
		fmt.Fprintf(&text, "… and %d more (--json has them all)\n", shown-mostMoved)
	}
	fmt.Fprintf(&text, "%d %s, %d left\n", r.Moved, done, r.Left)
	text.WriteString(heldText(r.Held))
	if r.Moved+r.Left+r.Held == 0 {
		text.WriteString("nothing was retried: there is no such dead letter; " +
			"what was refused has its command in: " + r.inbox + "\n")
	}
	return text.String()
}

// mostMoved is how many of the letters that were moved are named.
const mostMoved = 20
