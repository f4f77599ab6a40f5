package local

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"vpn-attach/function/internal/cloud"
)

// Expectation is what a case must come to. Only what it names is judged: an absent field says nothing, an empty list
// says none.
type Expectation struct {
	Outcomes    *list             `yaml:"outcomes"`
	Endings     *list             `yaml:"endings"` // the final outcomes, each once however often it was received
	Sweeps      *list             `yaml:"sweeps"`  // the outcomes of sweeps
	Health      *list             `yaml:"health"`  // the documents about the health of connections, no outcomes
	Attachments *list             `yaml:"attachments"`
	Failures    *list             `yaml:"failures"` // invocations that failed: type and message
	DeadLetters *list             `yaml:"deadLetters"`
	Finals      map[string]finals `yaml:"finals"`   // final outcomes about a connection, by its id
	Statuses    map[string]number `yaml:"statuses"` // outcomes by status
	IDs         *number           `yaml:"ids"`      // different ones of outcomes and documents about health
	Invocations *number           `yaml:"invocations"`
	Alarms      map[string]string `yaml:"alarms"`   // ringing, quiet or unknown, by name
	Calls       map[string]number `yaml:"calls"`    // by API action
	Requests    map[string]number `yaml:"requests"` // different ones, by API action
	FirstCalls  []string          `yaml:"firstCalls"`
	LastCalls   []string          `yaml:"lastCalls"`
}

// fields are some fields of an object, with their values.
type fields = map[string]any

// list is how many objects there must be, or what each of them must hold.
type list struct {
	number *number
	each   []fields
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (l *list) UnmarshalYAML(node ast.Node) error {
	if node.Type() == ast.SequenceType {
		l.number, l.each = nil, []fields{}
		return yaml.NodeToValue(node, &l.each)
	}
	l.number = new(number)
	return l.number.UnmarshalYAML(node)
}

// finals are fields of every final outcome about a connection, or of each of them in order.
type finals struct {
	every fields
	each  *list
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (f *finals) UnmarshalYAML(node ast.Node) error {
	if node.Type() == ast.SequenceType {
		f.each = new(list)
		return f.each.UnmarshalYAML(node)
	}
	return yaml.NodeToValue(node, &f.every)
}

// compare compares final outcomes, each once however often it was received.
func (f finals) compare(name string, actual []fields) (differences []string) {
	switch {
	case len(actual) == 0:
		return []string{name + ": there is no final outcome about it"}
	case f.each != nil:
		return f.each.compare(name, actual)
	}
	for _, ending := range actual {
		differences = append(differences, compareObject(name, f.every, ending)...)
	}
	return differences
}

// compare compares the objects in order, each expected one contained in the one at its place. Nil expects nothing.
func (l *list) compare(name string, actual []fields) []string {
	switch {
	case l == nil:
		return nil
	case l.number != nil:
		return l.number.compare(name, len(actual))
	case len(l.each) != len(actual):
		return []string{fmt.Sprintf("%s: expected %d, got %d: %s", name, len(l.each), len(actual), brief(actual))}
	}
	var differences []string
	for i, object := range l.each {
		differences = append(differences, compareObject(fmt.Sprintf("%s[%d]", name, i), object, actual[i])...)
	}
	return differences
}

// number is how many there must be: so many, or ">=N" where timing decides.
type number struct {
	least int
	more  bool
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (n *number) UnmarshalYAML(node ast.Node) error {
	var ok bool
	if *n, ok = readNumber(node.GetToken().Value); !ok {
		return &yaml.SyntaxError{Message: `a number or ">=N" is expected`, Token: node.GetToken()}
	}
	return nil
}

func readNumber(text string) (n number, ok bool) {
	text, n.more = strings.CutPrefix(text, ">=")
	least, err := strconv.Atoi(text)
	n.least = least
	return n, err == nil && least >= 0
}

func (n *number) String() string {
	if n.more {
		return fmt.Sprintf("at least %d", n.least)
	}
	return strconv.Itoa(n.least)
}

// compare says in words how a number differs. Nil expects nothing.
func (n *number) compare(name string, actual int) []string {
	if n == nil || actual == n.least || n.more && actual > n.least {
		return nil
	}
	return []string{fmt.Sprintf("%s: expected %s, got %d", name, n, actual)}
}

// compareNumbers compares numbers by their names.
func compareNumbers(name string, expected map[string]number, actual map[string]int) (differences []string) {
	for _, key := range slices.Sorted(maps.Keys(expected)) {
		n := expected[key]
		differences = append(differences, n.compare(name+"."+key, actual[key])...)
	}
	return differences
}

// judges tells whether the expectation can fail at all, and names the calls that nothing makes.
func (e Expectation) judges() error {
	known := map[string]bool{}
	for _, action := range cloud.Actions() {
		known[action.Name] = true
	}
	counted := slices.AppendSeq(slices.Collect(maps.Keys(e.Calls)), maps.Keys(e.Requests))
	named := slices.Concat(e.FirstCalls, e.LastCalls, counted)
	for _, action := range named {
		if !known[action] {
			return fmt.Errorf("expect: the function never calls %q", action)
		}
	}
	lists := []*list{e.Outcomes, e.Endings, e.Sweeps, e.Health, e.Attachments, e.Failures, e.DeadLetters}
	if some := slices.ContainsFunc(lists, func(l *list) bool { return l != nil }); some {
		return nil
	}
	if e.IDs == nil && e.Invocations == nil && len(e.Alarms)+len(named)+len(e.Finals)+len(e.Statuses) == 0 {
		return fmt.Errorf("expect names nothing, so that the case cannot fail")
	}
	return nil
}

// evidence is what an expectation is held against.
type evidence struct {
	outcomes, attachments, failures, letters []fields

	calls, requests map[string]int
	order           []string // of the calls
	invocations     int
	alarms          []Alarm
	memory          Memory
}

// compare names every difference between what was expected and what came, in words.
func (e Expectation) compare(got evidence) []string {
	ids, statuses, sweeps := map[any]bool{}, map[string]int{}, []fields{}
	outcomes, health := apart(got.outcomes)
	for _, document := range got.outcomes {
		ids[document["id"]] = true
	}
	got.outcomes = outcomes
	for _, outcome := range got.outcomes {
		statuses[fmt.Sprint(outcome["status"])]++
		if outcome["status"] == "swept" {
			sweeps = append(sweeps, outcome)
		}
	}
	return slices.Concat(
		e.Outcomes.compare("outcomes", got.outcomes),
		e.Endings.compare("endings", endings(got.outcomes)),
		e.Sweeps.compare("sweeps", sweeps),
		e.Health.compare("health", health),
		e.Attachments.compare("attachments", got.attachments),
		e.Failures.compare("failures", got.failures),
		e.DeadLetters.compare("deadLetters", got.letters),
		e.compareFinals(got.outcomes),
		compareNumbers("statuses", e.Statuses, statuses),
		e.IDs.compare("ids", len(ids)),
		e.Invocations.compare("invocations", got.invocations),
		e.compareAlarms(got.alarms), got.memory.compare(),
		compareNumbers("calls", e.Calls, got.calls),
		compareNumbers("requests", e.Requests, got.requests),
		compareOrder("firstCalls", e.FirstCalls, got.order[:min(len(e.FirstCalls), len(got.order))]),
		compareOrder("lastCalls", e.LastCalls, got.order[max(0, len(got.order)-len(e.LastCalls)):]),
	)
}

// apart are the outcomes of what was received, and the documents about health.
func apart(received []fields) (outcomes, health []fields) {
	outcomes = []fields{}
	for _, document := range received {
		if document["state"] != nil {
			health = append(health, document)
		} else {
			outcomes = append(outcomes, document)
		}
	}
	return outcomes, health
}

// Code is a code that an outcome has, and its class, or the outcome's status where it is no error.
type Code struct{ Code, Class string }

// Codes are those that the expectation names.
func (e Expectation) Codes() (all []Code) {
	for _, l := range []*list{e.Outcomes, e.Endings} {
		if l == nil {
			continue
		}
		for _, outcome := range l.each {
			code, _ := outcome["code"].(string)
			class, isError := outcome["class"].(string)
			if !isError {
				class, _ = outcome["status"].(string)
			}
			all = append(all, Code{code, class})
		}
	}
	return all
}
