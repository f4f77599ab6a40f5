package fc

import (
	"bytes"
	"time"
)

const (
	// maxTail is how much of the log an invocation is told of, in bytes (API
	// InvokeFunction, x-fc-log-type).
	maxTail = 4 << 10
	// logPatience is how long the last line of a task may take from the process
	// to here.
	logPatience = 200 * time.Millisecond
)

// lines is an io.Writer that emits whole lines, without their end. It is used
// by one goroutine at a time.
type lines struct {
	emit    func(string)
	pending []byte // the beginning of a line whose end is still to come
}

func (l *lines) Write(p []byte) (int, error) {
	l.pending = append(l.pending, p...)
	for {
		line, rest, found := bytes.Cut(l.pending, []byte("\n"))
		if !found {
			return len(p), nil
		}
		l.pending = rest
		l.emit(string(bytes.TrimSuffix(line, []byte("\r"))))
	}
}

// flush emits what was written after the last end of line, if anything.
func (l *lines) flush() {
	if len(l.pending) > 0 {
		l.emit(string(l.pending))
		l.pending = nil
	}
}

// output takes a line of an instance: into the log of its invocation, and to
// whoever wants to see it.
func (rt *Runtime) output(inst *instance, stream, line string) {
	rt.mu.Lock()
	inst.tail = append(append(inst.tail, line...), '\n')
	inst.tail = inst.tail[max(0, len(inst.tail)-maxTail):]
	rt.mu.Unlock()
	if rt.options.Output != nil {
		rt.options.Output(inst.id, stream, line)
	}
}

// logUntil is what the instance wrote since it was handed its task, up to the
// line with which the SDK ends that: what a process writes arrives a moment
// after it has answered. A function without that SDK, or that died, says no
// such line.
func (rt *Runtime) logUntil(inst *instance, end string) []byte {
	for waited := time.Duration(0); ; waited += time.Millisecond {
		rt.mu.Lock()
		log, gone := bytes.Clone(inst.tail), rt.instances[inst.id] == nil
		rt.mu.Unlock()
		if gone || waited >= logPatience || bytes.Contains(log, []byte(end)) {
			return log
		}
		time.Sleep(time.Millisecond)
	}
}
