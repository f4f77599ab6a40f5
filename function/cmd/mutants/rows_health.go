package main

import "slices"

// healthRows are breakages by which nobody, or everybody, would be told that a connection carries no traffic.
func healthRows() []row {
	return slices.Concat(
		in(decision+"health.go", row{name: "health: one tunnel taken for all",
			from: `case whole == len(tunnels):`,
			to:   `case whole > 0:`,
		}, row{name: "health: BGP that is down does not count",
			from: `if t.BGP != wordDown && t.HealthCheck != wordDown {`,
			to:   `if t.HealthCheck != wordDown {`,
		}, row{name: "health: phase 1 taken for traffic",
			from: `return wordUp, wordDown`,
			to:   `return wordUp, wordUp`,
		}, row{name: "health: what is up is diagnosed",
			from: `		if t.IPsec == wordUp {
			continue
		}
		ask = true`,
			to: `		if t.IPsec == "" {
			continue
		}
		ask = true`,
		}, row{name: "health: an id that depends on the state",
			from: `event.TypeHealth, fmt.Sprint(e.Health.Asked)}`,
			to:   `event.TypeHealth, fmt.Sprint(e.Health.Asked), string(h.State)}`,
		}),
		in(decision+"reasons.go", row{name: "health: a key told as a parameter",
			from: `return slices.Contains(algorithms(), plain)`,
			to:   `return plain != "" || slices.Contains(algorithms(), plain)`,
		}, row{name: "health: a parameter told of every reason",
			from: `	return false
}

// isAddress`,
			to: `	return true
}

// isAddress`,
		}),
		in(decision+"checkup.go", row{name: "health: looks without end",
			from: `case out.State == HealthUp || out.Looks >= len(looksAt()):`,
			to:   `case out.State == HealthUp:`,
		}, row{name: "health: one reading is proof",
			from: `case !isThere && (h.Asked || h.Missed):`,
			to:   `case !isThere:`,
		}, row{name: "health: a dry run is looked at",
			from: `if s.HealthTimeout == 0 || e.DryRun || e.Detach || !isDone {`,
			to:   `if s.HealthTimeout == 0 || e.Detach || !isDone {`,
		}, row{name: "health: a diagnosis that is refused for good is repeated",
			from: `if fault.Class != ClassRetry || h.Failures >= maxDiagnoses || h.Asked {`,
			to:   `if h.Failures >= maxDiagnoses || h.Asked {`,
		}),
		in(eventRoom+"health.go", row{name: "health: asked for through the queue",
			from: `if from.queued {`,
			to:   `if false {`,
		}),
		in(eventRoom+"decode.go", row{name: "health: a document that comes back is refused",
			from: `has(TypeHealth) && has("tunnels") ||`,
			to:   ``,
		}),
	)
}
