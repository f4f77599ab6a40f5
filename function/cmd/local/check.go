package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/mattn/go-isatty"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

const checkHelp = `Usage: go run ./function/cmd/local check [flags] [NAME…]

Replays the samples of events/ (all, or those named), each on a cloud of its own, and
compares what the cloud's records say at the end with NAME.expect.json. Exits 1 when
anything differs.
`

func check(ctx context.Context, arguments []string) error {
	var function string
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.StringVar(&function, "function", "", "`binary` of the function (default: built from the source)")
	describe(flags, checkHelp)
	names, err := parse(flags, arguments)
	if err != nil {
		return err
	}
	samples, err := pick(names)
	if err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, function)
	if err != nil {
		return err
	}
	defer cleanUp()
	terminal := &local.Terminal{Out: os.Stdout, Colour: isatty.IsTerminal(os.Stdout.Fd()) && os.Getenv("NO_COLOR") == ""}
	if failed := terminal.Check(ctx, samples, binary); failed > 0 {
		return fmt.Errorf("%d of %d samples did not come out as expected; look closer with: go run ./function/cmd/local replay events/NAME.json", failed, len(samples))
	}
	return nil
}

// pick reads the samples and keeps the named ones.
func pick(names []string) ([]local.Sample, error) {
	samples, err := local.ReadSamples(events.Samples)
	if err != nil {
		return nil, err
	}
	if len(names) == 0 {
		return samples, nil
	}
	var picked []local.Sample
	for _, name := range names {
		name = strings.TrimSuffix(strings.TrimPrefix(name, "events/"), ".json")
		i := slices.IndexFunc(samples, func(s local.Sample) bool { return s.Name == name })
		if i < 0 {
			return nil, &usageError{fmt.Sprintf("there is no sample %q in events/", name)}
		}
		picked = append(picked, samples[i])
	}
	return picked, nil
}
