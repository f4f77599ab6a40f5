package main

import "slices"

// calls are breakages in how a call is made.
func calls() []row {
	return slices.Concat(
		in(rooms+"cbn/cbn.go", row{name: "attachments asked for in pages that are too large",
			from: `attachmentsPerPage = 50`,
			to:   `attachmentsPerPage = 100`,
		}, row{name: "bindings asked for in pages that are too large",
			from: `bindingsPerPage    = 50`,
			to:   `bindingsPerPage    = 100`,
		}),
		in(paceRoom+"pace.go", row{name: "transient errors not retried",
			from: `if err == nil || p.Retryable == nil || !p.Retryable(err) || try >= p.Tries && !c.Patient {`,
			to:   `if true {`,
		}, row{name: "endless wait for a throttle",
			from: `if pause > maxPause || limited`,
			to:   `if limited`,
		}),
		in(paceRoom+"quota.go", row{name: "no pace",
			from: `g.limiter.ReserveN(now, 1)`,
			to:   `g.limiter.ReserveN(now, 0)`,
		}, row{name: "throttles not learnt from",
			from: `g.share = max(g.share/2, leastShare)`,
			to:   ``,
		}, row{name: "turned away all at once",
			from: `g.latest = g.latest.Add(step)`,
			to:   ``,
		}),
	)
}

// adapters are breakages in how the services are reached.
func adapters() []row {
	return slices.Concat(
		in(rooms+"mns/send.go", row{name: "half a batch taken for all",
			from: `if entry.ErrorCode != "" {`,
			to:   `if false {`,
		}),
		in(rooms+"mns/mns.go", row{name: "publishing repeated by the SDK",
			from: "\tclient.SetTransport(over)\n",
			to:   "\n",
		}),
		in(rooms+"cbn/cbn.go", row{name: "empty answer taken for a success",
			from: `if err == nil && id == "" {`,
			to:   `if false {`,
		}),
		in(rooms+"aliyun/roles.go", row{name: "a role assumed for every call",
			from: `if time.Until(s.expires) > renewBefore {`,
			to:   `if false {`,
		}),
		in(rooms+"app/app.go", row{name: "credentials of the start kept",
			from: `a.credentials.Set(key.AccessKeyId, key.AccessKeySecret, key.SecurityToken)`,
			to:   `_ = key`,
		}),
	)
}
