package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/soak"
)

// tests are a package's tests, all or those that match a pattern.
type tests struct{ pkg, pattern string }

// theCases are the cases of events/ with the function in the test's own process, on a virtual clock.
func theCases() tests { return tests{pkg: "./function/internal/local", pattern: "InVirtualTime$"} }

// packageTests are the tests of the broken package, then the cases.
type packageTests struct{}

func (packageTests) needs(pkg string, cases tests) []tests { return []tests{{pkg: pkg}, cases} }

func (packageTests) notice(ctx context.Context, o overlay) (by string, err error) {
	if by, err = (tests{pkg: o.pkg}).notice(ctx, o); by != "" || err != nil {
		return by, err
	}
	return o.cases.notice(ctx, o)
}

// stackTests are the tests that read template.yml and s.yaml: a case, or how both files are read where none is named.
type stackTests struct{ pattern string }

// theCase is a case that plays what a word of the template decides, or all of a theme.
func theCase(name string) stackTests {
	theme, name, _ := strings.Cut(name, "/")
	return stackTests{"/cases$/" + theme + "$/^" + name}
}

func (s stackTests) all(cases tests) tests {
	if s.pattern == "" {
		return tests{pkg: cases.pkg, pattern: "BothFiles|OfServerlessDevs"}
	}
	return tests{pkg: cases.pkg, pattern: cases.pattern + s.pattern}
}

func (s stackTests) needs(_ string, cases tests) []tests { return []tests{s.all(cases)} }

func (s stackTests) notice(ctx context.Context, o overlay) (by string, err error) {
	return s.all(o.cases).notice(ctx, o)
}

// longest is how long tests may take: a breakage may have them wait for ever.
const longest = 90 * time.Second

func (s tests) notice(ctx context.Context, o overlay) (by string, err error) {
	output, err := s.run(ctx, o)
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case err == nil:
		return "", nil
	case strings.Contains(output, "[build failed]"), strings.Contains(output, "[setup failed]"):
		return "", &buildError{output}
	}
	return failedTest(output), nil
}

func (s tests) run(ctx context.Context, o overlay) (output string, err error) {
	arguments := []string{"test", "-p=1", "-vet=off", "-failfast", "-timeout", longest.String()}
	if s.pattern != "" {
		arguments = append(arguments, "-run", s.pattern)
	}
	command := exec.CommandContext(ctx, "go", append(arguments, s.pkg)...)
	command.Dir, command.Env = o.root, o.environment()
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) } // go test ends its tests then
	command.WaitDelay = 10 * time.Second
	text, err := command.CombinedOutput()
	return string(text), err
}

// failedTest gives the test that failed first, the innermost where it has tests within.
func failedTest(output string) string {
	failed := regexp.MustCompile(`(?m)^\s*--- FAIL: (\S+)`).FindAllStringSubmatch(output, -1)
	if running := regexp.MustCompile(`running tests:\s+(\S+)`).FindStringSubmatch(output); running != nil {
		return running[1] + ", which did not end"
	}
	if len(failed) == 0 {
		return "a run that broke off"
	}
	name := failed[0][1]
	for _, f := range failed {
		if strings.HasPrefix(f[1], name+"/") {
			name = f[1]
		}
	}
	return name
}

// storm is a soak in which an invariant must not hold.
type storm struct{ invariant string }

func (storm) needs(string, tests) []tests { return nil }

func (s storm) notice(ctx context.Context, o overlay) (by string, err error) {
	binary := filepath.Join(o.folder, "function")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "./function")
	build.Dir, build.Env = o.root, append(o.environment(), "CGO_ENABLED=0")
	if output, err := build.CombinedOutput(); err != nil {
		return "", &buildError{string(output)}
	}
	for seed := range uint64(stormSeeds) {
		result, failed := soak.Run(ctx, soak.Options{
			Seed: 1 + seed, Events: stormEvents, Speed: 100, Timeout: longest, Binary: binary,
		})
		tripped := invariants(result)
		switch all := strings.Join(tripped, ", "); {
		case ctx.Err() != nil:
			return "", ctx.Err()
		case slices.Contains(tripped, s.invariant):
			return "the soak: " + all, nil
		default:
			err = errors.Join(failed, fmt.Errorf("the soak tripped %q, not %s", all, s.invariant))
		}
	}
	return "", err
}

// A storm may miss what is broken: it is tried with a few seeds.
const (
	stormSeeds  = 3
	stormEvents = 500
)

// invariants are those that do not hold, each once.
func invariants(result soak.Result) (names []string) {
	for _, v := range result.Violations {
		names = append(names, v.Invariant)
	}
	slices.Sort(names)
	return slices.Compact(names)
}
