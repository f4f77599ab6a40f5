package main_test

import (
	"archive/zip"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/event"
)

// The tests here hold the code, template.yml, s.yaml and the README against each other.

// longestDelay is the most that the function asks of the queue for a message; a test of the
// core holds it to that.
const longestDelay = 15 * time.Minute

type template struct {
	Parameters map[string]struct{ Default any }
	Resources  map[string]struct {
		Type           string
		DeletionPolicy string `yaml:"DeletionPolicy"`
		Properties     map[string]any
	}
}

type statement struct {
	Action   []string
	Resource []any
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
		return p.Parameters[name].Default
	}
	return property
}

func (p template) policy() (statements []statement) {
	list, _ := p.of("Role", "Policies", 0, "PolicyDocument", "Statement").([]any)
	for _, one := range list {
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

// documented is the README's table of variables: names, and the defaults that it gives.
func documented(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, section, _ := strings.Cut(string(text), "\n## Configuration\n")
	section, _, _ = strings.Cut(section, "\n## ")
	word := regexp.MustCompile("`([^`]+)`")
	values := map[string]string{}
	for _, row := range regexp.MustCompile(`(?m)^\| (.+?) \| (.+?) \|`).FindAllStringSubmatch(section, -1) {
		defaults := word.FindAllStringSubmatch(row[2], -1)
		for i, name := range word.FindAllStringSubmatch(row[1], -1) {
			if values[name[1]] = ""; i < len(defaults) {
				values[name[1]] = defaults[i][1]
			}
		}
	}
	return values
}

// required is an environment with what nothing else can decide.
func required() map[string]string {
	return map[string]string{"MNS_ENDPOINT": "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com", "MNS_QUEUE": "q", "MNS_TOPIC": "t", "MNS_DEAD_LETTER_QUEUE": "d"}
}

func TestVariablesAndDefaultsAreTheSameEverywhere(t *testing.T) {
	asked := map[string]bool{}
	preset, err := app.ReadConfig(func(name string) string { asked[name] = true; return required()[name] })
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(asked, func(name string, _ bool) bool {
		return strings.HasPrefix(name, "FC_") || strings.HasPrefix(name, "ALIBABA_CLOUD_")
	})
	names := slices.Sorted(maps.Keys(asked))
	for place, values := range map[string]map[string]string{"template.yml": readTemplate(t).environment(), "s.yaml": serverlessEnvironment(t), "README.md": documented(t)} {
		t.Run(place, func(t *testing.T) {
			if got := slices.Sorted(maps.Keys(values)); !slices.Equal(got, names) {
				t.Fatalf("it has %q\nthe code reads %q", got, names)
			}
			maps.Copy(values, required())
			config, err := app.ReadConfig(func(name string) string { return values[name] })
			if err != nil || !reflect.DeepEqual(config, preset) {
				t.Errorf("%v, its defaults come to\n%+v\nthe code's to\n%+v", err, config, preset)
			}
		})
	}
}

func TestTheHandlerIsTheNameOfTheBinary(t *testing.T) {
	path := t.TempDir() + "/f.zip"
	if out, err := exec.Command("go", "run", "./cmd/package", "--out", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for place, handler := range map[string]any{"template.yml": readTemplate(t).of("Function", "Handler"), "s.yaml": props(t)["handler"]} {
		if handler != archive.File[0].Name {
			t.Errorf("%s has the handler %v, the zip %s", place, handler, archive.File[0].Name)
		}
	}
}

// number reads a figure whatever its YAML type; -1 is none.
func number(value any) float64 {
	var n float64
	if _, err := fmt.Sscan(fmt.Sprint(value), &n); err != nil {
		return -1
	}
	return n
}

func TestFiguresFitTogether(t *testing.T) {
	p, s := readTemplate(t), props(t)
	run, theirs := p.of("QueueTrigger", "TriggerConfig", "runOptions"), at(s, "triggers", 0, "triggerConfig", "runOptions")
	timeout, window := number(p.of("Function", "Timeout")), number(at(run, "batchWindow", "TimeBasedWindow"))
	config, err := app.ReadConfig(func(name string) string { return required()[name] })
	if err != nil {
		t.Fatal(err)
	}
	retention := time.Duration(number(p.of("EventQueue", "MessageRetentionPeriod"))) * time.Second
	for what, holds := range map[string]bool{
		"a triggered invocation may take at most five minutes":                     timeout > 0 && timeout <= 300,
		"both files have one timeout":                                              timeout == number(s["timeout"]),
		"a call ends before the invocation's reserve begins":                       config.CallTimeout.Seconds() <= timeout-min(timeout/5, 10),
		"the queue's visibility outlasts four pushes, their pauses and the window": number(p.of("EventQueue", "VisibilityTimeout")) >= 4*timeout+60+window,
		"a message outlives the longest delay and a day's outage":                  retention > longestDelay+24*time.Hour,
		"a dead letter is kept a day at least":                                     number(p.of("DeadLetterQueue", "MessageRetentionPeriod")) >= 86400,
		"one invocation takes the whole batch":                                     number(at(run, "batchWindow", "CountBasedWindow")) <= event.MaxElements,
		"both files have one batch":                                                reflect.DeepEqual(at(run, "batchWindow"), map[string]any{"CountBasedWindow": 50.0, "TimeBasedWindow": 1.0}) && number(at(theirs, "batchWindow", "CountBasedWindow")) == 50 && number(at(theirs, "batchWindow", "TimeBasedWindow")) == 1,
		"the stream's tasks are the reserved instances":                            at(run, "maximumTasks", "Ref") == "MaxInstances" && p.of("Concurrency", "ReservedConcurrency", "Ref") == "MaxInstances",
		"s.yaml has as many, and as many tasks":                                    number(at(theirs, "maximumTasks")) == number(p.Parameters["MaxInstances"].Default) && number(at(s, "concurrencyConfig", "reservedConcurrency")) == number(at(theirs, "maximumTasks")),
		"an instance paces itself by their number":                                 at(p.of("Function", "EnvironmentVariables"), "MAX_INSTANCES", "Ref") == "MaxInstances" && number(at(s, "environmentVariables", "MAX_INSTANCES")) == number(p.Parameters["MaxInstances"].Default),
		"one instance takes one batch":                                             number(p.of("Function", "InstanceConcurrency")) == 1 && number(s["instanceConcurrency"]) == 1,
		"memory is the same":                                                       number(p.of("Function", "MemorySize")) == number(s["memorySize"]),
		"nothing decodes base64 on the way in":                                     at(p.of("QueueTrigger", "TriggerConfig"), "eventSourceConfig", "eventSourceParameters", "sourceMNSParameters", "IsBase64Decode") == false && at(s, "triggers", 0, "triggerConfig", "eventSourceConfig", "eventSourceParameters", "sourceMNSParameters", "IsBase64Decode") == false,
		"nothing encodes base64 on the way to the queue":                           at(p.of("EventRule", "Targets", 0), "ParamList", 2, "ResourceKey") == "IsBase64Encode" && at(p.of("EventRule", "Targets", 0), "ParamList", 2, "Value") == "false",
		"a message that fails every push does not block the others":                at(run, "errorsTolerance") == "ALL" && at(theirs, "errorsTolerance") == "ALL" && at(run, "deadLetterQueue") != nil && at(theirs, "deadLetterQueue") != nil,
		"sweeps follow each other as the code has it":                              at(p.of("SweepTimer", "TriggerConfig"), "cronExpression") == fmt.Sprintf("@every %.0fm", attach.SweepPeriod.Minutes()) && at(s, "triggers", 1, "triggerConfig", "cronExpression") == at(p.of("SweepTimer", "TriggerConfig"), "cronExpression"),
		"the event queue gives up nothing by itself":                               p.of("EventQueue", "DlqPolicy") == nil,
	} {
		if !holds {
			t.Errorf("it does not hold that %s", what)
		}
	}
	for _, name := range []string{"EventQueue", "DeadLetterQueue", "OutcomeTopic", "OutcomeQueueOfTopic"} {
		if p.Resources[name].DeletionPolicy != "Retain" {
			t.Errorf("%s is deleted with the stack, and what is in it", name)
		}
	}
}

// matches is EventBridge's matching, as far as the rule uses it: every key of the pattern, any
// value of its list.
func matches(pattern, value any) bool {
	switch pattern := pattern.(type) {
	case map[string]any:
		for key, inner := range pattern {
			if !matches(inner, at(value, key)) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(pattern, func(one any) bool {
			if exists, ok := at(one, "exists").(bool); ok {
				return exists == (value != nil)
			}
			return reflect.DeepEqual(one, value)
		})
	}
	return false
}

func TestTheRuleTakesTheEventsOfCasesThatMadeSomething(t *testing.T) {
	pattern := readTemplate(t).of("EventRule", "FilterPattern")
	for name, want := range map[string]bool{"created-by-id": true, "created-in-console-by-label": true, "tagged-later": true, "recorded-failure": false, "other-api": false} {
		text, err := caseNamed(t, name).Event()
		if err != nil {
			t.Fatal(err)
		}
		var e any
		if err := json.Unmarshal(text, &e); err != nil {
			t.Fatal(err)
		}
		if matches(pattern, e) != want {
			t.Errorf("%s: taken is %t", name, !want)
		}
	}
}
