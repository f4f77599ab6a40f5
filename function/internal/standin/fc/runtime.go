// Package fc stands in for the part of Alibaba Cloud Function Compute
// that runs a go1 function and for the MNS queue trigger that feeds it.
//
// A Runtime starts the function's own binary as the platform does, one
// process per instance, and serves it the runtime API that the SDK
// (github.com/aliyun/fc-runtime-go-sdk) speaks. It is an http.Handler, to be
// mounted where Process.Address leads; Invoke then runs the function once. A
// Runtime can also run the instances inside this process, on its clock: see
// InProcess. A
// Trigger takes messages from a Queue, wraps them as the platform does and
// pushes them into Invoke, with the platform's tries and dead-lettering. An
// InvokeAPI lets others invoke the function over HTTP, through the platform's
// own SDKs and Serverless Devs' "s invoke".
//
//	runtime := fc.NewRuntime(options)
//	defer runtime.Close()
//	http.Handle(fc.InvokePath, &fc.InvokeAPI{Runtime: runtime, Signatures: verifier})
//	trigger := &fc.Trigger{Queue: queue, Mode: fc.EventStreaming, Invoke: runtime.Invoke, …}
//	err := trigger.Run(ctx)
//
// Delivery is at least once: a message is deleted only after its push
// succeeded or was dead-lettered, and one whose visibility timeout runs out in
// between is delivered again by the queue.
//
// Not imitated: pre-stop and pre-freeze hooks; the freezing of an instance
// between invocations and its retirement when idle; CPU and memory limits and
// those of a response; more than one concurrent invocation per instance; HTTP
// functions; the refusal of an invocation while all instances are busy (429
// ResourceExhausted: here it waits); how many versions there may be, and aliases of two versions; log delivery; event
// filters; parallel consumers of one stream; EXPONENTIAL_DECAY_RETRY;
// errorsTolerance NONE. Of the API: operations that make and delete a function;
// asynchronous tasks, destinations and configurations, and what an asynchronous
// invocation waits before it is tried again; the stack trace of a panic and
// what an invocation used; permissions.
package fc

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"time"
)

const (
	defaultTimeout            = 60 * time.Second
	defaultInitializerTimeout = 3 * time.Second
	defaultMemoryMB           = 128
	qualifier                 = "LATEST" // the version that is configured
	alias                     = "live"   // a name for it at first, which template.yml deploys
)

// Function is how the platform is told to run a function: the fields of an
// FC 3.0 function that its process can notice.
type Function struct {
	Name, Handler string
	// Account and Region reach the process in every invocation's context and in
	// its environment.
	Account, Region string
	// Timeout of one invocation, 60 s when zero. The process sees it in whole
	// seconds, rounded up, and as an exact deadline.
	Timeout time.Duration
	// Initializer names the hook that each instance runs before its first
	// invocation; none when empty. The SDK knows one hook at most and runs that
	// whatever its name (fc.RegisterInitializerFunction).
	Initializer string
	// InitializerTimeout of that hook, 3 s when zero; it does not count into
	// Timeout.
	InitializerTimeout time.Duration
	// MemoryMB is told to the process, not enforced; 128 when zero.
	MemoryMB int
	// Environment holds the user's variables. The platform's own (FC_*,
	// ALIBABA_CLOUD_*) win over them, and nothing of the environment of the
	// calling process is passed on but GORACE.
	Environment map[string]string
	// Code gives what callers are told of the code; nothing when nil. See ReadCode.
	Code func() Code
	// Instances is how many may run at once, 1 when zero.
	Instances int
}

// Credentials are temporary ones of the function's role, as STS issues them.
type Credentials struct{ AccessKeyID, AccessKeySecret, SecurityToken string }

// Options of a Runtime. Host and Issue are required.
type Options struct {
	Function Function
	Host     Host
	// Issue is asked once for the environment of every new instance and once for
	// every invocation. Kill tells invocations apart by their access key, so
	// no two calls may return the same.
	Issue func() Credentials
	// Output receives every line that a process writes; stream is "stdout" or
	// "stderr". It is called from several goroutines, and an instance counts as
	// ended only when its last line was taken: it must not wait for the Runtime.
	// Nil discards the lines.
	Output func(instance, stream, line string)
}

// Runtime runs one function. It is safe for concurrent use.
type Runtime struct {
	options Options
	slots   chan struct{}  // holds a token for every instance in use
	done    chan struct{}  // closed by Close
	running sync.WaitGroup // processes, and invocations under way

	mu          sync.Mutex
	closed      bool
	identifiers int
	started     int // invocations
	instances   map[string]*instance
	idle        []*instance
	record      []Invocation
	waits       []time.Time // when an invocation found every instance busy
	latest      *release
	versions    []*release // the oldest first
	published   int        // versions, those of this function
	aliases     map[string]pointer
	removed     bool // there is no function
}

// NewRuntime returns a Runtime without any instance: the first Invoke starts
// one. Close must be called when it is no longer needed.
func NewRuntime(o Options) *Runtime {
	o.Function = o.Function.complete()
	now := time.Now()
	return &Runtime{
		options:   o,
		slots:     make(chan struct{}, max(1, o.Function.Instances)),
		done:      make(chan struct{}),
		instances: map[string]*instance{},
		latest:    &release{id: qualifier, function: o.Function, host: o.Host, made: now, changed: now},
		aliases:   map[string]pointer{alias: {qualifier, now, now}},
	}
}

// complete is the function with the platform's defaults.
func (f Function) complete() Function {
	if f.Code == nil {
		f.Code = func() Code { return Code{} }
	}
	f.Timeout = cmp.Or(f.Timeout, defaultTimeout)
	f.InitializerTimeout = cmp.Or(f.InitializerTimeout, defaultInitializerTimeout)
	f.MemoryMB = cmp.Or(f.MemoryMB, defaultMemoryMB)
	return f
}

// Configure gives the function other variables and nothing else, as Update does.
func (rt *Runtime) Configure(variables map[string]string) {
	rt.mu.Lock()
	old := rt.latest
	next := *old
	next.function.Environment, next.changed = variables, time.Now()
	rt.latest = &next
	rt.mu.Unlock()
	rt.retire(func(r *release) bool { return r == old })
}

// Kill ends the process whose current invocation was given that access key,
// as a lost machine would: no answer of that process counts any more, and the
// process is gone when Kill returns. The invocation ends as InstanceCrashed.
// Kill reports whether there was such an invocation.
func (rt *Runtime) Kill(accessKeyID string) bool {
	victim := rt.condemn(accessKeyID)
	if victim == nil {
		return false
	}
	victim.kill()
	return true
}

// condemn makes sure that the instance which runs the invocation with that
// key is refused from now on, and returns it.
func (rt *Runtime) condemn(accessKeyID string) *instance {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	for _, inst := range rt.instances {
		if inst.current != nil && inst.current.credentials.AccessKeyID == accessKeyID {
			inst.condemned = true
			return inst
		}
	}
	return nil
}

// Invocations returns all that ended so far, in the order of their end.
func (rt *Runtime) Invocations() []Invocation {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return slices.Clone(rt.record)
}

// Waits returns when an invocation had to wait since every instance was busy. The platform would have refused it.
func (rt *Runtime) Waits() []time.Time {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	return slices.Clone(rt.waits)
}

// Busy reports whether an invocation is under way, from the start of its
// instance on: whether a process may still have an effect.
func (rt *Runtime) Busy() bool { return len(rt.slots) > 0 }

// Close kills every instance and waits until they are gone. Invocations under
// way end as InstanceCrashed; later ones are refused with an error.
func (rt *Runtime) Close() {
	rt.mu.Lock()
	if !rt.closed {
		rt.closed = true
		close(rt.done)
	}
	var left []*instance
	for _, inst := range rt.instances {
		left = append(left, inst)
	}
	rt.mu.Unlock()
	for _, inst := range left {
		inst.kill()
	}
	rt.running.Wait()
}

// identifier returns a new id in the platform's form, which is "1-" for
// requests and "c-" for instances, the second, and what makes it unique.
func (rt *Runtime) identifier(prefix string) string {
	now := time.Now()
	rt.mu.Lock()
	defer rt.mu.Unlock()
	rt.identifiers++
	return fmt.Sprintf("%s-%08x-%08x-%012x", prefix, now.Unix(), now.Nanosecond(), rt.identifiers)
}

func (rt *Runtime) closedError() error {
	return fmt.Errorf("running %s: the runtime is closed", rt.options.Function.Name)
}
