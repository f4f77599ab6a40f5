package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"slices"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/ram"
)

const policyHelp = `Usage: go run ./function/cmd/local policy [flags] [CASE…]

Plays the cases of events/cases/ (all, or those named) under the policy that template.yml
gives the function's role, and prints the smallest policy that they needed. What the
template grants beyond that, and what it lacks, is told beside it. A CASE is its name, the
path of its file, or a theme with a slash behind it (errors/). Exits 1 when a permission
is lacking.
`

func showPolicy(ctx context.Context, arguments []string) error {
	var deployed deployedFlags
	flags := flag.NewFlagSet("policy", flag.ContinueOnError)
	deployed.define(flags)
	describe(flags, policyHelp)
	names, err := parse(flags, arguments)
	if err != nil {
		return err
	}
	cases, err := pick(names)
	if err != nil {
		return err
	}
	if len(names) == 0 {
		cases = slices.DeleteFunc(cases, func(c local.Case) bool { return c.Virtual })
	}
	options := local.Options{Speed: local.CaseSpeed}
	if options.Deployed, err = deployed.read(); err != nil {
		return err
	}
	tell := func(text string) { fmt.Fprintln(os.Stderr, local.SafeLines(text)) }
	tell(fmt.Sprintf("playing %d cases inside this process", len(cases)))
	needed := local.Need(ctx, cases, options, tell)
	if err := ctx.Err(); err != nil {
		return err
	}
	text, err := json.MarshalIndent(ram.Smallest(needed.Demands()), "", "  ")
	if err != nil {
		return fmt.Errorf("writing the policy: %w", err)
	}
	fmt.Println(string(text))
	for _, line := range needed.Unneeded() {
		tell(line)
	}
	missing := needed.Missing()
	for _, line := range missing {
		tell(line)
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d permissions are lacking", len(missing))
	}
	return nil
}
