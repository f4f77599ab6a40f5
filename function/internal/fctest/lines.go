package fctest

import "bytes"

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
