package main

import "slices"

// foreseen are breakages by which a plan says something else than what a sweep then does.
func foreseen() []row {
	return slices.Concat(
		in(rooms+"plan/judge.go", row{name: "plan: what was attached is not looked at",
			from: `case end.ID != "" && before.TransitRouter == "":`,
			to:   `case false:`,
		}, row{name: "plan: what was bound is not looked at",
			from: `case end.ID != "" && isBoundNow(before, end):`,
			to:   `case false:`,
		}),
		in(rooms+"plan/run.go", row{name: "plan: standing attachments asked about by a dry run",
			from: `if !standing[v.ID] {`,
			to:   `if true {`,
		}),
		in(rooms+"plan/settings.go", row{name: "plan: another rule than the function's",
			from: `"TAG_PREFIX", "MATCH_TAGS", "DEFAULT_TRANSIT_ROUTER",`,
			to:   `"TAG_PREFIX", "MATCH_TAGS",`,
		}),
		in(rooms+"plan/judge.go", row{name: "plan: the last sweep left something",
			from: `r.asksForAll = o.Data.Queued == o.Data.Wanted.Count+o.Data.Drifted.Count`,
			to:   `r.asksForAll = true`,
		}, row{name: "plan: advice about dead letters that are none",
			from: `inPlan(s.Error.Advice)`,
			to:   `s.Error.Advice`,
		}, row{name: "plan: nobody says which sites are down",
			from: `c.Health = healthOf(v)`,
			to:   ``,
		}),
		in(rooms+"plan/health.go", row{name: "plan: a snapshot forgets a tunnel that is down",
			from: `one.Never = noReason`,
			to:   ``,
		}, row{name: "plan: a snapshot forgets a BGP session that is down",
			from: `one.BGP.Never = noReason`,
			to:   ``,
		}),
		in(rooms+"plan/journal.go", row{name: "plan: an old journal stays in the cache",
			from: `_ = os.Remove(one) // it is tried again the next time`,
			to:   ``,
		}),
		in("function/cmd/plan/read.go", row{name: "plan: without a file, a reading begins anew",
			from: `return plan.OpenJournal(kept)`,
			to:   `_ = kept; return nil, nil`,
		}),
		in(rooms+"standin/estate/index.go", row{name: "estate: an attachment is not found by a new tag",
			from: `		e.byTag.add(a)`,
			to:   ``,
		}, row{name: "estate: an attachment is listed twice after a new tag",
			from: `		e.byTag.drop(a)`,
			to:   ``,
		}),
		in(rooms+"standin/estate/connection.go", row{name: "estate: a new connection is not listed",
			from: `e.connections[c.ID], e.ordered = &c, nil`,
			to:   `e.connections[c.ID] = &c`,
		}, row{name: "estate: a deleted connection is listed",
			from: `	delete(e.connections, id)
	e.ordered = nil`,
			to: `	delete(e.connections, id)`,
		}),
	)
}

// handedOver are breakages of what a plan gives to others.
func handedOver() []row {
	return slices.Concat(
		in(rooms+"plan/terraform.go", row{name: "plan: Terraform would stop the routes to a site",
			from: `auto_publish_route_enabled, cen_id`,
			to:   `cen_id`,
		}),
	)
}
