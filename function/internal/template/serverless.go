package template

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// ReadServerless reads s.yaml, whose ${env('NAME')} are environment: the function and its triggers as Serverless Devs
// deploys them. A variable that has no default must be there.
func ReadServerless(text []byte, environment map[string]string) (Function, error) {
	root, err := read(text)
	if err != nil {
		return Function{}, err
	}
	types, err := readTypes()
	if err != nil {
		return Function{}, err
	}
	sections, err := fields(root, "edition", "name", "access", "vars", "resources")
	if err != nil {
		return Function{}, err
	}
	own, err := section(sections["vars"])
	if err != nil {
		return Function{}, err
	}
	s := serverless{environment: environment, own: map[string]any{}}
	for _, one := range own {
		if s.own["vars."+one.name], err = s.scalar(one.value); err != nil {
			return Function{}, err
		}
	}
	resources, err := section(sections["resources"])
	if err != nil || len(resources) != 1 {
		return Function{}, fmt.Errorf("reading the resources: there are %d, one is expected: %w", len(resources), err)
	}
	resource, err := fields(resources[0].value, "component", "actions", "props")
	if err != nil {
		return Function{}, err
	}
	r := &resolver{scalar: s.scalar}
	value, err := r.value(resource["props"], types["fc3"])
	if err != nil {
		return Function{}, err
	}
	var f Function
	into(value.(map[string]any), &f)
	return f, nil
}

// serverless is what texts of s.yaml refer to.
type serverless struct {
	environment map[string]string
	own         map[string]any // by vars.NAME
}

// scalar gives a text with its references resolved, and any other scalar as it is.
func (s serverless) scalar(node ast.Node) (value any, err error) {
	value, err = scalar(node)
	text, isText := value.(string)
	if err != nil || !isText {
		return value, err
	}
	reference := regexp.MustCompile(`\$\{(?:(vars\.\w+)|env\('(\w+)'(?:, '([^']*)')?\))\}`)
	whole := reference.ReplaceAllStringFunc(text, func(found string) string {
		parts := reference.FindStringSubmatch(found)
		if own, known := s.own[parts[1]]; known {
			return fmt.Sprint(own)
		}
		given, isGiven := s.environment[parts[2]]
		if hasDefault := strings.Contains(found, "', '"); !isGiven && !hasDefault {
			return found
		}
		if !isGiven {
			return parts[3]
		}
		return given
	})
	if at := strings.Index(whole, "${"); at >= 0 {
		return nil, wrongAt(node, "%s is not known, and has no default", whole[at:])
	}
	return whole, nil
}
