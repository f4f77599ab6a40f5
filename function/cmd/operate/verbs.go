package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"vpn-attach/function/internal/operate"
)

// verb is something that an operator does.
type verb struct {
	name, arguments string
	help            string // its first line is its summary
	flags           string // groups of flags beside those that all have
	least, most     int    // arguments
	do              func(context.Context, job) (ended, error)
}

// job is a verb with what it was given.
type job struct {
	operate.Operator
	program
	options options
	rest    []string
}

// ended is what came of a verb. When it is wrong, the exit status says so; the program of a verb has its own.
type ended struct {
	result operate.Result
	wrong  bool
	status int
}

func (v verb) synopsis() string {
	return strings.TrimSpace(strings.Join([]string{v.name, "[flags]", v.arguments}, " "))
}

func verbNamed(name string) (verb, bool) {
	for _, v := range verbs() {
		if v.name == name {
			return v, true
		}
	}
	return verb{}, false
}

// summaries is the list of verbs, a line each.
func summaries() string {
	var text strings.Builder
	for _, v := range verbs() {
		first, _, _ := strings.Cut(v.help, "\n")
		fmt.Fprintf(&text, "  %-9s %s\n", v.name, first)
	}
	return text.String()
}

// verbs are all of them, in the order of the help.
func verbs() []verb {
	return append(append(lookingVerbs(), queueVerbs()...), append(requestVerbs(), changingVerbs()...)...)
}

func lookingVerbs() []verb {
	return []verb{
		{name: "status", help: "version, pause, settings, triggers, queues, alarms, and what to look at next",
			do: func(ctx context.Context, j job) (ended, error) {
				s, err := j.Status(ctx)
				return shown(s, err, false)
			}},
		{name: "doctor", help: "walks the way of an event and says the first thing that is wrong, with its fix",
			do: func(ctx context.Context, j job) (ended, error) {
				d, err := j.Doctor(ctx)
				return shown(d, err, d.Wrong())
			}},
		{name: "logs", flags: "logs", help: "lines of the function's log, the last hundred at most",
			do: func(ctx context.Context, j job) (ended, error) {
				c := j.options.lines()
				if j.options.tail {
					return ended{}, j.Tail(ctx, c, func(l operate.Lines) {
						if len(l) > 0 {
							_, _ = io.WriteString(j.out, l.Text()) // there is nobody else to tell
						}
					})
				}
				lines, err := j.Logs(ctx, c)
				return shown(lines, err, false)
			}},
	}
}

func queueVerbs() []verb {
	return []verb{
		{name: "inbox", flags: "dry choice ack",
			help: "what needs a person: cause, advice, since when; --ack when it is done\n\n" +
				"Failed and conflicting events, and sites that are down, wait here for a week. While the list is\n" +
				"made, nobody else sees the messages.",
			do: func(ctx context.Context, j job) (ended, error) {
				i, err := j.Inbox(ctx, j.options.choice(), j.options.ack && !j.options.dryRun)
				i.DryRun = j.options.ack && j.options.dryRun
				return shown(i, err, j.options.ack && i.Held > 0)
			}},
		{name: "letters", flags: "choice", help: "dead letters by cause: age, code, message, advice\n\n" +
			"Of what others wrote nothing is shown but ids: there may be a key in it.",
			do: func(ctx context.Context, j job) (ended, error) {
				l, err := j.Letters(ctx, j.options.choice())
				return shown(l, err, false)
			}},
		{name: "redrive", flags: "choice dry",
			help: "moves dead letters back to the event queue, the oldest first\n\n" +
				"Fix the cause first. What the function wrote goes back byte for byte, since it is signed. All else\n" +
				"gets a new event id, <event id>#<n>, so that subscribers do not take its second ending for a\n" +
				"duplicate. A letter that cannot be moved stays where it is, is named and counted, and the others\n" +
				"are moved.",
			do: func(ctx context.Context, j job) (ended, error) {
				r, err := j.Redrive(ctx, j.options.choice(), j.options.dryRun)
				return shown(r, err, r.Left+r.Held > 0)
			}},
	}
}

func requestVerbs() []verb {
	return []verb{
		{name: "attach", arguments: "VCO", flags: "dry request router", least: 1, most: 1,
			help: "attaches a connection now, as its tags say", do: asking(attachRequest)},
		{name: "detach", arguments: "VCO", flags: "dry request force", least: 1, most: 1,
			help: "detaches a connection that is tagged none and that the function attached",
			do:   asking(detachRequest)},
		{name: "sweep", flags: "dry", help: "compares all connections with their tags now", do: asking(sweepRequest)},
		{name: "health", arguments: "VCO", flags: "request", least: 1, most: 1,
			help: "whether the tunnels of a connection are up, and who must act", do: asking(healthRequest)},
		{name: "plan", flags: "plan", do: plan,
			help: "what the function would do to every connection, with the settings that are live\n\n" +
				"Runs scripts/plan with the region and the deployed function; before the first deployment with\n" +
				"template.yml. It makes read calls only. Its flags are handed on: scripts/plan --help tells them.\n\n" +
				"Exit status, as of scripts/plan: 0 nothing to do, 2 something would change, 1 an error, or not\n" +
				"everything could be read."},
	}
}

// asking invokes the function with a request, and is wrong when somebody must act on the answer.
func asking(request func(job) map[string]any) func(context.Context, job) (ended, error) {
	return func(ctx context.Context, j job) (ended, error) {
		answer, err := j.Invoke(ctx, request(j))
		return shown(answer, err, answer.Failed())
	}
}

func attachRequest(j job) map[string]any {
	request := j.about(j.rest[0])
	if j.options.router != "" {
		request["transitRouterId"] = j.options.router
	}
	request["dryRun"] = j.options.dryRun
	return request
}

func detachRequest(j job) map[string]any {
	request := j.about(j.rest[0])
	request["dryRun"] = j.options.dryRun
	if j.options.force {
		request["force"] = true
	}
	return map[string]any{"detach": request}
}

func sweepRequest(j job) map[string]any {
	return map[string]any{"sweep": map[string]any{"dryRun": j.options.dryRun}}
}

func healthRequest(j job) map[string]any { return map[string]any{"health": j.about(j.rest[0])} }

// about is a request about a connection.
func (j job) about(connection string) map[string]any {
	request := map[string]any{"vpnConnectionId": connection}
	if j.options.regionID != "" {
		request["regionId"] = j.options.regionID
	}
	return request
}

// shown is a result unless there was an error. What an error left is shown as well.
func shown(result operate.Result, err error, wrong bool) (ended, error) {
	if err != nil {
		return ended{}, err
	}
	return ended{result: result, wrong: wrong}, nil
}
