package main

import "slices"

// verbs are breakages of the operator's command.
func verbs() []row {
	return slices.Concat(
		in(rooms+"operate/set.go", row{name: "operate: a setting has the newest code run",
			from: `if source != "" && s.parameters["CodeObject"] != codeObject(source) {`,
			to:   `if source == "" {`,
		}, row{name: "operate: a setting starts what was paused",
			from: `pairs = append(pairs, started(!isPaused(triggers)))`,
			to:   `pairs = append(pairs, started(len(triggers) > 0))`,
		}, row{name: "operate: a setting that the function refuses is made",
			from: `if len(fresh) > 0 {`,
			to:   `if len(fresh) > 99 {`,
		}),
		in(rooms+"operate/upload.go", row{name: "operate: code is put into a bucket of another account",
			from: `if err != nil || owner == nil || string(owner[1]) != r.account {`,
			to:   `if err != nil || owner == nil {`,
		}),
		in(rooms+"operate/deploy.go", row{name: "operate: a deployment starts what was paused",
			from: `r.paused = isPaused(triggers)`,
			to:   `r.paused = isPaused(triggers[:0])`,
		}, row{name: "operate: every deployment changes the key",
			from: `if hasKey && !r.options.NewKey {`,
			to:   `if hasKey && r.options.NewKey {`,
		}),
		in(rooms+"operate/inbox.go", row{name: "operate: a look at the inbox empties it",
			from: `if ack {`,
			to:   `if ack || task.ID != "" {`,
		}),
		in(rooms+"standin/fc/trigger.go", row{name: "local cloud: a stopped trigger goes on",
			from: `if t.Gate == nil {`,
			to:   `if t.Gate == nil || t.Name != "" {`,
		}),
	)
}

// looks are breakages of what an operator sees, and of what it is made of.
func looks() []row {
	return slices.Concat(
		in(rooms+"operate/plan.go", row{name: "operate: a plan with the settings of code that is not live",
			from: `o.Stack + ":" + alias`,
			to:   `o.Stack + alias[:0]`,
		}),
		in(rooms+"operate/doctorquotas.go", row{name: "operate: a full transit router is well",
			from: `found(what, nil, r.Left == 0,`,
			to:   `found(what, nil, r.Left < 0,`,
		}, row{name: "operate: a function that is throttled all day is well",
			from: `len(lines) > mostThrottled`,
			to:   `len(lines) > mostThrottled*99`,
		}),
		in(rooms+"operate/doctortold.go", row{name: "operate: a contact without an address hears of alarms",
			from: `if address != "" {`,
			to:   `if address != "-" {`,
		}),
		in(rooms+"attach/log.go", row{name: "log: no places after a sweep",
			from: "\ts.logPlaces(log)\n",
			to:   "",
		}),
		in(rooms+"pace/counts.go", row{name: "pace: throttles are not counted",
			from: `p.throttles.Add(1)`,
			to:   `p.throttles.Add(0)`,
		}),
		in("template.yml", row{name: "template: an alarm on a field that is not indexed",
			by:   theCase("delivery/alarms"),
			from: `- {Name: published, Type: text`,
			to:   `- {Name: publishes, Type: text`,
		}, row{name: "template: a chart of a field of no line", by: stackTests{theCases().pattern},
			from: `sum("message.throttles")`,
			to:   `sum("message.attempt")`,
		}),
	)
}
