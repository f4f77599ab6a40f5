// Command operate is scripts/vpn-attach: what an operator does with a deployed vpn-attach. What it does is in the
// package of the same name; here is the command line.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"regexp"
	"syscall"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/operate"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	root := source()
	p := program{out: os.Stdout, errors: os.Stderr, getenv: os.Getenv, folder: root,
		planner: filepath.Join(root, "target", "plan")}
	status := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(status)
}

// program is the command with what it reads and writes.
type program struct {
	out, errors io.Writer
	getenv      func(string) string
	folder      string // of the repository
	planner     string // the program of scripts/plan
}

// source is the folder of the repository: scripts/vpn-attach builds this program in its target/.
func source() string {
	if path, err := os.Executable(); err == nil {
		root := filepath.Dir(filepath.Dir(path))
		if _, err := os.Stat(filepath.Join(root, "template.yml")); err == nil {
			return root
		}
	}
	return "."
}

const usage = `Usage: scripts/vpn-attach VERB [flags] [arguments]

What an operator does with a deployed vpn-attach:

%s
scripts/vpn-attach VERB --help tells the flags of a verb. All of them take:
  --region REGION   of the stack (default: ALIBABA_CLOUD_REGION_ID)
  --stack NAME      of the stack and the function (default vpn-attach)
  --local           the local cloud of "make serve", in place of an account; --at HOST:PORT when it is elsewhere
  --json            one JSON document on standard output
What changes something also takes --dry-run.

Needs the aliyun CLI, configured (aliyun configure), and for queues a key that may read them: that of the CLI's profile,
or ALIBABA_CLOUD_ACCESS_KEY_ID and ALIBABA_CLOUD_ACCESS_KEY_SECRET. ALIYUN_CLI names another program than aliyun.

Exit status: 0 it was done, or shown (status, inbox and letters: whatever they list), 1 it failed, something was left,
or an answer or doctor names what a person must do, 2 wrong usage. That of plan is its own.
`

// maxError is how much is printed of an error, in characters of a line: it may repeat what a service says.
const maxError = 1000

// run is the whole command.
func (p program) run(ctx context.Context, arguments []string) int {
	if len(arguments) == 0 || isHelp(arguments[0]) {
		fmt.Fprintf(p.out, usage, summaries())
		if len(arguments) == 0 {
			return 2
		}
		return 0
	}
	if arguments[0] == "--version" {
		fmt.Fprintln(p.out, "vpn-attach", app.Version())
		return 0
	}
	v, known := verbNamed(arguments[0])
	if !known {
		return p.refuse(fmt.Errorf("unknown verb or flag %s (--help tells more)", arguments[0]), 2)
	}
	result, err := p.perform(ctx, v, arguments[1:])
	var wrong *operate.UsageError
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case errors.As(err, &wrong):
		return p.refuse(err, 2)
	case err != nil:
		return p.refuse(err, 1)
	case result.status != 0:
		return result.status
	case result.wrong:
		return 1
	}
	return 0
}

func isHelp(argument string) bool {
	return argument == "--help" || argument == "-h" || argument == "help"
}

// refuse says why, line by line, fit for a terminal.
func (p program) refuse(err error, status int) int {
	for i, line := range splitLines(err.Error()) {
		prefix := "vpn-attach: "
		if i > 0 {
			prefix = "  "
		}
		fmt.Fprintln(p.errors, prefix+event.Printable(line, maxError))
	}
	return status
}

// perform reads the flags of a verb and does it.
func (p program) perform(ctx context.Context, v verb, arguments []string) (ended, error) {
	o := options{}
	flags := flag.NewFlagSet(v.name, flag.ContinueOnError)
	flags.SetOutput(p.errors)
	o.define(flags, p.getenv, v)
	flags.Usage = func() {
		fmt.Fprintf(p.out, "Usage: scripts/vpn-attach %s\n\n%s\n\nFlags:\n%s", v.synopsis(), v.help, flagsOf(flags))
	}
	rest, err := parse(flags, arguments)
	if errors.Is(err, flag.ErrHelp) {
		return ended{}, err
	}
	if err != nil {
		return ended{}, &operate.UsageError{Text: err.Error()}
	}
	if len(rest) < v.least || v.most >= 0 && len(rest) > v.most {
		return ended{}, &operate.UsageError{Text: "usage: scripts/vpn-attach " + v.synopsis() + " (--help tells more)"}
	}
	operator, err := p.operator(o)
	if err != nil {
		return ended{}, err
	}
	if cloud, isLocal := operator.Console.(operate.Local); isLocal && operator.Region == "" {
		operator.Region = cloud.Region(ctx)
	}
	done, err := v.do(ctx, job{Operator: operator, program: p, options: o, rest: rest})
	if done.result != nil {
		if err := p.print(done.result, o.json); err != nil {
			return done, err
		}
	}
	return done, err
}

// flagsOf lists flags as the pages write them, with two hyphens.
func flagsOf(flags *flag.FlagSet) string {
	var text bytes.Buffer
	flags.SetOutput(&text)
	flags.PrintDefaults()
	return regexp.MustCompile(`(?m)^  -`).ReplaceAllString(text.String(), "  --")
}

// print writes a result for a program or for people.
func (p program) print(result operate.Result, asJSON bool) error {
	if !asJSON {
		_, err := io.WriteString(p.out, result.Text())
		return err
	}
	encoder := json.NewEncoder(p.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(result)
}
