package mns

import "time"

// DeadLetterPolicy says where messages go that were received too often without being deleted.
type DeadLetterPolicy struct {
	Enabled     bool
	Target      string // a queue of this service; without a queue of that name messages stay
	MaxReceives int    // 1 to 1000
}

// dlqForm is a policy on the wire; its names and bounds are assumed. A set replaces the whole policy.
type dlqForm struct {
	Enabled               wireBool
	DeadLetterTargetQueue string
	MaxReceiveCount       int
}

func (f dlqForm) policy() (DeadLetterPolicy, *Error) {
	p := DeadLetterPolicy{Enabled: bool(f.Enabled), Target: f.DeadLetterTargetQueue, MaxReceives: f.MaxReceiveCount}
	if p.Enabled && (p.Target == "" || p.MaxReceives < 1 || p.MaxReceives > 1000) {
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

// moveToDeadLetters moves a message that has been received as often as the queue allows to its dead-letter queue, and
// tells whether it did: the same body under another id, visible at once.
func (s *Service) moveToDeadLetters(q *queue, m *stored, now time.Time) bool {
	policy := q.attributes.DeadLetters
	target := s.queues[policy.Target]
	if !policy.Enabled || m.DequeueCount < policy.MaxReceives || target == nil || target == q {
		return false
	}
	target.add(Message{
		MessageID: s.messageID(), Body: m.Body, EnqueueTime: now, Priority: m.Priority, Properties: m.Properties,
	}, now)
	return true
}
