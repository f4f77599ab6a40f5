package mns

import (
	"maps"
	"slices"
	"time"
)

// The states of a message in its queue.
const (
	Visible  = "visible"
	Delayed  = "delayed"
	InFlight = "in flight"
)

// Seen is a message that was looked at. Looking changes nothing: it is no delivery.
type Seen struct {
	Message
	State string
}

// Look shows up to most messages of a queue in the order of their arrival, those that are delayed or in flight, too.
func (s *Service) Look(name string, most int) (seen []Seen) {
	s.mu.Lock()
	defer s.mu.Unlock()
	q := s.queues[name]
	if q == nil {
		return nil
	}
	now := time.Now()
	for _, m := range q.all(now) {
		if len(seen) == most {
			return seen
		}
		one := Seen{Message: m.Message, State: Visible}
		switch {
		case !m.visible.After(now):
		case m.DequeueCount > 0:
			one.State = InFlight
		default:
			one.State = Delayed
		}
		seen = append(seen, one)
	}
	return seen
}

// QueueNames are the names of all queues.
func (s *Service) QueueNames() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Sorted(maps.Keys(s.queues))
}
