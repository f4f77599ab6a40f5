package eventbridge

import (
	"encoding/json"
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Forms of a parameter.
const (
	formOriginal = "ORIGINAL"
	formConstant = "CONSTANT"
	formJSONPath = "JSONPATH"
	formTemplate = "TEMPLATE"
)

// Param is one of the parameters that a target gets, as a template of Resource Orchestration Service writes it.
type Param struct{ ResourceKey, Form, Value, Template string }

// transformation makes the text of a parameter from an event, which is there as it came, and decoded.
type transformation func(text []byte, event any) string

// readTransformation reads a parameter.
func readTransformation(p Param) (transformation, error) {
	switch p.Form {
	case formOriginal:
		return func(text []byte, _ any) string { return string(text) }, nil
	case formConstant:
		return func([]byte, any) string { return p.Value }, nil
	case formJSONPath:
		path, err := readPath(p.Value)
		// What a path finds nothing for is an empty text (assumed).
		return func(_ []byte, event any) string { found, _ := path.follow(event); return found }, err
	case formTemplate:
		return readTemplate(p)
	}
	return nil, fmt.Errorf("the Form %q is none of ORIGINAL, CONSTANT, JSONPATH and TEMPLATE", p.Form)
}

// readTemplate reads a template with ${variable}, and the variables with their paths.
func readTemplate(p Param) (transformation, error) {
	var written map[string]string
	if err := json.Unmarshal([]byte(p.Value), &written); err != nil {
		return nil, fmt.Errorf("reading the variables of a TEMPLATE: %w", err)
	}
	paths := map[string]path{}
	for name, text := range written {
		read, err := readPath(text)
		if err != nil {
			return nil, fmt.Errorf("variable %s: %w", name, err)
		}
		paths["${"+name+"}"] = read
	}
	placeholder := regexp.MustCompile(`\$\{[A-Za-z0-9_]+\}`)
	// As the vendor's open-source engine does: text is put in without escaping it, and what is not there leaves its
	// placeholder.
	return func(_ []byte, event any) string {
		return placeholder.ReplaceAllStringFunc(p.Template, func(whole string) string {
			path, named := paths[whole]
			if !named {
				return whole
			}
			if found, there := path.follow(event); there {
				return found
			}
			return whole
		})
	}, nil
}

// path is a JSONPath: its steps are names and positions.
type path []string

// readPath reads $, .name, ['name'] and [0].
func readPath(text string) (path, error) {
	steps := regexp.MustCompile(`^\.([A-Za-z0-9_-]+)|^\['([^']+)'\]|^\[([0-9]+)\]`)
	rest, isPath := strings.CutPrefix(text, "$")
	p := path{}
	for isPath && rest != "" {
		found := steps.FindStringSubmatch(rest)
		if found == nil {
			break
		}
		p = append(p, found[1]+found[2]+found[3])
		rest = rest[len(found[0]):]
	}
	if !isPath || rest != "" {
		return nil, fmt.Errorf("the path %q is not made of $, .name, ['name'] and [0]", text)
	}
	return p, nil
}

// follow finds the text at a path: a text as it is, anything else as JSON.
func (p path) follow(value any) (found string, there bool) {
	for _, step := range p {
		switch inner := value.(type) {
		case map[string]any:
			if value, there = inner[step]; !there {
				return "", false
			}
		case []any:
			i, err := strconv.Atoi(step)
			if err != nil || i >= len(inner) {
				return "", false
			}
			value = inner[i]
		default:
			return "", false
		}
	}
	if text, isText := value.(string); isText {
		return text, true
	}
	encoded, _ := json.Marshal(value) // it was decoded from JSON
	return string(encoded), true
}
