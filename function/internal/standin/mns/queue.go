package mns

import (
	"cmp"
	"time"
)

// Limits of the service.
const (
	maxName      = 120      // characters of the name of a queue, topic or subscription
	maxBody      = 64 << 10 // bytes
	minMaxBody   = 1024     // bytes, the smallest MaximumMessageSize
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
	Delay             time.Duration    `yaml:"delay,omitempty"`       // of every message that names none
	VisibilityTimeout time.Duration    `yaml:"visibility,omitempty"`  // default 30 s
	Retention         time.Duration    `yaml:"retention,omitempty"`   // default 4 days
	PollingWait       time.Duration    `yaml:"pollingWait,omitempty"` // of a receive that names none
	MaximumBody       int              `yaml:"maximumBody,omitempty"` // bytes, default 64 KB
	Logging           bool             `yaml:"logging,omitempty"`     // has no effect here
	DeadLetters       DeadLetterPolicy `yaml:"deadLetters,omitempty"`
}

func (a QueueAttributes) complete() QueueAttributes {
	a.VisibilityTimeout = cmp.Or(a.VisibilityTimeout, 30*time.Second)
	a.Retention = cmp.Or(a.Retention, 4*24*time.Hour)
	a.MaximumBody = cmp.Or(a.MaximumBody, maxBody)
	return a
}

// Message is a message as it was received.
type Message struct {
	MessageID, ReceiptHandle, Body                 string
	EnqueueTime, FirstDequeueTime, NextVisibleTime time.Time
	DequeueCount, Priority                         int
	Properties                                     Properties
}

// sending is a message for a queue; without a delay the queue's own applies.
type sending struct {
	body       string
	delay      *time.Duration
	priority   int
	properties Properties
}

// Stats counts the messages of a queue.
type Stats struct {
	Active   int // can be received now
	Inactive int // in flight: received, not deleted, not visible again yet
	Delayed  int // sent, not visible yet
}

// Stats counts the messages of a queue; a queue that does not exist has none.
func (s *Service) Stats(name string) Stats {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q.stats(time.Now())
	}
	return Stats{}
}

// Since is when a queue began to have messages that can be received: since then there was no moment without any. It is
// zero when there is none now.
func (s *Service) Since(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil || q.stats(time.Now()).Active == 0 {
		return time.Time{}
	}
	return q.since
}

// EmptySince is since when a queue has had no message that can be received. It is zero when there is one now.
func (s *Service) EmptySince(name string) time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q.emptySince(time.Now())
	}
	return time.Time{}
}

// CreateQueue makes a queue. A queue of that name with other attributes is an error.
func (s *Service) CreateQueue(name string, a QueueAttributes) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.createQueue(name, a)
	return err.plain()
}

func (s *Service) createQueue(name string, a QueueAttributes) (made bool, err *Error) {
	if err := checkName(name, "QueueNameLengthError", "InvalidQueueName"); err != nil {
		return false, err
	}
	a = a.complete()
	if q := s.queues[name]; q != nil {
		if q.attributes != a {
			return false, refuse("QueueAlreadyExist")
		}
		return false, nil
	}
	s.queues[name] = newQueue(a, time.Now())
	return true, nil
}

// queue finds the queue of that name.
func (s *Service) queue(name string) (*queue, *Error) {
	if q := s.queues[name]; q != nil {
		return q, nil
	}
	return nil, refuse("QueueNotExist")
}

// Send puts a message into a queue.
func (s *Service) Send(name, body string, delay time.Duration) (messageID string, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, refusal := s.send(name, sending{body: body, delay: &delay, priority: lowPriority})
	return m.MessageID, refusal.plain()
}

// send puts a message into a queue. One that is delayed has a handle, by which it can be deleted before it is visible.
func (s *Service) send(name string, to sending) (Message, *Error) {
	q, err := s.queue(name)
	if err != nil {
		return Message{}, err
	}
	delay := q.attributes.Delay
	if to.delay != nil {
		delay = *to.delay
	}
	switch {
	case len(to.body) > q.attributes.MaximumBody:
		return Message{}, invalid("The message body is larger than the queue allows.")
	case delay < 0 || delay > maxDelay:
		return Message{}, invalid("DelaySeconds must be 0 to 604800.")
	case to.priority < 1 || to.priority > 16:
		return Message{}, invalid("Priority must be 1 to 16.")
	}
	now := time.Now()
	m := Message{
		MessageID: s.messageID(), Body: to.body, EnqueueTime: now, Priority: to.priority, Properties: to.properties,
	}
	if delay == 0 {
		q.add(m, now)
		return m, nil
	}
	return q.postpone(m, s.handle(m.Priority), now.Add(s.scaled(delay))), nil
}

// peek shows what is visible without receiving it.
func (s *Service) peek(name string, most int) (seen []Message, err *Error) {
	q, err := s.queue(name)
	if err != nil {
		return nil, err
	}
	now := time.Now()
	var taken []*stored
	for len(seen) < most {
		m := q.next(now)
		if m == nil {
			break
		}
		taken, seen = append(taken, m), append(seen, m.Message)
	}
	for _, m := range taken {
		q.ready.add(m)
	}
	return seen, nil
}
