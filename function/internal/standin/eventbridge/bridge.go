// Package eventbridge stands in for EventBridge: buses whose rules take events by their patterns to queues,
// transformed, and again when a queue refuses.
//
// Patterns have the documented conditions: equality and lists, prefix, suffix, anything-but, exists, numeric, and
// objects inside. Transformations are ORIGINAL, CONSTANT, JSONPATH and TEMPLATE. A target that refuses is tried again
// as its strategy says; what it refuses in the end goes to the dead-letter queue as the event came to the bus
// (assumed).
//
// It does not imitate: targets other than queues, the condition cidr, the order of events that are tried again, and
// events that come twice.
package eventbridge

import (
	"encoding/base64"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// DefaultBus is the bus that has the events of the services.
const DefaultBus = "default"

// Options of a Bridge. Account, Region and Send are required.
type Options struct {
	Account, Region string
	// Send puts a message into a queue. An error is the queue's refusal.
	Send func(queue, body string) error
	// Speed divides the pauses between tries; 0 means 1.
	Speed float64
}

// Bridge is the buses with their rules. It is safe for concurrent use.
type Bridge struct {
	options Options
	open    atomic.Int64 // deliveries that are not done
	closing chan struct{}
	work    sync.WaitGroup

	mu    sync.Mutex
	rules []rule
	buses []string // that were made by CreateEventBus
}

// New makes the buses that the rules name.
func New(o Options, written []Rule) (*Bridge, error) {
	if o.Speed == 0 {
		o.Speed = 1
	}
	b := &Bridge{options: o, closing: make(chan struct{})}
	return b, b.Replace(written)
}

// Replace has the buses follow other rules. When one of them is wrong, all stay as they were.
func (b *Bridge) Replace(written []Rule) error {
	var rules []rule
	for _, one := range written {
		r, err := readRule("acs:mns:"+b.options.Region+":"+b.options.Account, one)
		if err != nil {
			return err
		}
		rules = append(rules, r)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.rules = rules
	return nil
}

// Put brings an event to a bus. It returns when every queue that the rules name has taken the event once, or refused
// it; what was refused is tried again later.
func (b *Bridge) Put(bus string, event []byte) error {
	value, err := decoded(event)
	if err != nil {
		return err
	}
	for _, t := range b.taken(bus, value) {
		body := t.body(event, value)
		if t.base64 {
			body = base64.StdEncoding.EncodeToString([]byte(body))
		}
		if b.options.Send(t.queue, body) == nil {
			continue
		}
		b.open.Add(1)
		b.work.Go(func() {
			b.again(t, body, event)
			b.open.Add(-1)
		})
	}
	return nil
}

// again tries until the queue takes the message, or the strategy gives up.
func (b *Bridge) again(t target, body string, event []byte) {
	for n := range t.waits.tries {
		pause := time.NewTimer(time.Duration(float64(t.waits.before(n)) / b.options.Speed))
		select {
		case <-pause.C:
		case <-b.closing:
			pause.Stop()
			return
		}
		if b.options.Send(t.queue, body) == nil {
			return
		}
	}
	if t.deadLetters != "" {
		_ = b.options.Send(t.deadLetters, string(event)) // there is nobody left to tell
	}
}

// Pending counts the messages that are to be tried again.
func (b *Bridge) Pending() int { return int(b.open.Load()) }

// Close gives up what is to be tried again.
func (b *Bridge) Close() {
	close(b.closing)
	b.work.Wait()
}

// waits are how often a target is tried again, and how long before each time.
type waits struct {
	tries  int
	before func(n int) time.Duration
}

// readStrategy knows the strategies by their names: three times after 10 to 20 s each, or 176 times in a day, after 1 s
// and then doubling to 512 s. A target that tolerates no errors blocks the rule, which is not imitated.
func readStrategy(name, tolerance string) (waits, error) {
	if tolerance != "ALL" {
		return waits{}, fmt.Errorf("the ErrorsTolerance %q is not ALL", tolerance)
	}
	switch name {
	case "BACKOFF_RETRY":
		return waits{3, func(int) time.Duration { return 15 * time.Second }}, nil
	case "EXPONENTIAL_DECAY_RETRY":
		return waits{176, func(n int) time.Duration { return time.Second << min(n, 9) }}, nil
	}
	return waits{}, fmt.Errorf("the PushRetryStrategy %q is neither BACKOFF_RETRY nor EXPONENTIAL_DECAY_RETRY", name)
}
