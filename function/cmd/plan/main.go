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
	status := run(ctx, os.Args[1:], console{out: os.Stdout, err: os.Stderr, getenv: os.Getenv})
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
		err = errors.New("interrupted; run the same command again to go on")
	}
	fmt.Fprintln(c.err, "plan:", local.SafeLines(err.Error()))
	return failed
}
