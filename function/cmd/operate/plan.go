package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
)

// definePlan makes the flags that scripts/plan takes and a deployed function does not answer for.
func (o *options) definePlan(flags *flag.FlagSet) {
	for _, name := range strings.Fields("account connection diff function html only places save set share terraform") {
		flags.Func(name, "as of scripts/plan", func(value string) error {
			o.handed = append(o.handed, "--"+name, value)
			return nil
		})
	}
	for _, name := range []string{"against", "anonymise", "csv", "inventory"} {
		flags.BoolFunc(name, "as of scripts/plan", func(value string) error {
			o.handed = append(o.handed, "--"+name+"="+value)
			return nil
		})
	}
}

// plan runs the program of scripts/plan for the stack.
func plan(ctx context.Context, j job) (ended, error) {
	p, err := j.Planning(ctx)
	if err != nil {
		return ended{}, err
	}
	arguments := slices.Concat(p.Arguments, j.options.handed)
	if j.options.json {
		arguments = append(arguments, "--json")
	}
	command := exec.CommandContext(ctx, j.planner, arguments...)
	command.Stdout, command.Stderr, command.Env = j.out, j.errors, os.Environ()
	for name, value := range p.Environment {
		command.Env = append(command.Env, name+"="+value)
	}
	var exit *exec.ExitError
	switch err := command.Run(); {
	case errors.As(err, &exit):
		return ended{status: max(1, exit.ExitCode())}, nil
	case err != nil:
		return ended{}, fmt.Errorf("running scripts/plan: %w", err)
	}
	return ended{}, nil
}
