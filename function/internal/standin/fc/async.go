package fc

import "context"

// asyncRetries is how often an asynchronous invocation that failed is run
// again: maxAsyncRetryAttempts of its configuration, 3 by default ("Configure a
// retry mechanism").
const asyncRetries = 3

// later runs an asynchronous invocation to its end, which Ended is told. One
// that the function failed is run again until its retries are used up, and then
// dropped. Assumed, since no source says: a retry has the request id of the
// first try and follows at once, and what the platform could not begin at all,
// because the process does not start, is dropped without a retry.
func (a *InvokeAPI) later(c call) {
	a.work.Go(func() {
		last, again := a.try(c)
		for again && c.retry < asyncRetries {
			c.retry++
			last, again = a.try(c)
		}
		if a.Ended != nil {
			a.Ended(last)
		}
	})
}

// try runs the function once and tells whether another try may come to
// something else.
func (a *InvokeAPI) try(c call) (last Invocation, again bool) {
	last, err := a.Runtime.invoke(context.Background(), c)
	if err != nil {
		failure := &Failure{Type: internalError, Message: err.Error()}
		return Invocation{RequestID: c.requestID, Retry: c.retry, Failure: failure}, false
	}
	return last, last.Failure != nil
}
