package operate

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Patience is how long is waited for a stack: so many looks, with a pause between them.
type Patience struct {
	Looks int
	Pause time.Duration
}

// stack is a ROS stack.
type stack struct {
	id, status, reason string
	parameters         map[string]string
}

// NoStackError is that ROS has no stack of the name: the function was deployed by other means.
type NoStackError struct{ Name, Region string }

func (e *NoStackError) Error() string {
	return fmt.Sprintf("region %s has no stack %s", e.Region, e.Name)
}

// stackID is that of the stack, "" when there is none.
func (o Operator) stackID(ctx context.Context) (string, error) {
	answer, err := ask[struct {
		Stacks []struct{ StackId, StackName string }
	}](ctx, o, Call{Service: "ros", Action: "ListStacks", Flags: []string{
		"--RegionId", o.Region, "--StackName.1", o.Stack, "--PageSize", "10",
	}})
	if err != nil || len(answer.Stacks) == 0 {
		return "", err
	}
	return answer.Stacks[0].StackId, nil
}

// stack reads the stack.
func (o Operator) stack(ctx context.Context) (stack, error) {
	id, err := o.stackID(ctx)
	if err != nil {
		return stack{}, err
	}
	if id == "" {
		return stack{}, &NoStackError{o.Stack, o.Region}
	}
	return o.stackOf(ctx, id)
}

func (o Operator) stackOf(ctx context.Context, id string) (stack, error) {
	answer, err := ask[struct {
		Status, StatusReason string
		Parameters           []struct{ ParameterKey, ParameterValue string }
	}](ctx, o, Call{Service: "ros", Action: "GetStack", Flags: []string{"--RegionId", o.Region, "--StackId", id}})
	s := stack{id: id, status: answer.Status, reason: answer.StatusReason, parameters: map[string]string{}}
	for _, p := range answer.Parameters {
		s.parameters[p.ParameterKey] = p.ParameterValue
	}
	return s, err
}

// Pair is a parameter with its value.
type Pair struct{ Name, Value string }

// flagsOf are parameters as ROS takes them.
func flagsOf(pairs []Pair) (flags []string) {
	for i, p := range pairs {
		n := strconv.Itoa(i + 1)
		flags = append(flags, "--Parameters."+n+".ParameterKey", p.Name, "--Parameters."+n+".ParameterValue", p.Value)
	}
	return flags
}

// replaced is a parameter whose other value makes another resource: a subscription of another filter has another name.
func replaced(p Pair) bool { return p.Name == "OutcomeFilterTag" }

// createStack makes the stack and waits for it.
func (o Operator) createStack(ctx context.Context, template string, pairs []Pair) (id string, err error) {
	flags := []string{"--RegionId", o.Region, "--StackName", o.Stack, "--TemplateBody", template,
		"--DisableRollback", "false", "--TimeoutInMinutes", "30"}
	answer, err := ask[struct{ StackId string }](ctx, o,
		Call{Service: "ros", Action: "CreateStack", Flags: append(flags, flagsOf(pairs)...)})
	if err != nil {
		return "", err
	}
	return answer.StackId, o.settle(ctx, answer.StackId)
}

// updateStack changes what differs and waits for it. What is not named stays as it is.
func (o Operator) updateStack(ctx context.Context, id, template string, pairs []Pair) error {
	flags := []string{"--RegionId", o.Region, "--StackId", id, "--TemplateBody", template,
		"--UsePreviousParameters", "true"}
	if slices.ContainsFunc(pairs, replaced) {
		flags = append(flags, "--ReplacementOption", "Enabled")
	}
	_, err := o.Console.Call(ctx, Call{Service: "ros", Action: "UpdateStack", Flags: append(flags, flagsOf(pairs)...)})
	if refused(err, "NotSupported") { // there is nothing to change
		err = nil
	}
	if err != nil {
		return err
	}
	return o.settle(ctx, id)
}

// StackError is that a stack came to the wrong end.
type StackError struct {
	Name, Region, Status, Reason string
	Events                       []string
}

func (e *StackError) Error() string {
	text := fmt.Sprintf("stack %s in %s is %s %s", e.Name, e.Region, e.Status, plain(e.Reason))
	return strings.TrimSpace(text + "\n  " + strings.Join(e.Events, "\n  "))
}

// settle waits for a stack to come to rest, and says why when it came to the wrong one.
func (o Operator) settle(ctx context.Context, id string) error {
	last := ""
	for range max(1, o.Settle.Looks) {
		s, err := o.stackOf(ctx, id)
		if err != nil {
			return err
		}
		switch {
		case s.status == "CREATE_COMPLETE", s.status == "UPDATE_COMPLETE":
			o.say("stack %s", s.status)
			return nil
		case s.status != "" && !strings.HasSuffix(s.status, "_IN_PROGRESS"):
			return &StackError{o.Stack, o.Region, s.status, s.reason, o.stackEvents(ctx, id)}
		case s.status != last:
			o.say("waiting for the stack: %s", s.status)
			last = s.status
		}
		if err := pause(ctx, o.Settle.Pause); err != nil {
			return fmt.Errorf("waiting for stack %s: %w", o.Stack, err)
		}
	}
	return &StackError{o.Stack, o.Region, "still " + last, "", nil}
}

// stackEvents are the last reasons that ROS gives.
func (o Operator) stackEvents(ctx context.Context, id string) (reasons []string) {
	answer, err := o.Console.Call(ctx, Call{Service: "ros", Action: "ListStackEvents", Flags: []string{
		"--RegionId", o.Region, "--StackId", id, "--PageSize", "10",
	}})
	var events struct {
		Events []struct{ LogicalResourceId, Status, StatusReason string }
	}
	if err != nil || json.Unmarshal(answer, &events) != nil {
		return nil
	}
	for _, e := range events.Events {
		if e.StatusReason != "" {
			reasons = append(reasons, plain(e.LogicalResourceId+" "+e.Status+": "+e.StatusReason))
		}
	}
	return reasons
}
