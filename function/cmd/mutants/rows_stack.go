package main

import "slices"

// stacks are words of template.yml that are wrong, each with the case that plays what the word decides.
func stacks() []row {
	return slices.Concat(stackQueues(), stackTriggers(), stackVariables(), stackRules(), stackKeys())
}

// stackQueues are words of the queues and the subscription.
func stackQueues() []row {
	return in("template.yml", row{name: "template: visibility shorter than the pushes of a batch",
		by:   theCase("delivery/slow-pushes"),
		from: `VisibilityTimeout: 360`,
		to:   `VisibilityTimeout: 36`,
	}, row{name: "template: messages forgotten before they are due", by: theCase("hostile/report-from-the-future"),
		from: "MessageRetentionPeriod: 604800\n      MaximumMessageSize: 65536\n  DeadLetterQueue:",
		to:   "MessageRetentionPeriod: 604\n      MaximumMessageSize: 65536\n  DeadLetterQueue:",
	}, row{name: "template: small messages only", by: theCase("shapes/through-the-rules"),
		from: "MaximumMessageSize: 65536\n  DeadLetterQueue:",
		to:   "MaximumMessageSize: 1024\n  DeadLetterQueue:",
	}, row{name: "template: no subscription", by: theCase("shapes/through-the-rules"),
		from: "Condition: HasOutcomeQueue\n    DependsOn: OutcomeQueueOfTopic",
		to:   "Condition: HasFilterTag\n    DependsOn: OutcomeQueueOfTopic",
	}, row{name: "template: a subscription of a queue that is not there", by: theCase("shapes/through-the-rules"),
		from: `:queues/${Name}-outcomes'}`,
		to:   `:queues/${Name}-outcome'}`,
	}, row{name: "template: outcomes in an envelope", by: theCase("shapes/through-the-rules"),
		from: "queues/${Name}-outcomes'}\n      NotifyContentFormat: SIMPLIFIED",
		to:   "queues/${Name}-outcomes'}\n      NotifyContentFormat: JSON",
	}, row{name: "template: a filter on the outcomes that nobody asked for", by: theCase("delivery/outcome-filter"),
		from: `{Ref: OutcomeFilterTag}, {Ref: 'ALIYUN::NoValue'}]}`,
		to:   `{Ref: OutcomeFilterTag}, failed]}`,
	}, row{name: "template: a filter on the outcomes that is not taken", by: theCase("delivery/outcome-filter"),
		from: `HasFilterTag, {Ref: OutcomeFilterTag}, {Ref`,
		to:   `HasFilterTag, {Ref: 'ALIYUN::NoValue'}, {Ref`,
	})
}

// stackTriggers are words of the function and its triggers.
func stackTriggers() []row {
	return in("template.yml", row{name: "template: the wrong queue in the trigger",
		by:   theCase("shapes/through-the-rules"),
		from: "\n              QueueName: {'Fn::GetAtt': [EventQueue, QueueName]}",
		to:   "\n              QueueName: {'Fn::GetAtt': [DeadLetterQueue, QueueName]}",
	}, row{name: "template: base64 on one side", by: theCase("shapes/through-the-rules"),
		from: `IsBase64Decode: false`,
		to:   `IsBase64Decode: true`,
	}, row{name: "template: batches larger than an invocation takes", by: theCase("delivery/large-batches"),
		from: `{CountBasedWindow: 15,`,
		to:   `{CountBasedWindow: 500,`,
	}, row{name: "template: what fails blocks what comes after it", by: theCase("hostile/oversize-payload"),
		from: "errorsTolerance: ALL\n          retry",
		to:   "errorsTolerance: NONE\n          retry",
	}, row{name: "template: pushes tried again for a day", by: theCase("hostile/oversize-payload"),
		from: `PushRetryStrategy: BACKOFF_RETRY`,
		to:   `PushRetryStrategy: EXPONENTIAL_DECAY_RETRY`,
	}, row{name: "template: dead letters of the trigger in the event queue", by: theCase("hostile/oversize-payload"),
		from: "-dead-letters'}\n          # 15 messages",
		to:   "-outcomes'}\n          # 15 messages",
	}, row{name: "template: a role that the function may not use", by: theCase("shapes/through-the-rules"),
		from: `Service: [fc.aliyuncs.com]`,
		to:   `Service: [ecs.aliyuncs.com]`,
	}, row{name: "template: an invocation that nobody waits for", by: theCase("delivery/follow-up-not-queued"),
		from: `asyncInvocationType: false`,
		to:   `asyncInvocationType: true`,
	}, row{name: "template: an invocation that is cut off", by: theCase("delivery/slow-pushes"),
		from: "Timeout: 60\n      MemorySize",
		to:   "Timeout: 2\n      MemorySize",
	})
}

// stackVariables are words of the function's variables.
func stackVariables() []row {
	return in("template.yml", row{name: "template: outcomes to the wrong topic",
		by:   theCase("shapes/through-the-rules"),
		from: `MNS_TOPIC: {'Fn::GetAtt': [OutcomeTopic, TopicName]}`,
		to:   `MNS_TOPIC: {'Fn::GetAtt': [EventQueue, QueueName]}`,
	}, row{name: "template: the queues of another region", by: theCase("shapes/through-the-rules"),
		from: `MNS_ENDPOINT: {'Fn::Sub': 'https://${ALIYUN::TenantId}.mns.${ALIYUN::Region}.aliyuncs.com'}`,
		to:   `MNS_ENDPOINT: {'Fn::Sub': 'https://${ALIYUN::TenantId}.mns.cn-beijing.aliyuncs.com'}`,
	}, row{name: "template: a pause that is none", by: theCase("delivery/paused"),
		from: `PAUSE: {Ref: Pause}`,
		to:   `PAUSE: {Ref: DryRun}`,
	}, row{name: "template: a dry run that changes things", by: theCase("sweep/only-reports"),
		from: `DRY_RUN: {Ref: DryRun}`,
		to:   `DRY_RUN: {Ref: Pause}`,
	}, row{name: "template: members that trust nobody", by: theCase("other-accounts"),
		from: `OWNER_EXTERNAL_ID: {Ref: OwnerExternalId}`,
		to:   `OWNER_EXTERNAL_ID: {Ref: OwnerRole}`,
	}, row{name: "template: the role of members in our own account", by: theCase("other-accounts"),
		from: `acs:ram::{account}:role/`,
		to:   `acs:ram::${ALIYUN::TenantId}:role/`,
	}, row{name: "template: a sweep every ten hours", by: theCase("sweep/timer-of-the-template"),
		from: `'@every 10m'`,
		to:   `'@every 10h'`,
	})
}

// stackRules are words of the rules and the alarms.
func stackRules() []row {
	return in("template.yml", row{name: "template: a rule that misses creations in the console",
		by:   theCase("shapes/through-the-rules"),
		from: `type: ['vpc:ActionTrail:ApiCall', 'vpc:ActionTrail:ConsoleOperation']`,
		to:   `type: ['vpc:ActionTrail:ApiCall', 'vpc:ActionTrail:ConsoleCall']`,
	}, row{name: "template: a rule that misses tags of the Tag service", by: theCase("shapes/through-the-rules"),
		from: `source: [acs.vpc, acs.tag]`,
		to:   `source: [acs.vpc, acs.tags]`,
	}, row{name: "template: a rule that misses tags taken away", by: theCase("shapes/through-the-rules"),
		from: `[TagResources, UnTagResources, UntagResources]`,
		to:   `[TagResources, UnTagResources]`,
	}, row{name: "template: a transformation that loses the name of the call",
		by:   theCase("shapes/through-the-rules"),
		from: `"$.data.eventName"`,
		to:   `"$.data.eventNames"`,
	}, row{name: "template: a rule that is off", by: theCase("shapes/through-the-rules"),
		from: "Status: ENABLE\n      FilterPattern:\n        source: [acs.vpc]",
		to:   "Status: DISABLE\n      FilterPattern:\n        source: [acs.vpc]",
	}, row{name: "template: an alarm on failures that is deaf", by: theCase("delivery/alarms"),
		from: "Query: >-\n                message.message: event and (message.status: failed or",
		to:   "Query: >-\n                message.message: event and (message.status: fail or",
	}, row{name: "template: an alarm that is off", by: theCase("delivery/alarms"),
		from: "'An event ended as failed, or conflicts'\n        Type: Alert\n        State: Enabled",
		to:   "'An event ended as failed, or conflicts'\n        Type: Alert\n        State: Disabled",
	}, row{name: "template: throttles that nobody hears of", by: theCase("delivery/alarms"),
		from: `MetricName: FunctionConcurrencyThrottles`,
		to:   `MetricName: FunctionConcurrencyThrottle`,
	}, row{name: "template: an alarm on events that need not wait", by: stackTests{"TestEventsThatWaitRing"},
		from: `Statistics: Minimum, ComparisonOperator: GreaterThanOrEqualToThreshold, Threshold: '1', Times: 3`,
		to:   `Statistics: Minimum, ComparisonOperator: GreaterThanOrEqualToThreshold, Threshold: '1', Times: 1`,
	}, row{name: "template: nobody hears of sweeps", by: theCase("delivery/alarms"),
		from: `FilterTag: swept`,
		to:   `FilterTag: sweep`,
	}, row{name: "template: an alarm that rings while sweeps go on", by: theCase("delivery/alarms"),
		from: `Statistics: Maximum, ComparisonOperator: LessThanThreshold`,
		to:   `Statistics: Maximum, ComparisonOperator: GreaterThanThreshold`,
	}, row{name: "template: the inbox is not told of failures", by: theCase("delivery/alarms"),
		from: "NotifyStrategy: EXPONENTIAL_DECAY_RETRY\n      FilterTag: failed\n  InboxConflict:",
		to:   "NotifyStrategy: EXPONENTIAL_DECAY_RETRY\n      FilterTag: faild\n  InboxConflict:",
	}, row{name: "template: sweeps whose finds nobody can search", by: theCase("delivery/alarms"),
		from: `{Name: wanted, Type: long,`,
		to:   `{Name: want, Type: long,`,
	}, row{name: "template: an alarm on a field that nobody can search", by: theCase("delivery/alarms"),
		from: `{Name: lagSeconds, Type: long,`,
		to:   `{Name: lag, Type: long,`,
	}, row{name: "template: an alarm on the wrong queue", by: theCase("delivery/alarms"),
		from: `queue: {'Fn::GetAtt': [DeadLetterQueue, QueueName]}}]`,
		to:   `queue: {'Fn::GetAtt': [EventQueue, QueueName]}}]`,
	})
}

// readings are breakages in how a template is read.
func readings() []row {
	const templateRoom = rooms + "template/"
	return slices.Concat(
		in(templateRoom+"node.go", row{name: "template room: nested as deeply as somebody likes",
			from: `if depth > maxDepth || dashes > maxDepth {`,
			to:   `if false {`,
		}, row{name: "template room: an alias taken for the text behind it",
			from: `case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.NullNode:`,
			to:   `case ast.ScalarNode:`,
		}),
		in(templateRoom+"schema.go", row{name: "template room: a fraction where a service counts",
			from: `s.kind == "number" && n == math.Trunc(n)`,
			to:   `s.kind == "number" && n >= math.Trunc(n)`,
		}, row{name: "template room: figures that no service takes",
			from: `case s.most > 0 && (n < s.least || n > s.most):`,
			to:   `case false:`,
		}),
	)
}

// stackKeys are words by which the keys of a connection would reach the queue.
func stackKeys() []row {
	noKey := stackTests{"TheRuleOfTheStackForwardsNoKey|ItsKeyIsInNoQueue"}
	return in("template.yml", row{name: "template: a rule that forwards the keys of a connection", by: noKey,
		from: `"$.data.requestParameters.RegionId"`,
		to:   `"$.data.requestParameters"`,
	}, row{name: "template: whole records of creations in the queue", by: noKey,
		from: "Form: TEMPLATE\n              Value: >-",
		to:   "Form: ORIGINAL\n              Value: >-",
	})
}

// serverless are words of s.yaml that are wrong.
func serverless() []row {
	both := stackTests{"BothFiles|OfServerlessDevs"}
	return in("s.yaml", row{name: "s.yaml: the wrong queue in the trigger", by: both,
		from: `QueueName: '${vars.queue}'`,
		to:   `QueueName: '${vars.deadLetters}'`,
	}, row{name: "s.yaml: another timeout", by: both,
		from: `timeout: 60`,
		to:   `timeout: 6`,
	}, row{name: "s.yaml: a variable under another's name", by: both,
		from: `DRY_RUN: ${env('DRY_RUN', 'false')}`,
		to:   `DRY_RUN: ${env('PAUSE', 'false')}`,
	})
}
