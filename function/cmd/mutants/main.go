// Command mutants shows that the tests can fail: it breaks the code in one listed way at a time and names the test
// that notices.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strings"
	"syscall"
)

const help = `Usage: go run ./function/cmd/mutants [flags] [PART…]

Breaks the code in listed ways, one at a time, and names the test that notices: first the tests of the package that is
broken, then the cases in virtual time. The source stays as it is; the broken text is laid over it (go test -overlay).
Takes some ten minutes on two cores. A PART of a name picks breakages.

  caught NAME by TEST   a test noticed
  MISSED NAME           no test noticed: write one
  STALE  NAME           the text to break is not in its file exactly once: bring the row up to date
  BROKEN NAME           it does not build: correct the row

Exit status: 0 all caught, 1 something was not, 2 wrong usage.

Flags:
`

// settings are what a run is asked for.
type settings struct {
	list, process bool
	parallel      int
	parts         []string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

func run(ctx context.Context, arguments []string) int {
	s, err := read(arguments)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 2
	}
	rows := pick(table(), s)
	if len(rows) == 0 {
		fmt.Fprintf(os.Stderr, "mutants: no breakage has %q in its name (--list names all)\n", s.parts)
		return 2
	}
	root, err := moduleRoot(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 1
	}
	b := &bench{root: root, out: os.Stdout, parallel: s.parallel, cases: theCases()}
	if s.list {
		err = b.list(rows)
	} else {
		err = b.run(ctx, rows)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		return 1
	}
	return 0
}

func read(arguments []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("mutants", flag.ContinueOnError)
	flags.BoolVar(&s.list, "list", false, "only name the breakages, and fail where one is stale")
	flags.BoolVar(&s.process, "process", false, "the breakages that need a process, instead of the others")
	flags.IntVar(&s.parallel, "parallel", runtime.NumCPU(), "how `many` at once")
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), help)
		flags.PrintDefaults()
	}
	if err := flags.Parse(arguments); err != nil {
		return s, err
	}
	if s.parallel < 1 {
		return s, errors.New("--parallel must be 1 or more")
	}
	s.parts = flags.Args()
	return s, nil
}

// pick gives the rows that the settings ask for. A list has both kinds.
func pick(rows []row, s settings) (picked []row) {
	for _, r := range rows {
		named := slices.ContainsFunc(s.parts, func(part string) bool { return strings.Contains(r.name, part) })
		if (named || len(s.parts) == 0) && (s.list || r.needsProcess() == s.process) {
			picked = append(picked, r)
		}
	}
	return picked
}

func moduleRoot(ctx context.Context) (string, error) {
	output, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("finding the module (run this inside the project): %w", err)
	}
	return strings.TrimSpace(string(output)), nil
}
