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
	)
}
