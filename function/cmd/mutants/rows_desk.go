package main

import "slices"

// desk are breakages in the page of the local cloud and what it asks for.
func desk() []row {
	local := rooms + "local/"
	return slices.Concat(
		in(local+"page.go", row{name: "page: another site may change things",
			from: `if r.Header.Get("Origin") != "http://"+r.Host || !isJSON {`,
			to:   `if !isJSON {`,
		}, row{name: "page: a form of another site may change things",
			from: `if r.Header.Get("Origin") != "http://"+r.Host || !isJSON {`,
			to:   `if isJSON = true; r.Header.Get("Origin") != "http://"+r.Host || !isJSON {`,
		}, row{name: "page: any name leads to it",
			from: `if !isOwnHost(r.Host) {`,
			to:   `if false {`,
		}),
		in(local+"needs.go", row{name: "page: a command that a shell reads otherwise",
			from: "word = \"'\" + strings.ReplaceAll(word, \"'\", `'\\''`) + \"'\"",
			to:   `word = "'" + word + "'"`,
		}, row{name: "page: a command with what nobody sees",
			from: `if Safe(word) != word || len(word) > 1000 {`,
			to:   `if len(word) > 1000 {`,
		}),
		in(local+"book.go", row{name: "page: a dry run taken for what became of a connection",
			from: `if !told.DryRun {`,
			to:   `if true {`,
		}, row{name: "page: a conflict that looks like a success",
			from: `return ConditionConflict
	}`,
			to: `return ConditionAttached
	}`,
		}),
		in(local+"served.go", row{name: "serve: a reset that forgets the key that was printed",
			from: `environment["FOLLOW_UP_KEY"] = old.FollowUpKey`,
			to:   ``,
		}, row{name: "serve: a long poll waits at a queue that is gone",
			from: `defer context.AfterFunc(now.life, cancel)()`,
			to:   ``,
		}),
		in(rooms+"standin/mns/snapshot.go", row{name: "mns: saved messages that forget their deliveries",
			from: `DequeueCount: kept.Deliveries,`,
			to:   ``,
		}),
		in(rooms+"standin/fault/injector.go", row{name: "fault: probability not looked at",
			from: `if p.fault.Probability > 0 && p.chance.Float64() >= p.fault.Probability {`,
			to:   `if false {`,
		}),
	)
}

// keepings are breakages in what the local cloud tells of itself: its queues, its log, cases and what is saved.
func keepings() []row {
	local := rooms + "local/"
	return slices.Concat(
		in(local+"look.go", row{name: "page: a queue shown with its keys",
			from: `Body: event.Blank(m.Body),`,
			to:   `Body: event.Blank("") + m.Body,`,
		}),
		in(rooms+"event/blank.go", row{name: "blank: a text inside a message shown with its keys",
			from: `return blankedText(value, depth)`,
			to:   `return value`,
		}, row{name: "blank: words that name a key shown",
			from: `return utf8.ValidString(message) && !mentionsKey(message) && !isOpaque(message, 0)`,
			to:   `return utf8.ValidString(message) && !isOpaque(message, 0)`,
		}, row{name: "blank: words that name none blanked",
			from: `|| isWords(message) ||`,
			to:   `||`,
		}),
		in(local+"control.go", row{name: "page: a queue that is not there taken for an empty one",
			from: `if !slices.Contains(c.Queues.QueueNames(), name) {`,
			to:   `if false {`,
		}),
		in(local+"diary.go", row{name: "export: a case silent about what no step does",
			from: `d.setAside(x.Arrived, x.Action, aboutOf(x.URL, x.Body))`,
			to:   `_ = aboutOf(x.URL, x.Body)`,
		}),
		in(local+"fccalls.go", row{name: "page: a request log of invocations alone",
			from: `	c.desk.calls.add(call)
`,
			to: `	if operation == fc.InvokeFunction {
		c.desk.calls.add(call)
	}
`,
		}),
		in(local+"export.go", row{name: "export: a case with a pre-shared key",
			from: `v.PSK = exportedPSK`,
			to:   ``,
		}),
		in(local+"save.go", row{name: "save: without the key of the messages",
			from: `spec.Function.Environment = map[string]string{"FOLLOW_UP_KEY": c.Variables()["FOLLOW_UP_KEY"]}`,
			to:   `spec.Function.Environment = map[string]string{}`,
		}),
	)
}
