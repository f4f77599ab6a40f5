package main

import (
	"encoding/json"
	"fmt"
	"os"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/plan"
)

// write writes the plan in the forms that were asked for.
func (f flags) write(document plan.Document, c console) error {
	shown := f.shown(document)
	if f.html != "" {
		page, err := shown.Page()
		if err == nil {
			err = writeFile(f.html, page)
		}
		if err != nil {
			return err
		}
	}
	switch {
	case f.json:
		return writeJSON(shown, c)
	case f.csv:
		return shown.CSV(c.out)
	}
	return shown.Show(c.out, len(f.actions)+len(f.connections.values) > 0)
}

func (f flags) list(inventory plan.Inventory, c console) error {
	if f.json {
		return writeJSON(inventory, c)
	}
	return inventory.Show(c.out)
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

// writeFile writes what only its owner should read: it names a whole network.
func writeFile(path, text string) error {
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		return fmt.Errorf("writing what was asked for: %w", err)
	}
	return nil
}

// writeTerraform writes a file for each region: the provider reads one region.
func (f flags) writeTerraform(estates []local.Spec) error {
	if f.terraform == "" {
		return nil
	}
	regions := map[string][]local.Spec{}
	for _, spec := range estates {
		regions[spec.Region] = append(regions[spec.Region], spec)
	}
	for region, some := range regions {
		path := plan.PathOf(f.terraform, region, len(regions) == 1)
		if err := writeFile(path, plan.Terraform(some...)); err != nil {
			return err
		}
	}
	return nil
}

func (f flags) printPolicy(c console) error {
	text, err := plan.Policy()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintln(c.out, text); err != nil {
		return fmt.Errorf("printing the policy: %w", err)
	}
	return nil
}
