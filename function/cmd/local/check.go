package main

import (
	"context"
	"flag"
	"fmt"
	"slices"

	"vpn-attach/function/internal/local"
)

const checkHelp = `Usage: go run ./function/cmd/local check [flags] [CASE…]

Plays the cases of events/cases/ (all, or those named), each on a cloud of its own, and
compares what the cloud's records say at the end with what the case expects. A CASE is its
name, the path of its file, or a theme with a slash behind it (errors/). Exits 1 when anything differs.
`

func check(ctx context.Context, arguments []string) error {
	var function string
	var deployed deployedFlags
	flags := flag.NewFlagSet("check", flag.ContinueOnError)
	flags.StringVar(&function, "function", "", "`binary` of the function (default: built from the source)")
	deployed.define(flags)
	describe(flags, checkHelp)
	names, err := parse(flags, arguments)
	if err != nil {
		return err
	}
	cases, err := pick(names)
	if err != nil {
		return err
	}
	options := local.Options{Speed: local.CaseSpeed}
	if options.Deployed, err = deployed.read(); err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, function)
	if err != nil {
		return err
	}
	defer cleanUp()
	terminal := newTerminal()
	if len(names) == 0 {
		all := len(cases)
		cases = slices.DeleteFunc(cases, func(c local.Case) bool { return c.Virtual })
		fmt.Printf("playing %d cases, each on a cloud of its own; this takes about a minute\n"+
			"%d more are true in virtual time alone: make test plays them\n", len(cases), all-len(cases))
	}
	options.Binary = binary
	if failed := terminal.Check(ctx, cases, options); failed > 0 {
		const message = "%d of %d cases did not come out as expected; " +
			"look closer with: go run ./function/cmd/local replay CASE"
		return fmt.Errorf(message, failed, len(cases))
	}
	return nil
}
