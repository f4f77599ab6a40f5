package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
)

// progress tells how far the work has come: on a terminal by a bar that is drawn anew, elsewhere by a line a second.
type progress struct {
	out        io.Writer
	isTerminal bool

	told  time.Time
	part  string // of the work
	drawn bool   // a bar is on the screen
}

// How long a bar and a line stand at least, unless another part of the work begins.
const (
	barStands  = 100 * time.Millisecond
	lineStands = time.Second
)

func (p *progress) tell(now plan.Progress) {
	stands := lineStands
	if p.isTerminal {
		stands = barStands
	}
	if time.Since(p.told) < stands && now.What == p.part {
		return
	}
	p.told, p.part = time.Now(), now.What
	if p.isTerminal {
		p.drawn = true
		fmt.Fprintf(p.out, "\r%s\x1b[K", local.Safe(now.Bar()))
		return
	}
	fmt.Fprintln(p.out, local.Safe(now.String()))
}

// clear takes the bar away, before anything else is written.
func (p *progress) clear() {
	if p.drawn {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
	p.drawn = false
}

// isTerminal reports whether a bar can be drawn.
func isTerminal(file *os.File, kind string) bool {
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0 && kind != "dumb"
}
