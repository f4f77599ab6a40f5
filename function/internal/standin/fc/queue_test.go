package fc

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"
)

// memoryQueue is a Queue without a visibility timeout: what was received
// stays hidden until it is deleted.
type memoryQueue struct {
	mu       sync.Mutex
	visible  []QueueMessage
	deleted  []string // receipt handles
	asked    []int    // how many messages each Receive was to give at most
	failing  error    // of every Receive
	expired  []string // receipt handles that Delete refuses
	sequence int
}

func newQueue(bodies ...string) *memoryQueue {
	q := &memoryQueue{}
	for _, body := range bodies {
		q.send(body)
	}
	return q
}

func (q *memoryQueue) send(body string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sequence++
	q.visible = append(q.visible, QueueMessage{
		MessageID: fmt.Sprintf("M%d", q.sequence), ReceiptHandle: fmt.Sprintf("R%d", q.sequence), Body: body,
		EnqueuedAt: time.Date(2026, 11, 23, 3, 0, q.sequence, 250e6, time.UTC),
	})
}

func (q *memoryQueue) Receive(ctx context.Context, most int, wait time.Duration) ([]QueueMessage, error) {
	for end := time.Now().Add(wait); ; time.Sleep(time.Millisecond) {
		if messages, err := q.take(most); err != nil || len(messages) > 0 {
			return messages, err
		}
		if time.Now().After(end) || ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
}

func (q *memoryQueue) take(most int) ([]QueueMessage, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := min(most, len(q.visible))
	if n > 0 {
		q.asked = append(q.asked, most)
	}
	taken := slices.Clone(q.visible[:n])
	q.visible = q.visible[n:]
	return taken, q.failing
}

func (q *memoryQueue) Delete(receipt string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if slices.Contains(q.expired, receipt) {
		return errors.New("ReceiptHandleError")
	}
	q.deleted = append(q.deleted, receipt)
	return nil
}

func (q *memoryQueue) gone() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.deleted)
}

func (q *memoryQueue) askedFor() []int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Clone(q.asked)
}
