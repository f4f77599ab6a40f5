package main

import (
	"context"
	"encoding/json"
	"fmt"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
)

// do makes the plan and writes it.
func (f flags) do(ctx context.Context, c console) (status int, err error) {
	if f.policy {
		return nothingToDo, printPolicy(c)
	}
	estates, complete, err := f.estates(ctx, c)
	if err != nil {
		return failed, err
	}
	document, err := f.plan(ctx, estates, c)
	if err != nil {
		return failed, err
	}
	document.Complete = complete
	if err := f.write(document, c); err != nil {
		return failed, err
	}
	switch {
	case !document.Complete:
		return failed, nil
	case document.Changes():
		return changes, nil
	}
	return nothingToDo, nil
}

// estates are the regions to plan for.
func (f flags) estates(ctx context.Context, c console) (all []local.Spec, complete bool, err error) {
	if len(f.regions.values) > 0 {
		return f.read(ctx, c)
	}
	for _, path := range f.from.values {
		spec, err := local.ReadSpecFile(path)
		if err != nil {
			return nil, false, err
		}
		all = append(all, spec)
	}
	return all, true, nil
}

func printPolicy(c console) error {
	text, err := plan.Policy()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.out, text); err != nil {
		return fmt.Errorf("printing the policy: %w", err)
	}
	return nil
}

// plan plans for each region on a cloud of its own.
func (f flags) plan(ctx context.Context, estates []local.Spec, c console) (plan.Document, error) {
	var all []plan.Document
	for _, spec := range estates {
		document, err := plan.Run(ctx, spec, plan.Options{
			Settings: f.settings, Binary: f.function, Places: f.places,
			Progress: func(line string) { fmt.Fprintln(c.err, spec.Region+":", line) },
		})
		if err != nil {
			return plan.Document{}, fmt.Errorf("planning for %s: %w", spec.Region, err)
		}
		all = append(all, document)
	}
	return plan.Join(all...), nil
}

// write writes the plan in the form that was asked for.
func (f flags) write(document plan.Document, c console) error {
	shown := document.Only(f.actions, f.connections.values)
	switch {
	case f.json:
		return writeJSON(shown, c)
	case f.csv:
		return shown.CSV(c.out)
	}
	return shown.Show(c.out, len(f.actions)+len(f.connections.values) > 0)
}

func writeJSON(value any, c console) error {
	text, err := json.Marshal(value)
	if err == nil {
		_, err = fmt.Fprintln(c.out, string(local.SafeJSON(text)))
	}
	if err != nil {
		return fmt.Errorf("writing the document: %w", err)
	}
	return nil
}
