package main

import "slices"

// calls are breakages in how a call is made.
func calls() []row {
	return slices.Concat(
		in(paceRoom+"pace.go", row{name: "transient errors not retried",
			from: `if err == nil || p.Retryable == nil || !p.Retryable(err) || try >= p.Tries && !c.Patient {`,
			to:   `if true {`,
		}, row{name: "endless wait for a throttle",
			from: `if pause > maxPause || limited`,
			to:   `if limited`,
		}),
		in(paceRoom+"crew.go", row{name: "an instance that is idle counted for good",
			from: `return now.Sub(at) >= memory })`,
			to:   `return false })`,
		}, row{name: "the others not counted",
			from: `s.instances++`,
			to:   ``,
		}, row{name: "a newcomer takes all",
			from: `max(all*trickle, 1.0/60)*math.Exp2(doublings)`,
			to:   `all`,
		}, row{name: "growing without news",
			from: `, float64(s.news))`,
			to:   `, 100)`,
		}, row{name: "a clump of messages taken for news",
			from: `if at.Sub(latest) >= moment {`,
			to:   `if true {`,
		}, row{name: "never new again",
			from: `now.Sub(c.worked) >= rest`,
			to:   `false`,
		}),
		in(rooms+"mns/send.go", row{name: "follow-ups behind new events",
			from: `const priority = 7`,
			to:   `const priority = 8`,
		}),
		in(paceRoom+"gate.go", row{name: "no pace",
			from: `g.limiter.ReserveN(now, 1)`,
			to:   `g.limiter.ReserveN(now, 0)`,
		}, row{name: "calls of one second not kept apart",
			from: `if g.apart > 0 {
		wait = g.slot`,
			to: `if false {
		wait = g.slot`,
		}, row{name: "a slot missed by a moment",
			from: `late > g.apart/2 {`,
			to:   `late > 0 {`,
		}, row{name: "instances call in the same slot",
			from: `own := g.apart * time.Duration(g.rank)`,
			to:   `own := time.Duration(0)`,
		}, row{name: "throttles not learnt from",
			from: `g.share = max(g.share/2, leastShare)`,
			to:   ``,
		}, row{name: "turned away all at once",
			from: `g.latest = g.latest.Add(seconds(1 / (g.equal(g.all) * g.share)))`,
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
