// Command plan says what the function would do to an estate before it does anything.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/local"
)

// The exit statuses, like those of terraform plan -detailed-exitcode.
const (
	nothingToDo = 0
	failed      = 1
	changes     = 2
)

// enough memory for 10,000 connections; from there on it is collected more often.
const enough = 400 << 20

func main() {
	if len(os.Args) > 1 && os.Args[1] == "--version" {
		fmt.Println("plan", app.Version())
		return
	}
	debug.SetGCPercent(300) // a plan lives for seconds
	debug.SetMemoryLimit(enough)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	cache, _ := os.UserCacheDir() // without one, an interrupted reading begins anew
	status := run(ctx, os.Args[1:], console{
		out: os.Stdout, err: os.Stderr, getenv: os.Getenv, cache: cache,
		progress: &progress{out: os.Stderr, isTerminal: isTerminal(os.Stderr, os.Getenv("TERM"))},
	})
	stop()
	os.Exit(status)
}

func run(ctx context.Context, arguments []string, c console) int {
	f, err := readFlags(arguments, c)
	if err == nil {
		var status int
		if status, err = f.do(ctx, c); err == nil {
			return status // also after a reading that is not complete
		}
	}
	switch {
	case errors.Is(err, flag.ErrHelp):
		return nothingToDo
	case ctx.Err() != nil:
		fmt.Fprintln(c.err, "plan: interrupted")
	default:
		fmt.Fprintln(c.err, "plan:", local.SafeLines(err.Error()))
	}
	if reading := (*unfinished)(nil); errors.As(err, &reading) && reading.kept != "" {
		fmt.Fprintf(c.err, "plan: what was read is kept for an hour; the same command goes on with it: %s\n",
			local.Safe(reading.kept))
	}
	return failed
}
