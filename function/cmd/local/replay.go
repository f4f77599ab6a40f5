package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/mattn/go-isatty"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

const replayHelp = `Usage: go run ./function/cmd/local replay [flags] FILE…   (- reads standard input)

Starts a local cloud and the function, puts every FILE into the event queue in order,
lets the queue's trigger run, and tells what happens until the cloud is at rest: the
queue empty and no attachment on its way. A FILE that is itself what a trigger hands
over (a queue envelope, an array of them, a timer) goes to the function as it stands.

The cloud is described by a cloud file; without --cloud it is NAME.cloud.yaml beside
the first FILE where there is one, else a small one with a transit router and a few
VPN connections (events/cloud.yaml). Time passes --speed times as fast as in the real
cloud: a message delay of 60 s takes 3 s at 20.

--json prints one document instead: outcomes, attachments, calls, invocations,
deadLetters and the function's log.
`

// replayFlags are the arguments of replay.
type replayFlags struct {
	cloud, function string
	json, payload   bool
	speed           float64
	timeout         time.Duration
	files           []string
}

func parseReplay(arguments []string) (replayFlags, error) {
	var f replayFlags
	flags := flag.NewFlagSet("replay", flag.ContinueOnError)
	flags.StringVar(&f.cloud, "cloud", "", "`file` that describes the cloud")
	flags.StringVar(&f.function, "function", "", "`binary` of the function (default: built from the source)")
	flags.BoolVar(&f.json, "json", false, "print one JSON document, for programs")
	flags.BoolVar(&f.payload, "payload", false, "hand every FILE to the function as it stands, as a direct caller would")
	flags.Float64Var(&f.speed, "speed", 20, "how much faster than the real cloud time passes, 1 to 100")
	flags.DurationVar(&f.timeout, "timeout", time.Minute, "give up when the cloud is not at rest after this `time`")
	describe(flags, replayHelp)
	files, err := parse(flags, arguments)
	f.files = files
	switch {
	case err != nil:
		return f, err
	case len(files) == 0:
		return f, &usageError{"name at least one file to replay, such as events/created-by-id.json (--help tells more)"}
	case !(f.speed >= 1 && f.speed <= 100): // not a number is neither
		return f, &usageError{"--speed must be from 1 to 100"}
	case f.timeout <= 0:
		return f, &usageError{"--timeout must be more than nothing"}
	}
	return f, nil
}

func replay(ctx context.Context, arguments []string) error {
	f, err := parseReplay(arguments)
	if err != nil {
		return err
	}
	inputs, err := readInputs(f)
	if err != nil {
		return err
	}
	spec, err := readSpec(f)
	if err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, f.function)
	if err != nil {
		return err
	}
	defer cleanUp()
	terminal := &local.Terminal{Out: os.Stdout, Colour: isatty.IsTerminal(os.Stdout.Fd()) && os.Getenv("NO_COLOR") == ""}
	if f.json {
		terminal.Out = io.Discard
	}
	cloud, err := local.Start(spec, local.Options{Speed: f.speed, Binary: binary, Watch: terminal.Watch()})
	if err != nil {
		return err
	}
	defer cloud.Close()
	document, err := cloud.Replay(ctx, inputs, f.timeout, terminal.Outcome)
	if f.json {
		if err := json.NewEncoder(os.Stdout).Encode(document); err != nil {
			return fmt.Errorf("writing the document: %w", err)
		}
	}
	terminal.Table(document)
	if err == nil && len(document.DeadLetters) > 0 {
		return fmt.Errorf("dead letters: %d; what failed every try was given up", len(document.DeadLetters))
	}
	return err
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
	preset, err := events.Samples.ReadFile("cloud.yaml")
	if err != nil {
		return local.Spec{}, fmt.Errorf("reading the sample cloud: %w", err)
	}
	return local.ReadSpec(preset)
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
