package local

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"vpn-attach/function/internal/standin/ros"
	"vpn-attach/function/internal/template"
)

// stacks are those that ROS knows, by name, as they were made. They are what ros.Maker is here: one stack has the
// function, and others can have queues, topics and subscriptions.
type stacks struct {
	cloud *Cloud

	mu   sync.Mutex
	made map[string]*template.Stack
	read *template.Template // the last one: most changes are of parameters
}

// parse reads a template, unless it is the last one.
func (s *stacks) parse(text string) (*template.Template, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.read == nil || s.read.Text != text {
		read, err := template.Parse([]byte(text))
		if err != nil {
			return nil, err
		}
		s.read = read
	}
	return s.read, nil
}

func hasFunction(stack *template.Stack) bool {
	return stack != nil &&
		slices.ContainsFunc(stack.Resources, func(r template.Resource) bool { return r.Type == typeFunction })
}

// planOf is what ROS is told of a stack.
func planOf(t *template.Template, stack *template.Stack, given map[string]string) (p ros.Plan) {
	for _, name := range slices.Sorted(maps.Keys(stack.Parameters)) {
		if !t.Has(name) {
			continue // a pseudo-parameter
		}
		text, isGiven := given[name]
		if !isGiven {
			text = fmt.Sprint(stack.Parameters[name])
		}
		p.Parameters = append(p.Parameters, ros.Parameter{Name: name, Value: text, IsSecret: t.IsSecret(name)})
	}
	for _, output := range stack.Outputs {
		p.Outputs = append(p.Outputs, ros.Output(output))
	}
	return p
}

// Validate implements ros.Maker.
func (s *stacks) Validate(text string) error {
	_, err := template.Parse([]byte(text))
	return err
}

// Plan implements ros.Maker.
func (s *stacks) Plan(name, text string, given map[string]string) (ros.Plan, error) {
	t, err := s.parse(text)
	if err != nil {
		return ros.Plan{}, err
	}
	place := s.cloud.place
	place.Stack = name
	stack, err := t.Resolve(given, place)
	if err == nil {
		err = s.fits(name, stack)
	}
	if err != nil {
		return ros.Plan{}, err
	}
	p := planOf(t, stack, given)
	p.Apply = func() error {
		err := s.apply(name, stack)
		if err == nil && hasFunction(stack) {
			s.cloud.parameters.Store(&given)
		}
		return err
	}
	return p, nil
}

// fits refuses what cannot be made here.
func (s *stacks) fits(name string, stack *template.Stack) error {
	if hasFunction(stack) {
		s.mu.Lock()
		defer s.mu.Unlock()
		for other, made := range s.made {
			if other != name && hasFunction(made) {
				return fmt.Errorf("the local cloud has one function, that of stack %s", other)
			}
		}
		return s.cloud.fits(stack)
	}
	for _, r := range stack.Resources {
		if !strings.HasPrefix(r.Type, "ALIYUN::MNS::") {
			return fmt.Errorf("the local cloud makes no %s (%s) in a stack without a function", r.Type, r.ID)
		}
	}
	return nil
}

// apply makes a stack as it is to be.
func (s *stacks) apply(name string, stack *template.Stack) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.made[name]
	if !hasFunction(stack) {
		if hasFunction(old) {
			if err := s.cloud.undeploy(); err != nil {
				return err
			}
		}
		s.made[name] = stack
		return s.cloud.setQueues(old, stack)
	}
	f, err := stack.Function()
	if err != nil {
		return err
	}
	host, code, err := s.cloud.codeOf(stack, f.Handler)
	if err != nil {
		return err
	}
	if err := s.cloud.setQueues(old, stack); err != nil {
		return err
	}
	s.made[name] = stack
	return s.cloud.deployFunction(old, stack, host, code)
}

// Delete implements ros.Maker.
func (s *stacks) Delete(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	old := s.made[name]
	if hasFunction(old) {
		if err := s.cloud.undeploy(); err != nil {
			return err
		}
	}
	if err := s.cloud.setQueues(old, &template.Stack{}); err != nil {
		return err
	}
	delete(s.made, name)
	return nil
}
