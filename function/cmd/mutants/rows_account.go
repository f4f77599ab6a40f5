package main

import "slices"

// deploying are breakages in what the local cloud does when somebody deploys into it.
func deploying() []row {
	return slices.Concat(
		in(standIn+"fc/release.go", row{name: "fc: a version that changes with the function",
			from: `rt.versions = append(rt.versions, &version)`,
			to:   `rt.versions = append(rt.versions, rt.latest)`,
		}, row{name: "fc: an alias that does not move",
			from: `if now.version, now.changed = version, time.Now(); !known {`,
			to:   `if now.changed = time.Now(); !known {`,
		}),
		in(standIn+"fc/invoke.go", row{name: "fc: a version runs in an instance of another",
			from: `if inst.release == of {`,
			to:   `if inst != nil {`,
		}, row{name: "fc: a bad release ends the cloud",
			from: `if of.isDeployed && errors.As(err, &ended) {`,
			to:   `if false && errors.As(err, &ended) {`,
		}),
		in(standIn+"oss/oss.go", row{name: "oss: a bucket of another account taken",
			from: `case action == "PutBucket" && b.owner != account:`,
			to:   `case false:`,
		}, row{name: "oss: any signature accepted",
			from: `case !hmac.Equal([]byte(given), []byte(Signature(secret, r))):`,
			to:   `case hmac.Equal([]byte(given), []byte(secret)):`,
		}),
		in(standIn+"ros/ros.go", row{name: "ros: parameters that are not named get their defaults",
			from: `if c.Get("UsePreviousParameters") == "true" {`,
			to:   `if false {`,
		}, row{name: "ros: a failed stack said to be complete",
			from: `one.status, one.reason = verb+"_FAILED", err.Error()`,
			to:   `one.reason = err.Error()`,
		}),
		in(standIn+"ros/read.go", row{name: "ros: a secret parameter shown",
			from: `if p.IsSecret && value != "" {`,
			to:   `if false {`,
		}),
		in(standIn+"ram/roles.go", row{name: "ram: a role of another account taken for the own",
			from: `arn := RoleARN(r.options.AccountOf(c.Caller), name)`,
			to:   `arn := RoleARN("1234567890123456", name)`,
		}),
		in(standIn+"eventbridge/rule.go", row{name: "eventbridge: a rule that is disabled takes events",
			from: `r.written.Status != statusDisabled`,
			to:   `r.written.Status != ""`,
		}),
		in(standIn+"sls/sls.go", row{name: "sls: any signature accepted",
			from: `case !hmac.Equal([]byte(given), []byte(signatureOf(secret, r))):`,
			to:   `case hmac.Equal([]byte(given), []byte(secret)):`,
		}),
	)
}

// running are breakages in what becomes of a cloud that runs.
func running() []row {
	const localRoom = rooms + "local/"
	return slices.Concat(
		in(localRoom+"deployment.go", row{name: "local: what a trigger does is changed and not seen",
			by:   stackTests{"TestWhatARunningCloud"},
			from: `if !reflect.DeepEqual(known, trigger) {`,
			to:   `if false {`,
		}, row{name: "local: an update starts what was paused", by: stackTests{"TestATriggerThatStays"},
			from: `!isThere || !reflect.DeepEqual(was, t) {`,
			to:   `isThere || !reflect.DeepEqual(was, t) {`,
		}, row{name: "local: the cloud file hides a setting", by: stackTests{"TestAVariableThatAnUpdate"},
			from: `delete(next.environment, name)`,
			to:   ``,
		}),
		in(localRoom+"queues.go", row{name: "local: a deleted stack takes its messages along",
			by:   stackTests{"TestADeletedStack"},
			from: `if r.DeletionPolicy != "Retain" && !stays[nameOf(r)] {`,
			to:   `if !stays[nameOf(r)] {`,
		}),
		in(localRoom+"code.go", row{name: "local: a program of another processor is run",
			by:   stackTests{"TestAProgramOfAnother"},
			from: `file.Machine == machines[runtime.GOARCH]`,
			to:   `file.Machine != machines["none"]`,
		}),
	)
}
