package template

import (
	_ "embed"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// schema is what a property may hold.
type schema struct {
	kind               string // object, list, text, number, decimal, flag or any
	fields             map[string]*schema
	each               *schema // of a list, and of an object whose names are free
	required, readable bool
	least, most        float64 // of a number, where most is not 0
}

//go:embed types.yaml
var typesText []byte

// readTypes gives the known types of resources, by name.
func readTypes() (map[string]*schema, error) {
	var written map[string]any
	if err := yaml.Unmarshal(typesText, &written); err != nil {
		return nil, fmt.Errorf("reading the types of resources: %w", err)
	}
	return newSchema(written).fields, nil
}

func newSchema(written any) *schema {
	switch written := written.(type) {
	case []any:
		return &schema{kind: "list", each: newSchema(written[0])}
	case map[string]any:
		s := &schema{kind: "object", fields: map[string]*schema{}}
		for name, inner := range written {
			s.fields[name] = newSchema(inner)
		}
		s.each = s.fields["*"]
		delete(s.fields, "*")
		return s
	}
	words := strings.Fields(fmt.Sprint(written))
	s := &schema{
		kind: words[0], required: slices.Contains(words, "required"), readable: slices.Contains(words, "readable"),
	}
	_, _ = fmt.Sscanf(words[len(words)-1], "%g-%g", &s.least, &s.most) // of a word that is no range, nothing
	return s
}

// field is the schema of a property of an object; nil when it has no such property.
func (s *schema) field(name string) *schema {
	switch {
	case s.kind == "any":
		return s
	case s.fields[name] == nil && s.kind == "object":
		return s.each
	}
	return s.fields[name]
}

// number reads a number that a service may count in.
func number(text string) (float64, error) {
	n, err := strconv.ParseFloat(text, 64)
	if err != nil || !(math.Abs(n) < 1<<53) {
		return 0, fmt.Errorf("%q is no number", text)
	}
	return n, nil
}

// conform gives a value as its kind. ROS takes a number or a flag for a text, and the other way round.
func (s *schema) conform(value any) (any, error) {
	_, isObject := value.(map[string]any)
	_, isList := value.([]any)
	switch {
	case s.kind == "any", isObject && s.kind == "object", isList && s.kind == "list":
		return value, nil
	case isObject, isList, value == nil:
		return nil, fmt.Errorf("%s is expected here", s.kind)
	}
	text := fmt.Sprint(value)
	n, err := number(text)
	switch {
	case s.most > 0 && (n < s.least || n > s.most):
		return nil, fmt.Errorf("%s from %g to %g is expected, not %q", s.kind, s.least, s.most, text)
	case s.kind == "text":
		return text, nil
	case s.kind == "flag" && (text == "true" || text == "false"):
		return text == "true", nil
	case err == nil && (s.kind == "decimal" || s.kind == "number" && n == math.Trunc(n)):
		return n, nil
	}
	return nil, fmt.Errorf("%s is expected, not %q", s.kind, text)
}
