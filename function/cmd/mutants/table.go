package main

import "slices"

// Where the rooms are.
const (
	rooms     = "function/internal/"
	eventRoom = rooms + "event/"
	decision  = rooms + "decide/"
	attaching = rooms + "attach/"
	paceRoom  = rooms + "pace/"
	standIn   = rooms + "standin/"
)

// table lists every breakage.
func table() []row {
	rows := slices.Concat(
		decoding(), requests(),
		targets(), tables(), plans(), waits(), codes(), detaches(),
		attempts(), reads(), watches(), effects(), sweeps(),
		calls(), adapters(), clients(), letters(), verbs(), looks(), screens(), desk(), keepings(), extraOperations(),
		standIns(), forgeries(), forms(), floods(), neighbours(), healthRows(), noteRows(), stacks(), serverless(),
		readings(), permissions(), times(), deployed(), foreseen(), handedOver(), strangers(), deploying(),
		running(),
	)
	return slices.Concat(rows, storms(), inStorms(rows))
}

// tripped are the breakages of the other rows that a storm must notice too, and by which invariant.
func tripped() map[string]string {
	return map[string]string{
		"a detach that is not watched":                       "truthful",
		"success although the follow-up could not be queued": "final-outcome",
		"copies not collapsed":                               "bounded",
		"answered before the work":                           "final-outcome",
		"attached before its route tables are done":          "truthful",
		"no dead letter before the outcome":                  "dead-letters",
		"attaching never watched":                            "final-outcome",
	}
}

// inStorms gives those rows once more, for a storm to judge.
func inStorms(rows []row) (again []row) {
	invariants := tripped()
	for _, r := range rows {
		if invariant, found := invariants[r.name]; found {
			r.name, r.by = "soak: "+r.name, storm{invariant}
			again = append(again, r)
		}
	}
	return again
}

// storms are breakages that only a soak of the function as a process is asked about: the invariant that it must trip.
func storms() []row {
	return slices.Concat(
		in(attaching+"sweep.go", row{name: "soak: sweeps that ask for nothing", by: storm{"attached-once"},
			from: `if s.mode != decide.SweepAttach ||`,
			to:   `if true ||`,
		}),
		in(attaching+"creating.go", row{name: "soak: another token for every try", by: storm{"no-self-refusal"},
			from: `id, err = t.attacher.Writer.CreateAttachment(ctx, request)`,
			to: "request.ClientToken = decide.Digest(time.Now().String())\n" +
				"\t\tid, err = t.attacher.Writer.CreateAttachment(ctx, request)",
		}),
		in(attaching+"watching.go", row{name: "soak: one empty list taken for gone", by: storm{"truthful"},
			from: `if found.ID == "" { // the connection knows better than a list that does not show it`,
			to: "if found.ID == \"\" {\n" +
				"\t\treturn decide.Verdict{}, decide.Vanished(c, t.subject.Router, \"not listed\")\n" +
				"\t}\n\tif found.ID == \"\" {",
		}),
		in(eventRoom+"own.go", row{name: "soak: one id for all that is published later", by: storm{"ids-repeat"},
			from: `Attempt: attempt, Body: data})`,
			to:   `Body: json.RawMessage(strings.Replace(string(data), id, digest(nil), 1))})`,
		}),
		in(decision+"plan.go", row{name: "soak: random client token", by: storm{"one-token"},
			from: "\t}\n\treturn Digest(parts...)",
			to:   "\t}\n\treturn Digest(append(parts, fmt.Sprintf(\"%p\", new(int)))...)",
		}),
		in(decision+"next.go", row{name: "soak: a retry that never ends", by: storm{"queue-empty"},
			from: `if !now.Before(e.Until) || !now.Before(e.Failing.Since.Add(s.patience(fault))) {`,
			to:   `if false {`,
		}),
	)
}
