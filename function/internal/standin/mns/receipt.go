package mns

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// Receive takes up to most messages, waiting up to wait of real time for the first. They are invisible for the queue's
// visibility timeout. Finding no message is not an error; the errors are QueueNotExist and that of a context that
// ended.
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
			pause = max(time.Until(next), time.Millisecond)
		}
		timer := time.NewTimer(pause)
		select {
		case <-poll.Done():
		case <-changed:
		case <-timer.C:
		}
		timer.Stop()
		if poll.Err() != nil {
			return nil, ctx.Err() // nil when only the poll ended
		}
	}
}

// take receives what is visible. If that is nothing, it says when the next message becomes visible, and what is closed
// when a new message arrives.
func (s *Service) take(name string, most int) (taken []Message, next time.Time, changed <-chan struct{}, err *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return nil, time.Time{}, nil, err
	}
	now := time.Now()
	for len(taken) < most {
		m := q.next(now)
		if m == nil {
			break
		}
		if s.moveToDeadLetters(q, m, now) {
			continue
		}
		m.DequeueCount++
		if m.DequeueCount == 1 {
			m.FirstDequeueTime = now
		}
		q.hold(m, s.handle(m.Priority), now.Add(q.attributes.VisibilityTimeout))
		taken = append(taken, m.Message)
	}
	if m := q.waiting.first(); m != nil {
		next = m.visible
	}
	return taken, next, q.changed, nil
}

// handle makes a receipt handle for a message, in the service's form.
func (s *Service) handle(priority int) string { return fmt.Sprintf("%d-%s", priority, s.messageID()) }

// find finds the message that a valid handle is for. A handle that does not have the service's form is an error of its
// own; which forms the service accepts is assumed.
func (q *queue) find(handle string, now time.Time) (*stored, *Error) {
	if priority, id, _ := strings.Cut(handle, "-"); priority == "" || id == "" {
		return nil, refuse("ReceiptHandleError")
	}
	q.settle(now)
	m := q.inFlight[handle]
	if m == nil || q.expired(m, now) {
		return nil, refuse("MessageNotExist")
	}
	return m, nil
}

// Delete deletes a message by the handle of its latest receipt. The handle of a message that is visible again, or that
// is deleted, is refused.
func (s *Service) Delete(name, receiptHandle string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.delete(name, receiptHandle).plain()
}

func (s *Service) delete(name, receiptHandle string) *Error {
	q, err := s.queue(name)
	if err != nil {
		return err
	}
	m, err := q.find(receiptHandle, time.Now())
	if err != nil {
		return err
	}
	q.release(m)
	return nil
}

// Release makes a message in flight visible again at once.
func (s *Service) Release(name, receiptHandle string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.changeVisibility(name, receiptHandle, 0)
	return err.plain()
}

// changeVisibility makes a message in flight visible again after d, under a new handle.
func (s *Service) changeVisibility(name, receiptHandle string, d time.Duration) (Message, *Error) {
	q, err := s.queue(name)
	if err != nil {
		return Message{}, err
	}
	now := time.Now()
	m, err := q.find(receiptHandle, now)
	if err != nil {
		return Message{}, err
	}
	q.release(m)
	q.hold(m, s.handle(m.Priority), now.Add(d))
	q.wake()
	return m.Message, nil
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
