package operate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// Status is how a stack is.
type Status struct {
	Region      string      `json:"region"`
	Function    string      `json:"function"`
	Version     string      `json:"version"` // that the alias runs
	Versions    int         `json:"versions"`
	Code        string      `json:"codeChecksum,omitempty"`
	Paused      bool        `json:"paused"` // no trigger is started, or PAUSE is true
	Triggers    []Trigger   `json:"triggers"`
	Settings    []Setting   `json:"settings"` // that are not as they are by default
	Queues      []Waiting   `json:"queues"`
	Inbox       int         `json:"inbox"`
	DeadLetters int         `json:"deadLetters"`
	Sweep       *SweepSeen  `json:"lastSweep,omitempty"`
	Alarms      []Alarm     `json:"alarms"`
	Told        []string    `json:"told"` // who is told of alarms and outcomes
	Unknown     []string    `json:"unknown,omitempty"`
	next        [][2]string // what to look at, and the command for it
}

// Status looks at everything and changes nothing. What could not be read is among Unknown.
func (o Operator) Status(ctx context.Context) (Status, error) {
	f, err := o.function(ctx)
	if err != nil {
		return Status{}, err
	}
	s := Status{Region: o.Region, Function: o.Stack, Code: f.CodeChecksum, Alarms: []Alarm{}, Told: []string{}}
	if s.Region == "" {
		s.Region = f.region()
	}
	for what, look := range map[string]func() error{
		"settings": func() error { return s.readSettings(o, f) },
		"versions": func() error { return s.readVersions(ctx, o) },
		"triggers": func() (err error) { s.Triggers, err = o.triggers(ctx); return err },
		"queues":   func() error { return s.readQueues(ctx, o, f) },
		"log":      func() (err error) { s.Sweep, err = o.lastSweep(ctx); return err },
		"alarms":   func() (err error) { s.Alarms, err = o.alarms(ctx); return err },
		"contacts": func() (err error) { s.Told, err = o.told(ctx); return err },
	} {
		if err := look(); err != nil && !isNotLocal(err) {
			s.Unknown = append(s.Unknown, what+": "+err.Error())
		}
	}
	slices.Sort(s.Unknown)
	s.Paused = isPaused(s.Triggers) || f.EnvironmentVariables["PAUSE"] == "true"
	s.advise(o)
	return s, nil
}

func isNotLocal(err error) bool {
	var missing *NotLocalError
	return errors.As(err, &missing)
}

// region is that of the function's ARN.
func (f function) region() string {
	parts := strings.Split(f.FunctionARN, ":")
	if len(parts) < 3 {
		return ""
	}
	return parts[2]
}

func (s *Status) readSettings(o Operator, f function) error {
	t, err := o.readTemplate()
	s.Settings = t.changed(f.EnvironmentVariables)
	return err
}

func (s *Status) readVersions(ctx context.Context, o Operator) error {
	versions, err := o.versions(ctx)
	for _, v := range versions {
		if v.Live {
			s.Version = v.ID
		}
	}
	s.Versions = len(versions)
	return err
}

func (s *Status) readQueues(ctx context.Context, o Operator, f function) error {
	q, err := o.queues(f)
	if err != nil {
		return err
	}
	events, err := waiting(ctx, q.events)
	letters, lettersErr := waiting(ctx, q.letters)
	inbox, inboxErr := waiting(ctx, q.inbox)
	s.Queues = []Waiting{events, letters, inbox}
	s.DeadLetters, s.Inbox = letters.kept(), inbox.kept()
	return errors.Join(err, lettersErr, inboxErr)
}

// isPaused reports whether there are triggers, and none of them is started.
func isPaused(triggers []Trigger) bool {
	return len(triggers) > 0 && !slices.ContainsFunc(triggers, func(t Trigger) bool { return t.Started })
}

// late is how old the oldest event may be before somebody should look.
const late = 15 * time.Minute

// advise says what to look at next.
func (s *Status) advise(o Operator) {
	add := func(when bool, why, verb string, arguments ...string) {
		if when {
			s.next = append(s.next, [2]string{why, o.command(verb, arguments...)})
		}
	}
	stopped := slices.ContainsFunc(s.Triggers, func(t Trigger) bool { return !t.Started })
	add(isPaused(s.Triggers), "it is paused", "resume")
	add(s.Paused && !isPaused(s.Triggers), "PAUSE is true: every message is put back", "set", "PAUSE=false")
	add(!s.Paused && stopped, "a trigger is not started", "doctor")
	add(s.Inbox > 0, "something needs a person", "inbox")
	add(s.DeadLetters > 0, "something was given up", "letters")
	for i, q := range s.Queues {
		old := i == 0 && !q.Oldest.IsZero() && time.Since(q.Oldest) > late
		add(old && !s.Paused, "events wait for too long", "doctor")
	}
	for _, a := range s.Alarms {
		answer := o.command(a.answer(s.Function))
		has := func(next [2]string) bool { return next[1] == answer }
		rings := "an alarm rings"
		if s.emptied(a.answer(s.Function)) {
			rings = "an alarm still rings, since it looks minutes back (its queue is empty now)"
		}
		add(!slices.ContainsFunc(s.next, has), rings+": "+a.text(s.Function), a.answer(s.Function))
	}
	if s.Sweep != nil && len(s.Sweep.Routers) > 0 && s.Sweep.Routers[0].Left <= few {
		r := s.Sweep.Routers[0]
		add(true, fmt.Sprintf("transit router %s has %d places left, and this shows who needs one", r.Router, r.Left),
			"plan")
	}
}

// emptied reports whether the queue that a verb lists was read, and holds nothing.
func (s *Status) emptied(verb string) bool {
	at := slices.Index([]string{"", "letters", "inbox"}, verb) // as in Queues
	unread := slices.ContainsFunc(s.Unknown, func(what string) bool { return strings.HasPrefix(what, "queues: ") })
	if at < 0 || at >= len(s.Queues) || unread {
		return false
	}
	q := s.Queues[at]
	return q.Messages+q.InFlight+q.Delayed == 0
}

// Text implements Result.
func (s Status) Text() string {
	var text strings.Builder
	line := func(label, format string, values ...any) {
		fmt.Fprintf(&text, "%-12s %s\n", label, fmt.Sprintf(format, values...))
	}
	running := "running"
	if s.Paused {
		running = "PAUSED"
	}
	line("function", "%s in %s: %s", s.Function, s.Region, running)
	line("version", "%s of %d", cmp.Or(s.Version, "?"), s.Versions)
	for _, t := range s.Triggers {
		started := "started"
		if !t.Started {
			started = "not started"
		}
		line("trigger", "%s (%s): %s, invokes %s", plain(t.Name), plain(t.Type), started, plain(t.Qualifier))
	}
	for _, setting := range s.Settings {
		line("setting", "%s=%s (default %s)", setting.Variable, short(setting.Value), orDash(setting.Default))
	}
	for _, q := range s.Queues {
		line("queue", "%s", q.text())
	}
	if s.Sweep != nil {
		line("last sweep", "%s", s.Sweep.text())
		for _, more := range [][2]string{{"health", s.Sweep.health()}, {"places", s.Sweep.places()}} {
			if more[1] != "" {
				line(more[0], "%s", more[1])
			}
		}
	}
	for _, a := range s.Alarms {
		line("alarm", "%s", a.text(s.Function))
	}
	for _, who := range s.Told {
		line("told", "%s", plain(who))
	}
	for _, what := range s.Unknown {
		line("not known", "%s", what)
	}
	for _, next := range s.next {
		line("next", "%s: %s", next[0], next[1])
	}
	return text.String()
}

// short is a value that fits into a line.
func short(text string) string {
	const most = 60
	if cut := event.Printable(text, most); cut != text {
		return cut + "…"
	}
	return text
}

func (w Waiting) text() string {
	more := ""
	if w.More {
		more = " or more"
	}
	text := fmt.Sprintf("%s: %d%s", w.Queue, w.Messages, more)
	if w.Delayed > 0 {
		text += fmt.Sprintf(", %d delayed", w.Delayed)
	}
	if w.InFlight > 0 {
		text += fmt.Sprintf(", %d in flight", w.InFlight)
	}
	if !w.Oldest.IsZero() {
		text += ", the oldest " + age(w.Oldest) + " old"
	}
	return text
}
