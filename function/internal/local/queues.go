package local

import (
	"fmt"

	"vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/template"
)

// setQueues makes and changes what a stack has of Message Service, and deletes what it has no longer, unless that is to
// be retained. Messages stay.
func (c *Cloud) setQueues(old, stack *template.Stack) error {
	if old == nil {
		old = &template.Stack{}
	}
	c.endSubscriptions(old, stack)
	was := map[string]template.Queue{}
	for _, queue := range old.Queues() {
		was[queue.QueueName] = queue
	}
	for _, queue := range stack.Queues() {
		var err error
		if _, isThere := was[queue.QueueName]; isThere {
			err = c.Queues.SetQueue(queue.QueueName, c.attributes(queue))
		} else {
			err = c.Queues.CreateQueue(queue.QueueName, c.attributes(queue))
		}
		if err != nil {
			return fmt.Errorf("making queue %s: %w", queue.QueueName, err)
		}
	}
	for _, topic := range stack.Topics() {
		attributes := mns.TopicAttributes{MaximumBody: topic.MaximumMessageSize, Logging: topic.LoggingEnabled}
		if err := c.Queues.SetTopic(topic.TopicName, attributes); err != nil {
			return fmt.Errorf("making topic %s: %w", topic.TopicName, err)
		}
	}
	if err := c.subscribe(stack); err != nil {
		return err
	}
	for _, r := range gone(old, stack) {
		switch r.Type {
		case "ALIYUN::MNS::Queue":
			c.Queues.DeleteQueue(fmt.Sprint(r.Properties["QueueName"]))
		case "ALIYUN::MNS::Topic":
			c.Queues.DeleteTopic(fmt.Sprint(r.Properties["TopicName"]))
		}
	}
	return nil
}

// endSubscriptions ends those that a stack has no longer, or has otherwise.
func (c *Cloud) endSubscriptions(old, stack *template.Stack) {
	stays := map[template.Subscription]bool{}
	for _, s := range stack.Subscriptions() {
		stays[s] = true
	}
	for _, s := range old.Subscriptions() {
		if !stays[s] {
			c.Queues.Unsubscribe(s.TopicName, s.SubscriptionName)
		}
	}
}

// subscribe makes the subscriptions of a stack.
func (c *Cloud) subscribe(stack *template.Stack) error {
	for _, s := range stack.Subscriptions() {
		err := c.Queues.Subscribe(s.TopicName, s.SubscriptionName, mns.Subscription{
			Endpoint: s.Endpoint, FilterTag: s.FilterTag, NotifyStrategy: s.NotifyStrategy,
			NotifyContentFormat: s.NotifyContentFormat,
		})
		if err != nil {
			return fmt.Errorf("subscribing %s to topic %s: %w", s.SubscriptionName, s.TopicName, err)
		}
	}
	return nil
}

// gone are the resources that a stack has no longer and that are not retained.
func gone(old, stack *template.Stack) (all []template.Resource) {
	stays := map[string]bool{}
	for _, r := range stack.Resources {
		stays[nameOf(r)] = true
	}
	for _, r := range old.Resources {
		if r.DeletionPolicy != "Retain" && !stays[nameOf(r)] {
			all = append(all, r)
		}
	}
	return all
}

func nameOf(r template.Resource) string {
	return fmt.Sprint(r.Type, " ", r.Properties["QueueName"], " ", r.Properties["TopicName"])
}
