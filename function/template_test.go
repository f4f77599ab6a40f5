package main_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"regexp"
	"strings"
	"sync"
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

var readDeployed = sync.OnceValues(func() (*internal.Template, error) { return local.ReadTemplate("../template.yml") })

// theTemplate is template.yml, read once.
func theTemplate(t *testing.T) *internal.Template {
	t.Helper()
	read, err := readDeployed()
	if err != nil {
		t.Fatal(err)
	}
	return read
}

// theStack is what template.yml makes with its defaults, but for some parameters.
func theStack(t *testing.T, parameters map[string]string) *internal.Stack {
	t.Helper()
	all := map[string]string{"CodeBucket": "bucket", "CodeObject": "object", "FollowUpKey": strings.Repeat("k", 32)}
	maps.Copy(all, parameters)
	stack, err := theTemplate(t).Resolve(all, place())
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

// theFunction is the function of template.yml, with its defaults but for some parameters.
func theFunction(t *testing.T, parameters map[string]string) internal.Function {
	t.Helper()
	f, err := theStack(t, parameters).Function()
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// serverlessFunction is the function of s.yaml, with its defaults.
func serverlessFunction(t *testing.T) internal.Function {
	t.Helper()
	f, err := internal.ReadServerless([]byte(page(t, "../s.yaml")), map[string]string{
		"ALIBABA_CLOUD_ACCOUNT_ID": "1234567890123456",
		"MNS_QUEUE":                "q", "MNS_TOPIC": "t", "MNS_DEAD_LETTER_QUEUE": "d",
		"FUNCTION_ROLE": "acs:ram::1234567890123456:role/r", "FOLLOW_UP_KEY": strings.Repeat("k", 32),
	})
	if err != nil {
		t.Fatal(err)
	}
	return f
}

// allowedActions are those that the function's role may do where there are members.
func allowedActions(t *testing.T) (actions []string) {
	t.Helper()
	for _, role := range theStack(t, map[string]string{"AllowedAccounts": "1234567890"}).Roles() {
		for _, policy := range role.Policies {
			statements, _ := policy.PolicyDocument["Statement"].([]any)
			for _, one := range statements {
				list, _ := at(one, "Action").([]any)
				for _, action := range list {
					actions = append(actions, fmt.Sprint(action))
				}
			}
		}
	}
	return actions
}
