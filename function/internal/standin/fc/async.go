package fc

import "context"

// asyncRetries is how many retries an asynchronous invocation gets: maxAsyncRetryAttempts of its configuration, 3 by
// default ("Configure a retry mechanism").
const asyncRetries = 3

// runAsync runs an asynchronous invocation to its end, and tells Ended. One that fails is retried until its retries are
// used up, and then dropped. Assumed, since no source says: a retry has the request id of the first try and follows at
// once, and an invocation that the platform cannot begin, because the process does not start, is dropped without a
// retry.
func (a *InvokeAPI) runAsync(c call) {
	a.work.Go(func() {
		last, retry := a.try(c)
		for retry && c.retry < asyncRetries {
			c.retry++
			last, retry = a.try(c)
		}
		if a.Ended != nil {
			a.Ended(last)
		}
	})
}

// try runs the function once, and says whether a retry may help.
func (a *InvokeAPI) try(c call) (last Invocation, retry bool) {
	last, err := a.Runtime.invoke(context.Background(), c)
	if err != nil {
		failure := &Failure{Type: internalError, Message: err.Error()}
		return Invocation{RequestID: c.requestID, Retry: c.retry, Failure: failure}, false
	}
	return last, last.Failure != nil
}
