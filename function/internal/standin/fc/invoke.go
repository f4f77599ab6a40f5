package fc

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"
)

// Invoke runs the function once, the version that its alias live means, else
// LATEST. It waits while all instances are busy,
// prefers an idle instance and starts one when there is none.
//
// An error means that the platform could not run the function at all: the
// binary does not start or ends before it asks for work (the text then holds
// its last lines on stderr), the Runtime is closed, or ctx ended first.
// Whatever the function does with the payload is in Invocation.Failure. When
// ctx ends during the invocation, Invoke returns. The invocation still runs to its
// end and is recorded, as on the platform when a caller disconnects.
func (rt *Runtime) Invoke(ctx context.Context, payload []byte) (Invocation, error) {
	asked := alias
	if _, refusal := rt.resolve(alias); refusal != nil {
		asked = qualifier
	}
	return rt.InvokeAs(ctx, asked, payload)
}

// InvokeAs is Invoke of what a qualifier means: LATEST, a version or an alias.
func (rt *Runtime) InvokeAs(ctx context.Context, asked string, payload []byte) (Invocation, error) {
	return rt.invoke(ctx, call{requestID: rt.identifier("1"), payload: payload, qualifier: asked})
}

func (rt *Runtime) invoke(ctx context.Context, c call) (Invocation, error) {
	name, began := rt.options.Function.Name, time.Now()
	if err := rt.take(ctx); err != nil {
		return Invocation{}, err
	}
	of, refusal := rt.resolve(c.qualifier)
	if refusal != nil {
		<-rt.slots
		return Invocation{}, fmt.Errorf("running %s: %s: %s", name, refusal.Code, refusal.Message)
	}
	inst, t, err := rt.assign(ctx, c, of)
	if err != nil {
		<-rt.slots
		var ended *startError
		if of.isDeployed && errors.As(err, &ended) {
			return rt.stillborn(c, of, ended, began), nil
		}
		return Invocation{}, err
	}
	ended := make(chan Invocation, 1)
	go func() {
		defer rt.running.Done()
		ended <- rt.run(inst, t)
	}()
	select {
	case invocation := <-ended:
		return invocation, nil
	case <-ctx.Done():
		id := t.invocation.RequestID
		return t.invocation, fmt.Errorf("waiting for the answer of %s to %s: %w", name, id, ctx.Err())
	}
}

// take takes a slot, and waits for it while all are taken.
func (rt *Runtime) take(ctx context.Context) error {
	select {
	case rt.slots <- struct{}{}:
		return nil
	default:
	}
	rt.mu.Lock()
	rt.waits = append(rt.waits, time.Now())
	rt.mu.Unlock()
	select {
	case rt.slots <- struct{}{}:
		return nil
	case <-rt.done:
		return rt.closedError()
	case <-ctx.Done():
		return fmt.Errorf("waiting for an instance of %s: %w", rt.options.Function.Name, ctx.Err())
	}
}

// assign makes a task of the call for an instance that is ready. With a nil
// error it has counted the task as running.
func (rt *Runtime) assign(ctx context.Context, c call, of *release) (*instance, *task, error) {
	inst := rt.takeIdle(of)
	cold := inst == nil
	if cold {
		var err error
		if inst, err = rt.start(ctx, of); err != nil {
			return nil, nil, err
		}
	}
	t := &task{
		credentials: rt.options.Issue(), payload: c.payload,
		timeout: of.function.Timeout, answered: make(chan answer, 1),
	}
	t.invocation = Invocation{
		RequestID: c.requestID, Retry: c.retry, InstanceID: inst.id, Cold: cold, Version: of.id,
		AccessKeyID: t.credentials.AccessKeyID, Started: time.Now(),
	}
	t.deadline = t.invocation.Started.Add(t.timeout)

	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.closed {
		return nil, nil, rt.closedError()
	}
	rt.running.Add(1)
	rt.started++
	t.invocation.Number = rt.started
	return inst, t, nil
}

// takeIdle returns the instance of a release that was idle for the shortest time, or nil.
func (rt *Runtime) takeIdle(of *release) *instance {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	for i, inst := range slices.Backward(rt.idle) {
		if inst.release == of {
			rt.idle = slices.Delete(rt.idle, i, i+1)
			return inst
		}
	}
	return nil
}

// run sees a task through and frees its instance, when that is still alive.
func (rt *Runtime) run(inst *instance, t *task) Invocation {
	a := rt.initialize(inst, t)
	if a.failure == nil {
		a = rt.await(inst, t)
	}
	invocation := t.invocation
	invocation.Response, invocation.Failure = a.response, a.failure
	invocation.Duration = time.Since(invocation.Started)
	invocation.Log = rt.logUntil(inst, "FC Invoke End RequestId: "+invocation.RequestID)

	rt.mu.Lock()
	rt.record = append(rt.record, invocation)
	outdated := inst.outdated
	if rt.instances[inst.id] != nil && !outdated {
		rt.idle = append(rt.idle, inst)
	}
	rt.mu.Unlock()
	if outdated {
		inst.kill()
	}
	<-rt.slots
	return invocation
}

// initialize runs the initializer, if there is one and the instance has not
// served yet. When that fails, so does the invocation, and the instance is not
// used: the next invocation starts another ("Initializer hook").
func (rt *Runtime) initialize(inst *instance, t *task) answer {
	f := inst.release.function
	if f.Initializer == "" || !t.invocation.Cold {
		return answer{}
	}
	a := rt.await(inst, &task{
		invocation: t.invocation, credentials: t.credentials, initializes: true,
		timeout: f.InitializerTimeout, deadline: time.Now().Add(f.InitializerTimeout), answered: make(chan answer, 1),
	})
	if a.failure != nil {
		inst.kill()
		return failed(InitializationError, "the initializer failed: "+a.failure.Message)
	}
	rt.logUntil(inst, "FC Initialize End RequestId: "+t.invocation.RequestID) // which is not the invocation's
	t.deadline = time.Now().Add(t.timeout)
	return answer{}
}

// await hands the task over and returns the first thing that settles it.
func (rt *Runtime) await(inst *instance, t *task) answer {
	rt.mu.Lock()
	inst.current, inst.tail = t, nil
	rt.mu.Unlock()
	timer := time.NewTimer(t.timeout)
	defer timer.Stop()
	handOver := inst.work
	for {
		select {
		case handOver <- t:
			handOver = nil // once only
		case a := <-t.answered:
			return a
		case <-inst.exited:
			rt.giveUp(inst, t, InstanceCrashed, "the process ended before it answered: "+inst.end.status)
			return <-t.answered
		case <-timer.C:
			message := fmt.Sprintf("Function timed out after %g seconds", t.timeout.Seconds())
			if rt.giveUp(inst, t, FunctionTimeout, message) {
				inst.kill()
			}
			return <-t.answered
		}
	}
}

// giveUp settles the task for the function, and reports whether it did: an
// answer that came first stands.
func (rt *Runtime) giveUp(inst *instance, t *task, kind, message string) bool {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if inst.current != t {
		return false
	}
	inst.settle(failed(kind, message))
	return true
}

// accept takes an instance's answer to its current invocation, and reports whether it counts.
func (rt *Runtime) accept(inst *instance, requestID string, a answer) bool {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	t := inst.current
	if inst.condemned || t == nil || t.invocation.RequestID != requestID {
		return false
	}
	inst.settle(a)
	return true
}

// settle ends the current task; the caller holds Runtime.mu.
func (inst *instance) settle(a answer) {
	inst.current.answered <- a
	inst.current = nil
}

func failed(kind, message string) answer {
	return answer{failure: &Failure{Type: kind, Message: message}}
}

// reported reads the document that the SDK posts to /error.
func reported(body []byte) answer {
	var document struct{ ErrorType, ErrorMessage string }
	if err := json.Unmarshal(body, &document); err != nil {
		return failed("", string(body))
	}
	return failed(document.ErrorType, document.ErrorMessage)
}
