package estate

import (
	"slices"
	"time"
)

// transition is a change of the state that is due at a time.
type transition struct {
	at         time.Time
	attachment string // the id of the attachment that it belongs to
	do         func()
}

// Pending counts the transitions that are due later: of attachments, and of their bindings.
func (e *Estate) Pending() (n int) {
	e.locked(func() { n = len(e.pending) })
	return n
}

// locked runs do on a state that is up to date and then reports, without the lock, what changed.
// Everything that reads or changes the state goes through here.
func (e *Estate) locked(do func()) {
	e.mu.Lock()
	e.settle()
	do()
	e.mu.Unlock()
	e.notify()
}

// settle makes the transitions that are due. The lock is held.
func (e *Estate) settle() {
	now := time.Now()
	for len(e.pending) > 0 && !now.Before(e.pending[0].at) {
		due := e.pending[0]
		e.pending = e.pending[1:]
		due.do()
	}
}

// after makes a transition of an attachment when the time has passed. The lock is held.
func (e *Estate) after(wait time.Duration, attachmentID string, do func()) {
	if wait == 0 {
		do()
		return
	}
	due := transition{time.Now().Add(wait), attachmentID, do}
	behind := func(t transition, at time.Time) int { return t.at.Compare(at) }
	i, _ := slices.BinarySearchFunc(e.pending, due.at.Add(1), behind) // the last of those that are due at its time
	e.pending = slices.Insert(e.pending, i, due)
	e.wake(wait)
}

// cancel drops the transitions of an attachment. The lock is held.
func (e *Estate) cancel(attachmentID string) {
	e.pending = slices.DeleteFunc(e.pending, func(t transition) bool { return t.attachment == attachmentID })
}

// scaled is a time of the options at the configured speed.
func (e *Estate) scaled(seconds float64) time.Duration {
	return time.Duration(seconds * float64(time.Second) / e.options.Speed)
}

// wake settles the state after a time, so that OnChange is called then even if nobody calls the estate. The lock is
// held.
func (e *Estate) wake(wait time.Duration) {
	if e.closed {
		return
	}
	e.waking.Add(1)
	var timer *time.Timer
	timer = time.AfterFunc(wait, func() {
		defer e.waking.Done()
		e.locked(func() { delete(e.timers, timer) })
	})
	e.timers[timer] = true
}

// Close stops the timers and waits until they are done. Later calls are answered from the state as it is; close the
// listener first.
func (e *Estate) Close() {
	e.mu.Lock()
	e.closed = true
	for timer := range e.timers {
		if timer.Stop() {
			e.waking.Done()
		}
	}
	e.mu.Unlock()
	e.waking.Wait()
}

// notify hands the changes to OnChange and the events to OnTrail without the lock. A call that finds another one
// notifying leaves the work to it: so the order is kept, and OnChange may call the estate.
func (e *Estate) notify() {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.notifying {
		return
	}
	e.notifying = true
	for len(e.changes)+len(e.trails) > 0 {
		changes, trails := e.changes, e.trails
		e.changes, e.trails = nil, nil
		e.mu.Unlock()
		for _, change := range changes {
			e.options.OnChange(change)
		}
		for _, event := range trails {
			e.options.OnTrail(event)
		}
		e.mu.Lock()
	}
	e.notifying = false
}
