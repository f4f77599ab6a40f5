package fc

import (
	"context"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strconv"
	"sync"

	sdk "github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
)

// InProcess runs the instances inside this process, on this process's clock: a test can turn that (testing/synctest),
// so that an hour takes no time.
//
// A killed instance counts as ended at once, but its goroutines cannot be stopped: what they do has to fail from the
// end of the instance's life on.
type InProcess struct {
	// New makes the function for a new instance, as the function's main does: from its environment, with its standard
	// output. life ends when the instance does.
	New func(life context.Context, getenv func(string) string, stdout io.Writer) (sdk.Handler, error)
}

// guest is the body of an instance inside this process.
type guest struct {
	rt     *Runtime
	inst   *instance
	life   context.Context
	cancel context.CancelCauseFunc // takes the instance's end

	writing sync.Mutex
	stdout  *lines
}

func (h InProcess) start(rt *Runtime, inst *instance) (body, error) {
	life, cancel := context.WithCancelCause(context.Background())
	g := &guest{rt: rt, inst: inst, life: life, cancel: cancel}
	g.stdout = &lines{emit: func(line string) { rt.output(inst, "stdout", line) }}
	rt.running.Go(func() { g.main(h) })
	return g, nil
}

// main makes the function and runs what it is handed, until the instance ends.
func (g *guest) main(h InProcess) {
	handler, err := h.New(g.life, func(name string) string { return g.inst.environment[name] }, g)
	if err != nil {
		g.cancel(end{status: "exit status 1", lastWords: err.Error()})
		return
	}
	g.inst.isReady()
	for {
		select {
		case t := <-g.inst.work:
			g.serve(handler, t)
		case <-g.life.Done():
			return
		}
	}
}

// serve runs one invocation as the SDK does in a process of its own.
func (g *guest) serve(handler sdk.Handler, t *task) {
	ctx, cancel := context.WithDeadline(g.life, t.deadline)
	defer cancel()
	id, suffix := t.invocation.RequestID, ""
	fmt.Fprintln(g, "FC Invoke Start RequestId: "+id)
	a := invoke(fccontext.NewContext(ctx, g.rt.context(g.inst.release.function, t)), handler, t.payload)
	if a.failure != nil {
		suffix = ", Error: Unhandled function error"
	}
	fmt.Fprintln(g, "FC Invoke End RequestId: "+id+suffix)
	g.rt.accept(g.inst, id, a)
}

// invoke gives what the handler made of the payload; an error or a panic fails the invocation.
func invoke(ctx context.Context, handler sdk.Handler, payload []byte) (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = failed(typeName(p), fmt.Sprint(p))
		}
	}()
	response, err := handler.Invoke(ctx, payload)
	if err != nil {
		return failed(typeName(err), err.Error())
	}
	return answer{response: response}
}

// typeName is what the SDK calls an error or the value of a panic.
func typeName(v any) string {
	t := reflect.TypeOf(v)
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	return t.Name()
}

// context is what the handler is told of its invocation.
func (rt *Runtime) context(f Function, t *task) *fccontext.FcContext {
	key := t.credentials
	return &fccontext.FcContext{
		RequestID: t.invocation.RequestID, Region: f.Region, AccountId: f.Account, RetryCount: t.invocation.Retry,
		Credentials: fccontext.Credentials{
			AccessKeyId: key.AccessKeyID, AccessKeySecret: key.AccessKeySecret, SecurityToken: key.SecurityToken,
		},
		Function: fccontext.Function{
			Name: f.Name, Handler: f.Handler, Memory: strconv.Itoa(f.MemoryMB), Timeout: t.wholeSeconds(),
		},
		Service: fccontext.Service{Qualifier: t.invocation.Version, VersionId: t.invocation.Version},
	}
}

// Write takes what the function writes; what it writes after the end of its instance is lost.
func (g *guest) Write(text []byte) (int, error) {
	g.writing.Lock()
	defer g.writing.Unlock()
	if g.life.Err() != nil {
		return len(text), nil
	}
	return g.stdout.Write(text)
}

func (g *guest) wait() end {
	<-g.life.Done()
	var ended end
	_ = errors.As(context.Cause(g.life), &ended)
	return ended
}

func (g *guest) kill() { g.cancel(end{status: "killed"}) }

func (g *guest) processID() int { return 0 }
