package mnstest

import (
	"fmt"
	"net/http"
	"slices"
	"time"
)

// held finds the message that a living handle is for.
func (q *queue) held(handle string, now time.Time) (int, *Error) {
	for i, m := range q.messages {
		if handle != "" && m.ReceiptHandle == handle {
			if !m.visible.After(now) {
				break
			}
			return i, nil
		}
	}
	return 0, refuse(http.StatusNotFound, "MessageNotExist", "Message not exist.")
}

// Delete ends a message by the handle of its latest receipt. A handle whose message is
// visible again, or deleted, is refused.
func (s *Service) Delete(name, receiptHandle string) error {
	if err := s.delete(name, receiptHandle); err != nil {
		return err
	}
	return nil
}

func (s *Service) delete(name, receiptHandle string) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return err
	}
	i, err := q.held(receiptHandle, s.options.Now())
	if err != nil {
		return err
	}
	q.messages = slices.Delete(q.messages, i, i+1)
	return nil
}

// changeVisibility makes a received message visible again after d, under a new handle.
func (s *Service) changeVisibility(name, receiptHandle string, d time.Duration) (Message, *Error) {
	if d < minVisible || d > maxInvisible {
		return Message{}, refuse(http.StatusBadRequest, "InvalidArgument", "VisibilityTimeout must be 1 to 43200.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return Message{}, err
	}
	now := s.options.Now()
	i, err := q.held(receiptHandle, now)
	if err != nil {
		return Message{}, err
	}
	m := q.messages[i]
	m.visible = now.Add(d)
	m.NextVisibleTime = m.visible
	m.ReceiptHandle = fmt.Sprintf("%d-%s", m.Priority, s.messageID())
	q.wake()
	return m.Message, nil
}

// Stats counts a queue's messages; one that does not exist has none.
func (s *Service) Stats(name string) Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil {
		return Stats{}
	}
	return q.stats(s.options.Now())
}

func (q *queue) stats(now time.Time) (stats Stats) {
	q.expire(now)
	for _, m := range q.messages {
		switch {
		case !m.visible.After(now):
			stats.Active++
		case m.DequeueCount > 0:
			stats.Inactive++
		default:
			stats.Delayed++
		}
	}
	return stats
}
