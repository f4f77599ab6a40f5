package main

import "slices"

// noteRows are breakages by which a note of an outcome would cost too much, or say what is not so.
func noteRows() []row {
	return slices.Concat(
		in(attaching+"neighbours.go", row{name: "notes: the CEN asked although the router's list gives the warning",
			from: `if page.Total <= 1 {`,
			to:   `if true {`,
		}, row{name: "notes: an outcome waits for them as for any call",
			from: `limited, cancel := context.WithTimeout(ctx, networksTime)`,
			to:   `limited, cancel := context.WithCancel(ctx)`,
		}, row{name: "notes: asked for again when refused for a moment",
			from: `Action: cloud.ActionNetworks, Once: true}`,
			to:   `Action: cloud.ActionNetworks}`,
		}, row{name: "notes: each event asks for itself",
			from: `all, err := t.shared.networks.get(filter.CenID, func()`,
			to:   `all, err := new(memo[string, []cloud.Network]).get(filter.CenID, func()`,
		}, row{name: "notes: a missing permission not said",
			from: `t.schedule.Codes.Fault(err).Code, granting(err)))`,
			to:   `t.schedule.Codes.Fault(err).Code, ""))`,
		}),
		in(decision+"neighbours.go", row{name: "notes: any network is a reason to warn",
			from: `[]string{cloud.NetworkVBR, cloud.NetworkCCN}`,
			to:   `[]string{cloud.NetworkVPC, cloud.NetworkVBR, cloud.NetworkCCN}`,
		}, row{name: "notes: a network that is being detached counts",
			from: `if n.Status != cloud.Detaching {`,
			to:   `if true {`,
		}),
	)
}
