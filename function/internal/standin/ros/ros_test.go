package ros_test

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/ros"
	"vpn-attach/function/internal/standin/rpc"
)

// maker notes what it is to make. A template is its own list of parameters, "Name=default …".
type maker struct {
	made  []string
	fails error
}

func (m *maker) Validate(template string) error {
	if !strings.Contains(template, "=") {
		return errors.New("it is no template")
	}
	return nil
}

func (m *maker) Plan(stack, template string, given map[string]string) (p ros.Plan, err error) {
	if err := m.Validate(template); err != nil {
		return p, err
	}
	known := map[string]bool{}
	for _, word := range strings.Fields(template) {
		name, value, _ := strings.Cut(word, "=")
		if given[name] != "" {
			value = given[name]
		}
		known[name] = true
		p.Parameters = append(p.Parameters, ros.Parameter{Name: name, Value: value, IsSecret: name == "Key"})
	}
	for name := range given {
		if !known[name] {
			return p, fmt.Errorf("there is no parameter %s", name)
		}
	}
	p.Outputs = []ros.Output{{Name: "Queue", Value: stack + "-events"}}
	p.Apply = func() error {
		m.made = append(m.made, stack+" "+fmt.Sprint(p.Parameters))
		return m.fails
	}
	return p, nil
}

func (m *maker) Delete(stack string) error {
	m.made = append(m.made, "no "+stack)
	return m.fails
}

// stacks is a service over a maker, called without a wire.
type stacks struct {
	*ros.Service
	maker *maker
	t     *testing.T
}

func newStacks(t *testing.T) *stacks {
	m := &maker{}
	return &stacks{ros.New(ros.Options{Region: "cn-hangzhou", Maker: m}), m, t}
}

// call makes a call with parameters in pairs, and gives the answer or the code of the refusal.
func (s *stacks) call(action string, pairs ...string) (map[string]any, string) {
	parameters := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		parameters.Set(pairs[i], pairs[i+1])
	}
	answer, refusal := s.Operations[action](rpc.Call{Parameters: parameters})
	if refusal != nil {
		return nil, refusal.Code
	}
	return answer, ""
}

// must is a call that is not refused.
func (s *stacks) must(action string, pairs ...string) map[string]any {
	s.t.Helper()
	answer, code := s.call(action, pairs...)
	if code != "" {
		s.t.Fatalf("%s %q: %s", action, pairs, code)
	}
	return answer
}

const template = "Name=vpn Key= Sweep=report"

// given are parameters of a call.
func given(n, name, value string) []string {
	return []string{"Parameters." + n + ".ParameterKey", name, "Parameters." + n + ".ParameterValue", value}
}

func TestAStackIsMadeUpdatedReadAndDeleted(t *testing.T) {
	s := newStacks(t)
	made := append([]string{"StackName", "vpn", "TemplateBody", template}, given("1", "Key", "secret")...)
	id, _ := s.must("CreateStack", made...)["StackId"].(string)
	s.must("UpdateStack", append([]string{"StackId", id, "UsePreviousParameters", "true"},
		given("1", "Sweep", "attach")...)...)
	stack := s.must("GetStack", "StackId", id)
	if said := fmt.Sprint(stack); stack["Status"] != "UPDATE_COMPLETE" || strings.Contains(said, "secret") ||
		!strings.Contains(said, "ParameterKey:Sweep ParameterValue:attach") ||
		!strings.Contains(said, "ParameterKey:Key ParameterValue:******") ||
		!strings.Contains(said, "OutputValue:vpn-events") {
		t.Errorf("the stack is %v", stack)
	}
	if got := s.must("GetTemplate", "StackId", id)["TemplateBody"]; got != template {
		t.Errorf("the template is %q", got)
	}
	events := fmt.Sprint(s.must("ListStackEvents", "StackId", id)["Events"])
	if strings.Index(events, "UPDATE_COMPLETE") > strings.Index(events, "CREATE_COMPLETE") {
		t.Errorf("the newest event is not the first: %s", events)
	}
	for name, want := range map[string]int{"vpn": 1, "other": 0} {
		if got := s.must("ListStacks", "StackName.1", name)["TotalCount"]; got != want {
			t.Errorf("there are %v stacks called %s", got, name)
		}
	}
	s.must("DeleteStack", "StackId", id)
	if _, code := s.call("GetStack", "StackId", id); code != "StackNotFound" {
		t.Errorf("the deleted stack: %s", code)
	}
	want := "vpn [{Name vpn false} {Key secret true} {Sweep report false}], " +
		"vpn [{Name vpn false} {Key secret true} {Sweep attach false}], no vpn"
	if got := strings.Join(s.maker.made, ", "); got != want {
		t.Errorf("made\n%s\nwant\n%s", got, want)
	}
}

func TestWhatROSRefusesChangesNothing(t *testing.T) {
	s := newStacks(t)
	made := []string{"StackName", "vpn", "TemplateBody", template}
	id, _ := s.must("CreateStack", made...)["StackId"].(string)
	for _, c := range []struct {
		action string
		pairs  []string
		code   string
	}{
		{"CreateStack", made, "StackExists"},
		{"CreateStack", []string{"StackName", "b"}, "MissingTemplateBody"},
		{"CreateStack", []string{"StackName", "b", "TemplateBody", "none"}, "StackValidationFailed"},
		{"CreateStack", append([]string{"StackName", "b", "TemplateBody", template}, given("1", "Swept", "x")...),
			"StackValidationFailed"},
		{"UpdateStack", []string{"StackId", id}, "NotSupported"},
		{"UpdateStack", append([]string{"StackId", id}, given("1", "Swept", "x")...), "StackValidationFailed"},
		{"UpdateStack", []string{"StackId", "none"}, "StackNotFound"},
		{"DeleteStack", nil, "MissingStackId"},
		{"ValidateTemplate", []string{"TemplateBody", "none"}, "StackValidationFailed"},
		{"ValidateTemplate", []string{"TemplateBody", template}, ""},
	} {
		if _, code := s.call(c.action, c.pairs...); code != c.code {
			t.Errorf("%s %q: got %q, want %s", c.action, c.pairs, code, c.code)
		}
	}
	if len(s.maker.made) != 1 {
		t.Errorf("made %q", s.maker.made)
	}
}

func TestAStackThatFailsSaysWhyAndCanBeUpdated(t *testing.T) {
	s := newStacks(t)
	s.maker.fails = errors.New("the quota is used up")
	id, _ := s.must("CreateStack", "StackName", "vpn", "TemplateBody", template)["StackId"].(string)
	if status, reason := s.Status("vpn"); status != "CREATE_FAILED" || reason != "the quota is used up" {
		t.Errorf("it is %s: %s", status, reason)
	}
	if events := fmt.Sprint(s.must("ListStackEvents", "StackId", id)); !strings.Contains(events, "used up") {
		t.Errorf("the events are %s", events)
	}
	s.must("DeleteStack", "StackId", id)
	if status, _ := s.Status("vpn"); status != "DELETE_FAILED" {
		t.Errorf("it is %s", status)
	}
	s.maker.fails = nil
	s.must("UpdateStack", "StackId", id, "TemplateBody", template+" More=1")
	if status, _ := s.Status("vpn"); status != "UPDATE_COMPLETE" {
		t.Errorf("it is %s", status)
	}
	s.Adopt("inbox", template, nil, ros.Plan{})
	if status, _ := s.Status("inbox"); status != "CREATE_COMPLETE" {
		t.Errorf("what was there already is %s", status)
	}
}
