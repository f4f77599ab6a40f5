package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

const caseHelp = `Usage: go run ./function/cmd/local case [flags] [CASE]

Prints a case as its file has it, or, without CASE, the list of all cases as events/README.md
has it. A CASE is its name or the path of its file.
`

// caseFlags are the arguments of case.
type caseFlags struct {
	event bool
	names []string
}

func parseCase(arguments []string) (f caseFlags, err error) {
	flags := flag.NewFlagSet("case", flag.ContinueOnError)
	flags.BoolVar(&f.event, "print-event", false, "print the bytes of the first event that reaches the function")
	describe(flags, caseHelp)
	f.names, err = parse(flags, arguments)
	if err == nil && (len(f.names) > 1 || f.event && len(f.names) == 0) {
		err = &usageError{"name one case (--help tells more)"}
	}
	return f, err
}

func showCase(_ context.Context, arguments []string) error {
	f, err := parseCase(arguments)
	if err != nil {
		return err
	}
	cases, err := pick(f.names)
	switch {
	case err != nil:
		return err
	case len(f.names) == 0:
		fmt.Print(index(cases))
		return nil
	case f.event:
		text, err := cases[0].Event()
		if err != nil {
			return err
		}
		_, err = os.Stdout.Write(text)
		return err
	}
	fmt.Print(cases[0].Text)
	return nil
}

// index is the list of all cases, in Markdown.
func index(cases []local.Case) string {
	var b strings.Builder
	b.WriteString("| case | what it shows |\n|---|---|\n")
	theme, last := "", ""
	for _, one := range cases {
		if one.Theme != theme {
			theme = one.Theme
			fmt.Fprintf(&b, "| **%s** | |\n", theme)
		}
		name, _, _ := strings.Cut(one.Name, "/")
		if name != last {
			fmt.Fprintf(&b, "| `%s` | %s |\n", name, one.Why)
		}
		last = name
	}
	return b.String()
}

// pick gives the named cases; all of them when none is named. The name of a case with variants is that of all of them.
func pick(names []string) ([]local.Case, error) {
	if len(names) == 0 {
		return local.ReadCases(events.Files)
	}
	var parts []string // of the names: only files and themes of these names can be meant
	for _, name := range names {
		parts = append(parts, strings.Split(name, "/")...)
	}
	all, err := local.ReadSome(events.Files, func(theme, name string) bool {
		return slices.Contains(parts, theme) || slices.Contains(parts, name)
	})
	if err != nil {
		return nil, err
	}
	var picked []local.Case
	for _, name := range names {
		some, err := named(all, name)
		if err != nil {
			return nil, err
		}
		if len(some) == 0 {
			const message = "there is no case %q; go run ./function/cmd/local case lists them"
			return nil, &usageError{fmt.Sprintf(message, name)}
		}
		picked = append(picked, some...)
	}
	return picked, nil
}

// named gives the cases of a file, of a name or, with a slash behind it, of a theme.
func named(all []local.Case, name string) (picked []local.Case, err error) {
	if isCaseFile(name) {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("reading the case: %w", err)
		}
		return local.ReadCase(filepath.ToSlash(name), text, events.Files, os.DirFS(filepath.Dir(name)))
	}
	for _, one := range all {
		short, whole := one.Name+"/", one.Theme+"/"+one.Name+"/"
		inTheme := strings.HasPrefix(whole, name+"/") && name != one.Theme
		if strings.HasPrefix(short, name+"/") || inTheme || name == one.Theme+"/" {
			picked = append(picked, one)
		}
	}
	return picked, nil
}

func isCaseFile(name string) bool {
	kind := filepath.Ext(name)
	return kind == ".yaml" || kind == ".yml"
}
