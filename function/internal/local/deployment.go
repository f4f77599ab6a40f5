package local

import (
	"fmt"
	"maps"
	"reflect"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/template"
)

// deployment is what is deployed now: at first what the cloud was started with, then what ROS was told.
type deployment struct {
	stack       *template.Stack   // of the function; without resources when it was deleted
	function    template.Function // as the stack has it, or had it
	environment map[string]string // of the cloud file: it wins over the stack's, until ROS changes a variable
	store       store             // of the function's log
}

// stack is the function's stack as it is now.
func (c *Cloud) stack() *template.Stack { return c.now.Load().stack }

func (c *Cloud) store() store { return c.now.Load().store }

// fits refuses what the local cloud cannot make of the function's stack while it runs.
func (c *Cloud) fits(stack *template.Stack) error {
	f, err := stack.Function()
	if err != nil {
		return err
	}
	start := c.deployed
	for _, same := range []struct {
		what      string
		got, want any
	}{
		{"the name of the function", f.FunctionName, start.FunctionName}, {"its runtime", f.Runtime, start.Runtime},
		{"its role", f.Role, start.Role}, {"its concurrency", f.ConcurrencyConfig, start.ConcurrencyConfig},
		{"the event queue", stack.Output("Queue"), c.EventQueue}, {"the topic", stack.Output("Topic"), c.outcomeTopic},
		{"the dead-letter queue", stack.Output("DeadLetters"), c.DeadLetters},
	} {
		if !reflect.DeepEqual(same.got, same.want) {
			return fmt.Errorf("the local cloud cannot change %s while it runs, from %v to %v: start it with that",
				same.what, same.want, same.got)
		}
	}
	if _, err := roleIdentity(stack, f.Role); err != nil {
		return err
	}
	if err := runs(stack, f); err != nil {
		return err
	}
	for _, trigger := range f.Triggers {
		if err := c.fitsTrigger(trigger); err != nil {
			return err
		}
	}
	return nil
}

// fitsTrigger: a trigger can be made and deleted, started and stopped; anything else is read when the cloud starts.
func (c *Cloud) fitsTrigger(trigger template.Trigger) error {
	for _, known := range c.deployed.Triggers {
		if known.TriggerName != trigger.TriggerName {
			continue
		}
		for _, t := range []*template.Trigger{&known, &trigger} {
			t.Qualifier, t.TriggerConfig.Enable, t.TriggerConfig.TriggerEnable = "", false, false
		}
		if !reflect.DeepEqual(known, trigger) {
			return fmt.Errorf("the local cloud cannot change what trigger %s does while it runs: start it with that",
				trigger.TriggerName)
		}
		return nil
	}
	return fmt.Errorf("the local cloud cannot make another trigger, %s, while it runs: start it with that",
		trigger.TriggerName)
}

// deployFunction makes the function as a stack has it; old is the stack before.
func (c *Cloud) deployFunction(old, stack *template.Stack, host fc.Host, code func() fc.Code) error {
	f, err := stack.Function()
	if err != nil {
		return err
	}
	if err := c.bridge.Replace(Rules(stack, c.buses()...)); err != nil {
		return err
	}
	identity, err := roleIdentity(stack, f.Role)
	if err != nil {
		return err
	}
	c.access.identity.Store(identity)
	before := c.now.Load()
	next := &deployment{stack: stack, function: f, environment: maps.Clone(before.environment),
		store: storeOf(stack)}
	for name, value := range f.EnvironmentVariables {
		if before.function.EnvironmentVariables[name] != value {
			delete(next.environment, name)
		}
	}
	c.now.Store(next)
	if old == nil || functionChanged(old, stack) {
		configured := c.function()
		configured.Code = code
		c.Runtime.Update(configured, host)
	}
	c.setTriggers(old, f)
	return nil
}

// functionChanged reports whether the function differs between two stacks.
func functionChanged(old, stack *template.Stack) bool {
	of := func(s *template.Stack) (all []map[string]any) {
		for _, r := range s.Resources {
			if r.Type == typeFunction {
				all = append(all, r.Properties)
			}
		}
		return all
	}
	return !reflect.DeepEqual(of(old), of(stack))
}

// setTriggers has the function have the triggers of its stack. One that stays as it is keeps the switch that somebody
// turned by hand.
func (c *Cloud) setTriggers(old *template.Stack, f template.Function) {
	before := map[string]template.Trigger{}
	if old != nil {
		of, _ := old.Function() // of a stack that was read
		for _, t := range of.Triggers {
			before[t.TriggerName] = t
		}
	}
	all := []*fc.Managed{}
	for _, t := range f.Triggers {
		managed := c.managed[t.TriggerName]
		if was, isThere := before[t.TriggerName]; !isThere || !reflect.DeepEqual(was, t) {
			managed.Set(t.Qualifier, shownConfig(t))
		}
		all = append(all, managed)
		delete(before, t.TriggerName)
	}
	for name := range before {
		c.managed[name].Gate.Set(false)
	}
	c.Invokes.SetTriggers(all)
}

// undeploy takes the function, its triggers and its rules away.
func (c *Cloud) undeploy() error {
	if err := c.bridge.Replace(nil); err != nil {
		return err
	}
	for _, managed := range c.managed {
		managed.Gate.Set(false)
	}
	c.Invokes.SetTriggers(nil)
	c.Runtime.Remove()
	before := c.now.Load()
	c.now.Store(&deployment{stack: &template.Stack{}, function: before.function, environment: before.environment,
		store: before.store})
	return nil
}
