package local

import (
	"encoding/json"
	"fmt"
	"slices"

	"vpn-attach/function/internal/standin/eventbridge"
	"vpn-attach/function/internal/template"
)

// Rules are the rules of a stack, as EventBridge reads them. A bus of its own that a member hands its events to has the
// same rules as the default bus, as scripts/README.md has them made.
func Rules(stack *template.Stack, buses ...string) (all []eventbridge.Rule) {
	for _, written := range stack.Rules() {
		rule := eventbridge.Rule{
			EventBusName: written.EventBusName, RuleName: written.RuleName, Status: written.Status,
			FilterPattern: written.FilterPattern,
		}
		for _, t := range written.Targets {
			target := eventbridge.Target{
				ID: t.ID, Type: t.Type, Endpoint: t.Endpoint, PushRetryStrategy: t.PushRetryStrategy,
				ErrorsTolerance: t.ErrorsTolerance, DeadLetterQueue: t.DeadLetterQueue.Arn,
			}
			for _, p := range t.ParamList {
				target.ParamList = append(target.ParamList, eventbridge.Param(p))
			}
			rule.Targets = append(rule.Targets, target)
		}
		all = append(all, rule)
		for _, bus := range buses {
			if rule.EventBusName == eventbridge.DefaultBus {
				rule := rule
				rule.EventBusName = bus
				all = append(all, rule)
			}
		}
	}
	return all
}

// buses are those that members hand their events to, beside the default bus.
func (c *Cloud) buses() (names []string) {
	for _, member := range c.Spec.Members {
		if member.Bus != "" && !slices.Contains(names, member.Bus) {
			names = append(names, member.Bus)
		}
	}
	return names
}

func (c *Cloud) newBridge(speed float64) (*eventbridge.Bridge, error) {
	return eventbridge.New(eventbridge.Options{
		Account: c.Spec.Account, Region: c.Spec.Region, Speed: speed,
		Send: func(queue, body string) error {
			c.noteSent(queue, body)
			_, err := c.Queues.Send(queue, body, 0)
			return err
		},
	}, Rules(c.Stack, c.buses()...))
}

// onTrail brings an event to the default bus of its account. That of a member hands it over to the bus that the member
// names, if it names one.
func (c *Cloud) onTrail(event string) {
	c.noteTrail(event)
	var of struct{ AliyunAccountID string }
	_ = json.Unmarshal([]byte(event), &of) // what is no JSON reaches no bus
	if of.AliyunAccountID == c.Spec.Account {
		_ = c.bridge.Put(eventbridge.DefaultBus, []byte(event))
		return
	}
	for _, member := range c.Spec.Members {
		if member.Account == of.AliyunAccountID && member.Bus != "" {
			_ = c.bridge.Put(member.Bus, handedOver(event, member.Account, member.Bus))
			return
		}
	}
}

// handedOver is an event of a member as it comes to another bus: the envelope says whose it was.
func handedOver(event, account, bus string) []byte {
	var envelope map[string]json.RawMessage
	_ = json.Unmarshal([]byte(event), &envelope) // the estate made it
	envelope["aliyunoriginalaccountid"] = json.RawMessage(fmt.Sprintf("%q", account))
	envelope["aliyuneventbusname"] = json.RawMessage(fmt.Sprintf("%q", bus))
	text, _ := json.Marshal(envelope) // it was decoded from JSON
	return text
}
