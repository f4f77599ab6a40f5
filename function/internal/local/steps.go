package local

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/ast"

	"vpn-attach/function/internal/pace"
)

// Step is one thing that happens in a case, after what stands before it.
type Step struct {
	kind string
	step step
}

// step is a kind of Step. Each is a struct whose fields are those that a case may write.
type step interface {
	do(ctx context.Context, s *story) error
}

// stepKinds are the kinds of step, by the key that tells them.
func stepKinds() map[string]func() step {
	return map[string]func() step{
		"send":      func() step { return &sendStep{} },
		"trail":     func() step { return &trailStep{} },
		"create":    func() step { return &createStep{} },
		"invoke":    func() step { return &invokeStep{} },
		"after":     func() step { return &afterStep{} },
		"until":     func() step { return &untilStep{} },
		"idle":      func() step { return &idleStep{} },
		"tag":       func() step { return &tagStep{} },
		"untag":     func() step { return &untagStep{} },
		"detach":    func() step { return &detachStep{} },
		"delete":    func() step { return &deleteStep{} },
		"revoke":    func() step { return &revokeStep{} },
		"subscribe": func() step { return &subscribeStep{} },
		"configure": func() step { return &configureStep{} },
	}
}

// UnmarshalYAML implements yaml.NodeUnmarshaler.
func (s *Step) UnmarshalYAML(node ast.Node) error {
	kinds := stepKinds()
	mapping, isMapping := node.(*ast.MappingNode)
	if isMapping {
		for _, pair := range mapping.Values {
			if kind := kinds[pair.Key.String()]; kind != nil {
				s.kind, s.step = pair.Key.String(), kind()
				return yaml.NodeToValue(node, s.step, yaml.Strict())
			}
		}
	}
	names := strings.Join(slices.Sorted(maps.Keys(kinds)), ", ")
	return &yaml.SyntaxError{Message: "no such step; the steps are " + names, Token: node.GetToken()}
}

// story is a case that is being played on a cloud.
type story struct {
	cloud  *Cloud
	events maker
	at     string   // the step under way
	wrong  []string // answers that were not as expected
}

// play takes the steps one after another.
func (s *story) play(ctx context.Context, steps []Step) error {
	for i, step := range steps {
		s.at = fmt.Sprintf("step %d (%s)", i+1, step.kind)
		if err := step.step.do(ctx, s); err != nil {
			return fmt.Errorf("%s: %w", s.at, err)
		}
	}
	s.at = ""
	return nil
}

func (s *story) make(e Event) ([]byte, error) {
	m := s.events
	m.now, m.speed, m.sign = time.Now(), s.cloud.speed, s.cloud.signed
	return e.Make(m)
}

// pause is how often a step looks whether what it waits for holds, in cloud time.
const pause = 500 * time.Millisecond

// wait waits until something holds.
func (s *story) wait(ctx context.Context, holds func() bool) error {
	tick := time.NewTicker(time.Duration(float64(pause) / s.cloud.speed))
	defer tick.Stop()
	for !holds() {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// sendStep puts an event into the queue as the rule does, or hands over what a trigger itself hands over.
type sendStep struct {
	Send  Event `yaml:"send"`
	Times int   `yaml:"times"` // as many messages; 1 when zero
}

func (t *sendStep) do(ctx context.Context, s *story) error {
	text, err := s.make(t.Send)
	if err != nil {
		return err
	}
	if NewInput(t.Send.node.String(), text).Payload {
		return s.cloud.Trigger.Push(ctx, text)
	}
	for range max(1, t.Times) {
		err = errors.Join(err, s.cloud.send(text))
	}
	return err
}

// invokeStep calls the function as a direct caller does, and compares its answer where one is given. A caller with a
// key is judged by the policy of the key; Refused is the action that it must lack.
type invokeStep struct {
	Invoke  Event          `yaml:"invoke"`
	Answer  map[string]any `yaml:"answer"`
	Key     string         `yaml:"key"`
	Refused string         `yaml:"refused"`
}

func (t *invokeStep) do(ctx context.Context, s *story) error {
	text, err := s.make(t.Invoke)
	if err != nil {
		return err
	}
	refused := ""
	if denied := s.cloud.access.ofFunction(t.Key, s.cloud.Invokes.Invoking()); denied != nil {
		refused = denied.Action
	}
	if refused != t.Refused {
		s.wrong = append(s.wrong, fmt.Sprintf("%s refused: expected %q, got %q", s.at, t.Refused, refused))
	}
	if refused != "" {
		return nil
	}
	done, err := s.cloud.Runtime.Invoke(ctx, text)
	if err != nil || t.Answer == nil {
		return err
	}
	var answer map[string]any
	if json.Unmarshal(done.Response, &answer) != nil {
		s.wrong = append(s.wrong, fmt.Sprintf("%s: no answer, but %+v", s.at, done.Failure))
		return nil
	}
	s.wrong = append(s.wrong, compareObject(s.at+" answer", t.Answer, answer)...)
	return nil
}

// afterStep lets cloud time pass.
type afterStep struct {
	After time.Duration `yaml:"after"`
}

func (t *afterStep) do(ctx context.Context, s *story) error {
	return pace.Sleep(ctx, scaled(t.After, s.cloud.speed))
}

// untilStep waits until the services have answered so many calls of an action since the start.
type untilStep struct {
	Until map[string]int `yaml:"until"`
}

func (t *untilStep) do(ctx context.Context, s *story) error {
	return s.wait(ctx, func() bool {
		counts := s.cloud.Faults.Counts() // cheaper than the calls, of which there may be many
		for action, n := range t.Until {
			if counts[action] < n {
				return false
			}
		}
		left := maps.Clone(t.Until)
		for _, call := range s.cloud.Faults.Calls() {
			if call.Status != 0 || call.Struck {
				left[call.Action]--
			}
		}
		for action := range t.Until {
			if left[action] > 0 {
				return false
			}
		}
		return true
	})
}

// idleStep waits until nothing is under way: no message, invocation, attachment or binding.
type idleStep struct {
	Idle bool `yaml:"idle"`
}

func (t *idleStep) do(ctx context.Context, s *story) error {
	return s.wait(ctx, func() bool { return s.cloud.left() == "" })
}
