package main

import "slices"

// permissions are breakages in who may do what, and in what reaches the queue from a bus.
func permissions() []row {
	const ramRoom, busRoom, localRoom = standIn + "ram/", standIn + "eventbridge/", rooms + "local/"
	return slices.Concat(
		in(ramRoom+"policy.go", row{name: "ram: a statement that denies allows",
			from: `case s.denies:`,
			to:   `case false:`,
		}, row{name: "ram: conditions not asked",
			from: `if resource < 0 || !holdAll(s.conditions, values) {`,
			to:   `if resource < 0 {`,
		}, row{name: "ram: no grant counted as needed",
			from: `granted.Store(true)`,
			to:   ``,
		}),
		in(ramRoom+"trust.go", row{name: "ram: an account trusts all others",
			from: `p == Root(caller.account())`,
			to:   `p.Kind == kindRAM`,
		}),
		in(ramRoom+"operations.go", row{name: "ram: the first of a list alone judged",
			from: `i == 1 || r.Get(list+strconv.Itoa(i)) != ""`,
			to:   `i == 1`,
		}),
		in(busRoom+"pattern.go", row{name: "eventbridge: a pattern takes everything",
			from: `if !inner.takes(field, there) {`,
			to:   `if !inner.takes(field, there) && false {`,
		}),
		in(busRoom+"condition.go", row{name: "eventbridge: what is not there counts as anything else",
			from: `return there && !b.not.takes(value, there)`,
			to:   `return !b.not.takes(value, there)`,
		}),
		in(busRoom+"bridge.go", row{name: "eventbridge: dead letters of a rule lost",
			from: `if t.deadLetters != "" {`,
			to:   `if false {`,
		}),
		in(localRoom+"rest.go", row{name: "local: at rest although it was fed during the look",
			from: `if left == "" && isFed {`,
			to:   `if left == "" && isClosed(fed) {`,
		}),
		in(localRoom+"access.go", row{name: "local: calls not judged",
			from: `if !verdict.Allowed && refused == nil {`,
			to:   `if false {`,
		}, row{name: "local: a role that the platform may not use is used",
			from: `if verdict := trust.Judge(ram.Service(platform), nil); !verdict.Allowed {`,
			to:   `if verdict := trust.Judge(ram.Service(platform), nil); false {`,
		}),
		in(standIn+"fc/judge.go", row{name: "fc: calls of people not judged", by: stackTests{"TestACallOfAPerson"},
			from: `if denied == nil {`,
			to:   `if true {`,
		}),
		in(standIn+"estate/rpc.go", row{name: "estate: no event of a refused call",
			from: `e.trailRefusal(c, action, refusal)`,
			to:   ``,
		}),
	)
}

// times are breakages in when a timer fires, and in how long messages are said to wait.
func times() []row {
	return slices.Concat(
		in(rooms+"local/timer.go", row{name: "local: a timer that fires twice at a time",
			by:   stackTests{"TestATimerFiresOnce"},
			from: `if after.Before(next) {`,
			to:   `if false {`,
		}, row{name: "local: weeks that begin on Sunday", by: stackTests{"TestWhenATimerFires"},
			from: `days[i] = first + "-6,0"`,
			to:   `days[i] = "0," + first + "-5"`,
		}),
		in(standIn+"mns/heap.go", row{name: "mns: a queue is said to have waited since its first message",
			by:   stackTests{"TestEventsThatWaitRing"},
			from: `if q.ready.first() == nil {`,
			to:   `if q.since.IsZero() {`,
		}),
	)
}
