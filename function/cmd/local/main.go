// Command local runs the function on a cloud of this machine.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/local"
)

const usage = `local runs the real function binary against a local cloud: Message Service, CBN, VPC
and Function Compute's runtime on one port of this machine. No account is needed and
nothing leaves the machine.

Usage:
  go run ./function/cmd/local replay [flags] CASE|FILE…  replay a case, or events of yours, and watch
                                                         what becomes of them
  go run ./function/cmd/local check [flags] [CASE…]      play the cases of events/cases/ and compare
                                                         what they come to with what they must
  go run ./function/cmd/local case [flags] [CASE]        list the cases, or print one or its event
  go run ./function/cmd/local serve [flags]              keep a cloud running for any client
  go run ./function/cmd/local soak [flags]               a storm of events, faults and deaths, and
                                                         what must hold all the same
  go run ./function/cmd/local scale [flags]              thousands of connections at once, under API
                                                         quotas
  go run ./function/cmd/local policy [flags] [CASE…]     print the smallest policy that the cases need
                                                         of the function's role

Try:
  go run ./function/cmd/local replay created-by-id
  go run ./function/cmd/local replay --json events/wire/created.json

Each command has its own --help; --version tells the version. Exit status of the built
program: 0 all well, 1 something did not come out as it should, 2 wrong usage.
`

// command is a subcommand; it parses its own arguments.
type command func(ctx context.Context, arguments []string) error

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("local", app.Version())
		return
	}
	commands := map[string]command{
		"replay": replay, "check": check, "case": showCase, "serve": serve, "soak": runSoak, "scale": runScale,
		"policy": showPolicy,
	}
	if len(os.Args) < 2 || os.Args[1] == "--help" || os.Args[1] == "-h" || os.Args[1] == "help" {
		fmt.Print(usage)
		return
	}
	run, found := commands[os.Args[1]]
	if !found {
		fmt.Fprintf(os.Stderr, "local: no command %q\n\n%s", os.Args[1], usage)
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[2:])
	stop()
	os.Exit(status(err))
}

// usageError is a wrong argument; the flag package has said so already when it is the
// flag package's.
type usageError struct{ message string }

func (e *usageError) Error() string { return e.message }

func status(err error) int {
	var wrong *usageError
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		if wrong.message != "" {
			fmt.Fprintln(os.Stderr, "local:", local.SafeLines(wrong.message))
		}
		return 2
	}
	if errors.Is(err, context.Canceled) {
		err = errors.New("interrupted")
	}
	fmt.Fprintln(os.Stderr, "local:", local.SafeLines(err.Error()))
	return 1
}

// parse reads flags, which may stand before and after the other arguments.
func parse(flags *flag.FlagSet, arguments []string) ([]string, error) {
	var rest []string
	for {
		if err := flags.Parse(arguments); err != nil {
			if errors.Is(err, flag.ErrHelp) {
				return nil, err
			}
			return nil, &usageError{}
		}
		arguments = flags.Args()
		if len(arguments) == 0 {
			return rest, nil
		}
		rest, arguments = append(rest, arguments[0]), arguments[1:]
	}
}

// describe gives a flag set a help text that is worth reading.
func describe(flags *flag.FlagSet, text string) {
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), text)
		fmt.Fprintln(flags.Output(), "\nFlags:")
		flags.PrintDefaults()
	}
}
