package local

import (
	"fmt"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/mns"
)

// Inbox is the queue of what needs a person.
const Inbox = "vpn-attach-inbox"

// needsPerson are the tags of what the inbox receives: states in which somebody must act.
func needsPerson() []string { return []string{"failed", "conflict", "down"} }

// manage has the triggers listed, stopped and started, as Function Compute does. Nothing runs on the timer here: it is
// listed so that what stops all triggers finds the two that a stack has.
func (c *Cloud) manage() {
	c.Trigger.Gate = &fc.Gate{}
	c.Invokes.Triggers = []*fc.Managed{
		{Name: "queue", Type: "eventbridge", Qualifier: "live", Gate: c.Trigger.Gate,
			Config: map[string]any{"triggerEnable": true, "asyncInvocationType": false}},
		{Name: "sweep", Type: "timer", Qualifier: "live", Gate: &fc.Gate{},
			Config: map[string]any{"cronExpression": "@every 10m", "enable": true, "payload": ""}},
	}
}

// inbox makes the queue of what needs a person, and subscribes it to the topic.
func (c *Cloud) inbox() error {
	if err := c.Queues.CreateQueue(Inbox, mns.QueueAttributes{}); err != nil {
		return fmt.Errorf("making queue %s: %w", Inbox, err)
	}
	for _, tag := range needsPerson() {
		subscription := mns.Subscription{
			Endpoint:            fmt.Sprintf("acs:mns:%s:%s:queues/%s", c.Spec.Region, c.Spec.Account, Inbox),
			NotifyContentFormat: "SIMPLIFIED", FilterTag: tag,
		}
		if err := c.Queues.Subscribe(outcomeTopic, "inbox-"+tag, subscription); err != nil {
			return fmt.Errorf("subscribing to topic %s: %w", outcomeTopic, err)
		}
	}
	return nil
}
