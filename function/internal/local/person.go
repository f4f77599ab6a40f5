package local

import (
	"context"
	"fmt"
	"maps"

	"vpn-attach/function/internal/standin/mns"
)

// The steps here are what a person, or another program, does in the cloud.

// tagStep tags VPN connections, transit routers, route tables or attachments, as a person does. It makes no event.
type tagStep struct {
	Tag map[string]map[string]string `yaml:"tag"`
}

func (t *tagStep) do(_ context.Context, s *story) error {
	for id, tags := range t.Tag {
		if err := s.cloud.Estate.Tag(id, tags); err != nil {
			return err
		}
	}
	return nil
}

// untagStep takes tags away, as a person does. It makes no event.
type untagStep struct {
	Untag map[string][]string `yaml:"untag"`
}

func (t *untagStep) do(_ context.Context, s *story) error {
	for id, keys := range t.Untag {
		if err := s.cloud.Estate.Untag(id, keys...); err != nil {
			return err
		}
	}
	return nil
}

// detachStep ends the attachment of a connection at once, as a person in the console does.
type detachStep struct {
	Detach string `yaml:"detach"`
}

func (t *detachStep) do(_ context.Context, s *story) error { return s.cloud.Estate.Detach(t.Detach) }

// deleteStep deletes a connection with its attachment.
type deleteStep struct {
	Delete string `yaml:"delete"`
}

func (t *deleteStep) do(_ context.Context, s *story) error {
	return s.cloud.Estate.DeleteConnection(t.Delete)
}

// revokeStep ends the sessions of roles in other accounts.
type revokeStep struct {
	Revoke string `yaml:"revoke"` // member sessions
}

func (t *revokeStep) do(_ context.Context, s *story) error {
	if t.Revoke != "member sessions" {
		return fmt.Errorf("only member sessions can be revoked, not %q", t.Revoke)
	}
	s.cloud.access.callers.Range(func(accessKeyID, known any) bool {
		if known.(*caller).member {
			s.cloud.Keys.Expire(accessKeyID.(string))
		}
		return true
	})
	return nil
}

// subscribeStep has the outcome topic deliver to one queue more.
type subscribeStep struct {
	Subscribe string `yaml:"subscribe"`
	Format    string `yaml:"format"` // XML (default), JSON or SIMPLIFIED
}

func (t *subscribeStep) do(_ context.Context, s *story) error {
	c := s.cloud
	if err := c.Queues.CreateQueue(t.Subscribe, mns.QueueAttributes{}); err != nil && t.Subscribe != c.EventQueue {
		return err
	}
	endpoint := fmt.Sprintf("acs:mns:%s:%s:queues/%s", c.Spec.Region, c.Spec.Account, t.Subscribe)
	subscription := mns.Subscription{Endpoint: endpoint, NotifyContentFormat: t.Format}
	return c.Queues.Subscribe(c.outcomeTopic, t.Subscribe, subscription)
}

// configureStep sets variables of the function: whatever starts from now on has them.
type configureStep struct {
	Configure map[string]string `yaml:"configure"`
}

func (t *configureStep) do(_ context.Context, s *story) error {
	s.cloud.Configure(t.Configure)
	return nil
}

// Configure changes variables of the function, as an update of its configuration does.
func (c *Cloud) Configure(variables map[string]string) {
	environment := maps.Clone(c.Spec.Function.Environment)
	if environment == nil {
		environment = map[string]string{}
	}
	maps.Copy(environment, variables)
	c.Spec.Function.Environment = environment
	next := *c.now.Load()
	next.environment = environment
	c.now.Store(&next)
	c.Runtime.Configure(c.function().Environment)
}
