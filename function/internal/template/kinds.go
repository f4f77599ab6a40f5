package template

// The types here have the properties on which somebody acts, under the names that ROS gives them: times in seconds,
// memory in MB, and 0 for a figure that the template leaves to the service.

type (
	// Queue is a queue of Message Service.
	Queue struct {
		QueueName                                                                   string
		DelaySeconds, VisibilityTimeout, MessageRetentionPeriod, PollingWaitSeconds float64
		MaximumMessageSize                                                          int
		LoggingEnabled                                                              bool
		DlqPolicy                                                                   struct {
			Enabled               bool
			DeadLetterTargetQueue string
			MaxReceiveCount       int
		}
	}
	// Topic is a topic of Message Service.
	Topic struct{ TopicName string }
	// Subscription is a subscriber of a topic.
	Subscription struct {
		TopicName, SubscriptionName, Endpoint, NotifyContentFormat, NotifyStrategy, FilterTag string
	}
	// Function is the function as the platform is told to run it.
	Function struct {
		FunctionName, Runtime, Handler, Role     string
		Timeout, MemorySize, InstanceConcurrency int
		CPU                                      float64
		EnvironmentVariables                     map[string]string
		ConcurrencyConfig                        struct{ ReservedConcurrency int } // of all instances together
		Triggers                                 []Trigger
	}
	// Code is where the code of a function is: a bucket of OSS, and an object in it.
	Code struct{ OssBucketName, OssObjectName string }
	// Trigger is a trigger of the function: of EventBridge, for a queue, or a timer.
	Trigger struct {
		TriggerName, TriggerType, Qualifier string
		TriggerConfig                       TriggerConfig
	}
	// TriggerConfig is what a trigger does; the fields of the other type are empty.
	TriggerConfig struct {
		CronExpression, Payload            string
		Enable                             bool
		TriggerEnable, AsyncInvocationType bool
		EventRuleFilterPattern             string
		EventSourceConfig                  struct {
			EventSourceType       string
			EventSourceParameters struct {
				SourceMNSParameters struct {
					RegionID, QueueName string
					IsBase64Decode      bool
				}
			}
		}
		EventSinkConfig struct{ DeliveryOption struct{ EventSchema string } }
		RunOptions      RunOptions
	}
	// RunOptions are how a trigger of EventBridge makes batches, and what it does with those that fail.
	RunOptions struct {
		Mode, ErrorsTolerance string
		MaximumTasks          int
		RetryStrategy         struct{ PushRetryStrategy string }
		DeadLetterQueue       struct{ Arn string }
		BatchWindow           struct {
			CountBasedWindow int
			TimeBasedWindow  float64
		}
	}
	// Rule is a rule of EventBridge.
	Rule struct {
		EventBusName, RuleName, Status string
		FilterPattern                  map[string]any
		Targets                        []Target
	}
	// Target is where a rule takes events.
	Target struct {
		ID, Type, Endpoint, PushRetryStrategy, ErrorsTolerance string
		DeadLetterQueue                                        struct{ Arn string }
		ParamList                                              []Param
	}
	// Param is one part of what reaches a target: Form is ORIGINAL, CONSTANT, JSONPATH or TEMPLATE.
	Param struct{ ResourceKey, Form, Value, Template string }
	// Role is a role with the policy that says who may assume it, and the policies that are attached to it.
	Role struct {
		RoleName, Arn string
		Trust         map[string]any `json:"AssumeRolePolicyDocument"`
		Policies      []Policy
	}
	// Policy is a policy document under its name.
	Policy struct {
		PolicyName     string
		PolicyDocument map[string]any
	}
	// MetricAlarm is a rule of CloudMonitor.
	MetricAlarm struct {
		RuleName, Namespace, MetricName string
		Period                          float64 // seconds
		Resources                       []map[string]any
		Escalations                     map[string]Escalation
	}
	// Escalation is when a rule of CloudMonitor rings: for so many periods, one after the other.
	Escalation struct {
		Statistics, ComparisonOperator, Threshold string
		Times                                     float64
	}
	// LogAlarm is an alert of Log Service.
	LogAlarm struct {
		Detail struct {
			Name, DisplayName, State string
			Configuration            struct {
				QueryList              []struct{ Start, Query string }
				SeverityConfigurations []struct{ EvalCondition struct{ Condition string } }
			}
		}
	}
)
