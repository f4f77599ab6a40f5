package mns

import "time"

// SetQueue gives a queue other attributes; its messages stay.
func (s *Service) SetQueue(name string, a QueueAttributes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return err.plain()
	}
	q.attributes, q.modified = a.complete(), time.Now()
	return nil
}

// SetTopic makes a topic, or changes the attributes of the one that is there.
func (s *Service) SetTopic(name string, a TopicAttributes) error {
	if err := checkMaximumBody(a.MaximumBody); err != nil {
		return err.plain()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[name]; t != nil {
		t.attributes, t.modified = a.complete(), time.Now()
		return nil
	}
	_, err := s.createTopic(name, a.complete())
	return err.plain()
}

// DeleteQueue deletes a queue with its messages, if it is there.
func (s *Service) DeleteQueue(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		q.wake()
		delete(s.queues, name)
	}
}

// DeleteTopic deletes a topic with its subscriptions, if it is there.
func (s *Service) DeleteTopic(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.topics, name)
}

// Unsubscribe ends a subscription, if it is there.
func (s *Service) Unsubscribe(topicName, name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[topicName]; t != nil {
		delete(t.subscriptions, name)
	}
}
