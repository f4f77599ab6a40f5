// Command bench measures the function against floors and says for each row whether it meets its bar.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"

	"vpn-attach/function/internal/bench"
)

const help = `Usage: go run ./function/cmd/bench [--runs N] [--out FILE]

Builds the function and its floors (a handler that does nothing, and one that makes the SDK
calls of one event), runs them side by side on the local cloud, in turn, and prints a table of
ratios: PASS or FAIL where there is a bar. Writes the same as JSON. Exits 1 when a bar is not
met. Takes about two minutes; the machine should be idle. Memory and CPU time need Linux.

`

func main() {
	runs := flag.Int("runs", 9, "`times` that everything is measured, at least 7 for a bar to mean something")
	out := flag.String("out", "bench.json", "`file` for the rows as JSON")
	flag.Usage = func() {
		fmt.Fprint(flag.CommandLine.Output(), help)
		flag.PrintDefaults()
	}
	flag.Parse()
	if flag.NArg() > 0 || *runs < 1 {
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *runs, *out); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, runs int, out string) error {
	folder, err := os.MkdirTemp("", "vpn-attach-bench-")
	if err != nil {
		return fmt.Errorf("making a folder to build in: %w", err)
	}
	defer os.RemoveAll(folder)
	programs := bench.Programs{
		Ours: filepath.Join(folder, "main"), Bare: filepath.Join(folder, "bare"), SDK: filepath.Join(folder, "sdk"),
	}
	for source, binary := range map[string]string{
		"./function":                programs.Ours,
		"./function/cmd/bench/bare": programs.Bare,
		"./function/cmd/bench/sdk":  programs.SDK,
	} {
		if err := build(ctx, source, binary); err != nil {
			return err
		}
	}
	report := func(r bench.Row) { fmt.Printf("measured in %s: %s\n", r.Unit, r.Name) }
	rows, err := bench.All(ctx, programs, runs, report)
	bench.Table(os.Stdout, rows)
	if err != nil {
		return err
	}
	text, err := json.MarshalIndent(rows, "", "  ")
	if err == nil {
		err = os.WriteFile(out, append(text, '\n'), 0o644)
	}
	if err != nil {
		return fmt.Errorf("writing %s: %w", out, err)
	}
	for _, r := range rows {
		if !r.Pass {
			err = errors.New("not every bar is met")
		}
	}
	return err
}

// build builds a program as the function is deployed.
func build(ctx context.Context, source, binary string) error {
	command := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags=-s -w", "-o", binary, source)
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	command.Stdout, command.Stderr = os.Stderr, os.Stderr
	if err := command.Run(); err != nil {
		return fmt.Errorf("building %s: %w", source, err)
	}
	return nil
}
