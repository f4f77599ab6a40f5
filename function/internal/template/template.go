// Package template reads template.yml, a template of Resource Orchestration Service (ROSTemplateFormatVersion
// 2015-09-01), and says which resources a stack of it has: parameters are held against their constraints, conditions
// and functions are resolved, and what is not known is an error with its line. It reads s.yaml as well, for the
// function and its triggers.
//
// It knows the types of resources, the properties and the functions that these two files use, and no others.
package template

import (
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// Template is a template that was read. It is resolved once for each stack.
type Template struct {
	types              map[string]*schema
	parameters         map[string]*parameter
	conditions         map[string]ast.Node
	resources, outputs []pair
}

// Pseudo are what a template knows of the place of its stack.
type Pseudo struct{ Account, Region, Stack string }

// Read reads a template and resolves it.
func Read(text []byte, parameters map[string]string, pseudo Pseudo) (*Stack, error) {
	t, err := Parse(text)
	if err != nil {
		return nil, err
	}
	return t.Resolve(parameters, pseudo)
}

// Parse reads a template.
func Parse(text []byte) (*Template, error) {
	t := &Template{parameters: map[string]*parameter{}}
	root, err := read(text)
	if err == nil {
		t.types, err = readTypes()
	}
	if err != nil {
		return nil, err
	}
	sections, err := fields(root, "ROSTemplateFormatVersion", "Description", "Metadata", "Parameters", "Conditions",
		"Resources", "Outputs")
	if err != nil {
		return nil, err
	}
	if version := sections["ROSTemplateFormatVersion"]; version == nil || version.GetToken().Value != "2015-09-01" {
		return nil, wrongAt(root, "ROSTemplateFormatVersion must be '2015-09-01'")
	}
	if t.resources, err = section(sections["Resources"]); err != nil {
		return nil, err
	}
	if t.outputs, err = section(sections["Outputs"]); err != nil {
		return nil, err
	}
	if sections["Conditions"] != nil {
		if t.conditions, err = fields(sections["Conditions"]); err != nil {
			return nil, err
		}
	}
	parameters, err := section(sections["Parameters"])
	for _, one := range parameters {
		if t.parameters[one.name], err = newParameter(one.value); err != nil {
			return nil, fmt.Errorf("reading parameter %s: %w", one.name, err)
		}
	}
	return t, err
}

// section gives what a section holds that need not be there.
func section(node ast.Node) ([]pair, error) {
	if node == nil {
		return nil, nil
	}
	return pairs(node)
}

// Resolve gives the stack that parameters make at a place.
func (t *Template) Resolve(parameters map[string]string, pseudo Pseudo) (*Stack, error) {
	given, err := t.given(parameters)
	if err != nil {
		return nil, err
	}
	r := &resolver{
		template: t, pseudo: pseudo, parameters: given, scalar: scalar, functions: functions(),
		busy: map[string]bool{}, done: map[string]*made{},
	}
	for name, node := range t.conditions {
		if _, err := r.named(node, name); err != nil {
			return nil, fmt.Errorf("resolving condition %s: %w", name, err)
		}
	}
	stack := &Stack{}
	for _, one := range t.resources {
		m, err := r.resource(one.key, one.name)
		if err != nil {
			return nil, fmt.Errorf("resolving resource %s: %w", one.name, err)
		}
		if m.isMade {
			stack.Resources = append(stack.Resources, m.Resource)
		}
	}
	for _, one := range t.outputs {
		if err := r.output(stack, one); err != nil {
			return nil, fmt.Errorf("resolving output %s: %w", one.name, err)
		}
	}
	return stack, nil
}
