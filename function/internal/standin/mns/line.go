package mns

import (
	"container/heap"
	"time"
)

// queue holds each of its messages in one of two lines, so that a receive costs the same however many there are.
type queue struct {
	attributes QueueAttributes
	made       time.Time
	modified   time.Time
	arrived    int64              // how many messages ever came
	ready      line               // visible: the highest priority first, else in order of arrival
	waiting    line               // delayed or in flight: what is visible first, first
	held       map[string]*stored // in flight, by the handle of the latest receipt
	changed    chan struct{}      // closed and replaced when something may have become visible
}

// stored is a message in its queue. It has a handle while it is in flight.
type stored struct {
	Message
	arrival int64
	visible time.Time
	place   int // in its line
}

func newQueue(a QueueAttributes, now time.Time) *queue {
	byPriority := func(a, b *stored) bool {
		return a.Priority < b.Priority || a.Priority == b.Priority && a.arrival < b.arrival
	}
	byTime := func(a, b *stored) bool { return a.visible.Before(b.visible) }
	return &queue{
		attributes: a, made: now, modified: now, ready: line{before: byPriority}, waiting: line{before: byTime},
		held: map[string]*stored{}, changed: make(chan struct{}),
	}
}

// add takes a message that is new to the queue.
func (q *queue) add(m Message, visible time.Time) {
	q.arrived++
	q.waiting.add(&stored{Message: m, arrival: q.arrived, visible: visible})
	q.wake()
}

// wake lets waiting receivers look again.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// settle makes ready what is visible by now. The handles of what was in flight die with that.
func (q *queue) settle(now time.Time) {
	for m := q.waiting.first(); m != nil && !m.visible.After(now); m = q.waiting.first() {
		q.release(m)
		q.ready.add(m)
	}
}

// hold makes a message that is in no line invisible until then, under that handle.
func (q *queue) hold(m *stored, handle string, until time.Time) {
	m.ReceiptHandle, m.NextVisibleTime, m.visible = handle, until, until
	q.held[handle] = m
	q.waiting.add(m)
}

// release takes a message out of those that wait, and its handle from it.
func (q *queue) release(m *stored) {
	q.waiting.remove(m)
	delete(q.held, m.ReceiptHandle)
	m.ReceiptHandle = ""
}

// next takes the message out of the queue that is to be received now, nil when none is visible. What is older than the
// queue keeps goes on the way.
func (q *queue) next(now time.Time) *stored {
	q.settle(now)
	for m := q.ready.first(); m != nil; m = q.ready.first() {
		q.ready.remove(m)
		if !q.expired(m, now) {
			return m
		}
	}
	return nil
}

func (q *queue) expired(m *stored, now time.Time) bool {
	return now.Sub(m.EnqueueTime) > q.attributes.Retention
}

func (q *queue) stats(now time.Time) (stats Stats) {
	q.settle(now)
	for _, m := range q.ready.messages {
		if !q.expired(m, now) {
			stats.Active++
		}
	}
	for _, m := range q.waiting.messages {
		switch {
		case q.expired(m, now):
		case m.DequeueCount > 0:
			stats.Inactive++
		default:
			stats.Delayed++
		}
	}
	return stats
}

// line is a heap of messages, the one that is before all others at its top.
type line struct {
	messages []*stored
	before   func(a, b *stored) bool
}

func (l *line) add(m *stored)    { heap.Push(l, m) }
func (l *line) remove(m *stored) { heap.Remove(l, m.place) }

// first is the message at the top, nil when there is none.
func (l *line) first() *stored {
	if len(l.messages) == 0 {
		return nil
	}
	return l.messages[0]
}

// Len, Less, Swap, Push and Pop are for container/heap alone.

func (l *line) Len() int           { return len(l.messages) }
func (l *line) Less(i, j int) bool { return l.before(l.messages[i], l.messages[j]) }

func (l *line) Swap(i, j int) {
	l.messages[i], l.messages[j] = l.messages[j], l.messages[i]
	l.messages[i].place, l.messages[j].place = i, j
}

func (l *line) Push(m any) {
	added := m.(*stored)
	added.place = len(l.messages)
	l.messages = append(l.messages, added)
}

func (l *line) Pop() any {
	last := len(l.messages) - 1
	m := l.messages[last]
	l.messages[last] = nil // or its body would be kept
	l.messages = l.messages[:last]
	return m
}
