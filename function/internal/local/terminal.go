package local

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"
	"time"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fc"
)

// Terminal tells a person what happens: a line as it happens, a table at the end.
type Terminal struct {
	Out    io.Writer
	Colour bool // only where a terminal shows it

	mu      sync.Mutex
	started time.Time
}

// The colours of what went well, what a person must see, and what is only told.
const (
	green  = "32"
	yellow = "33"
	red    = "31"
	grey   = "90"
)

func (t *Terminal) paint(colour, text string) string {
	if !t.Colour || colour == "" {
		return text
	}
	return "\x1b[" + colour + "m" + text + "\x1b[0m"
}

// line prints one thing that happened, with the time since the first: what it happened to, its status, the rest, and in
// grey what is beside it.
func (t *Terminal) line(colour, what, status, rest, beside string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.started.IsZero() {
		t.started = time.Now()
	}
	passed := t.paint(grey, fmt.Sprintf("%7.2fs", time.Since(t.started).Seconds()))
	status = t.paint(colour, fmt.Sprintf("%-11s", Safe(status)))
	if rest = Safe(rest); rest != "" && beside != "" {
		rest += "  "
	}
	if beside != "" {
		rest += t.paint(grey, Safe(beside))
	}
	fmt.Fprintf(t.Out, "%s  %-24s %s  %s\n", passed, Safe(what), status, rest)
}

// Watch gives the callbacks that print what happens.
func (t *Terminal) Watch() Watch {
	return Watch{Attachment: t.attachment, Push: t.push, Output: t.output, Waiting: t.waiting}
}

// Outcome prints an outcome as the topic's subscriber received it.
func (t *Terminal) Outcome(body string) {
	var o decide.Outcome
	if json.Unmarshal([]byte(body), &o) != nil {
		t.line(red, "outcome", "unreadable", body, "")
		return
	}
	if o.Type == event.TypeHealth {
		t.health(body)
		return
	}
	took := fmt.Sprintf("%d ms", o.Data.DurationMs)
	t.line(colourOf(o.Data), orDash(o.Subject), string(o.Data.Status), summary(o.Data), took)
	if o.Data.Error != nil && o.Data.Error.Advice != "" {
		t.line("", "", "", "", "→ "+o.Data.Error.Advice)
	}
}

// health prints whether a connection carries traffic.
func (t *Terminal) health(body string) {
	h, colour := healthOf(body), green
	if h.Data.State != decide.HealthUp {
		colour = red
	}
	up := 0
	for _, tunnel := range h.Data.Tunnels {
		if tunnel.IPsec == "up" {
			up++
		}
	}
	rest := fmt.Sprintf("%d of %s", up, count(len(h.Data.Tunnels), "tunnel"))
	if h.Data.Reason != "" {
		rest += "; " + h.Data.Reason + ": " + h.Data.Cause
	}
	t.line(colour, orDash(h.Subject), string(h.Data.State), rest, count(h.Data.Looks, "look"))
	if h.Data.Advice != "" {
		t.line("", "", "", "", "→ "+h.Data.Advice)
	}
}

// healthOf reads a document of the health of a connection; without one it is empty.
func healthOf(body string) (h decide.HealthOutcome) {
	_ = json.Unmarshal([]byte(body), &h) // an outcome is read by its own fields
	return h
}

func (t *Terminal) attachment(a estate.Attachment) {
	if a.Status == "Attached" {
		t.line(green, a.Connection, "Attached", "to "+a.Router, "")
	}
}

func (t *Terminal) push(p fc.Push) {
	if failure := p.Invocation.Failure; failure != nil {
		t.line(red, "invocation", failure.Type, fmt.Sprintf("%s; %s", failure.Message, p.Next), "")
	}
}

// output passes on what the function says beside its log: why it could not start.
func (t *Terminal) output(_, stream, line string) {
	if stream == "stderr" {
		t.line(red, "function", "stderr", line, "")
	}
}

func (t *Terminal) waiting(left string) { t.line(grey, "", "waiting", left, "") }

func colourOf(data decide.OutcomeData) string {
	switch data.Status {
	case decide.StatusFailed:
		return red
	case decide.StatusConflict:
		return yellow
	case decide.StatusSkipped:
		return grey
	}
	return green
}

// summary says in one phrase where an outcome's connection went, or why not.
func summary(data decide.OutcomeData) string {
	switch {
	case data.Error != nil:
		return data.Error.Code + ": " + data.Error.Message
	case data.Reason != "":
		return strings.TrimSpace(data.Reason + "  " + data.Rule)
	}
	if data.Rule == "" {
		return data.RouterID
	}
	return fmt.Sprintf("%s  (%s)", data.RouterID, data.Rule)
}

// Table prints the end of a replay from the cloud's own records.
func (t *Terminal) Table(d Document) {
	if len(d.Outcomes) > 0 {
		fmt.Fprintln(t.Out)
		table := tabwriter.NewWriter(t.Out, 0, 0, 2, ' ', 0)
		fmt.Fprintln(table, "CONNECTION\tOUTCOME\tTRANSIT ROUTER\tATTACHMENT\tNOW\tCODE")
		for _, raw := range d.Outcomes {
			var o decide.Outcome
			if json.Unmarshal(raw, &o) == nil {
				status := cmp.Or(string(o.Data.Status), string(healthOf(string(raw)).Data.State))
				cells := []string{
					orDash(o.Subject), status, orDash(o.Data.RouterID), orDash(o.Data.AttachmentID),
					orDash(d.statusOf(o.Subject)), orDash(code(o.Data)),
				}
				fmt.Fprintln(table, strings.Join(safe(cells), "\t"))
			}
		}
		table.Flush()
	}
	fmt.Fprintf(t.Out, "\n%s, %s, %s, %s in %.2f s\n",
		count(len(d.Outcomes), "outcome"), count(len(d.Attachments), "attachment"),
		count(d.Invocations, "invocation"), count(len(d.DeadLetters), "dead letter"), d.Took.Seconds())
	var calls []string
	for _, action := range slices.Sorted(maps.Keys(d.Calls)) {
		calls = append(calls, fmt.Sprintf("%s %d", Safe(action), d.Calls[action]))
	}
	fmt.Fprintf(t.Out, "calls: %s\n", strings.Join(calls, ", "))
	for _, alarm := range d.Alarms {
		if alarm.State == AlarmRinging {
			fmt.Fprintln(t.Out, t.paint(red, "an alarm would ring: "+Safe(alarm.Name)))
		}
	}
	if d.Memory.Exceeded {
		fmt.Fprintln(t.Out, t.paint(red, fmt.Sprintf("memory: %d MB, the template allows %d", d.Memory.PeakMB,
			d.Memory.LimitMB)))
	}
}

// safe makes every text fit for a terminal.
func safe(texts []string) []string {
	for i, text := range texts {
		texts[i] = Safe(text)
	}
	return texts
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// statusOf is what the cloud says at the end of a connection's attachment.
func (d Document) statusOf(connectionID string) string {
	for _, a := range d.Attachments {
		if a.ConnectionID == connectionID {
			return a.Status
		}
	}
	return ""
}

func code(data decide.OutcomeData) string {
	if data.Error != nil {
		return data.Error.Code
	}
	return data.Reason
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return s
}
