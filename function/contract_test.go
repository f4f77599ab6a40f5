package main_test

import (
	"archive/zip"
	"fmt"
	"maps"
	"os/exec"
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
		"template.yml": readTemplate(t).environment(), "s.yaml": serverlessEnvironment(t), "README.md": documented(t),
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

func TestTheHandlerIsTheNameOfTheBinary(t *testing.T) {
	t.Parallel()
	path := t.TempDir() + "/f.zip"
	if out, err := exec.Command("go", "run", "./cmd/package", "--out", path).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	for place, handler := range map[string]any{
		"template.yml": readTemplate(t).of("Function", "Handler"), "s.yaml": props(t)["handler"],
	} {
		if handler != archive.File[0].Name {
			t.Errorf("%s has the handler %v, the zip %s", place, handler, archive.File[0].Name)
		}
	}
}

// figures are those of the function and its triggers in one of the two files.
type figures struct {
	timeout, memory, concurrency float64
	reserved, tasks              float64
	stream, run, window          any // of the queue trigger's configuration
	sweeps                       any // how often the timer fires
}

func templateFigures(p template) figures {
	f := figures{stream: p.of("QueueTrigger", "TriggerConfig")}
	f.sweeps = p.of("SweepTimer", "TriggerConfig", "cronExpression")
	f.run = at(f.stream, "runOptions")
	f.window = at(f.run, "batchWindow")
	f.timeout, f.memory = number(p.of("Function", "Timeout")), number(p.of("Function", "MemorySize"))
	f.concurrency = number(p.of("Function", "InstanceConcurrency"))
	f.reserved = number(p.value(p.of("Concurrency", "ReservedConcurrency")))
	f.tasks = number(p.value(at(f.run, "maximumTasks")))
	return f
}

func serverlessFigures(s map[string]any) figures {
	f := figures{stream: at(s, "triggers", 1, "triggerConfig")}
	f.sweeps = at(s, "triggers", 0, "triggerConfig", "cronExpression")
	f.run = at(f.stream, "runOptions")
	f.window = at(f.run, "batchWindow")
	f.timeout, f.memory = number(s["timeout"]), number(s["memorySize"])
	f.concurrency = number(s["instanceConcurrency"])
	f.reserved = number(at(s, "concurrencyConfig", "reservedConcurrency"))
	f.tasks = number(at(f.run, "maximumTasks"))
	return f
}

// seconds and count say when a batch is full.
func (f figures) seconds() float64 { return number(at(f.window, "TimeBasedWindow")) }
func (f figures) count() float64   { return number(at(f.window, "CountBasedWindow")) }

// must fails the test, and goes on, where something does not hold.
func must(t *testing.T, where string, holds bool, what string) {
	t.Helper()
	if !holds {
		t.Errorf("%s: it does not hold that %s", where, what)
	}
}

func TestFiguresOfEachFileFitTogether(t *testing.T) {
	p := readTemplate(t)
	config, err := app.ReadConfig(func(name string) string { return required()[name] })
	if err != nil {
		t.Fatal(err)
	}
	call, visibility := config.CallTimeout.Seconds(), number(p.of("EventQueue", "VisibilityTimeout"))
	period := fmt.Sprintf("@every %.0fm", decide.SweepPeriod.Minutes())
	for file, f := range map[string]figures{"template.yml": templateFigures(p), "s.yaml": serverlessFigures(props(t))} {
		source := at(f.stream, "eventSourceConfig", "eventSourceParameters", "sourceMNSParameters")
		flows := at(f.run, "errorsTolerance") == "ALL" && at(f.run, "deadLetterQueue") != nil
		must(t, file, f.timeout > 0 && f.timeout <= 300, "a triggered invocation may take at most five minutes")
		must(t, file, call <= f.timeout-min(f.timeout/5, 10), "a call ends before the invocation's reserve begins")
		must(t, file, f.count() >= 1 && f.count() <= event.MaxElements, "one invocation takes the whole batch")
		must(t, file, f.tasks >= 1, "the stream has a task")
		must(t, file, f.reserved > f.tasks, "the timer and requests by hand have an instance beside the stream's")
		must(t, file, f.concurrency == 1, "one instance takes one batch")
		must(t, file, at(source, "IsBase64Decode") == false, "nothing decodes base64 before the function")
		must(t, file, flows, "a message that fails does not block the others")
		must(t, file, f.sweeps == period, "the timer has the period that the code reckons with")
		must(t, file, visibility >= 4*f.timeout+60+f.seconds(), "visibility outlasts four pushes and the window")
	}
}

func TestFiguresAreTheSameInBothFiles(t *testing.T) {
	ours, theirs := templateFigures(readTemplate(t)), serverlessFigures(props(t))
	for what, pair := range map[string][2]float64{
		"timeout": {ours.timeout, theirs.timeout}, "memory": {ours.memory, theirs.memory},
		"tasks of the stream": {ours.tasks, theirs.tasks}, "reserved instances": {ours.reserved, theirs.reserved},
		"messages in a batch": {ours.count(), theirs.count()}, "seconds of a batch": {ours.seconds(), theirs.seconds()},
	} {
		if pair[0] != pair[1] || pair[0] < 0 {
			t.Errorf("%s: %v in template.yml, %v in s.yaml", what, pair[0], pair[1])
		}
	}
}

func TestQueuesKeepWhatTheyAreGiven(t *testing.T) {
	p, file := readTemplate(t), "template.yml"
	retention := time.Duration(number(p.of("EventQueue", "MessageRetentionPeriod"))) * time.Second
	for _, rule := range []string{"EventRule", "CreationRule"} {
		encoding := at(p.of(rule, "Targets", 0), "ParamList", 2)
		plain := at(encoding, "ResourceKey") == "IsBase64Encode" && at(encoding, "Value") == "false"
		must(t, rule, plain, "nothing encodes base64 before the queue")
	}
	letters := number(p.of("DeadLetterQueue", "MessageRetentionPeriod"))
	must(t, file, retention > longestDelay+24*time.Hour, "a message outlives the longest delay and a day's outage")
	must(t, file, letters >= 86400, "a dead letter is kept a day at least")
	must(t, file, p.of("EventQueue", "DlqPolicy") == nil, "the event queue gives nothing up")
	for _, name := range []string{"EventQueue", "DeadLetterQueue", "OutcomeTopic", "OutcomeQueueOfTopic"} {
		must(t, file, p.Resources[name].DeletionPolicy == "Retain", name+" outlives the stack")
	}
}
