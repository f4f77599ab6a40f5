package template

import (
	_ "embed"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
)

// schema is what a property may hold: the fields of an object, what is in a list, or else a scalar of one kind.
type schema struct {
	kind               string // object, list, text, number, flag or any
	fields             map[string]*schema
	each               *schema // of a list; of an object whose names are free
	required, readable bool
}

// anything is what a property holds that is read elsewhere.
func anything() *schema { return &schema{kind: "any"} }

//go:embed types.yaml
var typesText []byte

// readTypes gives the known types of resources, by name.
func readTypes() (map[string]*schema, error) {
	var written map[string]any
	if err := yaml.Unmarshal(typesText, &written); err != nil {
		return nil, fmt.Errorf("reading the types of resources: %w", err)
	}
	all := map[string]*schema{}
	for name, properties := range written {
		all[name] = newSchema(properties)
	}
	return all, nil
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
		return s
	}
	words := strings.Fields(fmt.Sprint(written))
	return &schema{
		kind: words[0], required: slices.Contains(words, "required"), readable: slices.Contains(words, "readable"),
	}
}

// field is the schema of a property of an object, if it may have it.
func (s *schema) field(name string) (inner *schema, known bool) {
	switch {
	case s.kind == "any":
		return s, true
	case s.each != nil && s.kind == "object":
		return s.each, true
	}
	inner, known = s.fields[name]
	return inner, known
}

// item is the schema of what a list holds.
func (s *schema) item() *schema {
	if s.kind == "list" {
		return s.each
	}
	return s
}

// conform gives a value as its kind. ROS takes a number or a flag for a text, and the other way round.
func (s *schema) conform(value any) (any, error) {
	kind := s.kind
	switch value := value.(type) {
	case map[string]any:
		if kind == "object" || kind == "any" {
			return value, nil
		}
		return nil, fmt.Errorf("%s is expected, not names with values", kind)
	case []any:
		if kind == "list" || kind == "any" {
			return value, nil
		}
		return nil, fmt.Errorf("%s is expected, not a list", kind)
	}
	text := fmt.Sprint(value)
	n, err := strconv.ParseFloat(text, 64)
	switch {
	case kind == "any":
		return value, nil
	case kind == "text" && value != nil:
		return text, nil
	case kind == "flag" && (text == "true" || text == "false"):
		return text == "true", nil
	case kind == "number" && err == nil:
		return n, nil
	}
	return nil, fmt.Errorf("%s is expected, not %v", kind, value)
}
