package main

import "slices"

// letters are breakages in how dead letters are moved.
func letters() []row {
	return slices.Concat(
		in(rooms+"redrive/rewrite.go", row{name: "redrive: a signed message written anew",
			from: `m := Message{Body: body, Kind: "a message of another version"}`,
			to:   `m := Message{Body: encode(f), Kind: "a message of another version"}`,
		}, row{name: "redrive: an outcome moved to where it is ignored",
			from: `case strings.HasPrefix(kind, outcomes), strings.HasPrefix(kind, sweeps):`,
			to:   `case false:`,
		}, row{name: "redrive: an event keeps its id",
			from: `data["eventId"] = quoted(next(from))`,
			to:   ``,
		}, row{name: "redrive: size not looked at",
			from: `if len(m.Body) > event.MaxBody {`,
			to:   `if false {`,
		}),
		in(rooms+"redrive/move.go", row{name: "redrive: a refused letter ends the run",
			from: `return api.Status == http.StatusBadRequest || api.Status == http.StatusRequestEntityTooLarge`,
			to:   `return api.Status == http.StatusTeapot`,
		}, row{name: "redrive: a queue that denies access taken for a bad letter",
			from: `return api.Status == http.StatusBadRequest ||`,
			to:   `return api.Status == http.StatusForbidden || api.Status == http.StatusBadRequest ||`,
		}, row{name: "redrive: a letter's id printed as it is",
			from: `ids := plain(m.From)`,
			to:   `ids := m.From`,
		}, row{name: "redrive: a service's words printed as they are",
			from: `event.Printable(wrong.Error(), maxReason)`,
			to:   `wrong.Error()`,
		}),
		in(rooms+"redrive/envelope.go", row{name: "redrive: topic notifications not unwrapped",
			from: `return notified(body)`,
			to:   `return nil, "", false`,
		}),
		in("function/cmd/redrive/main.go", row{name: "redrive: endpoint taken unread",
			from: `endpoint, err := app.ParseMNSEndpoint(address)`,
			to:   `endpoint, err := url.Parse(address)`,
		}),
	)
}

// screens are breakages in what is printed on a terminal.
func screens() []row {
	return slices.Concat(
		in(rooms+"local/safe.go", row{name: "terminal: lines printed as they are",
			from: `lines[i] = event.Printable(line, len(line))`,
			to:   `lines[i] = event.Printable(line, 0) + line`,
		}, row{name: "terminal: a document that is acted on",
			from: `case !isWrong && (unicode.IsPrint(r) || r == '\n'):`,
			to:   `case !isWrong && (unicode.IsPrint(r) || r > 0):`,
		}),
		in(rooms+"local/terminal.go", row{name: "terminal: a name printed as it is",
			from: `"%s  %-24s %s  %s\n", passed, Safe(what), status, rest)`,
			to:   `"%s  %-24s %s  %s\n", passed, what, status, rest)`,
		}, row{name: "terminal: a message printed as it is",
			from: `if rest = Safe(rest); rest != ""`,
			to:   `if rest != ""`,
		}, row{name: "terminal: advice printed as it is",
			from: `t.paint(grey, Safe(beside))`,
			to:   `t.paint(grey, beside)`,
		}, row{name: "terminal: a table of texts as they are",
			from: `strings.Join(safe(cells), "\t")`,
			to:   `strings.Join(cells, "\t")`,
		}),
		in(rooms+"local/check.go", row{name: "terminal: a difference printed as it is",
			from: `SafeLines(difference)`,
			to:   `difference`,
		}),
		in("function/cmd/local/announce.go", row{name: "terminal: the environment printed as it is",
			from: `name, local.Safe(environment[name])`,
			to:   `name, environment[name]`,
		}),
	)
}
