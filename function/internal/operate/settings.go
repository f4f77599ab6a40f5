package operate

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
)

// Setting is a variable of the function beside the parameter that sets it.
type Setting struct {
	Variable  string `json:"variable"`
	Parameter string `json:"parameter"`
	Value     string `json:"value"`
	Default   string `json:"default"`
}

// parameter is one of template.yml.
type parameter struct {
	Default        any      `yaml:"Default"`
	NoEcho         bool     `yaml:"NoEcho"`
	AllowedValues  []string `yaml:"AllowedValues"`
	AllowedPattern string   `yaml:"AllowedPattern"`
	MinLength      int      `yaml:"MinLength"`
	MinValue       *float64 `yaml:"MinValue"`
	MaxValue       *float64 `yaml:"MaxValue"`
}

func (p parameter) preset() string {
	if p.Default == nil {
		return ""
	}
	return fmt.Sprint(p.Default)
}

// template is what is read of template.yml: the parameters, and which variable each sets.
type template struct {
	text       string
	parameters map[string]parameter
	variables  map[string]source // by the name of the variable
}

// source says how a variable gets its value: from a parameter, with text around it.
type source struct{ parameter, before, after string }

func (s source) value(of string) string {
	if of == "" {
		return ""
	}
	return s.before + of + s.after
}

// readTemplate reads the template of this source.
func (o Operator) readTemplate() (template, error) {
	text, err := os.ReadFile(filepath.Join(o.Folder, "template.yml"))
	if err != nil {
		return template{}, &MissingError{What: "there is no template.yml here: " + err.Error(),
			Fix: "run the command from the root of the source"}
	}
	return parseTemplate(text)
}

func parseTemplate(text []byte) (template, error) {
	var read struct {
		Parameters map[string]parameter `yaml:"Parameters"`
		Resources  map[string]struct {
			Properties struct {
				Variables map[string]any `yaml:"EnvironmentVariables"`
			} `yaml:"Properties"`
		} `yaml:"Resources"`
	}
	if err := yaml.Unmarshal(text, &read); err != nil {
		return template{}, fmt.Errorf("reading template.yml: %w", err)
	}
	t := template{text: string(text), parameters: read.Parameters, variables: map[string]source{}}
	for name, value := range read.Resources["Function"].Properties.Variables {
		from := sourceOf(value)
		if _, known := t.parameters[from.parameter]; known {
			t.variables[name] = from
		}
	}
	return t, nil
}

// sourceOf reads {Ref: NAME} and {Fn::Sub: 'text ${NAME} text'}.
func sourceOf(value any) source {
	call, _ := value.(map[string]any)
	if name, is := call["Ref"].(string); is {
		return source{parameter: name}
	}
	text, _ := call["Fn::Sub"].(string)
	found := regexp.MustCompile(`^(.*)\$\{([A-Za-z]+)\}(.*)$`).FindStringSubmatch(text)
	if found == nil {
		return source{}
	}
	return source{found[2], found[1], found[3]}
}

// parameterOf is the parameter of a name: of a variable, or its own.
func (t template) parameterOf(name string) (string, bool) {
	if from, is := t.variables[name]; is {
		return from.parameter, true
	}
	_, is := t.parameters[name]
	return name, is
}

// variableOf is the variable that a parameter sets; "" when it sets none.
func (t template) variableOf(parameter string) string {
	for name, from := range t.variables {
		if from.parameter == parameter {
			return name
		}
	}
	return ""
}

// same reports whether two values mean the same: 24h and 24h0m0s do.
func same(a, b string) bool {
	x, wrong := time.ParseDuration(a)
	y, alsoWrong := time.ParseDuration(b)
	return a == b || wrong == nil && alsoWrong == nil && x == y
}

// changed are the settings of the function that are not as they are by default. Secrets are left out.
func (t template) changed(environment map[string]string) []Setting {
	all := []Setting{}
	for name, from := range t.variables {
		p := t.parameters[from.parameter]
		preset, value := from.value(p.preset()), environment[name]
		if p.NoEcho || value == "" || same(value, preset) {
			continue
		}
		all = append(all, Setting{Variable: name, Parameter: from.parameter, Value: value, Default: preset})
	}
	slices.SortFunc(all, func(a, b Setting) int { return strings.Compare(a.Variable, b.Variable) })
	return all
}
