package main_test

import (
	"fmt"
	"regexp"
	"slices"
	"testing"

	internal "vpn-attach/function/internal/template"
)

// inboxOf is how a stack makes an inbox: its queue, and who sends to it.
func inboxOf(t *testing.T, stack *internal.Stack) (found []string) {
	t.Helper()
	const inbox = "vpn-attach-inbox"
	for _, r := range stack.Resources {
		if r.Properties["QueueName"] == inbox {
			found = append(found, fmt.Sprint(r.Type, " ", r.DeletionPolicy, " ", r.Properties))
		}
		isOf := regexp.MustCompile(`:queues/` + inbox + `$`).MatchString(fmt.Sprint(r.Properties["Endpoint"]))
		if isOf {
			found = append(found, fmt.Sprint(r.Type, " ", r.DeletionPolicy, " ", r.Properties))
		}
	}
	slices.Sort(found)
	return found
}

// TestTheInboxBesideServerlessDevsIsThatOfTheTemplate reads the stack that scripts/README.md gives for it.
func TestTheInboxBesideServerlessDevsIsThatOfTheTemplate(t *testing.T) {
	text := regexp.MustCompile("(?s)```yaml\n(ROSTemplate[^`]*inbox-failed[^`]*)```").
		FindStringSubmatch(page(t, "../scripts/README.md"))
	if text == nil {
		t.Fatal("scripts/README.md has no such stack")
	}
	read, err := internal.Parse([]byte(text[1]))
	if err != nil {
		t.Fatal(err)
	}
	stack, err := read.Resolve(map[string]string{"Topic": "vpn-attach-outcomes"}, place())
	if err != nil {
		t.Fatal(err)
	}
	want, got := inboxOf(t, theStack(t, nil)), inboxOf(t, stack)
	if len(want) != 4 || !slices.Equal(got, want) {
		t.Errorf("it makes\n%q\nthe template\n%q", got, want)
	}
}
