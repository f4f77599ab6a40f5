package mns

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"
)

// Snapshot is the queues and topics of a Service with what is in them, in a form with which another one can begin.
type Snapshot struct {
	Queues []SavedQueue
	Topics []SavedTopic
}

// SavedQueue is a queue with its messages.
type SavedQueue struct {
	Name       string          `yaml:"name"`
	Attributes QueueAttributes `yaml:"attributes,omitempty"`
	Messages   []SavedMessage  `yaml:"messages,omitempty"`
}

// SavedMessage is a message without the handle of whoever works on it: it is visible again at Visible.
type SavedMessage struct {
	ID         string     `yaml:"id"`
	Body       Body       `yaml:"body"`
	Sent       time.Time  `yaml:"sent"`
	Visible    time.Time  `yaml:"visible,omitempty"` // at once when it is past or zero
	First      time.Time  `yaml:"first,omitempty"`   // delivery
	Deliveries int        `yaml:"deliveries,omitempty"`
	Priority   int        `yaml:"priority,omitempty"`
	Properties Properties `yaml:"properties,omitempty"`
}

// Body is a message's body, which is in a file as it was sent, whatever characters it has.
type Body string

// MarshalYAML writes it as a quoted text.
func (b Body) MarshalYAML() ([]byte, error) {
	text, err := json.Marshal(string(b)) // which is YAML, too
	if err != nil {
		return nil, fmt.Errorf("writing a message down: %w", err)
	}
	return text, nil
}

// SavedTopic is a topic with its subscriptions.
type SavedTopic struct {
	Name          string                  `yaml:"name"`
	Subscriptions map[string]Subscription `yaml:"subscriptions,omitempty"`
}

// Snapshot is the service as it is now. What is in flight is kept as visible: whoever works on it will not be known to
// another service.
func (s *Service) Snapshot() (all Snapshot) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, name := range slices.Sorted(maps.Keys(s.queues)) {
		q := s.queues[name]
		saved := SavedQueue{Name: name, Attributes: q.attributes}
		for _, m := range q.all(time.Now()) {
			kept := SavedMessage{
				ID: m.MessageID, Body: Body(m.Body), Sent: m.EnqueueTime, First: m.FirstDequeueTime,
				Deliveries: m.DequeueCount, Priority: m.Priority, Properties: m.Properties,
			}
			if m.DequeueCount == 0 {
				kept.Visible = m.NextVisibleTime
			}
			saved.Messages = append(saved.Messages, kept)
		}
		all.Queues = append(all.Queues, saved)
	}
	for _, name := range slices.Sorted(maps.Keys(s.topics)) {
		saved := SavedTopic{Name: name, Subscriptions: map[string]Subscription{}}
		for subscription, sub := range s.topics[name].subscriptions {
			saved.Subscriptions[subscription] = sub.Subscription
		}
		all.Topics = append(all.Topics, saved)
	}
	return all
}

// all are the messages of a queue in the order of their arrival.
func (q *queue) all(now time.Time) (all []*stored) {
	q.settle(now)
	for _, m := range slices.Concat(q.ready.messages, q.waiting.messages) {
		if !q.expired(m, now) {
			all = append(all, m)
		}
	}
	slices.SortFunc(all, func(a, b *stored) int { return cmp.Compare(a.arrival, b.arrival) })
	return all
}

// Restore adds what a snapshot holds. A queue, topic or subscription that is there already stays as it is; a queue gets
// the messages.
func (s *Service) Restore(from Snapshot) error {
	for _, saved := range from.Queues {
		if err := s.restoreQueue(saved); err != nil {
			return fmt.Errorf("restoring queue %q: %w", saved.Name, err)
		}
	}
	for _, saved := range from.Topics {
		if err := s.restoreTopic(saved); err != nil {
			return fmt.Errorf("restoring topic %q: %w", saved.Name, err)
		}
	}
	return nil
}

func (s *Service) restoreQueue(saved SavedQueue) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.queues[saved.Name] == nil {
		if _, err := s.createQueue(saved.Name, saved.Attributes); err != nil {
			return err
		}
	}
	q, now := s.queues[saved.Name], time.Now()
	for _, kept := range saved.Messages {
		switch {
		case len(kept.Body) > q.attributes.MaximumBody:
			return fmt.Errorf("a message of %d bytes is larger than the queue allows", len(kept.Body))
		case kept.Priority < 0 || kept.Priority > 16 || kept.Deliveries < 0:
			return fmt.Errorf("a message has priority %d and %d deliveries", kept.Priority, kept.Deliveries)
		}
		m := Message{
			MessageID: cmp.Or(kept.ID, s.messageID()), Body: string(kept.Body), EnqueueTime: kept.Sent,
			FirstDequeueTime: kept.First, DequeueCount: kept.Deliveries, Priority: cmp.Or(kept.Priority, lowPriority),
			Properties: kept.Properties,
		}
		if m.EnqueueTime.IsZero() {
			m.EnqueueTime = now
		}
		if kept.Visible.After(now) {
			q.postpone(m, s.handle(m.Priority), kept.Visible)
			continue
		}
		q.add(m, now)
	}
	return nil
}

func (s *Service) restoreTopic(saved SavedTopic) error {
	s.mu.Lock()
	t := s.topics[saved.Name]
	s.mu.Unlock()
	if t == nil {
		if err := s.CreateTopic(saved.Name, TopicAttributes{}); err != nil {
			return err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(saved.Subscriptions)) {
		if s.isSubscribed(saved.Name, name) {
			continue
		}
		if err := s.Subscribe(saved.Name, name, saved.Subscriptions[name]); err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) isSubscribed(topicName, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[topicName]
	if t == nil {
		return false
	}
	_, there := t.subscriptions[name]
	return there
}
