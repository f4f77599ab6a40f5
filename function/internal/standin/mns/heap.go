package mns

import (
	"container/heap"
	"time"
)

// queue holds each of its messages in one of two heaps, so that a receive costs the same however many there are.
type queue struct {
	attributes QueueAttributes
	made       time.Time
	modified   time.Time
	arrived    int64              // how many messages have arrived so far
	ready      messageHeap        // visible: by priority, then by arrival
	waiting    messageHeap        // delayed or in flight: by the time at which they become visible
	inFlight   map[string]*stored // by the handle of the latest receipt
	changed    chan struct{}      // closed and replaced when something may have become visible
	since      time.Time          // when the first of those that are ready became visible
	drained    time.Time          // when the last of those that were ready was taken
}

// stored is a message in its queue. It has a handle while it is delayed or in flight.
type stored struct {
	Message
	arrival int64
	visible time.Time
	index   int // in its heap
}

func newQueue(a QueueAttributes, now time.Time) *queue {
	byPriority := func(a, b *stored) bool {
		return a.Priority < b.Priority || a.Priority == b.Priority && a.arrival < b.arrival
	}
	byTime := func(a, b *stored) bool { return a.visible.Before(b.visible) }
	return &queue{
		attributes: a, made: now, modified: now, inFlight: map[string]*stored{}, changed: make(chan struct{}),
		ready: messageHeap{before: byPriority}, waiting: messageHeap{before: byTime},
	}
}

// add takes a message that is new to the queue.
func (q *queue) add(m Message, visible time.Time) {
	q.arrived++
	q.waiting.add(&stored{Message: m, arrival: q.arrived, visible: visible})
	q.wake()
}

// postpone takes a message that is new to the queue and becomes visible later. Until then it has a handle.
func (q *queue) postpone(m Message, handle string, visible time.Time) Message {
	q.arrived++
	added := &stored{Message: m, arrival: q.arrived}
	q.hold(added, handle, visible)
	q.wake()
	return added.Message
}

// wake lets waiting receivers look again.
func (q *queue) wake() {
	close(q.changed)
	q.changed = make(chan struct{})
}

// settle makes ready what is visible by now. A message that was in flight loses its handle.
func (q *queue) settle(now time.Time) {
	for m := q.waiting.first(); m != nil && !m.visible.After(now); m = q.waiting.first() {
		q.release(m)
		if q.ready.first() == nil {
			q.since = m.visible
		}
		q.ready.add(m)
	}
}

// hold makes a message that is in neither heap invisible until then, under that handle.
func (q *queue) hold(m *stored, handle string, until time.Time) {
	m.ReceiptHandle, m.NextVisibleTime, m.visible = handle, until, until
	q.inFlight[handle] = m
	q.waiting.add(m)
}

// release takes a waiting message out of its heap, and its handle from it.
func (q *queue) release(m *stored) {
	q.waiting.remove(m)
	delete(q.inFlight, m.ReceiptHandle)
	m.ReceiptHandle = ""
}

// next takes the message out of the queue that is to be received now; nil when none is visible. It drops messages that
// are older than the queue keeps them.
func (q *queue) next(now time.Time) *stored {
	q.settle(now)
	for m := q.ready.first(); m != nil; m = q.ready.first() {
		q.ready.remove(m)
		if !q.expired(m, now) {
			q.drained = now
			return m
		}
	}
	return nil
}

func (q *queue) expired(m *stored, now time.Time) bool {
	return now.Sub(m.EnqueueTime) > q.attributes.Retention
}

// emptySince is since when no message is visible: the last one was taken or became too old, or there never was one.
func (q *queue) emptySince(now time.Time) time.Time {
	if q.stats(now).Active > 0 {
		return time.Time{}
	}
	since := q.made
	if q.drained.After(since) {
		since = q.drained
	}
	for _, m := range q.ready.messages {
		if end := m.EnqueueTime.Add(q.attributes.Retention); end.After(since) {
			since = end
		}
	}
	return since
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

// messageHeap is a heap of messages in the order of before.
type messageHeap struct {
	messages []*stored
	before   func(a, b *stored) bool
}

func (h *messageHeap) add(m *stored)    { heap.Push(h, m) }
func (h *messageHeap) remove(m *stored) { heap.Remove(h, m.index) }

// first is the message at the top; nil when there is none.
func (h *messageHeap) first() *stored {
	if len(h.messages) == 0 {
		return nil
	}
	return h.messages[0]
}

// Len, Less, Swap, Push and Pop are for container/heap alone.

func (h *messageHeap) Len() int           { return len(h.messages) }
func (h *messageHeap) Less(i, j int) bool { return h.before(h.messages[i], h.messages[j]) }

func (h *messageHeap) Swap(i, j int) {
	h.messages[i], h.messages[j] = h.messages[j], h.messages[i]
	h.messages[i].index, h.messages[j].index = i, j
}

func (h *messageHeap) Push(m any) {
	added := m.(*stored)
	added.index = len(h.messages)
	h.messages = append(h.messages, added)
}

func (h *messageHeap) Pop() any {
	last := len(h.messages) - 1
	m := h.messages[last]
	h.messages[last] = nil // or its body would be kept
	h.messages = h.messages[:last]
	return m
}
