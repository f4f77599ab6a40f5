package main

import "slices"

// attempts are breakages in the line of one event.
func attempts() []row {
	return slices.Concat(
		in(attaching+"attempt.go", row{name: "work not begun uses up an attempt",
			from: "case ctx.Err() != nil:\n\t\treturn decide.Verdict{Postponed: true}",
			to:   "case ctx.Err() != nil:\n\t\treturn t.schedule.Codes.Verdict(ctx.Err())",
		}, row{name: "no dead letter before the outcome",
			from: `if done.deadLetter, err = t.attacher.deadLetter(`,
			to:   `if _, err = t.attacher.deadLetter(`,
		}, row{name: "tags that an event names not waited for",
			from: `if err := t.schedule.Shown(t.event, connection, time.Now()); err != nil {`,
			to:   `if err := t.schedule.Shown(t.event, connection, time.Now()); false {`,
		}, row{name: "detached and attached again",
			from: `case t.event.Watch != nil:`,
			to:   `case false:`,
		}, row{name: "unknown create given up as failed",
			from: `if t.isUnsure(time.Now()) {`,
			to:   `if false {`,
		}, row{name: "unknown create taken for a failure",
			from: `t.reread = err != nil && (t.reread || cloud.EffectUnknown(err))`,
			to:   `t.reread = false`,
		}),
		in(attaching+"creating.go", row{name: "token of the first try in every attempt",
			from: `t.event.Refusals, unsure = t.event.Refusals+1, false`,
			to:   `unsure = false`,
		}, row{name: "token freed in an attempt although nobody answered",
			from: `if unsure = unsure || decide.MayHaveWorked(err); decide.FreesToken(err, unsure) {`,
			to:   `if decide.FreesToken(err, unsure) {`,
		}, row{name: "an answer taken for a reading",
			from: `return decide.Accepted(t.event, t.subject, time.Now()), nil`,
			to:   `return decide.Watching(t.event, t.subject, time.Now()), nil`,
		}, row{name: "routers not limited",
			from: `Slot: router, `,
			to:   ``,
		}),
		in(attaching+"task.go", row{name: "answered before the work",
			from: `_ = running.Wait() // what goes wrong is in the tasks`,
			to:   `go func() { _ = running.Wait() }()`,
		}, row{name: "events of one connection at once",
			from: `at, found := groupOf[t.turn]`,
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
		in(attaching+"reading.go", row{name: "one list without the watched router taken for a proof",
			from: `if at >= 0 { // else one list without it is no proof`,
			to:   "if at < 0 {\n\t\treturn decide.Skip(decide.CodeNoTarget)\n\t}\n\tif true {",
		}, row{name: "other tags end the watch",
			from: `if r.strayed = note != ""; r.strayed {`,
			to:   "if note != \"\" {\n\t\treturn none\n\t}\n\tif false {",
		}, row{name: "a connection's word on its attachment lost",
			from: `r.subject.Attachment = decide.AttachmentOf(r.event, c)`,
			to:   `r.subject.Attachment = cloud.Attachment{}`,
		}, row{name: "what was last seen of an attachment lost",
			from: `r.subject.Attachment = decide.LastSeen(r.event)`,
			to:   ``,
		}, row{name: "lookups not shared",
			from: `return r.shared.routers.get(`,
			to:   `return new(memo[key, []cloud.Router]).get(`,
		}, row{name: "a busy router not looked up again",
			from: `keyOf(r.pass, filter), func() ([]cloud.Router, error) {`,
			to:   `keyOf(0, filter), func() ([]cloud.Router, error) {`,
		}, row{name: "only the first page read",
			from: `if page.Next == "" || page.Next == cursor {`,
			to:   `if true {`,
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
		}, row{name: "bound although the tags name another router",
			from: `if t.strayed {`,
			to:   `if false {`,
		}, row{name: "what was never seen said to have vanished",
			from: `if again, ok := decide.Again(t.event); ok && !t.isUnsure(time.Now()) {`,
			to:   `if again, ok := decide.Again(t.event); false && ok {`,
		}, row{name: "a watched attachment without its id in the end",
			from: `t.subject.Attachment.ID = cmp.Or(t.subject.Attachment.ID, t.event.Watch.AttachmentID)`,
			to:   `_ = cmp.Or("", "")`,
		}, row{name: "a status that is not known taken for attached",
			from: `case a.Status != cloud.Attached: // Attaching, or a status that is not known`,
			to:   `case a.Status == cloud.Attaching:`,
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
		in(attaching+"outbox.go", row{name: "published twice",
			from: `return a.Topic.Publish(ctx, p.body, string(p.status))`,
			to: "_ = a.Topic.Publish(ctx, p.body, string(p.status))\n" +
				"\t\treturn a.Topic.Publish(ctx, p.body, string(p.status))",
		}, row{name: "final outcome lost with the topic",
			from: `if p == nil || p.err == nil || !p.keep {`,
			to:   `if true {`,
		}, row{name: "success although the follow-up could not be queued",
			from: "if err := a.queue(ctx, inv, round, \"follow-ups\"); err != nil {\n\t\treturn err\n\t}",
			to:   `_ = a.queue(ctx, inv, round, "follow-ups")`,
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
