package local

import (
	"context"
	"fmt"
	"strings"
	"time"
)

// TimeoutError says that the cloud was not at rest in time, and what was left.
type TimeoutError struct {
	After time.Duration
	Left  string
}

func (e *TimeoutError) Error() string {
	return fmt.Sprintf("not at rest after %s: %s; give it longer with --timeout", e.After, e.Left)
}

// settle waits until the cloud is at rest, or until one of the flows cannot go on. Where it may
// give up, it does when nothing happens any more.
func (c *Cloud) settle(ctx context.Context, mayGiveUp bool, failed <-chan error, fed <-chan struct{}) error {
	l := newLookout(c)
	defer l.timer.Stop()
	for {
		select {
		case err := <-failed:
			if err != nil {
				return err
			}
		case <-ctx.Done():
			return ctx.Err()
		case <-c.moved:
			l.soon()
		case <-l.timer.C:
			isFed := isClosed(fed) // before the look: what is fed during it may be in no place that it has still to see
			left := l.look(isFed)
			if left == "" && isFed {
				return nil
			}
			if quiet := time.Since(l.quiet); mayGiveUp && quiet > c.patience() {
				return &TimeoutError{After: quiet.Round(time.Second), Left: "nothing happens any more, but " + left}
			}
		}
	}
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// lookout looks whether a cloud is at rest: soon after something has happened, then less and
// less often.
type lookout struct {
	cloud          *Cloud
	timer          *time.Timer
	first, longest time.Duration // waits between looks
	wait           time.Duration // until the next look
	quiet          time.Time     // since when nothing has happened, and nothing was due
	told           time.Time     // when Waiting was told
}

// tellEvery is how often Watch.Waiting is told.
const tellEvery = 5 * time.Second

func newLookout(c *Cloud) *lookout {
	l := &lookout{cloud: c, quiet: time.Now(), told: time.Now()}
	l.first, l.longest = scaled(500*time.Millisecond, c.speed), scaled(time.Minute, c.speed)
	if c.watch.Waiting != nil {
		l.longest = min(l.longest, tellEvery)
	}
	l.wait, l.timer = l.first, time.NewTimer(l.first)
	return l
}

// soon brings the next look forward, since something has happened.
func (l *lookout) soon() {
	l.quiet = time.Now()
	if l.wait > l.first {
		l.wait = l.first
		l.timer.Reset(l.wait)
	}
}

// look says what is left, and plans the next look.
func (l *lookout) look(fed bool) (left string) {
	l.wait = min(2*l.wait, l.longest)
	l.timer.Reset(l.wait)
	if !fed || !l.cloud.Queues.Due(l.cloud.EventQueue).IsZero() {
		l.quiet = time.Now()
	}
	left = l.cloud.left()
	if l.cloud.watch.Waiting != nil && time.Since(l.told) >= tellEvery {
		l.told = time.Now()
		l.cloud.watch.Waiting(left)
	}
	return left
}

// touch notes that something happened.
func (c *Cloud) touch() {
	select {
	case c.moved <- struct{}{}:
	default: // it is noted already
	}
}

// patience is the longest that this cloud can be silent while it works, and a minute.
func (c *Cloud) patience() time.Duration {
	spec := c.Spec
	longest := seconds(max(spec.AttachSeconds, spec.RouteTableSeconds, spec.DetachSeconds))
	return max(scaled(longest, c.speed), c.Trigger.Window, c.Trigger.Backoff) + c.timeout() + time.Minute
}

// left says what is still under way. The order matters: work flows from the function to the
// queue to the subscriber, so that nothing can slip past unseen.
func (c *Cloud) left() string {
	var parts []string
	if c.Runtime.Busy() {
		parts = append(parts, "an invocation is under way")
	}
	if pending := c.bridge.Pending(); pending > 0 {
		parts = append(parts, count(pending, "message")+" that the bus tries again")
	}
	if q := c.Queues.Stats(c.EventQueue); q.Active+q.Delayed+q.Inactive > 0 {
		visible := count(q.Active, "message") + " visible"
		parts = append(parts, fmt.Sprintf("%s, %d delayed, %d in flight", visible, q.Delayed, q.Inactive))
	}
	if c.Trigger.Busy() {
		parts = append(parts, "the trigger is busy")
	}
	if pending := c.Estate.Pending(); pending > 0 {
		parts = append(parts, fmt.Sprintf("%d attachments or bindings pending", pending))
	}
	if outcomes := c.Queues.Stats(c.outcomeQueue); outcomes.Active+outcomes.Inactive > 0 {
		parts = append(parts, count(outcomes.Active+outcomes.Inactive, "outcome")+" not received")
	}
	return strings.Join(parts, ", ")
}
