package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/scale"
)

const scaleHelp = `Usage: go run ./function/cmd/local scale [flags]

A migration: thousands of connections appear at once, on a local cloud whose API quotas are
the documented or assumed ones, multiplied so that a run takes minutes instead of hours. The
function runs in as many processes as there are instances, which are told nothing of each
other; a run for each number of them. The tunnels of some sites never come up: each of those
is looked at six times. HEALTH_TIMEOUT is divided as the quotas are multiplied. With --health
both, the first number of instances also has a run with HEALTH=off before, and the time that
following the health costs is a bar, too. Prints PASS or FAIL for each bar, from the services'
own records, and exits 1 when one is not met.
`

func runScale(ctx context.Context, arguments []string) error {
	var o scale.Options
	var function string
	var deployed deployedFlags
	flags := flag.NewFlagSet("scale", flag.ContinueOnError)
	flags.IntVar(&o.Connections, "connections", 10000, "how many appear at once")
	flags.IntVar(&o.Factor, "factor", 10, "`times` that every quota is multiplied")
	flags.Float64Var(&o.Share, "share", 0.5, "share of the quotas that the function may use, as QUOTA_SHARE")
	instances := counts{1, 2, 4}
	flags.Func("instances", "processes of the function, one run for each `number` (default 1,2,4)", instances.read)
	health := flags.String("health", "both", "`mode` of HEALTH: off, report, or both and compared")
	flags.Float64Var(&o.Dark, "dark", 0.1, "`share` of the connections whose tunnels never come up")
	flags.DurationVar(&o.Timeout, "timeout", 30*time.Minute, "give up when it is not at rest after this `time`")
	flags.StringVar(&function, "function", "", "`binary` of the function (default: built from the source)")
	deployed.define(flags)
	describe(flags, scaleHelp)
	rest, err := parse(flags, arguments)
	switch {
	case err != nil:
		return err
	case len(rest) > 0:
		return &usageError{"scale takes flags only (--help tells more)"}
	case o.Connections < 1 || o.Connections > 100000:
		return &usageError{"--connections must be from 1 to 100000"}
	case o.Factor < 1 || !(o.Share >= 0.01 && o.Share <= 1) || o.Timeout <= 0:
		return &usageError{"--factor must be 1 or more, --share from 0.01 to 1, --timeout more than nothing"}
	case !(o.Dark >= 0 && o.Dark <= 1) || !slices.Contains([]string{"off", "report", "both"}, *health):
		return &usageError{"--dark must be from 0 to 1, --health off, report or both"}
	}
	if o.Deployed, err = deployed.read(); err != nil {
		return err
	}
	binary, cleanUp, err := functionBinary(ctx, function)
	if err != nil {
		return err
	}
	defer cleanUp()
	screen := local.Screen{Out: os.Stdout}
	o.Binary, o.Progress = binary, func(line string) { fmt.Fprintln(screen, line) }
	met, err := migrations(ctx, o, instances, *health, screen)
	if err == nil && !met {
		err = errors.New("scale: not every bar is met")
	}
	return err
}

// migrations runs one for each number of instances, and for each mode of HEALTH.
func migrations(ctx context.Context, o scale.Options, instances counts, health string, out io.Writer) (bool, error) {
	met := true
	for i, n := range instances {
		o.Instances, o.Without = n, 0
		for _, o.Health = range modes(health, i == 0) {
			result, err := scale.Run(ctx, o)
			if result.Connections > 0 {
				result.Table(out)
			}
			if err != nil {
				return false, err
			}
			met, o.Without = met && result.Met(), result.Took
		}
	}
	return met, nil
}

// modes are those in which a migration is run.
func modes(health string, first bool) []decide.HealthMode {
	switch {
	case health == "both" && first:
		return []decide.HealthMode{decide.HealthOff, decide.HealthReport}
	case health == "both":
		return []decide.HealthMode{decide.HealthReport}
	}
	return []decide.HealthMode{decide.HealthMode(health)}
}

// counts are numbers of instances.
type counts []int

func (c *counts) read(text string) error {
	*c = nil
	for word := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(word))
		if err != nil || n < 1 || n > 64 {
			return errors.New("it must be numbers from 1 to 64, such as 1,2,4")
		}
		*c = append(*c, n)
	}
	return nil
}
