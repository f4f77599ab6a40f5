package template

import (
	"encoding/json"
	"fmt"
	"slices"
)

// Stack is what a template makes with its parameters at one place.
type Stack struct {
	Resources  []Resource // whose condition holds, in the order of the template
	Outputs    []Output
	Parameters map[string]any // texts, numbers (float64) and flags, among them the pseudo-parameters
}

// Resource is one resource, with every function resolved.
type Resource struct {
	ID, Type       string
	Properties     map[string]any // of objects, lists, texts, numbers (float64) and flags
	DeletionPolicy string
	Line           int
	Arn            string // of a role
	isMade         bool   // its condition holds
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

// Queues are those of Message Service; the others below are named by their service.
func (s *Stack) Queues() []Queue { return Of[Queue](s, "ALIYUN::MNS::Queue") }
func (s *Stack) Topics() []Topic { return Of[Topic](s, "ALIYUN::MNS::Topic") }
func (s *Stack) Subscriptions() []Subscription {
	return Of[Subscription](s, "ALIYUN::MNS::Subscription")
}
func (s *Stack) Rules() []Rule { return Of[Rule](s, "ALIYUN::EventBridge::Rule") }

// Of gives the resources of one type, read as what somebody acts on.
func Of[T any](s *Stack, kind string) (all []T) {
	for _, r := range s.Resources {
		if r.Type == kind {
			var one T
			into(r.Properties, &one)
			all = append(all, one)
		}
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

// Function is the one function, with its concurrency and its triggers.
func (s *Stack) Function() (Function, error) {
	functions := Of[Function](s, "ALIYUN::FC3::Function")
	if len(functions) != 1 {
		return Function{}, fmt.Errorf("reading the function: there are %d, one is expected", len(functions))
	}
	f := functions[0]
	for _, r := range s.Resources {
		switch of := r.Properties["FunctionName"]; {
		case of == f.FunctionName && r.Type == "ALIYUN::FC3::ConcurrencyConfig":
			into(r.Properties, &f.ConcurrencyConfig)
		case of == f.FunctionName && r.Type == "ALIYUN::FC3::Trigger":
			f.Triggers = append(f.Triggers, Trigger{})
			into(r.Properties, &f.Triggers[len(f.Triggers)-1])
		}
	}
	return f, nil
}

// role is the type of a role.
const role = "ALIYUN::RAM::Role"

// Roles are the roles, each with its own policies and the managed ones that name it.
func (s *Stack) Roles() (roles []Role) {
	managed := Of[struct {
		Policy
		Roles []string
	}](s, "ALIYUN::RAM::ManagedPolicy")
	for _, r := range s.Resources {
		if r.Type != role {
			continue
		}
		one := Role{Arn: r.Arn}
		into(r.Properties, &one)
		for _, policy := range managed {
			if slices.Contains(policy.Roles, one.RoleName) {
				one.Policies = append(one.Policies, policy.Policy)
			}
		}
		roles = append(roles, one)
	}
	return roles
}
