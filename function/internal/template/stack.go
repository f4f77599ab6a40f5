package template

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Stack is what a template makes with its parameters at one place.
type Stack struct {
	Resources []Resource // whose condition holds, in the order of the template
	Outputs   []Output
}

// Resource is one resource, with every function resolved.
type Resource struct {
	ID, Type       string
	Properties     map[string]any // of objects, lists, texts, numbers (float64) and flags
	DependsOn      []string
	DeletionPolicy string
	Line           int
	Arn            string // of a role
}

// Output is what a stack says of itself.
type Output struct {
	Name  string `json:"name"`
	Value string `json:"value"`
}

// Output gives an output by its name; "" when there is none.
func (s *Stack) Output(name string) string {
	for _, one := range s.Outputs {
		if one.Name == name {
			return one.Value
		}
	}
	return ""
}

// The types below have the properties of a resource that somebody acts on, under their own names. A figure that the
// template leaves to the service is 0.

// Queue is a queue of Message Service. Its times are in seconds.
type Queue struct {
	QueueName                       string
	DelaySeconds, VisibilityTimeout float64
	MessageRetentionPeriod          float64
	PollingWaitSeconds              float64
	MaximumMessageSize              int
	LoggingEnabled                  bool
	DlqPolicy                       DlqPolicy
}

// DlqPolicy is when a queue gives a message up, and where it goes.
type DlqPolicy struct {
	Enabled               bool
	DeadLetterTargetQueue string
	MaxReceiveCount       int
}

// Topic is a topic of Message Service.
type Topic struct {
	TopicName          string
	MaximumMessageSize int
}

// Subscription is a subscriber of a topic.
type Subscription struct {
	TopicName, SubscriptionName, Endpoint, NotifyContentFormat, NotifyStrategy, FilterTag string
}

// Function is the function as the platform is told to run it.
type Function struct {
	FunctionName, Runtime, Handler, Role string
	Timeout, MemorySize                  int // seconds, MB
	Cpu                                  float64
	InstanceConcurrency                  int
	EnvironmentVariables                 map[string]string
	// ReservedConcurrency is how many requests may be handled at once, at most; 0 is no bound.
	ReservedConcurrency int
	Triggers            []Trigger
}

// Trigger is a trigger of the function: of EventBridge, for a queue, or a timer.
type Trigger struct {
	TriggerName, TriggerType, Qualifier string
	TriggerConfig                       TriggerConfig
}

// TriggerConfig is what a trigger does; the fields of the other type are empty.
type TriggerConfig struct {
	CronExpression string
	Enable         bool
	Payload        string

	TriggerEnable          bool
	AsyncInvocationType    bool
	EventRuleFilterPattern string
	EventSourceConfig      struct {
		EventSourceType       string
		EventSourceParameters struct {
			SourceMNSParameters struct {
				RegionID       string
				QueueName      string
				IsBase64Decode bool
			}
		}
	}
	EventSinkConfig struct{ DeliveryOption struct{ EventSchema string } }
	RunOptions      RunOptions
}

// RunOptions are how a trigger of EventBridge makes batches, and what it does with those that fail.
type RunOptions struct {
	Mode            string
	MaximumTasks    int
	ErrorsTolerance string
	RetryStrategy   struct{ PushRetryStrategy string }
	DeadLetterQueue struct{ Arn string }
	BatchWindow     struct {
		CountBasedWindow int
		TimeBasedWindow  float64
	}
}

// Rule is a rule of EventBridge.
type Rule struct {
	EventBusName, RuleName, Status string
	FilterPattern                  map[string]any
	Targets                        []Target
}

// Target is where a rule takes events.
type Target struct {
	ID, Type, Endpoint, PushRetryStrategy, ErrorsTolerance string
	DeadLetterQueue                                        struct{ Arn string }
	ParamList                                              []Param
}

// Param is one part of what reaches a target: Form is ORIGINAL, CONSTANT, JSONPATH or TEMPLATE.
type Param struct{ ResourceKey, Form, Value, Template string }

// Role is a role with the policies that are attached to it.
type Role struct {
	RoleName, Arn string
	Trust         map[string]any // the policy that says who may assume it
	Policies      []Policy
}

// Policy is a policy document under its name.
type Policy struct {
	PolicyName     string
	PolicyDocument map[string]any
}

// MetricAlarm is a rule of CloudMonitor.
type MetricAlarm struct {
	RuleName, Namespace, MetricName string
	Resources                       []map[string]any
	Escalations                     map[string]Threshold
}

// Threshold is when an alarm of CloudMonitor rings.
type Threshold struct{ Statistics, ComparisonOperator, Threshold string }

// LogAlarm is an alert of Log Service.
type LogAlarm struct {
	Detail struct {
		Name, DisplayName, State string
		Configuration            struct {
			QueryList              []struct{ Store, Start, Query string }
			SeverityConfigurations []struct {
				Severity      int
				EvalCondition struct{ Condition, CountCondition string }
			}
		}
	}
}

// of gives the resources of one type, read as what somebody acts on.
func of[T any](s *Stack, kind string) (all []T) {
	for _, r := range s.Resources {
		if r.Type != kind {
			continue
		}
		var one T
		into(r.Properties, &one)
		all = append(all, one)
	}
	return all
}

// into reads properties whose kinds were checked, by names in any case.
func into(properties map[string]any, value any) {
	text, err := json.Marshal(properties)
	if err == nil {
		err = json.Unmarshal(text, value)
	}
	if err != nil {
		panic(fmt.Sprintf("types.yaml lets something pass that %T cannot hold: %v", value, err))
	}
}

// Queues are those of Message Service.
func (s *Stack) Queues() []Queue { return of[Queue](s, "ALIYUN::MNS::Queue") }

// Topics are those of Message Service.
func (s *Stack) Topics() []Topic { return of[Topic](s, "ALIYUN::MNS::Topic") }

// Subscriptions are those of the topics.
func (s *Stack) Subscriptions() []Subscription {
	return of[Subscription](s, "ALIYUN::MNS::Subscription")
}

// Rules are those of EventBridge.
func (s *Stack) Rules() []Rule { return of[Rule](s, "ALIYUN::EventBridge::Rule") }

// MetricAlarms are those of CloudMonitor.
func (s *Stack) MetricAlarms() []MetricAlarm {
	return of[MetricAlarm](s, "ALIYUN::CMS::ResourceMetricRule")
}

// LogAlarms are those of Log Service.
func (s *Stack) LogAlarms() []LogAlarm { return of[LogAlarm](s, "ALIYUN::SLS::Alert") }

// Function is the one function, with its concurrency and its triggers.
func (s *Stack) Function() (Function, error) {
	functions := of[Function](s, "ALIYUN::FC3::Function")
	if len(functions) != 1 {
		return Function{}, fmt.Errorf("reading the function: there are %d, want one", len(functions))
	}
	f := functions[0]
	for _, r := range s.Resources {
		if r.Properties["FunctionName"] != f.FunctionName {
			continue
		}
		switch r.Type {
		case "ALIYUN::FC3::ConcurrencyConfig":
			into(r.Properties, &f)
		case "ALIYUN::FC3::Trigger":
			var t Trigger
			into(r.Properties, &t)
			f.Triggers = append(f.Triggers, t)
		}
	}
	return f, nil
}

// role is the type of a role.
const role = "ALIYUN::RAM::Role"

// Roles are the roles, each with its own policies and the managed ones that name it.
func (s *Stack) Roles() (roles []Role) {
	managed := of[struct {
		Policy
		Roles []string
	}](s, "ALIYUN::RAM::ManagedPolicy")
	for _, r := range s.Resources {
		if r.Type != role {
			continue
		}
		var one Role
		into(r.Properties, &one)
		one.Arn = r.Arn
		one.Trust, _ = r.Properties["AssumeRolePolicyDocument"].(map[string]any)
		for _, policy := range managed {
			if slices.Contains(policy.Roles, one.RoleName) {
				one.Policies = append(one.Policies, policy.Policy)
			}
		}
		roles = append(roles, one)
	}
	return roles
}

// QueueIn is the name at the end of an ARN of a queue, such as acs:mns:REGION:ACCOUNT:queues/NAME or …:/queues/NAME; ""
// when the ARN is none of a queue in that place.
func (p Pseudo) QueueIn(arn string) string {
	place := "acs:mns:" + p.Region + ":" + p.Account + ":"
	name, isQueue := strings.CutPrefix(strings.TrimPrefix(strings.TrimPrefix(arn, place), "/"), "queues/")
	if !isQueue || !strings.HasPrefix(arn, place) {
		return ""
	}
	return name
}
