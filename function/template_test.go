package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/local"
	internal "vpn-attach/function/internal/template"
)

// template is what the tests read of template.yml.
type template struct {
	Parameters map[string]parameter
	Resources  map[string]struct {
		Type           string
		Condition      any
		DeletionPolicy string `yaml:"DeletionPolicy"`
		Properties     map[string]any
	}
}

type parameter struct {
	Default        any
	AllowedValues  []string
	AllowedPattern string
	NoEcho         bool
}

type statement struct {
	Action   []string
	Resource any // a list, or a function that makes one
}

func readYAML(t *testing.T, path string, into any) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err == nil {
		err = yaml.Unmarshal(text, into)
	}
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
}

// place is where the stacks of the tests are.
func place() internal.Pseudo {
	return internal.Pseudo{Account: "1234567890123456", Region: "cn-hangzhou", Stack: "vpn-attach"}
}

// theStack is what template.yml makes with its defaults, but for some parameters.
func theStack(t *testing.T, parameters map[string]string) *internal.Stack {
	t.Helper()
	all := map[string]string{"CodeBucket": "bucket", "CodeObject": "object", "FollowUpKey": strings.Repeat("k", 32)}
	maps.Copy(all, parameters)
	read, err := local.ReadTemplate("../template.yml")
	if err != nil {
		t.Fatal(err)
	}
	stack, err := read.Resolve(all, place())
	if err != nil {
		t.Fatal(err)
	}
	return stack
}

func readTemplate(t *testing.T) template {
	t.Helper()
	var raw map[string]any
	readYAML(t, "../template.yml", &raw)
	text, err := json.Marshal(raw)
	if err != nil {
		t.Fatal(err)
	}
	var parsed template
	if err := json.Unmarshal(text, &parsed); err != nil {
		t.Fatal(err)
	}
	return parsed
}

// at walks into maps and lists; a step is a key or an index.
func at(value any, path ...any) any {
	for _, step := range path {
		switch step := step.(type) {
		case string:
			m, _ := value.(map[string]any)
			value = m[step]
		case int:
			list, _ := value.([]any)
			if step >= len(list) {
				return nil
			}
			value = list[step]
		}
	}
	return value
}

func (p template) of(resource string, path ...any) any {
	return at(p.Resources[resource].Properties, path...)
}

// value is what a property is when nobody sets a parameter.
func (p template) value(property any) any {
	if name, ok := at(property, "Ref").(string); ok {
		return p.preset(name)
	}
	if text, ok := at(property, "Fn::Sub").(string); ok && !strings.Contains(text, "${ALIYUN::") {
		return os.Expand(text, func(name string) string { return fmt.Sprint(p.preset(name)) })
	}
	return property
}

// preset is the default of a parameter; "" when somebody must set it.
func (p template) preset(name string) any {
	if preset := p.Parameters[name].Default; preset != nil {
		return preset
	}
	return ""
}

// parameterOf is the parameter that decides a property.
func parameterOf(property any) string {
	if name, ok := at(property, "Ref").(string); ok {
		return name
	}
	text, _ := at(property, "Fn::Sub").(string)
	if found := regexp.MustCompile(`\$\{([A-Za-z]+)\}`).FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

func (p template) policy() (statements []statement) {
	list, _ := p.of("Role", "Policies", 0, "PolicyDocument", "Statement").([]any)
	members, _ := p.of("MembersPolicy", "PolicyDocument", "Statement").([]any)
	for _, one := range append(slices.Clone(list), members...) {
		text, _ := json.Marshal(one)
		var s statement
		_ = json.Unmarshal(text, &s)
		statements = append(statements, s)
	}
	return statements
}

// environment is what the template sets, by name; what the service computes is "computed".
func (p template) environment() map[string]string {
	values := map[string]string{}
	variables, _ := p.of("Function", "EnvironmentVariables").(map[string]any)
	for name, value := range variables {
		values[name] = "computed"
		if plain, isMap := p.value(value).(map[string]any); !isMap {
			values[name] = fmt.Sprint(p.value(value))
		} else if len(plain) == 0 {
			values[name] = ""
		}
	}
	return values
}

// props are those of the function in s.yaml, each variable as it is when it is not set.
func props(t *testing.T) map[string]any {
	t.Helper()
	var s map[string]any
	readYAML(t, "../s.yaml", &s)
	found, _ := unset(at(s, "resources", "vpn_attach", "props")).(map[string]any)
	return found
}

// unset puts the defaults of ${env('NAME', 'default')} in their places.
func unset(value any) any {
	switch value := value.(type) {
	case map[string]any:
		for key, inner := range value {
			value[key] = unset(inner)
		}
	case []any:
		for i, inner := range value {
			value[i] = unset(inner)
		}
	case string:
		preset := regexp.MustCompile(`\$\{env\('[A-Z_]+', '([^']*)'\)\}`).ReplaceAllString(value, "${1}")
		return regexp.MustCompile(`\$\{[^}]*\}`).ReplaceAllString(preset, "computed")
	}
	return value
}

func serverlessEnvironment(t *testing.T) map[string]string {
	t.Helper()
	values := map[string]string{}
	variables, _ := props(t)["environmentVariables"].(map[string]any)
	for name, value := range variables {
		if values[name] = ""; value != nil {
			values[name] = fmt.Sprint(value)
		}
	}
	return values
}

// number reads a figure whatever its YAML type; -1 is none.
func number(value any) float64 {
	var n float64
	if _, err := fmt.Sscan(fmt.Sprint(value), &n); err != nil {
		return -1
	}
	return n
}
