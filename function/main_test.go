// The tests of this folder drive the function's binary: built here, started as the
// platform starts it, against the local cloud. They judge by the cloud's records.
package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
)

// binary is the function as it is deployed, built once. What runs inside this process, in virtual time, is watched by
// the race detector; storms and deaths use raced.
var binary string

func TestMain(m *testing.M) {
	os.Exit(build(m))
}

func build(m *testing.M) int {
	folder, err := os.MkdirTemp("", "vpn-attach-test-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(folder)
	binary = filepath.Join(folder, "main")
	command := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "building the function: %v\n%s", err, output)
		return 1
	}
	return m.Run()
}

// buildRaced builds the function with the race detector, which needs a C compiler. Without one it is the plain binary.
var buildRaced = sync.OnceValues(func() (string, error) {
	if enabled, err := exec.Command("go", "env", "CGO_ENABLED").Output(); err != nil || string(enabled) != "1\n" {
		return binary, err
	}
	folder := filepath.Join(filepath.Dir(binary), "raced")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return "", err
	}
	return local.BuildFunction(context.Background(), folder, "-race")
})

// raced is the function with the race detector.
func raced(t *testing.T) string {
	t.Helper()
	built, err := buildRaced()
	if err != nil {
		t.Fatal(err)
	}
	return built
}

// evidence is what a run left behind, gathered outside the function.
type evidence struct {
	local.Document
	cloud *local.Cloud
	seen

	mu   sync.Mutex
	live seen // what goes on being seen while the cloud is up
}

// seen is what was seen until the cloud came to rest.
type seen struct {
	output    []string // every line the function wrote
	pushes    []fc.Push
	exchanges []exchange
	handed    []http.Header // what the platform told the function beside payloads
}

// exchange is a call to a service, with the time at which its answer was ready.
type exchange struct {
	fault.Exchange
	ended time.Time
}

// run replays inputs on a cloud, with the function in processes, and waits for its end.
func run(t *testing.T, cloud string, inputs ...local.Input) *evidence {
	t.Helper()
	return runBy(t, local.Start, local.Options{Speed: 100, Binary: binary}, time.Minute, cloud, inputs...)
}

// inVirtualTime is run with the function inside this process, on a clock that waits for nothing.
func inVirtualTime(t *testing.T, judge func(*testing.T, *evidence), cloud string, inputs ...local.Input) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		t.Cleanup(func() { time.Sleep(time.Minute) }) // in which the queue SDK's cleaner of idle connections ends
		time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
		judge(t, runBy(t, local.StartInProcess, local.Options{}, 30*time.Hour, cloud, inputs...))
	})
}

func runBy(t *testing.T, start local.Starter, o local.Options, timeout time.Duration, cloud string,
	inputs ...local.Input) *evidence {
	t.Helper()
	spec, err := local.ReadSpec([]byte(cloud))
	if err != nil {
		t.Fatal(err)
	}
	if spec.Function.Environment["HEALTH"] == "" { // what comes after an attachment has cases of its own
		spec.Function.Environment = maps.Clone(spec.Function.Environment)
		if spec.Function.Environment == nil {
			spec.Function.Environment = map[string]string{}
		}
		spec.Function.Environment["HEALTH"] = "off"
	}
	e := &evidence{}
	o.Watch, o.Deployed.Template = e.watch(), theTemplate(t)
	e.cloud, err = start(spec, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.cloud.Close)
	e.Document, err = e.cloud.Replay(context.Background(), inputs, timeout, nil)
	e.mu.Lock()
	defer e.mu.Unlock()
	e.seen = seen{slices.Clone(e.live.output), slices.Clone(e.live.pushes), slices.Clone(e.live.exchanges),
		slices.Clone(e.live.handed)}
	if err != nil {
		t.Fatalf("%v\n%s", err, strings.Join(e.output, "\n"))
	}
	return e
}

func (e *evidence) watch() local.Watch {
	return local.Watch{
		Output: func(_, _, line string) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.live.output = append(e.live.output, line)
		},
		Push: func(p fc.Push) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.live.pushes = append(e.live.pushes, p)
		},
		Exchange: func(x fault.Exchange) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.live.exchanges = append(e.live.exchanges, exchange{x, time.Now()})
		},
		Handed: func(h http.Header) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.live.handed = append(e.live.handed, h.Clone())
		},
	}
}

// outcomes are the documents that the subscriber received.
func (e *evidence) outcomes(t *testing.T) []decide.Outcome {
	t.Helper()
	var all []decide.Outcome
	for _, raw := range e.Outcomes {
		var o decide.Outcome
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatalf("an outcome that is no JSON: %v\n%s", err, raw)
		}
		all = append(all, o)
	}
	return all
}

// effects are the creates that made an attachment, by the service's record.
func (e *evidence) effects() int {
	n := 0
	for _, create := range e.cloud.Estate.Creates() {
		if create.Effect {
			n++
		}
	}
	return n
}

// most is how many calls of an action were under way at once.
func (e *evidence) most(action string) (most int) {
	for _, x := range e.exchanges {
		at := 0
		for _, y := range e.exchanges {
			if x.Action == action && y.Action == action && !y.Arrived.After(x.Arrived) && y.ended.After(x.Arrived) {
				at++
			}
		}
		most = max(most, at)
	}
	return most
}

// queued puts a text into the queue; direct hands it to the function as a caller would.
func queued(text string) local.Input { return local.Input{Name: "test", Bytes: []byte(text)} }
func direct(text string) local.Input {
	return local.Input{Name: "test", Bytes: []byte(text), Payload: true}
}

// created is the event of a new connection, as EventBridge puts it into the queue.
func created(eventID, connectionID string) string {
	return fmt.Sprintf(`{"id":"ce-%[1]s","source":"acs.vpc","specversion":"1.0","type":"vpc:ActionTrail:ApiCall","data":
{"eventId":"%[1]s","eventName":"CreateVpnAttachment",
"acsRegion":"cn-hangzhou","eventTime":"2026-11-23T03:00:05Z",
"recipientAccountId":"1234567890123456","responseElements":{"VpnConnectionId":"%[2]s"},
"requestParameters":{"IkeConfig":"{\"Psk\":\"psk-of-the-event\"}"},"userIdentity":{"userName":"alice"}}}`, eventID,
		connectionID)
}

// aRouterAnd is a cloud with one ready transit router and the given rest.
func aRouterAnd(rest string) string {
	return `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any}}
` + rest
}

const oneConnection = `
vpnConnections:
  - {id: vco-1, name: site-1, tags: {"vpn-attach:transit-router": tr-core}, psk: canary-psk}
`

var readCases = sync.OnceValues(func() ([]local.Case, error) { return local.ReadCases(events.Files) })

// cases are those of events/cases.
func cases(t *testing.T) []local.Case {
	t.Helper()
	all, err := readCases()
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestCasesThatNeedAProcess are those that kill the function, and one in which all goes well. All others are played in
// virtual time, and all of them with processes by make run.
func TestCasesThatNeedAProcess(t *testing.T) {
	t.Parallel()
	function := raced(t)
	for _, one := range cases(t) {
		kills := slices.ContainsFunc(one.Spec.Faults, func(f fault.Fault) bool { return f.Kill != "" })
		if !kills && one.Name != "created-by-id" {
			continue
		}
		t.Run(one.Name, func(t *testing.T) {
			t.Parallel()
			options := local.Options{Speed: local.CaseSpeed, Binary: function}
			document, differences := one.Run(t.Context(), local.Start, options, local.CaseTimeout, nil)
			for _, difference := range differences {
				t.Error(difference)
			}
			for _, line := range document.Log {
				if t.Failed() {
					t.Logf("%s", line)
				}
			}
		})
	}
}

func TestADirectCallerGetsTheOutcomesAndATriggerTheCounts(t *testing.T) {
	t.Parallel()
	called := run(t, aRouterAnd(oneConnection), direct(`{"vpnConnectionId":"vco-1"}`))
	var report struct {
		Events   int
		Statuses map[decide.Status]int
		Outcomes []decide.Outcome
	}
	if err := json.Unmarshal(called.pushes[0].Invocation.Response, &report); err != nil {
		t.Fatal(err)
	}
	if len(report.Outcomes) != 1 || report.Events != 1 ||
		report.Outcomes[0].Data.AttachmentID != called.Attachments[0].ID {
		t.Errorf("the caller got %+v, the cloud has %+v", report, called.Attachments)
	}
	if published := called.outcomes(t); len(published) != 2 || published[0].ID != report.Outcomes[0].ID {
		t.Errorf("published %+v, want the same document", published)
	}
	triggered := run(t, aRouterAnd(oneConnection), queued(created("e-1", "vco-1")))
	if got := string(triggered.pushes[0].Invocation.Response); got != `{"events":1,"ignored":0,`+
		`"statuses":{"attaching":1}}` {
		t.Errorf("the trigger got %s", got)
	}
}

func TestConnectionsAreWorkedOnAtOnceButOneRouterIsNotFlooded(t *testing.T) {
	t.Parallel()
	var connections, batch strings.Builder
	for i := range 12 {
		fmt.Fprintf(&connections, "  - {id: vco-%d, name: site-%d, psk: canary, tags: "+
			"{\"vpn-attach:transit-router\": tr-core}}\n", i, i)
		if i > 0 {
			batch.WriteString(",")
		}
		body, _ := json.Marshal(created(fmt.Sprintf("e-%d", i), fmt.Sprintf("vco-%d", i)))
		fmt.Fprintf(&batch, `{"messageId":"m-%d","messageBody":%s}`, i, body)
	}
	e := run(t, aRouterAnd("vpnConnections:\n"+connections.String()+`
function: {timeout: 60, environment: {CONCURRENCY: "12", ROUTER_CONCURRENCY: "3"}}
faults:
  - {action: CreateTransitRouterVpnAttachment, times: 12, delay: 100ms}
`), direct("["+batch.String()+"]"))
	if len(e.Attachments) != 12 || e.Calls["ListTransitRouters"] != e.Invocations {
		t.Errorf("%d attachments, %d invocations, %d lookups of one router", len(e.Attachments), e.Invocations,
			e.Calls["ListTransitRouters"])
	}
	if most := e.most("CreateTransitRouterVpnAttachment"); most > 3 || most < 2 {
		t.Errorf("%d creates on one router at once, want up to 3", most)
	}
}
