package fc

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// instance is one process of the function.
type instance struct {
	id      string
	cmd     *exec.Cmd
	stdout  *lines
	stderr  *lines
	work    chan *task    // unbuffered: a task is taken by a poll or by nobody
	polled  sync.Once     // guards ready
	ready   chan struct{} // closed at the first poll for work
	exited  chan struct{} // closed when the process is gone and its output read
	last    []string      // the last lines on stderr; read them after exited
	current *task         // what it works at; under Runtime.mu
	// tail is the end of what it wrote since it was handed its last task; under
	// Runtime.mu.
	tail []byte
	// condemned refuses what the process still says while it dies; under
	// Runtime.mu.
	condemned bool
	// outdated is set once the function was configured anew; under Runtime.mu.
	outdated bool
}

// lastLines is how much of stderr an error repeats.
const lastLines = 20

// start runs a new process and returns it once it asks for work. A process
// that ends before is not started again: the next one would meet the same
// configuration.
func (rt *Runtime) start(ctx context.Context) (*instance, error) {
	name := rt.options.Function.Name
	inst, err := rt.launch()
	if err != nil {
		return nil, err
	}
	select {
	case <-inst.ready:
		return inst, nil
	case <-inst.exited:
		return nil, fmt.Errorf("starting %s: the process ended before it asked for work (%s): %s",
			name, inst.status(), strings.Join(inst.last, "\n"))
	case <-ctx.Done():
		inst.kill()
		return nil, fmt.Errorf("starting %s: %w", name, ctx.Err())
	}
}

// launch starts the process and the goroutine that sees it end.
func (rt *Runtime) launch() (*instance, error) {
	binary, err := filepath.Abs(rt.options.Function.Binary)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", rt.options.Function.Binary, err)
	}
	inst := &instance{
		id:     rt.identifier("c"),
		work:   make(chan *task),
		ready:  make(chan struct{}),
		exited: make(chan struct{}),
	}
	inst.stdout = &lines{emit: func(line string) { rt.output(inst, "stdout", line) }}
	inst.stderr = &lines{emit: func(line string) {
		inst.last = append(inst.last[max(0, len(inst.last)-lastLines+1):], line)
		rt.output(inst, "stderr", line)
	}}
	inst.cmd = &exec.Cmd{
		Path: binary, Args: []string{binary}, Dir: filepath.Dir(binary),
		Env:    rt.environment(inst.id, filepath.Dir(binary)),
		Stdout: inst.stdout, Stderr: inst.stderr,
		SysProcAttr: diesWithParent(),
	}

	// Under the lock, so that Close meets every process that was started.
	rt.mu.Lock()
	defer rt.mu.Unlock()
	if rt.closed {
		return nil, rt.closedError()
	}
	if err := inst.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", rt.options.Function.Name, err)
	}
	rt.instances[inst.id] = inst
	rt.running.Add(1)
	go rt.watch(inst)
	return inst, nil
}

// watch waits for the end of the process and only then lets others know: who
// sees exited closed gets no line of output and no idle instance afterwards.
func (rt *Runtime) watch(inst *instance) {
	defer rt.running.Done()
	_ = inst.cmd.Wait() // the status is kept in the command
	inst.stdout.flush()
	inst.stderr.flush()
	rt.mu.Lock()
	delete(rt.instances, inst.id)
	rt.idle = slices.DeleteFunc(rt.idle, func(other *instance) bool { return other == inst })
	rt.mu.Unlock()
	close(inst.exited)
}

// Processes are the ids of the running instances' processes.
func (rt *Runtime) Processes() (pids []int) {
	rt.mu.Lock()
	defer rt.mu.Unlock()
	for _, inst := range rt.instances {
		pids = append(pids, inst.cmd.Process.Pid)
	}
	return pids
}

// kill sends SIGKILL, which leaves the process no last word, and waits for
// the end.
func (inst *instance) kill() {
	_ = inst.cmd.Process.Kill() // fails only when it has ended by itself
	<-inst.exited
}

// status tells how the process ended, like "exit status 2"; only once it did.
func (inst *instance) status() string { return inst.cmd.ProcessState.String() }

// environment is what the go1 runtime gives a process: the user's variables
// under the platform's. On the platform only /tmp can be written.
func (rt *Runtime) environment(id, code string) []string {
	f, issued := rt.options.Function, rt.options.Issue()
	rt.mu.Lock()
	variables := rt.variables
	rt.mu.Unlock()
	env := []string{"HOME=/tmp", "TMPDIR=/tmp"}
	if race, set := os.LookupEnv("GORACE"); set {
		env = append(env, "GORACE="+race) // for binaries built with -race
	}
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	return append(env, // of two with one name the later counts
		"FC_RUNTIME_API="+rt.options.Address+instancePrefix+id,
		"FC_INSTANCE_ID="+id,
		"FC_FUNC_CODE_PATH="+code,
		"FC_REGION="+f.Region,
		"FC_ACCOUNT_ID="+f.Account,
		"FC_FUNCTION_NAME="+f.Name,
		"FC_FUNCTION_HANDLER="+f.Handler,
		"FC_FUNCTION_MEMORY_SIZE="+strconv.Itoa(f.MemoryMB),
		"ALIBABA_CLOUD_ACCESS_KEY_ID="+issued.AccessKeyID,
		"ALIBABA_CLOUD_ACCESS_KEY_SECRET="+issued.AccessKeySecret,
		"ALIBABA_CLOUD_SECURITY_TOKEN="+issued.SecurityToken,
	)
}
