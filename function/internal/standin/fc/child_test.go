package fc

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
)

// childVariable makes this test binary a function of Function Compute: its
// value is how the process starts, and each payload says what to do.
// initializerVariable says what its initializer does.
const (
	childVariable       = "FCTEST_CHILD"
	initializerVariable = "FCTEST_INITIALIZER"
	initializerPause    = 20 * time.Millisecond
)

func TestMain(m *testing.M) {
	switch os.Getenv(childVariable) {
	case "":
		os.Exit(m.Run())
	case "serves":
		fc.Start(newChild().handle)
	case "serves after its initializer":
		c := newChild()
		fc.RegisterInitializerFunction(c.initialize)
		fc.Start(c.handle)
	case "exits at once":
		fmt.Fprint(os.Stderr, "an old story\n", strings.Repeat("\n", lastLines-1))
		fmt.Fprintln(os.Stderr, "reading the configuration: MNS_ENDPOINT is missing")
		os.Exit(2)
	case "never polls":
		time.Sleep(time.Minute)
	case "hosts another":
		hostAnother()
	}
}

// order is a payload: what the function is to do with it.
type order struct {
	Do    string
	Value string
	File  string
}

// refusedError has a name, because the SDK reports that as the error's type.
type refusedError struct{ reason string }

func (e *refusedError) Error() string { return "refused: " + e.reason }

// seen is what a process can tell of how it is run.
type seen struct {
	Environment []string
	Context     *fccontext.FcContext
	Deadline    time.Time
	Directory   string
}

type child struct {
	busy, peak  atomic.Int32
	initialized []seen // written before any invocation
}

func newChild() *child { return &child{} }

func (c *child) handle(ctx context.Context, payload []byte) (any, error) {
	var o order
	if err := json.Unmarshal(payload, &o); err != nil {
		return json.RawMessage(payload), nil
	}
	switch o.Do {
	case "fail":
		return nil, &refusedError{o.Value}
	case "panic":
		panic(o.Value)
	case "crash":
		fmt.Print("unfinished") // a line without its end
		os.Exit(3)
	case "sleep":
		time.Sleep(time.Minute)
	case "await":
		fmt.Printf("awaiting %s\n", o.Value)
		awaitFile(o.File)
	case "leave": // after the answer
		go func() {
			awaitFile(o.File)
			os.Exit(0)
		}()
	case "overlap":
		return c.overlap(), nil
	case "describe":
		return describe(ctx), nil
	case "describe the initializer":
		return c.initialized, nil
	case "fail before retry": // number o.Value
		if retry := strconv.Itoa(describe(ctx).Context.RetryCount); retry < o.Value {
			return nil, &refusedError{"retry " + retry}
		}
	case "chatter":
		for n := range 200 {
			fmt.Printf("line %03d %s\n", n, strings.Repeat("x", 50))
		}
	}
	return json.RawMessage(payload), nil
}

// initialize is the hook of the process.
func (c *child) initialize(ctx context.Context) {
	c.initialized = append(c.initialized, describe(ctx))
	fmt.Println("initializing")
	switch os.Getenv(initializerVariable) {
	case "panics":
		panic("no memory")
	case "exits":
		os.Exit(4)
	case "pauses":
		time.Sleep(initializerPause)
	case "hangs":
		time.Sleep(time.Minute)
	}
}

func awaitFile(name string) {
	for _, err := os.Stat(name); err != nil; _, err = os.Stat(name) {
		time.Sleep(time.Millisecond)
	}
}

// overlap returns how many invocations were in the process at once so far.
func (c *child) overlap() int32 {
	now := c.busy.Add(1)
	defer c.busy.Add(-1)
	if now > c.peak.Load() {
		c.peak.Store(now)
	}
	time.Sleep(5 * time.Millisecond)
	return c.peak.Load()
}

func describe(ctx context.Context) seen {
	known, _ := fccontext.FromContext(ctx)
	deadline, _ := ctx.Deadline()
	directory, _ := os.Getwd()
	return seen{os.Environ(), known, deadline, directory}
}

// hostAnother runs a Runtime in this process, prints the process id of its
// instance and stays.
func hostAnother() {
	binary, _ := os.Executable()
	rt := NewRuntime(Options{
		Function: Function{Environment: map[string]string{childVariable: "never polls"}},
		Host:     Process{Binary: binary},
		Issue:    func() Credentials { return Credentials{} },
	})
	inst, err := rt.launch(rt.latest)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(inst.body.processID())
	time.Sleep(time.Minute)
}
