package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/mattn/go-isatty"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

const replayHelp = `Usage: go run ./function/cmd/local replay [flags] CASE…
       go run ./function/cmd/local replay [flags] FILE…   (- reads standard input)

Starts a local cloud and the function, and tells what happens until the cloud is at rest:
the queue empty and no attachment pending.

A CASE is the name of a case of events/cases/ or the path of its file; it brings its own
cloud, and the replay says where it does not come to what the case expects.

A FILE is an event: every one is put into the event queue in order, and the queue's trigger
runs. A FILE that is itself what a trigger hands over (a queue envelope, an array of them, a
timer) goes to the function as it stands. The cloud is described by a cloud file; without
--cloud it is NAME.cloud.yaml beside the first FILE where there is one, else a small one with
transit routers and a few VPN connections (events/clouds/default.yaml).

Time passes --speed times as fast as in the real cloud: a message delay of 60 s takes 3 s
at 20. --json prints one document instead: outcomes, attachments, calls, invocations,
deadLetters and the function's log.
`

// replayFlags are the arguments of replay.
type replayFlags struct {
	cloud, function string
	json, payload   bool
	speed           float64
	timeout         time.Duration
	files           []string
	cases           []local.Case // instead of files
	deployed        deployedFlags
}

func parseReplay(arguments []string) (replayFlags, error) {
	var f replayFlags
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.StringVar(&f.cloud, "cloud", "", "`file` that describes the cloud")
	flags.StringVar(&f.function, "function", "", "`binary` of the function (default: built from the source)")
	flags.BoolVar(&f.json, "json", false, "print one JSON document, for programs")
	flags.BoolVar(&f.payload, "payload", false, "hand every FILE to the function as it stands, as a caller would")
	flags.Float64Var(&f.speed, "speed", 0, "how much faster than the real cloud time passes, 1 to 100\n"+
		"(default: 20, for a case 100)")
	flags.DurationVar(&f.timeout, "timeout", 0, "give up when the cloud is not at rest after this `time`\n"+
		"(default: when nothing happens any more; for a case 2m at a speed of 100)")
	f.deployed.define(flags)
	describe(flags, replayHelp)
	names, err := parse(flags, arguments)
	if err != nil {
		return f, err
	}
	if len(names) == 0 {
		return f, &usageError{"name a case or an event to replay, such as created-by-id (--help tells more)"}
	}
	if f.cases, f.files, err = sorted(names); err != nil {
		return f, err
	}
	given := map[string]bool{}
	flags.Visit(func(one *flag.Flag) { given[one.Name] = true })
	return f.complete(given)
}

// sorted tells cases from files, which do not go together.
func sorted(names []string) (cases []local.Case, files []string, err error) {
	for _, name := range names {
		if name == "-" || isEventFile(name) {
			files = append(files, name)
			continue
		}
		some, err := pick([]string{name})
		if err != nil {
			return nil, nil, err
		}
		cases = append(cases, some...)
	}
	if len(cases) > 0 && len(files) > 0 {
		return nil, nil, &usageError{"cases and files do not go together"}
	}
	return cases, files, nil
}

// isEventFile tells whether an argument is, or would be, the file of an event.
func isEventFile(name string) bool {
	info, err := os.Stat(name)
	return !isCaseFile(name) && (err == nil && !info.IsDir() || filepath.Ext(name) != "")
}

// complete fills in what was not given, and refuses what cannot be.
func (f replayFlags) complete(given map[string]bool) (replayFlags, error) {
	if !given["speed"] {
		f.speed = 20
		if len(f.cases) > 0 {
			f.speed = local.CaseSpeed
		}
		if slices.ContainsFunc(f.cases, func(c local.Case) bool { return c.Virtual }) {
			f.speed = 1
		}
	}
	if len(f.cases) > 0 && !given["timeout"] {
		f.timeout = time.Duration(float64(local.CaseTimeout) * local.CaseSpeed / f.speed)
	}
	switch {
	case !(f.speed >= 1 && f.speed <= 100): // not a number is neither
		return f, &usageError{"--speed must be from 1 to 100"}
	case given["timeout"] && f.timeout <= 0:
		return f, &usageError{"--timeout must be more than nothing"}
	case len(f.cases) > 0 && (f.payload || f.cloud != ""):
		return f, &usageError{"--payload and --cloud are for files: a case says both itself"}
	}
	return f, nil
}

func replay(ctx context.Context, arguments []string) error {
	f, err := parseReplay(arguments)
	if err != nil {
		return err
	}
	play := playCases
	if len(f.files) > 0 {
		if play, err = playFiles(f); err != nil {
			return err
		}
	}
	deployed, err := f.deployed.read()
	if err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, f.function)
	if err != nil {
		return err
	}
	defer cleanUp()
	terminal := newTerminal()
	if f.json {
		terminal.Out = io.Discard
	}
	o := local.Options{Deployed: deployed, Speed: f.speed, Binary: binary, Watch: terminal.Watch()}
	return play(ctx, f, terminal, o)
}

// newTerminal prints for a person, in colour where a terminal shows it.
func newTerminal() *local.Terminal {
	colour := isatty.IsTerminal(os.Stdout.Fd()) && os.Getenv("NO_COLOR") == ""
	return &local.Terminal{Out: os.Stdout, Colour: colour}
}

// player plays what the flags name.
type player func(ctx context.Context, f replayFlags, terminal *local.Terminal, o local.Options) error

func playCases(ctx context.Context, f replayFlags, terminal *local.Terminal, o local.Options) error {
	failed := 0
	for _, one := range f.cases {
		fmt.Fprintf(terminal.Out, "%s: %s\n", local.Safe(one.Name), local.Safe(one.Why))
		document, differences := one.Run(ctx, local.Start, o, f.timeout, terminal.Outcome)
		if err := show(f, terminal, document); err != nil {
			return err
		}
		if len(differences) > 0 {
			failed++
			said := local.SafeLines(strings.Join(differences, "\n  "))
			fmt.Fprintf(os.Stderr, "%s did not come out as expected:\n  %s\n", local.Safe(one.Name), said)
		}
	}
	if failed > 0 {
		return fmt.Errorf("%d of %d cases did not come out as expected", failed, len(f.cases))
	}
	return nil
}

// playFiles reads what there is to replay, before the function is built.
func playFiles(f replayFlags) (player, error) {
	inputs, err := readInputs(f)
	if err != nil {
		return nil, err
	}
	spec, err := readSpec(f)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, f replayFlags, terminal *local.Terminal, o local.Options) error {
		cloud, err := local.Start(spec, o)
		if err != nil {
			return err
		}
		defer cloud.Close()
		document, err := cloud.Replay(ctx, inputs, f.timeout, terminal.Outcome)
		if shown := show(f, terminal, document); shown != nil {
			return shown
		}
		if err == nil && len(document.DeadLetters) > 0 {
			return fmt.Errorf("dead letters: %d; what failed every try was given up", len(document.DeadLetters))
		}
		return err
	}, nil
}

// show prints what a replay came to.
func show(f replayFlags, terminal *local.Terminal, document local.Document) error {
	terminal.Table(document)
	if !f.json {
		return nil
	}
	var text bytes.Buffer
	err := json.NewEncoder(&text).Encode(document)
	if err == nil {
		_, err = os.Stdout.Write(local.SafeJSON(text.Bytes()))
	}
	if err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	return nil
}

func readInputs(f replayFlags) ([]local.Input, error) {
	var inputs []local.Input
	for _, name := range f.files {
		text, err := readFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the event: %w", err)
		}
		input := local.NewInput(name, text)
		input.Payload = input.Payload || f.payload
		inputs = append(inputs, input)
	}
	return inputs, nil
}

func readFile(name string) ([]byte, error) {
	if name == "-" {
		return io.ReadAll(os.Stdin)
	}
	return os.ReadFile(name)
}

func readSpec(f replayFlags) (local.Spec, error) {
	if f.cloud != "" {
		return local.ReadSpecFile(f.cloud)
	}
	own := f.files[0][:len(f.files[0])-len(filepath.Ext(f.files[0]))] + ".cloud.yaml"
	if _, err := os.Stat(own); err == nil {
		return local.ReadSpecFile(own)
	}
	return defaultSpec()
}

// defaultSpec is the cloud of who names none.
func defaultSpec() (local.Spec, error) {
	text, err := events.Files.ReadFile("clouds/default.yaml")
	if err != nil {
		return local.Spec{}, fmt.Errorf("reading the default cloud: %w", err)
	}
	return local.ReadSpec(text)
}

// functionBinary gives the function to run: the named one, or one built now.
func functionBinary(ctx context.Context, named string) (binary string, cleanUp func(), err error) {
	if named != "" {
		binary, err = local.FindFunction(named)
		if err != nil {
			return "", nil, &usageError{"--function: " + err.Error()}
		}
		return binary, func() {}, nil
	}
	folder, err := os.MkdirTemp("", "vpn-attach-")
	if err != nil {
		return "", nil, fmt.Errorf("making a folder for the function: %w", err)
	}
	cleanUp = func() { _ = os.RemoveAll(folder) }
	fmt.Fprintln(os.Stderr, "building the function …")
	binary, err = local.BuildFunction(ctx, folder)
	if err != nil {
		cleanUp()
	}
	return binary, cleanUp, err
}
