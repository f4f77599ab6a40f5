package template

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
)

// parameter is one that whoever makes a stack may give.
type parameter struct {
	node     ast.Node // what it is
	isNumber bool
	preset   *string
	allowed  []string
	pattern  *regexp.Regexp
	isSecret bool
	bounds   map[string]float64 // MinLength, MaxLength, MinValue, MaxValue
}

func newParameter(node ast.Node) (parameter, error) {
	p := parameter{node: node, bounds: map[string]float64{}}
	all, err := fields(node, "Type", "Label", "Description", "Default", "NoEcho", "AllowedValues", "AllowedPattern",
		"ConstraintDescription", "MinLength", "MaxLength", "MinValue", "MaxValue")
	if err != nil {
		return p, err
	}
	for name, value := range all {
		switch name {
		case "Default":
			preset, err := scalar(value)
			if err != nil {
				return p, err
			}
			text := fmt.Sprint(preset)
			p.preset = &text
		case "AllowedValues":
			for _, one := range list(value) {
				allowed, err := scalar(one)
				if err != nil {
					return p, err
				}
				p.allowed = append(p.allowed, fmt.Sprint(allowed))
			}
		case "NoEcho":
			p.isSecret = value.String() == "true"
		case "AllowedPattern":
			if p.pattern, err = pattern(value); err != nil {
				return p, err
			}
		case "MinLength", "MaxLength", "MinValue", "MaxValue":
			bound, err := (&schema{kind: "number"}).conform(value.String())
			if err != nil {
				return p, wrongAt(value, "%v", err)
			}
			p.bounds[name] = bound.(float64)
		}
	}
	return p, p.typed(all["Type"])
}

// typed takes the type, and holds the default against what may be given.
func (p *parameter) typed(node ast.Node) error {
	if node == nil {
		return wrongAt(p.node, "it has no Type")
	}
	kind, err := textOf(node)
	if err != nil {
		return err
	}
	if p.isNumber = kind == "Number"; !p.isNumber && kind != "String" {
		return wrongAt(node, "the type is String or Number, not %s", kind)
	}
	if p.preset == nil {
		return nil
	}
	_, err = p.take(*p.preset)
	return err
}

func pattern(node ast.Node) (*regexp.Regexp, error) {
	text, err := textOf(node)
	if err != nil {
		return nil, err
	}
	compiled, err := regexp.Compile("^(?:" + text + ")$")
	if err != nil {
		return nil, wrongAt(node, "%v", err)
	}
	return compiled, nil
}

// take gives the value that a text stands for, if it may be given.
func (p *parameter) take(text string) (any, error) {
	size, shown := float64(utf8.RuneCountInString(text)), strconv.Quote(text)
	if p.isSecret {
		shown = "what is given"
	}
	var value any = text
	if p.isNumber {
		n, err := strconv.ParseFloat(text, 64)
		if err != nil {
			return nil, wrongAt(p.node, "%s is no number", shown)
		}
		value, size = n, n
	}
	switch {
	case p.allowed != nil && !slices.Contains(p.allowed, text):
		return nil, wrongAt(p.node, "%s is none of %q", shown, p.allowed)
	case p.pattern != nil && !p.pattern.MatchString(text):
		return nil, wrongAt(p.node, "%s does not match %s", shown, p.pattern)
	}
	for name, bound := range p.bounds {
		if isLeast := name[:3] == "Min"; isLeast && size < bound || !isLeast && size > bound {
			return nil, wrongAt(p.node, "%s is %v", name, bound)
		}
	}
	return value, nil
}

// given are the values of all parameters: what somebody gave, or else the default.
func (t *Template) given(named map[string]string) (map[string]any, error) {
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if _, known := t.parameters[name]; !known {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	values := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(t.parameters)) {
		p := t.parameters[name]
		text, isNamed := named[name]
		switch {
		case !isNamed && p.preset == nil:
			return nil, fmt.Errorf("the parameter %s must be given", name)
		case !isNamed:
			text = *p.preset
		}
		value, err := p.take(text)
		if err != nil {
			return nil, fmt.Errorf("taking parameter %s: %w", name, err)
		}
		values[name] = value
	}
	return values, nil
}
