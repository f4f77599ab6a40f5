package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/soak"
)

const soakHelp = `Usage: go run ./function/cmd/local soak [flags]

Drives the function through a seeded storm on a local cloud: thousands of events with
duplicates, disorder and poison, while calls are throttled, refused, slowed, cut off and
lost, two instances work on the same messages, and the function is killed before and after
each of its effects. At the end the invariants of delivery are judged from the services'
own records. Exits 1 when one does not hold.

A seed decides the events, the changes and the faults; --seed N repeats them.
`

func runSoak(ctx context.Context, arguments []string) error {
	var o soak.Options
	var seeds int
	var function string
	var deployed deployedFlags
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.Uint64Var(&o.Seed, "seed", 1, "`number` that decides everything")
	flags.IntVar(&seeds, "seeds", 1, "how many seeds to run, one after another, from --seed on")
	flags.IntVar(&o.Events, "events", 2000, "events, duplicates and poison not counted")
	flags.Float64Var(&o.Speed, "speed", 100, "how much faster than the real cloud time passes, 1 to 100")
	flags.DurationVar(&o.Timeout, "timeout", 5*time.Minute, "give a seed up when nothing comes further for this `time`")
	flags.StringVar(&function, "function", "", "`binary` of the function (default: built from the source)")
	deployed.define(flags)
	describe(flags, soakHelp)
	rest, err := parse(flags, arguments)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return &usageError{"soak takes flags only (--help tells more)"}
	case o.Events < 1 || seeds < 1 || !(o.Speed >= 1 && o.Speed <= 100) || o.Timeout <= 0:
		return &usageError{"--events and --seeds must be 1 or more, --speed from 1 to 100, --timeout more than nothing"}
	}
	if o.Deployed, err = deployed.read(); err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, function)
	if err != nil {
		return err
	}
	defer cleanUp()
	o.Binary = binary
	return soakAll(ctx, o, seeds)
}

func soakAll(ctx context.Context, o soak.Options, seeds int) error {
	screen := local.Screen{Out: os.Stdout}
	o.Progress = func(line string) { fmt.Fprintln(screen, line) }
	failed := 0
	for last := o.Seed + uint64(seeds); o.Seed < last; o.Seed++ {
		fmt.Printf("seed %d: %d events\n", o.Seed, o.Events)
		result, err := soak.Run(ctx, o)
		result.Table(screen)
		if err != nil {
			fmt.Fprintln(os.Stderr, "local:", local.SafeLines(err.Error()))
		}
		if err != nil || len(result.Violations) > 0 {
			failed++
			fmt.Printf("again: go run ./function/cmd/local soak --seed %d --events %d --speed %g\n",
				o.Seed, o.Events, o.Speed)
		}
		fmt.Println()
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if failed > 0 {
		return fmt.Errorf("soak: %d of %d seeds failed", failed, seeds)
	}
	fmt.Printf("%d of %d seeds: every invariant holds\n", seeds, seeds)
	return nil
}
