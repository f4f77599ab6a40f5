package eventbridge

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Rule is a rule as a template of Resource Orchestration Service writes it.
type Rule struct {
	EventBusName, RuleName, Status string
	FilterPattern                  map[string]any
	Targets                        []Target
}

// Target is where a rule takes events. DeadLetterQueue is the ARN of a queue; "" is none.
type Target struct {
	ID, Type, Endpoint, PushRetryStrategy, ErrorsTolerance, DeadLetterQueue string
	ParamList                                                               []Param
}

// Statuses of a rule.
const (
	statusEnabled  = "ENABLE"
	statusDisabled = "DISABLE"
)

// typeQueue is the type of a target that is a queue.
const typeQueue = "acs.mns.queue"

// rule is one that was read.
type rule struct {
	bus, name string
	pattern   pattern
	targets   []target
	written   Rule
}

// target is a queue that was read.
type target struct {
	queue, deadLetters string // names; deadLetters "" is none
	body               transformation
	base64             bool
	waits              waits
}

// readRule reads a rule of an account and region. What the service would refuse, or do in a way that is not known, is
// an error.
func readRule(place string, written Rule) (r rule, err error) {
	r = rule{bus: written.EventBusName, name: written.RuleName, written: written}
	if r.pattern, err = readPattern(written.FilterPattern); err != nil {
		return r, fmt.Errorf("reading the pattern of rule %s: %w", r.name, err)
	}
	for _, one := range written.Targets {
		t, err := readTarget(place, one)
		if err != nil {
			return r, fmt.Errorf("reading target %s of rule %s: %w", one.ID, r.name, err)
		}
		r.targets = append(r.targets, t)
	}
	if len(r.targets) == 0 {
		return r, fmt.Errorf("reading rule %s: it has no target", r.name)
	}
	return r, nil
}

// readTarget reads a target. Its queue stands in the endpoint and in a parameter, which must agree.
func readTarget(place string, written Target) (t target, err error) {
	if written.Type != typeQueue {
		return t, fmt.Errorf("the type %q is not %s", written.Type, typeQueue)
	}
	params := map[string]transformation{}
	for _, p := range written.ParamList {
		if params[p.ResourceKey], err = readTransformation(p); err != nil {
			return t, fmt.Errorf("parameter %s: %w", p.ResourceKey, err)
		}
	}
	for _, key := range []string{"queue", "Body", "IsBase64Encode"} {
		if params[key] == nil {
			return t, fmt.Errorf("there is no parameter %s", key)
		}
	}
	t.queue, t.body = params["queue"](nil, nil), params["Body"]
	if want := place + ":queues/" + t.queue; written.Endpoint != want {
		return t, fmt.Errorf("the endpoint is %s, the parameter queue means %s", written.Endpoint, want)
	}
	if written.DeadLetterQueue != "" {
		name, isQueue := strings.CutPrefix(written.DeadLetterQueue, place+":/queues/")
		if !isQueue {
			return t, fmt.Errorf("the dead letters go to %s, which is no queue here", written.DeadLetterQueue)
		}
		t.deadLetters = name
	}
	t.base64 = params["IsBase64Encode"](nil, nil) == "true"
	t.waits, err = readStrategy(written.PushRetryStrategy, written.ErrorsTolerance)
	return t, err
}

// taken gives the targets to which the rules of a bus take an event.
func (b *Bridge) taken(bus string, event any) (targets []target) {
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, r := range b.rules {
		if r.bus == bus && r.written.Status != statusDisabled && r.pattern.takes(event, true) {
			targets = slices.Concat(targets, r.targets)
		}
	}
	return targets
}

// decoded reads an event.
func decoded(event []byte) (value any, err error) {
	if err = json.Unmarshal(event, &value); err != nil {
		return nil, fmt.Errorf("reading an event: %w", err)
	}
	return value, nil
}
