package template

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/goccy/go-yaml/ast"
)

// ReadServerless reads s.yaml, whose ${env('NAME')} are environment: the function and its triggers as Serverless Devs
// deploys them. A variable that has no default must be there.
func ReadServerless(text []byte, environment map[string]string) (Function, error) {
	root, err := read(text)
	types, wrong := readTypes()
	if err = errors.Join(err, wrong); err != nil {
		return Function{}, err
	}
	sections, err := fields(root, "edition", "name", "access", "vars", "resources")
	own, wrongVars := pairs(sections["vars"])
	resources, wrongResources := pairs(sections["resources"])
	if err = errors.Join(err, wrongVars, wrongResources); err != nil {
		return Function{}, err
	}
	s := serverless{environment: environment, own: map[string]any{}}
	for _, one := range own {
		if s.own["vars."+one.name], err = s.scalar(one.value); err != nil {
			return Function{}, err
		}
	}
	if len(resources) != 1 {
		return Function{}, wrongAt(root, "there are %d resources, one is expected", len(resources))
	}
	resource, err := fields(resources[0].value, "component", "actions", "props")
	if err != nil || resource["props"] == nil {
		return Function{}, errors.Join(err, wrongAt(resources[0].key, "it needs props"))
	}
	value, err := (&resolver{scalar: s.scalar}).value(resource["props"], types["fc3"])
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
