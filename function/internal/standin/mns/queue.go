package mns

import "time"

// Limits of the service.
const (
	maxName      = 120      // characters of a queue's, topic's or subscription's name
	maxBody      = 64 << 10 // bytes
	minMaxBody   = 1024     // bytes, the least that MaximumMessageSize can be
	maxBatch     = 16
	maxDelay     = 7 * 24 * time.Hour
	maxPoll      = 30 * time.Second
	maxTag       = 16 // characters of a message tag
	lowPriority  = 8  // the default; 1 is the highest
	minVisible   = time.Second
	maxInvisible = 12 * time.Hour
)

// QueueAttributes are those of MNS API SetQueueAttributes; zero means the default.
type QueueAttributes struct {
	Delay             time.Duration // of every message that names none
	VisibilityTimeout time.Duration // default 30 s
	Retention         time.Duration // default 4 days
	PollingWait       time.Duration // of a receive that names none
	MaximumBody       int           // bytes, default 64 KB
	Logging           bool          // has no effect here
	DeadLetters       DeadLetterPolicy
}

func (a QueueAttributes) complete() QueueAttributes {
	if a.VisibilityTimeout == 0 {
		a.VisibilityTimeout = 30 * time.Second
	}
	if a.Retention == 0 {
		a.Retention = 4 * 24 * time.Hour
	}
	if a.MaximumBody == 0 {
		a.MaximumBody = maxBody
	}
	return a
}

// Message is a message as it was received.
type Message struct {
	MessageID, ReceiptHandle, Body                 string
	EnqueueTime, FirstDequeueTime, NextVisibleTime time.Time
	DequeueCount, Priority                         int
}

// Stats counts a queue's messages.
type Stats struct {
	Active   int // can be received now
	Inactive int // received, not deleted, not visible again yet
	Delayed  int // sent, not visible yet
}

// CreateQueue makes a queue. One of that name and other attributes is an error.
func (s *Service) CreateQueue(name string, a QueueAttributes) error {
	_, err := s.createQueue(name, a)
	return err.plain()
}

func (s *Service) createQueue(name string, a QueueAttributes) (made bool, err *Error) {
	switch {
	case len(name) > maxName:
		return false, refuse("QueueNameLengthError")
	case !legalName(name):
		return false, refuse("InvalidQueueName")
	}
	a = a.complete()
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		if q.attributes != a {
			return false, refuse("QueueAlreadyExist")
		}
		return false, nil
	}
	s.queues[name] = newQueue(a, s.options.Now())
	return true, nil
}

// queue gives the queue of that name; s.mu is held.
func (s *Service) queue(name string) (*queue, *Error) {
	q := s.queues[name]
	if q == nil {
		return nil, refuse("QueueNotExist")
	}
	return q, nil
}

// Send puts a message into a queue.
func (s *Service) Send(name, body string, delay time.Duration) (messageID string, err error) {
	id, refusal := s.send(name, body, &delay, lowPriority)
	return id, refusal.plain()
}

// send puts a message into a queue; without a delay the queue's own is taken.
func (s *Service) send(name, body string, delay *time.Duration, priority int) (string, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.put(name, body, delay, priority)
}

// put is send while s.mu is held.
func (s *Service) put(name, body string, delay *time.Duration, priority int) (string, *Error) {
	q, err := s.queue(name)
	if err != nil {
		return "", err
	}
	if delay == nil {
		delay = &q.attributes.Delay
	}
	switch {
	case len(body) > q.attributes.MaximumBody:
		return "", invalid("The message body is larger than the queue takes.")
	case *delay < 0 || *delay > maxDelay:
		return "", invalid("DelaySeconds must be 0 to 604800.")
	case priority < 1 || priority > 16:
		return "", invalid("Priority must be 1 to 16.")
	}
	now := s.options.Now()
	m := Message{MessageID: s.messageID(), Body: body, EnqueueTime: now, Priority: priority}
	q.add(m, now.Add(s.scaled(*delay)))
	return m.MessageID, nil
}

// peek shows what is visible without taking it.
func (s *Service) peek(name string, most int) ([]Message, *Error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(name)
	if err != nil {
		return nil, err
	}
	now := s.options.Now()
	var taken []*stored
	var seen []Message
	for m := q.next(now); m != nil; m = q.next(now) {
		taken = append(taken, m)
		seen = append(seen, m.Message)
		if len(seen) == most {
			break
		}
	}
	for _, m := range taken {
		q.ready.add(m)
	}
	return seen, nil
}
