package main

import "slices"

// targets are breakages in what is admitted, and which transit router and route tables are found.
func targets() []row {
	return slices.Concat(
		in(decision+"admit.go", row{name: "region taken as given",
			from: `if !slices.Contains(r.ServedRegions(f), e.RegionID) {`,
			to:   `if false {`,
		}, row{name: "account taken as given",
			from: `if !slices.Contains(r.ServedAccounts(f), e.OwnerID) {`,
			to:   `if false {`,
		}, row{name: "a message believed about its history",
			from: `e.Attempt = min(max(e.Attempt, 1), MaxAttempt)`,
			to:   ``,
		}),
		in(decision+"target.go", row{name: "consent ignored",
			from: `if !r.RequireConsent || t.trusted {`,
			to:   `if true {`,
		}, row{name: "consent of a list with another word",
			from: `case strange != "":`,
			to:   `case false:`,
		}, row{name: "consent in another spelling",
			from: `return word == "any" || word == "*"`,
			to:   `return strings.EqualFold(word, "any") || word == "*"`,
		}, row{name: "a number that is no account taken for one",
			from: `isEverybody(word) || event.IsAccountID(word)`,
			to:   `isEverybody(word) || event.IsAccountID(word) || strings.Trim(word, "0123456789") == ""`,
		}, row{name: "first of the list taken unmatched",
			from: `case t.matches(router):`,
			to:   `case len(matching) == 0:`,
		}, row{name: "Basic Edition router of a CEN taken",
			from: `(f.CenID != router.CenID || router.Type != cloud.TypeEnterprise)`,
			to:   `f.CenID != router.CenID`,
		}, row{name: "opt-out overruled by a request",
			from: `if r.optedOut(c) { // a request cannot overrule it`,
			to:   `if false {`,
		}),
		in(decision+"preflight.go", row{name: "moved although attached elsewhere",
			from: `if c.TransitRouterID == router.ID {`,
			to:   `if c.TransitRouterID != "" {`,
		}, row{name: "missing CIDR block not noticed",
			from: `case len(router.CIDRs) == 0:`,
			to:   `case false:`,
		}),
	)
}

// tables are breakages in which route tables are found, and in what their consent is worth.
func tables() []row {
	return slices.Concat(
		in(decision+"tables.go", row{name: "associated elsewhere and moved",
			from: "case !here && binding.Stands():\n",
			to:   "case !here && false:\n",
		}, row{name: "associated elsewhere with what was deleted",
			from: "case binding.AttachmentID != attachmentID, w.Kind == cloud.Propagation && !here,\n" +
				"\t\t\tbinding.Status == cloud.StatusDeleted:",
			to: `case binding.AttachmentID != attachmentID, w.Kind == cloud.Propagation && !here:`,
		}, row{name: "associated elsewhere with what is dissociated",
			from: `case !here && binding.Stands():`,
			to:   `case !here:`,
		}, row{name: "route table without consent",
			from: "if !r.RequireConsent {",
			to:   "if true {",
		}, row{name: "consent of a route table's list with another word",
			from: `case strange != "":`,
			to:   `case false:`,
		}),
		in(decision+"rules.go", row{name: "a strange word repeated as it is",
			from: `strconv.Quote(event.Printable(word, 128))`,
			to:   `word`,
		}),
	)
}

// plans are breakages in what is asked for.
func plans() []row {
	return in(decision+"plan.go", row{name: "token without the router",
		from: `e.ID, r.ConnectionID, r.RouterID, r.RegionID,`,
		to:   `e.ID, r.ConnectionID, r.RegionID,`,
	}, row{name: "client token that changes",
		from: "\t}\n\treturn Digest(parts...)",
		to:   "\t}\n\treturn Digest(append(parts, fmt.Sprintf(\"%p\", &parts))...)",
	}, row{name: "zone sent in dual-tunnel mode",
		from: `zone != "" && c.DualTunnel {`,
		to:   `zone != "" && origin == "" {`,
	}, row{name: "token of the zone kept without it",
		from: "p.Request.Zone = \"\"\n\tp.Request.ClientToken = clientToken(e, p.Request)",
		to:   `p.Request.Zone = ""`,
	}, row{name: "dry run made in earnest",
		from: `AutoPublish: publish, DryRun: e.DryRun,`,
		to:   `AutoPublish: publish,`,
	})
}

// waits are breakages in what follows an attempt.
func waits() []row {
	return slices.Concat(
		in(decision+"next.go", row{name: "the last failure forgotten when the rest of the time is waited for",
			from: `case e.Failing.Code != "":`,
			to:   `case false:`,
		}, row{name: "attaching never watched",
			from: `case v.Watch != nil:`,
			to:   `case false:`,
		}, row{name: "jitter that differs between copies",
			from: `fmt.Sprint(n))...)[:8])`,
			to:   `fmt.Sprintf("%d %p", n, &wait))...)[:8])`,
		}, row{name: "bound of a message believed",
			from: `e.Until.IsZero() || end.Before(e.Until)`,
			to:   `e.Until.IsZero()`,
		}, row{name: "a binding refused for good said to be a missing attachment",
			from: `stands := n.Fault != nil && n.Attachment.Status == cloud.Attached && !e.Detach`,
			to:   `stands := false`,
		}),
		in(decision+"watch.go", row{name: "one empty list taken for gone",
			from: `if v.Watch.AbsentSince.IsZero() {`,
			to:   `if false {`,
		}, row{name: "what was seen and went created again",
			from: `if w.Seen != "" || w.AttachmentID == "" || e.Unseen != "" {`,
			to:   `if w.AttachmentID == "" || e.Unseen != "" {`,
		}, row{name: "created again without end",
			from: `if w.Seen != "" || w.AttachmentID == "" || e.Unseen != "" {`,
			to:   `if w.Seen != "" || w.AttachmentID == "" {`,
		}, row{name: "other tags than before not noted",
			from: `case t.matches(router), !isListed && t.Filter.RouterID == "":`,
			to:   `case true:`,
		}),
		in(decision+"shown.go", row{name: "tags of any kind waited for",
			from: `if strings.HasPrefix(key, r.TagPrefix) || slices.Contains(r.MatchTags, key) {`,
			to:   `if true {`,
		}, row{name: "tags that an event names waited for without end",
			from: `if len(missing) == 0 || now.Sub(e.FirstSeen) >= s.patience(s.Codes.Fault(end)) {`,
			to:   `if len(missing) == 0 {`,
		}, row{name: "another value of a tag taken for the one that was put",
			from: `if !found || strings.TrimSpace(shown) != strings.TrimSpace(e.Tags[key]) {`,
			to:   `if _ = shown; !found {`,
		}),
		in(decision+"plan.go", row{name: "one token for what is gone and what is to be",
			from: `parts = append(parts, "unseen", e.Unseen)`,
			to:   ``,
		}),
	)
}

// codes are breakages in what is known of errors.
func codes() []row {
	return slices.Concat(
		in(decision+"fault.go", row{name: "a row of another action taken",
			from: `range []name{{action, code}, {"", code}} {`,
			to:   `range []name{{"", code}, {action, code}} {`,
		}, row{name: "a short family before a longer one",
			from: `for end := len(answer.Code); end > 0; end-- {`,
			to:   `for end := 1; end < len(answer.Code); end++ {`,
		}, row{name: "every fault of a session taken for its role",
			from: `&& found.action == "" {`,
			to:   `{`,
		}),
		in(decision+"fault.go", row{name: "every request for a wrong id looked for again and again",
			from: `&& !strings.Contains(e.Type, ":ActionTrail:") {`,
			to:   `&& false {`,
		}),
		in(decision+"token.go", row{name: "token that is known to have failed kept",
			from: `return cloud.HasCode(err, CodeIdempotentFailed)`,
			to:   `return false`,
		}),
		classes(),
	)
}

// classes are breakages in the code table.
func classes() []row {
	return in(decision+"codes.md", row{name: "one list without a route table taken for a proof",
		from: `| RouteTableUnknown   | retry     |`,
		to:   `| RouteTableUnknown   | operator  |`,
	}, row{name: "one list without a grant taken for a proof",
		from: `| GrantMissing        | retry     |`,
		to:   `| GrantMissing        | operator  |`,
	}, row{name: "two classes swapped",
		from: `| Operation.Blocking                        | retry     |`,
		to:   `| Operation.Blocking                        | operator  |`,
	}, row{name: "doubtful codes retried for the horizon",
		from: `| HTTP 400               | retry     | 1/48        | operator |`,
		to:   `| HTTP 400               | retry     |             |          |`,
	}, row{name: "one list without a router taken for a proof",
		from: `| TargetNotFound      | retry     | 1/1440      | permanent |`,
		to:   `| TargetNotFound      | permanent |             |           |`,
	}, row{name: "a conflict taken for the end",
		from: `| HTTP 409               | retry     |`,
		to:   `| HTTP 409               | permanent |`,
	}, row{name: "what exists already retried blindly",
		from: `| AssociationExist.*                | reconcile |`,
		to:   `| AssociationExist.*                | retry     |`,
	}, row{name: "a documented code without a row",
		from: `| OperationFailed.RouteEntryExist            |`,
		to:   `| OperationFailed.Else                       |`,
	})
}

// detaches are breakages in what may be detached.
func detaches() []row {
	return in(decision+"detach.go", row{name: "detached although it is not ours",
		from: `case !r.IsOurs(a, c.ID):`,
		to:   `case false:`,
	}, row{name: "detached although nobody said so",
		from: `case e.Force:`,
		to:   `case true:`,
	}, row{name: "another attachment detached",
		from: `return e.Watch != nil && e.Watch.AttachmentID != a.ID`,
		to:   `return false`,
	})
}
