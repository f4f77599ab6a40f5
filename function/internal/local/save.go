package local

import (
	"fmt"
	"maps"
	"os"

	"github.com/goccy/go-yaml"
)

// Saved is the cloud's state as a cloud file, with which another cloud can go on: what there is, what is in the queues,
// what the topic's subscriber received, and the key with which the function signed what it queued. It holds secrets.
func (c *Cloud) Saved() ([]byte, error) {
	spec, seed, queues := c.Spec, c.Estate.Seed(), c.Queues.Snapshot()
	spec.Routers, spec.Connections, spec.Faults = seed.TransitRouters, seed.VPNConnections, c.Faults.Remaining()
	spec.Queues, spec.Topics = queues.Queues, queues.Topics
	outcomes := c.outcomes.all()
	spec.Outcomes = outcomes[max(0, len(outcomes)-lastTold):]
	spec.Function.Environment = map[string]string{"FOLLOW_UP_KEY": c.Variables()["FOLLOW_UP_KEY"]}
	maps.Copy(spec.Function.Environment, c.now.Load().environment)
	spec.Parameters = c.settings()
	text, err := yaml.Marshal(spec)
	if err != nil {
		return nil, fmt.Errorf("writing the state down: %w", err)
	}
	return text, nil
}

// settings are the parameters of the function's stack, but for those that a deployment decides: a cloud that goes on
// begins with the local binary, and with triggers that are started.
func (c *Cloud) settings() map[string]string {
	all, given := maps.Clone(c.Spec.Parameters), c.parameters.Load()
	if given == nil {
		return all
	}
	if all == nil {
		all = map[string]string{}
	}
	for name, value := range *given {
		switch name {
		case "Name", "CodeBucket", "CodeObject", "Qualifier", "Started", "FollowUpKey":
		default:
			all[name] = value
		}
	}
	return all
}

// Save writes the cloud's state to a file.
func (c *Cloud) Save(path string) error {
	text, err := c.Saved()
	if err != nil {
		return err
	}
	if err := os.WriteFile(path, text, 0o600); err != nil { // it holds pre-shared keys and access keys
		return fmt.Errorf("writing the state down: %w", err)
	}
	return nil
}
