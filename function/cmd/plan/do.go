package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
)

// do reads the estate, and writes what was asked for of it.
func (f flags) do(ctx context.Context, c console) (status int, err error) {
	if f.policy {
		return nothingToDo, f.printPolicy(c)
	}
	estates, complete, err := f.estates(ctx, c)
	if err != nil {
		return failed, err
	}
	if err := f.writeTerraform(estates); err != nil {
		return failed, err
	}
	switch {
	case f.inventory:
		return ofReading(complete), f.list(plan.InventoryOf(complete, estates...), c)
	case f.against || f.diff != "":
		return f.compare(ctx, estates, complete, c)
	}
	document, err := f.plan(ctx, estates, complete, f.sideOf(true), c)
	if err != nil {
		return failed, err
	}
	return ofPlan(document), f.write(document, c)
}

// ofReading is the exit status of what is no plan.
func ofReading(complete bool) int {
	if !complete {
		return failed
	}
	return nothingToDo
}

func ofPlan(d plan.Document) int {
	switch {
	case !d.Complete:
		return failed
	case d.Changes():
		return changes
	}
	return nothingToDo
}

// estates are the regions to plan for. Complete says that everything was read.
func (f flags) estates(ctx context.Context, c console) (all []local.Spec, complete bool, err error) {
	if len(f.regions.values) > 0 {
		return f.read(ctx, c)
	}
	complete = true
	for _, path := range f.from.values {
		spec, err := local.ReadSpecFile(path)
		if err != nil {
			return nil, false, err
		}
		c.missed(spec.Region, spec.Missing)
		complete = complete && len(spec.Missing) == 0
		all = append(all, spec)
	}
	return all, complete, nil
}

// sideOf is how a plan is made: as the flags say, or as it is without them.
func (f flags) sideOf(flagged bool) plan.Options {
	o := plan.Options{Places: f.places, Deployed: f.stack}
	if flagged {
		o.Settings, o.Binary = f.settings, f.function
	}
	return o
}

// plan plans for each region on a cloud of its own.
func (f flags) plan(
	ctx context.Context, estates []local.Spec, complete bool, o plan.Options, c console,
) (plan.Document, error) {
	var all []plan.Document
	for _, spec := range estates {
		o.Progress = func(p plan.Progress) {
			p.What = spec.Region + ": " + p.What
			c.progress.tell(p)
		}
		document, err := plan.Run(ctx, spec, o)
		c.progress.clear()
		if err != nil {
			return plan.Document{}, fmt.Errorf("planning for %s: %w", spec.Region, err)
		}
		all = append(all, document)
	}
	joined := plan.Join(all...)
	joined.Complete = joined.Complete && complete
	return joined, nil
}

// compare compares the plan with an older one, or with the one under other settings.
func (f flags) compare(ctx context.Context, estates []local.Spec, complete bool, c console) (int, error) {
	var before plan.Document
	var err error
	if f.diff != "" {
		before, err = readDocument(f.diff)
	} else {
		before, err = f.plan(ctx, estates, complete, f.sideOf(false), c)
	}
	if err != nil {
		return failed, err
	}
	after, err := f.plan(ctx, estates, complete, f.sideOf(true), c)
	if err != nil {
		return failed, err
	}
	comparison := plan.Compare(f.shown(before), f.shown(after))
	status := ofReading(comparison.Complete)
	if status == nothingToDo && len(comparison.Connections) > 0 {
		status = changes
	}
	if f.json {
		return status, writeJSON(comparison, c)
	}
	return status, comparison.Show(c.out)
}

func readDocument(path string) (d plan.Document, err error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return d, fmt.Errorf("reading the plan: %w", err)
	}
	if err := json.Unmarshal(text, &d); err != nil || d.Type != plan.Type {
		return d, fmt.Errorf("reading the plan: %s is no document of type %s", path, plan.Type)
	}
	return d, nil
}

func (f flags) shown(d plan.Document) plan.Document { return d.Only(f.actions, f.connections.values) }
