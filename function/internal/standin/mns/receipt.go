package mns

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Receive takes up to most messages, waiting up to wait of real time for the first. What
// is taken is invisible for the queue's visibility timeout. None is no error; the errors
// are QueueNotExist and that of a context that ended.
func (s *Service) Receive(ctx context.Context, name string, most int, wait time.Duration) ([]Message, error) {
	poll, end := context.WithTimeout(ctx, wait)
	defer end()
	for {
		taken, next, changed, err := s.take(name, most)
		if err != nil || len(taken) > 0 {
			return taken, err.plain()
		}
		pause := wait
		if !next.IsZero() {
			pause = max(next.Sub(s.options.Now()), time.Millisecond)
		}
		timer := time.NewTimer(pause)
		select {
		case <-poll.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
		if poll.Err() != nil {
			return nil, ctx.Err() // nil when only the poll ran out
		}
	}
}

// take receives what is visible. Else it says when the next message will be, and how
// to learn of new ones.
func (s *Service) take(name string, most int) (taken []Message, next time.Time, changed <-chan struct{}, err *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return nil, time.Time{}, nil, err
	}
	now := s.options.Now()
	for len(taken) < most {
		m := q.next(now)
		if m == nil {
			break
		}
		if s.giveUp(q, m, now) {
			continue
		}
		m.DequeueCount++
		if m.DequeueCount == 1 {
			m.FirstDequeueTime = now
		}
		q.hold(m, s.handle(m), now.Add(q.attributes.VisibilityTimeout))
		taken = append(taken, m.Message)
	}
	if m := q.waiting.first(); m != nil {
		next = m.visible
	}
	return taken, next, q.changed, nil
}

// handle makes one for a message. Its form is the service's.
func (s *Service) handle(m *stored) string { return fmt.Sprintf("%d-%s", m.Priority, s.messageID()) }

// inFlight finds the message that a living handle is for. A handle that is none of the
// service's form is an error of its own; where the service draws that line is assumed.
func (q *queue) inFlight(handle string, now time.Time) (*stored, *Error) {
	if priority, id, _ := strings.Cut(handle, "-"); priority == "" || id == "" {
		return nil, refuse("ReceiptHandleError")
	}
	q.settle(now)
	m := q.held[handle]
	if m == nil || q.expired(m, now) {
		return nil, refuse("MessageNotExist")
	}
	return m, nil
}

// Delete ends a message by the handle of its latest receipt. A handle whose message is
// visible again, or deleted, is refused.
func (s *Service) Delete(name, receiptHandle string) error {
	return s.delete(name, receiptHandle).plain()
}

func (s *Service) delete(name, receiptHandle string) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return err
	}
	m, err := q.inFlight(receiptHandle, s.options.Now())
	if err != nil {
		return err
	}
	q.release(m)
	return nil
}

// changeVisibility makes a received message visible again after d, under a new handle.
func (s *Service) changeVisibility(name, receiptHandle string, d time.Duration) (Message, *Error) {
	if d < minVisible || d > maxInvisible {
		return Message{}, invalid("VisibilityTimeout must be 1 to 43200.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return Message{}, err
	}
	now := s.options.Now()
	m, err := q.inFlight(receiptHandle, now)
	if err != nil {
		return Message{}, err
	}
	q.release(m)
	q.hold(m, s.handle(m), now.Add(d))
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

// Due is when the next message that is delayed or in flight will be visible; zero when there is none.
func (s *Service) Due(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil {
		return time.Time{}
	}
	q.settle(time.Now())
	if m := q.waiting.first(); m != nil {
		return m.visible
	}
	return time.Time{}
}
