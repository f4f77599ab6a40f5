package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Line is a line of the function's log.
type Line struct {
	Time    time.Time      `json:"time"`
	Message map[string]any `json:"message"`
}

// Lines are lines of the log, the oldest first.
type Lines []Line

// LogChoice is which lines are meant.
type LogChoice struct {
	Connection, Event string
	Kind              string // event, sweep, invocation, …
	Throttled         bool   // only invocations that a service throttled
	Since             time.Duration
	Most              int
}

// takes reports whether a line is meant.
func (c LogChoice) takes(l Line) bool {
	is := func(key, want string) bool { return want == "" || l.Message[key] == want }
	return is("connection", c.Connection) && is("eventId", c.Event) && is("message", c.Kind) &&
		(!c.Throttled || l.count("throttles") > 0)
}

// query is the choice in the language of Log Service.
func (c LogChoice) query() string {
	var parts []string
	for _, part := range [][2]string{{"connection", c.Connection}, {"eventId", c.Event}, {"message", c.Kind}} {
		if part[1] != "" {
			parts = append(parts, fmt.Sprintf("message.%s: %q", part[0], part[1]))
		}
	}
	if c.Throttled {
		parts = append(parts, "message.throttles > 0")
	}
	if len(parts) == 0 {
		return "*"
	}
	return strings.Join(parts, " and ")
}

// mostLines is how many lines Log Service gives at once.
const mostLines = 100

// Logs reads the function's log.
func (o Operator) Logs(ctx context.Context, c LogChoice) (Lines, error) {
	if c.Most == 0 || c.Most > mostLines {
		c.Most = mostLines
	}
	records, err := o.records(ctx, c)
	if err != nil {
		return nil, err
	}
	lines := Lines{}
	for _, r := range records {
		seconds, _ := strconv.ParseInt(fmt.Sprint(r["__time__"]), 10, 64) // what is no number is long ago
		l := Line{Time: time.Unix(seconds, 0)}
		text, _ := r["message"].(string)
		if json.Unmarshal([]byte(text), &l.Message) != nil {
			continue // the platform's own lines
		}
		if c.takes(l) && (c.Since == 0 || time.Since(l.Time) <= c.Since) {
			lines = append(lines, l)
		}
	}
	slices.SortStableFunc(lines, func(a, b Line) int { return a.Time.Compare(b.Time) })
	return lines[max(0, len(lines)-c.Most):], nil
}

// records are entries of Log Service; the local cloud has the same at the function itself.
func (o Operator) records(ctx context.Context, c LogChoice) ([]map[string]any, error) {
	if _, isLocal := o.Console.(Local); isLocal {
		return ask[[]map[string]any](ctx, o, o.fc("GET", "logs", ""))
	}
	f, err := o.function(ctx)
	if err != nil {
		return nil, err
	}
	since := c.Since
	if since == 0 {
		since = 24 * time.Hour
	}
	now := time.Now()
	return ask[[]map[string]any](ctx, o, Call{Service: "sls", Action: "GetLogs", Flags: []string{
		"--project", fmt.Sprintf("%s-%s-%s", o.Stack, f.account(), o.Region), "--logstore", "function",
		"--from", strconv.FormatInt(now.Add(-since).Unix(), 10), "--to", strconv.FormatInt(now.Unix(), 10),
		"--query", c.query(), "--line", strconv.Itoa(c.Most), "--reverse", "true",
	}})
}

// Tail calls with the lines that are new, every few seconds, until ctx ends.
func (o Operator) Tail(ctx context.Context, c LogChoice, tell func(Lines)) error {
	seen := map[string]bool{}
	for {
		lines, err := o.Logs(ctx, c)
		if err != nil {
			return err
		}
		var fresh Lines
		for _, l := range lines {
			if key := fmt.Sprint(l); !seen[key] {
				seen[key] = true
				fresh = append(fresh, l)
			}
		}
		tell(fresh)
		if pause(ctx, 3*time.Second) != nil {
			return nil // somebody has seen enough
		}
	}
}

// Text implements Result.
func (l Lines) Text() string {
	var text strings.Builder
	for _, line := range l {
		fmt.Fprintf(&text, "%s %s", line.Time.UTC().Format(time.RFC3339), plain(fmt.Sprint(line.Message["message"])))
		for _, key := range []string{
			"connection", "status", "seen", "reason", "actor", "code", "router", "left", "attempt", "events",
			"connections", "wanted", "amiss", "down", "throttles", "eventId", "error",
		} {
			value := fmt.Sprint(line.Message[key])
			if line.Message[key] != nil && value != "" {
				fmt.Fprintf(&text, " %s=%s", key, plain(value))
			}
		}
		text.WriteString("\n")
	}
	if len(l) == 0 {
		return "no lines\n"
	}
	return text.String()
}
