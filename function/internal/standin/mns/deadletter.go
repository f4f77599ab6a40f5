package mns

import "time"

// maxReceives is the most that a policy may allow; assumed, as are the names of its elements in this form of the API.
const maxReceives = 1000

// DeadLetterPolicy says where messages go that were received too often without being deleted.
type DeadLetterPolicy struct {
	Enabled     bool
	Target      string // a queue of this service; while there is none of that name messages stay
	MaxReceives int    // 1 to 1000
}

// dlqForm is a policy as it goes over the wire. A set replaces the whole of it.
type dlqForm struct {
	Enabled               wireBool
	DeadLetterTargetQueue string
	MaxReceiveCount       int
}

func (f dlqForm) policy() (DeadLetterPolicy, *Error) {
	p := DeadLetterPolicy{Enabled: bool(f.Enabled), Target: f.DeadLetterTargetQueue, MaxReceives: f.MaxReceiveCount}
	if p.Enabled && (p.Target == "" || p.MaxReceives < 1 || p.MaxReceives > maxReceives) {
		return p, invalid("A DlqPolicy needs DeadLetterTargetQueue and a MaxReceiveCount of 1 to 1000.")
	}
	return p, nil
}

// form is nil for a queue that was never given a policy.
func (p DeadLetterPolicy) form() *dlqForm {
	if p == (DeadLetterPolicy{}) {
		return nil
	}
	return &dlqForm{Enabled: wireBool(p.Enabled), DeadLetterTargetQueue: p.Target, MaxReceiveCount: p.MaxReceives}
}

// giveUp moves a message that would be received once too often to the queue's dead letters, and tells whether it did: the
// same body under another id, visible at once. s.mu is held.
func (s *Service) giveUp(q *queue, m *stored, now time.Time) bool {
	policy := q.attributes.DeadLetters
	target := s.queues[policy.Target]
	if !policy.Enabled || m.DequeueCount < policy.MaxReceives || target == nil || target == q {
		return false
	}
	target.add(Message{MessageID: s.messageID(), Body: m.Body, EnqueueTime: now, Priority: m.Priority}, now)
	return true
}
