// Package template reads template.yml, a template of Resource Orchestration Service (ROSTemplateFormatVersion
// 2015-09-01), and says which resources a stack of it has: parameters are held against their constraints, conditions
// and functions are resolved, and what is not known is an error with its line. It reads s.yaml as well, for the
// function and its triggers.
//
// It knows the types of resources, the properties and the functions that these two files use, and no others.
package template

import (
	"fmt"
	"sync"

	"github.com/goccy/go-yaml/ast"
)

// Template is a template that was read. It is resolved once for each stack.
type Template struct {
	types      map[string]*schema
	parameters map[string]*parameter
	conditions map[string]ast.Node
	resources  []pair
	outputs    []pair
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
	root, err := read(text)
	if err != nil {
		return nil, err
	}
	types, err := readTypes()
	if err != nil {
		return nil, err
	}
	t := &Template{types: types, parameters: map[string]*parameter{}, conditions: map[string]ast.Node{}}
	sections, err := pairs(root)
	for _, section := range sections {
		if err == nil {
			err = t.take(section)
		}
	}
	return t, err
}

// take takes a section of the template.
func (t *Template) take(section pair) error {
	switch section.name {
	case "ROSTemplateFormatVersion":
		if version, err := scalar(section.value); err != nil || version != "2015-09-01" {
			return wrongAt(section.value, "the version is '2015-09-01', as a text")
		}
		return nil
	case "Description", "Metadata":
		return nil
	}
	all, err := pairs(section.value)
	if err != nil {
		return err
	}
	switch section.name {
	case "Parameters":
		return t.takeParameters(all)
	case "Conditions":
		for _, one := range all {
			t.conditions[one.name] = one.value
		}
	case "Resources":
		t.resources = all
	case "Outputs":
		t.outputs = all
	default:
		return wrongAt(section.key, "there is no section %s", section.name)
	}
	return nil
}

func (t *Template) takeParameters(all []pair) error {
	for _, one := range all {
		p, err := newParameter(one.value)
		if err != nil {
			return fmt.Errorf("reading parameter %s: %w", one.name, err)
		}
		t.parameters[one.name] = &p
	}
	return nil
}

// Resolve gives the stack that parameters make at a place.
func (t *Template) Resolve(parameters map[string]string, pseudo Pseudo) (*Stack, error) {
	given, err := t.given(parameters)
	if err != nil {
		return nil, err
	}
	r := &resolver{
		template: t, pseudo: pseudo, parameters: given,
		conditions: map[string]*state{}, resources: map[string]*state{}, written: map[string]ast.Node{},
	}
	for _, one := range t.resources {
		r.written[one.name] = one.value
	}
	for name, node := range t.conditions {
		if _, err := r.named(node, name); err != nil {
			return nil, fmt.Errorf("resolving condition %s: %w", name, err)
		}
	}
	stack := &Stack{}
	for _, one := range t.resources {
		resource, err := r.resource(one.key, one.name)
		if err != nil {
			return nil, fmt.Errorf("resolving resource %s: %w", one.name, err)
		}
		if resource.isMade {
			stack.Resources = append(stack.Resources, resource.Resource)
		}
	}
	for _, one := range t.outputs {
		if err := r.output(stack, one); err != nil {
			return nil, fmt.Errorf("resolving output %s: %w", one.name, err)
		}
	}
	return stack, nil
}

// Defaults are the values of parameters that need not be given.
func (t *Template) Defaults() map[string]string {
	values := map[string]string{}
	for name, p := range t.parameters {
		if p.preset != nil {
			values[name] = *p.preset
		}
	}
	return values
}

// state is a condition or resource that is resolved when it is needed first.
type state struct {
	once  sync.Once
	busy  bool
	value any
	err   error
}

// resolve does it once, and refuses what needs itself.
func (s *state) resolve(node ast.Node, do func() (any, error)) (any, error) {
	if s.busy {
		return nil, wrongAt(node, "it depends on itself")
	}
	s.once.Do(func() {
		s.busy = true
		s.value, s.err = do()
		s.busy = false
	})
	return s.value, s.err
}

// Has reports whether there is a parameter of that name.
func (t *Template) Has(parameter string) bool { return t.parameters[parameter] != nil }
