package local

import (
	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/template"
)

// manage has the triggers of the stack listed, stopped and started, as Function Compute does.
func (c *Cloud) manage() {
	c.gates, c.managed = map[string]*fc.Gate{}, map[string]*fc.Managed{}
	for _, t := range c.deployed.Triggers {
		gate, config := &fc.Gate{}, t.TriggerConfig
		gate.Set(config.Enable || config.TriggerEnable)
		c.gates[t.TriggerName] = gate
		managed := &fc.Managed{
			Name: t.TriggerName, Type: t.TriggerType, Qualifier: t.Qualifier, Gate: gate, Config: shownConfig(t),
		}
		c.managed[t.TriggerName] = managed
		c.Invokes.Triggers = append(c.Invokes.Triggers, managed)
	}
}

// shownConfig is the configuration of a trigger, as far as callers of the API look at it.
func shownConfig(t template.Trigger) map[string]any {
	config := t.TriggerConfig
	if t.TriggerType == "timer" {
		return map[string]any{
			"cronExpression": config.CronExpression, "enable": config.Enable, "payload": config.Payload,
		}
	}
	source := config.EventSourceConfig.EventSourceParameters.SourceMNSParameters
	return map[string]any{
		"triggerEnable": config.TriggerEnable, "asyncInvocationType": config.AsyncInvocationType,
		"eventRuleFilterPattern": config.EventRuleFilterPattern,
		"eventSourceConfig": map[string]any{
			"eventSourceType": config.EventSourceConfig.EventSourceType,
			"eventSourceParameters": map[string]any{"sourceMNSParameters": map[string]any{
				"RegionId": source.RegionID, "QueueName": source.QueueName, "IsBase64Decode": source.IsBase64Decode,
			}},
		},
	}
}
