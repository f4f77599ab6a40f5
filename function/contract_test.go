package main_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/app"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

// The tests here hold the code, template.yml, s.yaml and the table of configuration against each other.

// longestDelay is the most that the function asks of the queue for a message; a test of the
// core holds it to that.
const longestDelay = 15 * time.Minute

// required is an environment with what nothing else can decide.
func required() map[string]string {
	return map[string]string{
		"MNS_ENDPOINT": "https://1234567890123456.mns.cn-hangzhou.aliyuncs.com",
		"MNS_QUEUE":    "q", "MNS_TOPIC": "t", "MNS_DEAD_LETTER_QUEUE": "d",
		"FOLLOW_UP_KEY": strings.Repeat("k", 32),
	}
}

func TestVariablesAndDefaultsAreTheSameEverywhere(t *testing.T) {
	asked := map[string]bool{}
	preset, err := app.ReadConfig(func(name string) string { asked[name] = true; return required()[name] })
	if err != nil {
		t.Fatal(err)
	}
	maps.DeleteFunc(asked, func(name string, _ bool) bool {
		ofPlatform := strings.HasPrefix(name, "FC_") || strings.HasPrefix(name, "ALIBABA_CLOUD_")
		return ofPlatform || name == "DEBUG" // the SDKs read it themselves
	})
	names := slices.Sorted(maps.Keys(asked))
	for place, values := range map[string]map[string]string{
		"template.yml": theFunction(t, nil).EnvironmentVariables, "README.md": documented(t),
		"s.yaml": serverlessFunction(t).EnvironmentVariables,
	} {
		t.Run(place, func(t *testing.T) {
			if got := slices.Sorted(maps.Keys(values)); !slices.Equal(got, names) {
				t.Fatalf("it has %q\nthe code reads %q", got, names)
			}
			maps.Copy(values, required())
			config, err := app.ReadConfig(func(name string) string { return values[name] })
			if err != nil || !reflect.DeepEqual(config, preset) {
				t.Errorf("%v, its defaults come to\n%+v\nthe code's to\n%+v", err, config, preset)
			}
		})
	}
}

// must fails the test, and goes on, where something does not hold.
func must(t *testing.T, where string, holds bool, what string) {
	t.Helper()
	if !holds {
		t.Errorf("%s: it does not hold that %s", where, what)
	}
}

// What no case can show, since the local cloud has no bounds of the platform and no years.
func TestFiguresOfTheTemplateFitTogether(t *testing.T) {
	f, file := theFunction(t, nil), "template.yml"
	config, err := app.ReadConfig(func(name string) string { return required()[name] })
	if err != nil {
		t.Fatal(err)
	}
	timeout, call := float64(f.Timeout), config.CallTimeout.Seconds()
	must(t, file, timeout > 0 && timeout <= 300, "a triggered invocation may take at most five minutes")
	must(t, file, call <= timeout-min(timeout/5, 10), "a call ends before the invocation's reserve begins")
	must(t, file, f.InstanceConcurrency == 1, "one instance takes one batch")
	for _, trigger := range f.Triggers {
		run, config := trigger.TriggerConfig.RunOptions, trigger.TriggerConfig
		if trigger.TriggerType == "timer" {
			period := fmt.Sprintf("@every %.0fm", decide.SweepPeriod.Minutes())
			must(t, file, config.CronExpression == period, "the timer has the period that the code reckons with")
			continue
		}
		reserved := f.ConcurrencyConfig.ReservedConcurrency
		must(t, file, run.MaximumTasks >= 1, "the stream has a task")
		must(t, file, run.BatchWindow.CountBasedWindow <= event.MaxElements, "one invocation takes the whole batch")
		must(t, file, reserved > run.MaximumTasks, "the timer and people have an instance beside the stream's")
		for _, queue := range theStack(t, nil).Queues() {
			isSource := queue.QueueName == config.EventSourceConfig.EventSourceParameters.SourceMNSParameters.QueueName
			outlasts := queue.VisibilityTimeout >= 4*timeout+60+run.BatchWindow.TimeBasedWindow
			must(t, file, !isSource || outlasts, "visibility outlasts four pushes and the window")
		}
	}
}

func TestQueuesKeepWhatTheyAreGiven(t *testing.T) {
	stack := theStack(t, nil)
	for _, queue := range stack.Queues() {
		retention := time.Duration(queue.MessageRetentionPeriod) * time.Second
		must(t, queue.QueueName, retention > longestDelay+24*time.Hour, "a message outlives a delay and a day's outage")
		must(t, queue.QueueName, !queue.DlqPolicy.Enabled, "the queue gives nothing up")
	}
	for _, r := range stack.Resources {
		isKept := r.DeletionPolicy == "Retain" || r.Type != "ALIYUN::MNS::Queue" && r.Type != "ALIYUN::MNS::Topic"
		must(t, r.ID, isKept, "it outlives the stack")
	}
}

func TestOnlyRolesOfNamedMembersMayBeAssumed(t *testing.T) {
	for accounts, want := range map[string]string{
		"": "[]", "1234567890, 9876543210": "[acs:ram::1234567890:role/reader acs:ram::9876543210:role/reader]",
	} {
		roles := theStack(t, map[string]string{"AllowedAccounts": accounts, "OwnerRole": "reader"}).Roles()
		resources := []any{}
		for _, policy := range roles[0].Policies {
			statements, _ := policy.PolicyDocument["Statement"].([]any)
			for _, one := range statements {
				if actions, _ := at(one, "Action").([]any); slices.Contains(actions, any("sts:AssumeRole")) {
					resources, _ = at(one, "Resource").([]any)
				}
			}
		}
		if got := fmt.Sprint(resources); got != want {
			t.Errorf("%q: %s may be assumed, want %s", accounts, got, want)
		}
	}
}
