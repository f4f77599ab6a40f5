// Package template reads template.yml, a template of Resource Orchestration Service (ROSTemplateFormatVersion
// 2015-09-01), and says which resources a stack of it has: parameters are held against their constraints, conditions
// and functions are resolved, and what is not known is an error with its line. It reads s.yaml as well, for the
// function and its triggers.
//
// It knows the types of resources, the properties and the functions that these two files use, and no others.
package template

import (
	"errors"
	"fmt"

	"github.com/goccy/go-yaml/ast"
)

// Template is a template that was read. It is resolved once for each stack.
type Template struct {
	Text               string // as it was read
	types              map[string]*schema
	parameters         map[string]*parameter
	conditions         map[string]ast.Node
	resources, outputs []pair
}

// Pseudo are what a template knows of the place of its stack.
type Pseudo struct{ Account, Region, Stack string }

// Parse reads a template.
func Parse(text []byte) (*Template, error) {
	root, err := read(text)
	types, wrong := readTypes()
	if err = errors.Join(err, wrong); err != nil {
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
	parameters, err := pairs(sections["Parameters"])
	conditions, wrongConditions := fields(sections["Conditions"])
	resources, wrongResources := pairs(sections["Resources"])
	outputs, wrongOutputs := pairs(sections["Outputs"])
	if err = errors.Join(err, wrongConditions, wrongResources, wrongOutputs); err != nil {
		return nil, err
	}
	t := &Template{string(text), types, map[string]*parameter{}, conditions, resources, outputs}
	for _, one := range parameters {
		if t.parameters[one.name], err = newParameter(one.value, t.types["parameter"]); err != nil {
			return nil, fmt.Errorf("reading parameter %s: %w", one.name, err)
		}
	}
	return t, nil
}

// Resolve gives the stack that parameters make at a place.
func (t *Template) Resolve(parameters map[string]string, pseudo Pseudo) (*Stack, error) {
	given, err := t.given(parameters)
	if err != nil {
		return nil, err
	}
	given["ALIYUN::TenantId"], given["ALIYUN::Region"] = pseudo.Account, pseudo.Region
	given["ALIYUN::StackName"], given["ALIYUN::NoValue"] = pseudo.Stack, nothing{}
	r := &resolver{
		template: t, parameters: given, scalar: scalar, functions: functions(),
		busy: map[string]bool{}, done: map[string]*Resource{},
	}
	for name, node := range t.conditions {
		_, err := within(r, node, "condition "+name, func() (bool, error) { return r.condition(node) })
		if err != nil {
			return nil, fmt.Errorf("resolving condition %s: %w", name, err)
		}
	}
	stack := &Stack{Parameters: given}
	for _, one := range t.resources {
		m, err := r.resource(one.key, one.name)
		if err != nil {
			return nil, fmt.Errorf("resolving resource %s: %w", one.name, err)
		}
		if m.isMade {
			stack.Resources = append(stack.Resources, *m)
		}
	}
	for _, one := range t.outputs {
		if err := r.output(stack, one); err != nil {
			return nil, fmt.Errorf("resolving output %s: %w", one.name, err)
		}
	}
	return stack, nil
}
