package main_test

import (
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/attach"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

// The tests here hold the tables and examples of function/README.md against the code and template.yml.

// variable is a row of the table of configuration.
type variable struct{ name, parameter, preset string }

func documentedVariables(t *testing.T) (all []variable) {
	t.Helper()
	for _, row := range rows(t, section(t, page(t, "README.md"), "## Configuration"), "variable") {
		v := variable{name: strings.Trim(row[0], "`")}
		if parameter := words(row[1]); len(parameter) > 0 {
			v.parameter = parameter[0]
		}
		if preset := words(row[2]); len(preset) > 0 {
			v.preset = preset[0]
		}
		all = append(all, v)
	}
	return all
}

// documented is that table as an environment: every variable with its default.
func documented(t *testing.T) map[string]string {
	t.Helper()
	values := map[string]string{}
	for _, v := range documentedVariables(t) {
		values[v.name] = v.preset
	}
	return values
}

func TestEveryVariableIsDocumentedWithItsParameter(t *testing.T) {
	p := readTemplate(t)
	for _, v := range documentedVariables(t) {
		property := at(p.of("Function", "EnvironmentVariables"), v.name)
		parameter := parameterOf(property)
		if parameter != v.parameter {
			t.Errorf("%s has the parameter %q in template.yml, %q in the table", v.name, parameter, v.parameter)
		}
		if preset := p.value(property); parameter != "" && fmt.Sprint(preset) != v.preset {
			t.Errorf("%s has the default %v in template.yml, %q in the table", parameter, preset, v.preset)
		}
	}
}

func TestTheTableOfPermissionsIsTheRole(t *testing.T) {
	known := map[string]cloud.Action{}
	for _, action := range cloud.Actions() {
		known[action.Name] = action
	}
	var permissions, calls []string
	for _, row := range rows(t, section(t, page(t, "README.md"), "## Role"), "call") {
		permissions = append(permissions, words(row[1])...)
		name := strings.Trim(row[0], "`")
		if name == "(the platform)" {
			continue
		}
		calls = append(calls, name)
		quota := "not paced"
		if action := known[name]; action.Quota.Calls > 0 {
			quota = action.Quota.String()
			if action.Assumed {
				quota += ", assumed"
			}
		}
		if row[2] != quota {
			t.Errorf("%s is documented as %q calls a minute, the code has %q", name, row[2], quota)
		}
	}
	if got, want := sorted(permissions), sorted(allowedActions(t)); !slices.Equal(got, want) {
		t.Errorf("the table has the permissions %q\nthe role %q", got, want)
	}
	if got, want := sorted(calls), slices.Sorted(maps.Keys(known)); !slices.Equal(got, want) {
		t.Errorf("the table has the calls %q\nthe code %q", got, want)
	}
}

// constants gives the texts of the constants whose names begin with a prefix, in the packages
// that are deployed.
func constants(t *testing.T, prefix string, rooms ...string) (texts []string) {
	t.Helper()
	files, err := filepath.Glob("internal/*/*.go")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		room := filepath.Base(filepath.Dir(file))
		if strings.HasSuffix(file, "_test.go") || !slices.Contains(rooms, room) {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			spec, ok := n.(*ast.ValueSpec)
			if !ok || len(spec.Values) != 1 || !strings.HasPrefix(spec.Names[0].Name, prefix) {
				return true
			}
			if literal, ok := spec.Values[0].(*ast.BasicLit); ok {
				text, _ := strconv.Unquote(literal.Value)
				texts = append(texts, text)
			}
			return true
		})
	}
	return sorted(texts)
}

// answered are codes of the services that the function tells apart by name.
func answered() []string {
	return []string{
		decide.CodeDryRunPassed, decide.CodeZoneOutOfPlace, decide.CodeConnectionNotFound, decide.CodeIdempotentFailed,
	}
}

func TestTheTableOfCodesHasEveryCodeWithItsClass(t *testing.T) {
	var codes []string
	byCode := map[string][]string{}
	for _, row := range rows(t, section(t, page(t, "README.md"), "## Codes"), "code") {
		name := strings.Trim(row[0], "`")
		codes, byCode[name] = append(codes, name), []string{strings.Trim(row[1], "`"), row[2]}
	}
	own := slices.DeleteFunc(constants(t, "Code", "event", "cloud", "decide"),
		func(code string) bool { return slices.Contains(answered(), code) })
	if got, want := sorted(codes), own; !slices.Equal(got, want) || len(want) == 0 {
		t.Errorf("the table has %q\nthe code %q", got, want)
	}
	for _, fields := range table(t, "testdata/own-codes.tsv") {
		if !slices.Contains(byCode[fields[0]], fields[1]) {
			t.Errorf("%s is documented as %q, it ends as %s", fields[0], byCode[fields[0]], fields[1])
		}
	}
}

func TestEveryStatusIsDocumented(t *testing.T) {
	want := constants(t, "Status", "decide")
	filter := readTemplate(t).Parameters["OutcomeFilterTag"].AllowedValues
	for place, text := range map[string]string{
		"function/README.md": section(t, page(t, "README.md"), "## Outcomes"),
		"README.md":          section(t, page(t, "../README.md"), "## Outcomes"),
	} {
		var shown []string
		for _, row := range rows(t, text, "status") {
			shown = append(shown, words(row[0])...)
		}
		if place == "README.md" {
			shown = append(shown, "swept") // it has the events' alone
		}
		if got := sorted(shown); !slices.Equal(got, want) || len(want) == 0 {
			t.Errorf("%s has %q\nthe code %q", place, got, want)
		}
	}
	states := []string{string(decide.HealthUp), string(decide.HealthDegraded), string(decide.HealthDown)}
	if got := sorted(filter); !slices.Equal(got, sorted(append(append(want, ""), states...))) {
		t.Errorf("the parameter OutcomeFilterTag allows %q\nthe code has %q", got, want)
	}
}

// shape gives the names under which a type is encoded, and theirs in turn; what is no object of
// its own has none.
func shape(of reflect.Type) map[string]any {
	for of.Kind() == reflect.Pointer {
		of = of.Elem()
	}
	if of.Kind() != reflect.Struct || of == reflect.TypeFor[time.Time]() {
		return nil
	}
	names := map[string]any{}
	for _, field := range reflect.VisibleFields(of) {
		if name, _, _ := strings.Cut(field.Tag.Get("json"), ","); name != "" {
			names[name] = shape(field.Type)
		}
	}
	return names
}

// differences lists the names that only one of a shape and an example has.
func differences(where string, names, example map[string]any) (found []string) {
	for name, inner := range names {
		value, shown := example[name]
		if !shown {
			found = append(found, where+name+" is not shown")
			continue
		}
		object, _ := value.(map[string]any)
		if expected, _ := inner.(map[string]any); expected != nil {
			found = append(found, differences(where+name+".", expected, object)...)
		}
	}
	for name := range example {
		if _, known := names[name]; !known {
			found = append(found, where+name+" is shown and not known")
		}
	}
	return found
}

func TestTheExampleOfAnOutcomeShowsEveryField(t *testing.T) {
	text := section(t, page(t, "README.md"), "## Outcomes")
	_, rest, _ := strings.Cut(text, "```json\n")
	block, _, _ := strings.Cut(rest, "```")
	var example map[string]any
	if err := json.Unmarshal([]byte(block), &example); err != nil {
		t.Fatal(err)
	}
	for _, difference := range differences("", shape(reflect.TypeFor[decide.Outcome]()), example) {
		t.Error(difference)
	}
	delete(example, "subject")
	example["extra"] = 1
	if got := differences("", shape(reflect.TypeFor[decide.Outcome]()), example); len(got) != 2 {
		t.Errorf("of two differences it finds %q", got)
	}
}

func TestEveryFieldOfASweepIsDocumented(t *testing.T) {
	text := section(t, page(t, "README.md"), "## Sweep")
	shown := []string{"status", "final", "event", "durationMs"} // in the sentence before the table
	for _, row := range rows(t, text, "field") {
		shown = append(shown, words(row[0])...)
	}
	want := slices.Sorted(maps.Keys(shape(reflect.TypeFor[decide.SweepData]())))
	if got := sorted(shown); !slices.Equal(got, want) {
		t.Errorf("documented are %q\nthe document has %q", got, want)
	}
}

func TestEveryFieldOfADocumentOfHealthIsDocumented(t *testing.T) {
	var shown []string
	for _, row := range rows(t, section(t, page(t, "README.md"), "## Health"), "field") {
		shown = append(shown, words(row[0])...)
	}
	want := slices.Sorted(maps.Keys(shape(reflect.TypeFor[decide.HealthData]())))
	if got := sorted(shown); !slices.Equal(got, want) {
		t.Errorf("documented are %q\nthe document has %q", got, want)
	}
}

// TestTheAnswerOfAnInvocationIsDocumented: s invoke shows it.
func TestTheAnswerOfAnInvocationIsDocumented(t *testing.T) {
	_, text, _ := strings.Cut(section(t, page(t, "README.md"), "## Events in"), "**The answer**")
	for name := range shape(reflect.TypeFor[attach.Answer]()) {
		if !strings.Contains(text, name) {
			t.Errorf("%s is not documented", name)
		}
	}
}
