package fc

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// Process runs each instance as a process of its own, as the platform does.
type Process struct {
	Binary string // the executable that the package's handler names
	// Address is the host:port at which the Runtime's handler is reachable. Each
	// instance is told FC_RUNTIME_API=Address/i/<instance>.
	Address string
}

// process is the body of an instance that is a process.
type process struct {
	cmd            *exec.Cmd
	stdout, stderr *lines
	last           []string // the last lines on stderr
}

// lastLines is how much of stderr an error repeats.
const lastLines = 20

func (h Process) start(rt *Runtime, inst *instance) (body, error) {
	binary, err := filepath.Abs(h.Binary)
	if err != nil {
		return nil, fmt.Errorf("finding %s: %w", h.Binary, err)
	}
	p := &process{}
	p.stdout = &lines{emit: func(line string) { rt.output(inst, "stdout", line) }}
	p.stderr = &lines{emit: func(line string) {
		p.last = append(p.last[max(0, len(p.last)-lastLines+1):], line)
		rt.output(inst, "stderr", line)
	}}
	p.cmd = &exec.Cmd{
		Path: binary, Args: []string{binary}, Dir: filepath.Dir(binary),
		Env:    h.environment(inst, filepath.Dir(binary)),
		Stdout: p.stdout, Stderr: p.stderr,
		SysProcAttr: diesWithParent(),
	}
	return p, p.cmd.Start()
}

// environment is what the go1 runtime gives a process. On the platform only /tmp can be written.
func (h Process) environment(inst *instance, code string) []string {
	env := []string{"HOME=/tmp", "TMPDIR=/tmp"}
	if race, set := os.LookupEnv("GORACE"); set {
		env = append(env, "GORACE="+race) // for binaries built with -race
	}
	for name, value := range inst.environment {
		env = append(env, name+"="+value)
	}
	return append(env, // of two with one name the later counts
		"FC_RUNTIME_API="+h.Address+instancePrefix+inst.id,
		"FC_FUNC_CODE_PATH="+code,
	)
}

func (p *process) wait() end {
	_ = p.cmd.Wait() // the status is kept in the command
	p.stdout.flush()
	p.stderr.flush()
	return end{status: p.cmd.ProcessState.String(), lastWords: strings.Join(p.last, "\n")}
}

func (p *process) kill() { _ = p.cmd.Process.Kill() } // fails only when it has ended already

func (p *process) processID() int { return p.cmd.Process.Pid }
