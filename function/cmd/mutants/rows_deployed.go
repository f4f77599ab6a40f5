package main

import "slices"

// deployed are words of template.yml that no event shows, each with the test that shows what the word decides, and
// breakages in how that is judged.
func deployed() []row {
	ends := stackTests{"TestAFunctionThatThePlatformCouldNotRun"}
	unheard, wider := theCase("delivery/alarms"), stackTests{"TestCasesInVirtualTime"}
	return slices.Concat(in("template.yml", row{name: "template: a runtime that does not run Go", by: ends,
		from: `Runtime: go1`,
		to:   `Runtime: custom`,
	}, row{name: "template: a handler that the code does not have", by: ends,
		from: `Handler: main`,
		to:   `Handler: index`,
	}, row{name: "template: a function without the internet", by: ends,
		from: `InternetAccess: true`,
		to:   `InternetAccess: false`,
	}, row{name: "template: small outcomes only", by: stackTests{"TestATopicTakes"},
		from: "TopicName: {'Fn::Sub': '${Name}-outcomes'}\n      MaximumMessageSize: 65536",
		to:   "TopicName: {'Fn::Sub': '${Name}-outcomes'}\n      MaximumMessageSize: 1024",
	}, row{name: "template: the webhook is not told of what is down", by: stackTests{"TestTheWebhook"},
		from: "FilterTag: down\n\n",
		to:   "FilterTag: dark\n\n",
	}, row{name: "template: creations lost when the queue is down for an hour", by: stackTests{"TestWhatAQueueRefuses"},
		from: "PushRetryStrategy: EXPONENTIAL_DECAY_RETRY\n          ErrorsTolerance: ALL\n          ParamList",
		to:   "PushRetryStrategy: BACKOFF_RETRY\n          ErrorsTolerance: ALL\n          ParamList",
	}, row{name: "template: an alarm on the log of nobody", by: unheard,
		from: "Store: function\n              TimeSpanType: Custom\n              Start: '-3600s'",
		to:   "Store: functions\n              TimeSpanType: Custom\n              Start: '-3600s'",
	}, row{name: "template: an alarm that looks away most of the time", by: unheard,
		from: "'An event took too long to its outcome'\n        Type: Alert\n        State: Enabled\n" +
			"        Schedule: {Type: FixedRate, Interval: 5m}",
		to: "'An event took too long to its outcome'\n        Type: Alert\n        State: Enabled\n" +
			"        Schedule: {Type: FixedRate, Interval: 5h}",
	}, row{name: "template: unpublished outcomes that nobody hears of", by: unheard,
		from: `Condition: 'n >= 2'`,
		to:   `Condition: 'n >= 20'`,
	}, row{name: "template: finds of sweeps that nobody hears of", by: unheard,
		from: `- count(distinct "message.connection") as n`,
		to:   `- count(distinct "message.eventId") as n`,
	}, row{name: "template: a day's events that nobody counts", by: unheard,
		from: `"message.swept" = 'false') as n`,
		to:   `"message.swept" = 'true') as n`,
	}, row{name: "template: the connections of everybody", by: wider,
		from: `acs:vpc:*:${ALIYUN::TenantId}:vpnconnection/*`,
		to:   `acs:vpc:*:*:vpnconnection/*`,
	}), in(standIn+"ram/ledger.go", row{name: "ram: a grant as wide as somebody likes",
		by:   stackTests{"TestAWiderAndANarrower"},
		from: `if d.Action == g.Action && matches(d.Resource, g.Resource) {`,
		to:   `if d.Action != "" {`,
	}), in(rooms+"local/logstore.go", row{name: "local: alarms on any log",
		from: `query.Store != s.name ||`,
		to:   ``,
	}, row{name: "local: alarms that may look away",
		from: `if -window < every {`,
		to:   `if false {`,
	}), in(rooms+"local/metric.go", row{name: "local: alarms on any function",
		from: `if of["functionName"] != c.deployed.FunctionName ||`,
		to:   `if`,
	}), in(rooms+"template/functions.go", row{name: "template room: one condition is enough for all",
		from: `return some && (all || isOr), nil`,
		to:   `return some, nil`,
	}), in(rooms+"local/memory.go", row{name: "local: more memory than the template allows",
		from: `if !m.Exceeded {`,
		to:   `if true {`,
	}))
}
