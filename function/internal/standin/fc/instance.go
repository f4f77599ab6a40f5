package fc

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
)

// Host is where the instances of a function run: each as a Process, or all InProcess.
type Host interface {
	// start begins an instance. It calls isReady when the instance asks for work.
	start(rt *Runtime, inst *instance) (body, error)
}

// body is what an instance runs in.
type body interface {
	// wait returns the end of the instance, once nothing that it wrote is still to come.
	wait() end
	// kill ends the instance at once. It does not wait for the end.
	kill()
	// processID is the id of the instance's own process; 0 is none.
	processID() int
}

// end is how an instance ended.
type end struct {
	status    string // like "exit status 2"
	lastWords string // the last lines on stderr
}

func (e end) Error() string { return e.status }

// instance is one running copy of the function.
type instance struct {
	id          string
	environment map[string]string
	body        body
	work        chan *task    // unbuffered: a task is taken by an instance that asks for work, or by nobody
	polled      sync.Once     // guards ready
	ready       chan struct{} // closed when it first asks for work
	exited      chan struct{} // closed when it has ended and its output is read
	end         end           // read it after exited

	// These are guarded by Runtime.mu.
	condemned bool   // its answers are refused from now on
	current   *task  // what it works at
	tail      []byte // the end of what it wrote since it was handed its last task
	outdated  bool   // its release is not used any more

	release *release
}

// isReady says that the instance asks for work.
func (inst *instance) isReady() { inst.polled.Do(func() { close(inst.ready) }) }

// start runs a new instance and returns it once it asks for work. One that ends before is not
// started again: the next one would meet the same configuration.
func (rt *Runtime) start(ctx context.Context, of *release) (*instance, error) {
	name := rt.options.Function.Name
	inst, err := rt.launch(of)
	if err != nil {
		return nil, err
	}
	select {
	case <-inst.ready:
		return inst, nil
	case <-inst.exited:
		return nil, &startError{inst.id, fmt.Sprintf("starting %s: the process ended before it asked for work (%s): %s",
			name, inst.end.status, inst.end.lastWords)}
	case <-ctx.Done():
		inst.kill()
		return nil, fmt.Errorf("starting %s: %w", name, ctx.Err())
	}
}

// launch starts the instance and the goroutine that sees it end.
func (rt *Runtime) launch(of *release) (*instance, error) {
	id := rt.identifier("c")
	inst := &instance{
		id: id, environment: rt.environment(id, of.function), release: of,
		work: make(chan *task), ready: make(chan struct{}), exited: make(chan struct{}),
	}
	// Under the lock, so that Close meets every instance that was started.
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.closed {
		return nil, rt.closedError()
	}
	var err error
	if inst.body, err = of.host.start(rt, inst); err != nil {
		return nil, &startError{id, fmt.Sprintf("starting %s: %v", rt.options.Function.Name, err)}
	}
	rt.instances[inst.id] = inst
	rt.running.Go(func() { rt.watch(inst) })
	return inst, nil
}

// watch waits for the end of the instance and tells it only then: after exited is closed, no
// line of output comes and no invocation gets the instance.
func (rt *Runtime) watch(inst *instance) {
	inst.end = inst.body.wait()
	rt.mu.Lock()
	delete(rt.instances, inst.id)
	rt.idle = slices.DeleteFunc(rt.idle, func(other *instance) bool { return other == inst })
	rt.mu.Unlock()
	close(inst.exited)
}

// kill ends the instance at once, and waits for the end.
func (inst *instance) kill() {
	inst.body.kill()
	<-inst.exited
}

// Processes are the ids of the running instances' own processes.
func (rt *Runtime) Processes() (pids []int) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	for _, inst := range rt.instances {
		if pid := inst.body.processID(); pid != 0 {
			pids = append(pids, pid)
		}
	}
	return pids
}

// environment is what every instance is given: the user's variables under the platform's.
func (rt *Runtime) environment(id string, f Function) map[string]string {
	issued := rt.options.Issue()
	all := maps.Clone(f.Environment)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, map[string]string{
		"FC_INSTANCE_ID":                  id,
		"FC_REGION":                       f.Region,
		"FC_ACCOUNT_ID":                   f.Account,
		"FC_FUNCTION_NAME":                f.Name,
		"FC_FUNCTION_HANDLER":             f.Handler,
		"FC_FUNCTION_MEMORY_SIZE":         strconv.Itoa(f.MemoryMB),
		"ALIBABA_CLOUD_ACCESS_KEY_ID":     issued.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET": issued.AccessKeySecret,
		"ALIBABA_CLOUD_SECURITY_TOKEN":    issued.SecurityToken,
	})
	return all
}
