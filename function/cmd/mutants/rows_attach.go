package main

import "slices"

// attempts are breakages in the line of one event.
func attempts() []row {
	return slices.Concat(
		in(attaching+"attempt.go", row{name: "work not begun uses up an attempt",
			from: "case ctx.Err() != nil:\n\t\treturn decide.Verdict{Postponed: true}",
			to:   "case ctx.Err() != nil:\n\t\treturn t.schedule.Codes.Verdict(ctx.Err())",
		}, row{name: "no dead letter before the outcome",
			from: `if done.deadLetter, err = t.inv.deadLetter(`,
			to:   `if _, err = t.inv.deadLetter(`,
		}, row{name: "detached and attached again",
			from: `case t.event.Watch != nil:`,
			to:   `case false:`,
		}, row{name: "unknown create given up as failed",
			from: `if t.effectUnknown && verdict.Status == decide.StatusFailed {`,
			to:   `if false {`,
		}),
		in(attaching+"creating.go", row{name: "unknown create taken for a failure",
			from: `t.reread = t.effectUnknown`,
			to:   `t.reread = false`,
		}, row{name: "routers not limited",
			from: `Slot: request.RouterID, `,
			to:   ``,
		}),
		in(attaching+"task.go", row{name: "answered before the work",
			from: `_ = running.Wait() // what goes wrong is in the tasks`,
			to:   `go func() { _ = running.Wait() }()`,
		}, row{name: "events of one connection at once",
			from: `at, found := groupOf[connection]`,
			to:   `at, found := 0, false`,
		}, row{name: "newer version dropped",
			from: `t.about.ID, t.job = item.ID, a.otherVersion(inv, item)`,
			to:   `t.about.ID, t.job = item.ID, ignore{"newer"}`,
		}),
	)
}

// reads are breakages in how the cloud is read.
func reads() []row {
	return slices.Concat(
		in(attaching+"reading.go", row{name: "lookups not shared",
			from: `return r.shared.routers.get(`,
			to:   `return new(memo[key, []cloud.Router]).get(`,
		}, row{name: "a busy router not looked up again",
			from: `keyOf(r.pass, filter), func() ([]cloud.Router, error) {`,
			to:   `keyOf(0, filter), func() ([]cloud.Router, error) {`,
		}, row{name: "only the first page read",
			from: `if page.Next == "" || page.Next == cursor {`,
			to:   `if true {`,
		}, row{name: "a producer's clock that says what is gone",
			from: `time.Since(r.event.FirstSeen) > readAgain`,
			to:   `time.Since(r.event.Time) > readAgain`,
		}, row{name: "another account read as our own",
			from: `DescribeConnection(ctx, r.foreign(),`,
			to:   `DescribeConnection(ctx, "",`,
		}, row{name: "grant not asked for",
			from: `return decide.Granted(grants, filter, r.inv.Function)`,
			to:   "_ = decide.Granted(grants, filter, r.inv.Function)\n\treturn nil",
		}, row{name: "consent for the wrong account",
			from: `r.rules.Consent(target, router, r.event.OwnerID)`,
			to:   `r.rules.Consent(target, router, r.inv.AccountID)`,
		}),
		in(attaching+"shared.go", row{name: "lookups told apart by the number of their tags",
			from: `fmt.Sprintf("%q", f.Tags)}`,
			to:   `fmt.Sprint(len(f.Tags))}`,
		}),
		in(attaching+"attachments.go", row{name: "watched attachments that share nothing",
			from: `return r.among(page.Items, c), err`,
			to:   "_, _ = page, err\n\treturn cloud.Attachment{}, nil",
		}),
	)
}

// watches are breakages in how an attachment is watched.
func watches() []row {
	return slices.Concat(
		in(attaching+"watching.go", row{name: "attached before its route tables are done",
			from: `if pending {`,
			to:   `if false && pending {`,
		}),
		in(attaching+"detaching.go", row{name: "a detach that is not watched",
			from: "= cloud.Detaching\n\treturn decide.Watching(t.event, t.subject, time.Now()), nil",
			to:   "= cloud.Detaching\n\treturn decide.Verdict{Status: decide.StatusDetached}, nil",
		}),
	)
}

// effects are breakages in what is sent, and in which order.
func effects() []row {
	return slices.Concat(
		in(attaching+"jobs.go", row{name: "what is not understood lost",
			from: `case m.Letter == nil || a.DeadLetters == nil:`,
			to:   `case true:`,
		}),
		in(decision+"owner.go", row{name: "gone from an account that was only assumed",
			from: `if e.OwnerAssumed && len(r.ServedAccounts(f)) > 1 {`,
			to:   `if false {`,
		}),
		in(rooms+"app/environment.go", row{name: "dead letters into the event queue",
			from: `if events == deadLetters && events != "" {`,
			to:   `if false {`,
		}),
		in(attaching+"outbox.go", row{name: "published twice",
			from: `return a.Topic.Publish(ctx, p.body, string(p.status))`,
			to: "_ = a.Topic.Publish(ctx, p.body, string(p.status))\n" +
				"\t\treturn a.Topic.Publish(ctx, p.body, string(p.status))",
		}, row{name: "final outcome lost with the topic",
			from: `if p == nil || p.err == nil || !p.keep {`,
			to:   `if true {`,
		}, row{name: "success although the follow-up could not be queued",
			from: "if err := a.queue(ctx, requeue, deadLetters, \"follow-ups\"); err != nil {\n\t\treturn err\n\t}",
			to:   `_ = a.queue(ctx, requeue, deadLetters, "follow-ups")`,
		}, row{name: "copies not collapsed",
			from: `i, found := at[f.copyOf]`,
			to:   `i, found := at[f.copyOf]; found = false`,
		}),
		in(attaching+"jobs.go", row{name: "a report made anew",
			from: `.Final(), body: r.Body,`,
			to:   `.Final(), body: append(r.Body[:len(r.Body):len(r.Body)], ' '),`,
		}),
	)
}

// sweeps are breakages in a sweep.
func sweeps() []row {
	return in(attaching+"sweep.go", row{name: "members not swept",
		from: `range s.rules.ServedAccounts(s.inv.Function) {`,
		to:   `range []string{s.inv.AccountID} {`,
	}, row{name: "a sweep asks for all at once",
		from: ` || counts.Queued >= s.most`,
		to:   ``,
	}, row{name: "a dry sweep asks all the same",
		from: `return s.asked.DryRun || s.rules.DryRun`,
		to:   `return s.rules.DryRun`,
	})
}
