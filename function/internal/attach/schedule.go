package attach

import (
	"context"
	"errors"
	"time"
)

// Tries are the short in-process tries of one API call.
type Tries struct {
	Count       int           // calls at most, the first included
	First       time.Duration // wait before the second; doubles from there
	Most        time.Duration // the longest wait
	CallTimeout time.Duration // of each call
}

// maxPause is the longest wait for a service that asks for one.
const maxPause = 5 * time.Second

// clockwork is what waiting needs of the world.
type clockwork struct {
	sleep  func(context.Context, time.Duration) error
	random func() float64
}

// wait is how long to wait after the given try: doubling, with half of it jitter so
// that parallel callers do not come back together, and never less than what the
// service asked for.
func (t Tries) wait(try int, err error, random float64) time.Duration {
	wait := t.Most
	if try < 16 {
		wait = min(t.First<<(try-1), t.Most)
	}
	wait = wait/2 + time.Duration(random*float64(wait/2))
	var api *APIError
	if errors.As(err, &api) {
		wait = max(wait, api.RetryAfter)
	}
	return wait
}

// do makes the call until it succeeds, fails for good, has used up its tries, or the
// context ends. It does not begin a wait that would outlast the context, or that is
// longer than what is worth waiting inside an invocation.
func (t Tries) do(ctx context.Context, c clockwork, table ErrorTable, call func(context.Context) error) error {
	for try := 1; ; try++ {
		err := call(ctx)
		if err == nil || table.Of(err) != ClassRetry || try >= t.Count {
			return err
		}
		pause := t.wait(try, err, c.random())
		deadline, limited := ctx.Deadline()
		if pause > maxPause || limited && time.Until(deadline) < pause || c.sleep(ctx, pause) != nil {
			return err
		}
	}
}

// once makes one call within the call timeout.
func (t Tries) once(ctx context.Context, call func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, t.CallTimeout)
	defer cancel()
	return call(ctx)
}

// Sleep waits for d or until ctx ends, whichever comes first.
func Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
