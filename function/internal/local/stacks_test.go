package local

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/template"
)

// stackText is template.yml, with words changed.
func stackText(t *testing.T, oldNew ...string) string {
	t.Helper()
	text, err := os.ReadFile("../../../template.yml")
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i+1 < len(oldNew); i += 2 {
		if !strings.Contains(string(text), oldNew[i]) {
			t.Fatalf("template.yml does not have %q", oldNew[i])
		}
	}
	return strings.NewReplacer(oldNew...).Replace(string(text))
}

// givenNow are the parameters of the stack with which a cloud starts, and others.
func (c *Cloud) givenNow(pairs ...string) map[string]string {
	given := maps.Clone(TheStack().given(c.Spec, c.FollowUpKey))
	for i := 0; i+1 < len(pairs); i += 2 {
		given[pairs[i]] = pairs[i+1]
	}
	return given
}

// updated changes the stack of a cloud, which must go well.
func (c *Cloud) updated(t *testing.T, text string, pairs ...string) {
	t.Helper()
	plan, err := c.stacks.Plan(FunctionName, text, c.givenNow(pairs...))
	if err == nil {
		err = plan.Apply()
	}
	if err != nil {
		t.Fatal(err)
	}
}

// started are the triggers that are.
func (c *Cloud) started() string {
	var names []string
	for name, managed := range c.managed {
		if managed.Gate.Open() {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return strings.Join(names, " ")
}

func TestWhatARunningCloudCannotBecomeIsRefused(t *testing.T) {
	c := up(t)
	before := c.now.Load()
	const roleAlone = `ROSTemplateFormatVersion: '2015-09-01'
Resources:
  R: {Type: ALIYUN::RAM::Role, Properties: {RoleName: r, AssumeRolePolicyDocument: {Version: '1', Statement: []}}}
`
	for name, one := range map[string]struct {
		stack string
		words []string // of the template, and what stands in their place
		given []string
		says  string
	}{
		"another name":          {FunctionName, nil, []string{"Name", "other"}, "change the name of the function"},
		"a parameter of nobody": {FunctionName, nil, []string{"Swept", "x"}, "there is no parameter Swept"},
		"a value of no choice":  {FunctionName, nil, []string{"Sweep", "sometimes"}, "none of"},
		"a property of nobody":  {FunctionName, []string{"MemorySize:", "MemorySise:"}, nil, "MemorySise is not known"},
		"another timer":         {FunctionName, []string{"@every 10m", "@every 20m"}, nil, "what trigger sweep does"},
		"another batch": {FunctionName, []string{"CountBasedWindow: 15", "CountBasedWindow: 14"}, nil,
			"what trigger queue does"},
		"another trigger": {FunctionName, []string{"TriggerName: sweep", "TriggerName: other"}, nil,
			"another trigger, other"},
		"another concurrency": {FunctionName, []string{"ReservedConcurrency: 2", "ReservedConcurrency: 3"}, nil,
			"change its concurrency"},
		"a role nobody may assume": {FunctionName, []string{"[fc.aliyuncs.com]", "[ecs.aliyuncs.com]"}, nil,
			"giving the function its role"},
		"a second function": {"other", nil, nil, "one function, that of stack vpn-attach"},
	} {
		given := c.givenNow(one.given...)
		_, err := c.stacks.Plan(one.stack, stackText(t, one.words...), given)
		if err == nil || !strings.Contains(err.Error(), one.says) {
			t.Errorf("%s: got %v, want %q", name, err, one.says)
		}
	}
	if _, err := c.stacks.Plan("other", roleAlone, nil); err == nil {
		t.Error("a role was made in a stack of its own")
	}
	if _, err := c.stacks.Plan("other", "a: [", nil); err == nil || c.stacks.Validate("a: [") == nil {
		t.Error("what is no template was taken")
	}
	if c.now.Load() != before || c.started() != "queue sweep" {
		t.Error("what was refused was done")
	}
}

func TestAnUpdateChangesWhatItNamesAndKeepsTheRest(t *testing.T) {
	c := up(t)
	for _, queue := range []string{c.EventQueue, "vpn-attach-outcomes"} {
		if _, err := c.Queues.Send(queue, "rests", 0); err != nil {
			t.Fatal(err)
		}
	}
	alarms := func() int { return len(template.Of[logAlarm](c.stack(), typeLogAlarm)) }
	estate, logAlarms := len(c.Estate.Seed().VPNConnections), alarms()
	c.updated(t, stackText(t), "Sweep", "attach", "OutcomeQueue", "false", "AlertActionPolicy", "")
	if c.Variables()["SWEEP"] != "attach" || c.Runtime.Has("1") {
		t.Errorf("the function has %v", c.Variables())
	}
	if names := subscribed(c.Queues.Snapshot().Topics[0].Subscriptions); slices.Contains(names, "queue") {
		t.Errorf("the subscriptions are %q", names)
	}
	if c.Queues.Stats("vpn-attach-outcomes").Active != 1 || c.Queues.Stats(c.EventQueue).Active != 1 {
		t.Error("a message is gone")
	}
	if alarms() != 0 || logAlarms == 0 || len(c.Estate.Seed().VPNConnections) != estate {
		t.Errorf("there are %d alarms on the log", alarms())
	}
	c.updated(t, stackText(t))
	if c.Variables()["SWEEP"] != "report" || alarms() != logAlarms {
		t.Error("it is not as it was before")
	}
}

func subscribed[T any](all map[string]T) []string { return slices.Sorted(maps.Keys(all)) }

func TestAVariableThatAnUpdateChangesWinsOverTheCloudFile(t *testing.T) {
	spec, err := ReadSpec([]byte(aCloud + "function: {environment: {SWEEP: 'off', LOG_LEVEL: debug}}\n"))
	if err != nil {
		t.Fatal(err)
	}
	c, err := StartInProcess(spec, Options{Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	c.updated(t, stackText(t), "Sweep", "attach")
	if v := c.Variables(); v["SWEEP"] != "attach" || v["LOG_LEVEL"] != "debug" {
		t.Errorf("the function has SWEEP=%s, LOG_LEVEL=%s", v["SWEEP"], v["LOG_LEVEL"])
	}
}

func TestASavedStateHasTheSettingsOfTheStack(t *testing.T) {
	c := up(t)
	c.updated(t, stackText(t), "Sweep", "attach", "Started", "false", "Qualifier", "live")
	text, err := c.Saved()
	if err != nil {
		t.Fatal(err)
	}
	spec, err := ReadSpec(text)
	if err != nil {
		t.Fatal(err)
	}
	next, err := StartInProcess(spec, Options{Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer next.Close()
	if v := next.Variables(); v["SWEEP"] != "attach" || v["FOLLOW_UP_KEY"] != c.Variables()["FOLLOW_UP_KEY"] {
		t.Errorf("the function goes on with SWEEP=%s", v["SWEEP"])
	}
	if got := next.started(); got != "queue sweep" {
		t.Errorf("the triggers that are started: %s", got)
	}
}

func TestADeletedStackLeavesQueuesAndCanBeMadeAgain(t *testing.T) {
	c := up(t)
	if _, err := c.Queues.Send(c.EventQueue, "rests", 0); err != nil {
		t.Fatal(err)
	}
	names := slices.DeleteFunc(c.Queues.QueueNames(), func(name string) bool { return name == "vpn-attach-sweeps" })
	if err := c.stacks.Delete(FunctionName); err != nil {
		t.Fatal(err)
	}
	if c.Runtime.Has(fc.InvokeFunction) || c.Runtime.Has("LATEST") || c.started() != "" || len(c.Alarms()) != 0 {
		t.Errorf("the function is there, or %s, or %v", c.started(), c.Alarms())
	}
	if got := c.Queues.QueueNames(); !slices.Equal(got, names) || c.Queues.Stats(c.EventQueue).Active != 1 {
		t.Errorf("the queues are %q", got)
	}
	if n := len(c.Queues.Snapshot().Topics[0].Subscriptions); n != 0 {
		t.Errorf("%d subscriptions are left", n)
	}
	c.updated(t, stackText(t), "Sweep", "attach")
	if !c.Runtime.Has("LATEST") || c.Runtime.Has("live") || c.started() != "queue sweep" ||
		len(c.Queues.Snapshot().Topics[0].Subscriptions) == 0 {
		t.Error("it is not there again")
	}
}

func TestASecondStackHasQueuesThatGoWithIt(t *testing.T) {
	c := up(t)
	const text = `ROSTemplateFormatVersion: '2015-09-01'
Resources:
  Stays: {Type: ALIYUN::MNS::Queue, DeletionPolicy: Retain, Properties: {QueueName: stays}}
  Goes: {Type: ALIYUN::MNS::Queue, Properties: {QueueName: goes, VisibilityTimeout: 30}}
`
	apply := func(text string) {
		t.Helper()
		plan, err := c.stacks.Plan("more", text, nil)
		if err == nil {
			err = plan.Apply()
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	apply(text)
	apply(strings.ReplaceAll(text, "VisibilityTimeout: 30", "VisibilityTimeout: 60"))
	if names := c.Queues.QueueNames(); !slices.Contains(names, "stays") || !slices.Contains(names, "goes") {
		t.Fatalf("the queues are %q", names)
	}
	if err := c.stacks.Delete("more"); err != nil {
		t.Fatal(err)
	}
	if names := c.Queues.QueueNames(); !slices.Contains(names, "stays") || slices.Contains(names, "goes") {
		t.Errorf("after the deletion the queues are %q", names)
	}
	if !c.Runtime.Has("LATEST") {
		t.Error("the function went with a stack that is not its own")
	}
}
