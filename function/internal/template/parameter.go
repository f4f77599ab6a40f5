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
	node    ast.Node
	pattern *regexp.Regexp // nil when there is none
	written struct {
		Type, AllowedPattern                     string
		Default                                  *string
		NoEcho                                   bool
		AllowedValues                            []string
		MinLength, MaxLength, MinValue, MaxValue *float64
	}
}

func newParameter(node ast.Node, s *schema) (*parameter, error) {
	p := &parameter{node: node}
	w := &p.written
	value, err := (&resolver{scalar: scalar}).value(node, s)
	if err != nil {
		return nil, err
	}
	into(value.(map[string]any), w)
	if w.Type != "String" && w.Type != "Number" {
		return nil, wrongAt(node, "the type is String or Number, not %q", w.Type)
	}
	if w.AllowedPattern != "" {
		if p.pattern, err = regexp.Compile("^(?:" + w.AllowedPattern + ")$"); err != nil {
			return nil, wrongAt(node, "%v", err)
		}
	}
	if w.Default != nil {
		_, err = p.take(*w.Default)
	}
	return p, err
}

// take gives the value that a text stands for, if it may be given.
func (p *parameter) take(text string) (any, error) {
	w, shown := p.written, strconv.Quote(text)
	if w.NoEcho {
		shown = "what is given"
	}
	if p.pattern != nil && !p.pattern.MatchString(text) {
		return nil, wrongAt(p.node, "%s does not match %s", shown, w.AllowedPattern)
	}
	if w.AllowedValues != nil && !slices.Contains(w.AllowedValues, text) {
		return nil, wrongAt(p.node, "%s is none of %q", shown, w.AllowedValues)
	}
	if w.Type == "String" {
		return text, p.within("characters", float64(utf8.RuneCountInString(text)), w.MinLength, w.MaxLength)
	}
	n, err := number(text)
	if err != nil {
		return nil, wrongAt(p.node, "%s is no number", shown)
	}
	return n, p.within("the value", n, w.MinValue, w.MaxValue)
}

func (p *parameter) within(what string, n float64, least, most *float64) error {
	if least != nil && n < *least || most != nil && n > *most {
		return wrongAt(p.node, "%s: %v is too little or too much", what, n)
	}
	return nil
}

// Has reports whether there is a parameter of that name.
func (t *Template) Has(parameter string) bool { return t.parameters[parameter] != nil }

// IsSecret reports whether nobody is shown the value of a parameter (NoEcho).
func (t *Template) IsSecret(parameter string) bool { return t.parameters[parameter].written.NoEcho }

// given are the values of all parameters: what somebody gave, or else the default.
func (t *Template) given(named map[string]string) (map[string]any, error) {
	for _, name := range slices.Sorted(maps.Keys(named)) {
		if !t.Has(name) {
			return nil, fmt.Errorf("there is no parameter %s", name)
		}
	}
	values := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(t.parameters)) {
		p := t.parameters[name]
		text, isNamed := named[name]
		if !isNamed && p.written.Default == nil {
			return nil, fmt.Errorf("the parameter %s must be given", name)
		}
		if !isNamed {
			text = *p.written.Default
		}
		var err error
		if values[name], err = p.take(text); err != nil {
			return nil, fmt.Errorf("taking parameter %s: %w", name, err)
		}
	}
	return values, nil
}
