package operate

import (
	"context"
	"fmt"
	"strings"
)

// Removed is what a removal takes away and leaves.
type Removed struct {
	Stack  string   `json:"stack"`
	DryRun bool     `json:"dryRun"`
	Stays  []string `json:"stays"`
}

// Remove deletes the stack. Without sure it only says what would be deleted, and what stays.
func (o Operator) Remove(ctx context.Context, sure bool) (Removed, error) {
	s, err := o.stack(ctx)
	if err != nil {
		return Removed{}, err
	}
	r := Removed{Stack: o.Stack, DryRun: !sure, Stays: []string{
		"queues " + strings.Join([]string{o.Stack + "-events", o.Stack + "-dead-letters", o.Stack + "-outcomes",
			o.Stack + inboxSuffix}, ", ") + " and topic " + o.Stack + "-outcomes: no message is lost by mistake",
		"bucket " + s.parameters["CodeBucket"] + ": the code of earlier versions",
		"every attachment: nothing is detached",
		"service-linked roles: other products may use them",
	}}
	if !sure {
		return r, nil
	}
	_, err = o.Console.Call(ctx, Call{Service: "ros", Action: "DeleteStack",
		Flags: []string{"--RegionId", o.Region, "--StackId", s.id}})
	return r, err
}

// Text implements Result.
func (r Removed) Text() string {
	text := fmt.Sprintf("stack %s is being deleted\n", r.Stack)
	if r.DryRun {
		const what = "function, triggers, rules, role, log, alarms, queue of sweeps"
		text = fmt.Sprintf("stack %s would be deleted: %s\n", r.Stack, what)
	}
	for _, what := range r.Stays {
		text += "stays: " + what + "\n"
	}
	if r.DryRun {
		text += "to delete it, say --yes\n"
	}
	return text
}
