package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
)

// optedOut is a connection whose event ends at once.
const optedOut = `
vpnConnections: [{id: vco-1, psk: canary, tags: {"vpn-attach:transit-router": none}}]
`

func TestEveryInvocationUsesItsOwnCredentials(t *testing.T) {
	t.Parallel()
	e := run(t, aRouterAnd(optedOut+`
faults:
  - {action: PublishMessage, times: 2, status: 404, code: TopicNotExist}
`), queued(created("e-1", "vco-1")))
	var issued, used []string
	for _, invocation := range e.cloud.Runtime.Invocations() {
		issued = append(issued, invocation.AccessKeyID)
	}
	for _, call := range e.cloud.Faults.Calls() {
		used = append(used, call.AccessKeyID)
	}
	if used = slices.Compact(used); !slices.Equal(used, issued) || len(issued) != 3 {
		t.Errorf("the invocations were given %q, the services saw %q", issued, used)
	}
}

func TestAllWorkEndsBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	e := run(t, aRouterAnd(oneConnection+`
faults:
  - {action: "DescribeVpnConnection,CreateTransitRouterVpnAttachment,BatchSendMessage,PublishMessage", delay: 100ms}
`), queued(created("e-1", "vco-1")))
	invocation := e.pushes[0].Invocation
	answered, calls := invocation.Started.Add(invocation.Duration), 0
	for _, x := range e.exchanges {
		if x.AccessKeyID != invocation.AccessKeyID {
			continue
		}
		if calls++; x.Arrived.After(answered) {
			t.Errorf("%s was called %s after the invocation was answered", x.Action, x.Arrived.Sub(answered))
		}
	}
	if calls != 5 || string(invocation.Response) != `{"events":1,"ignored":0,"statuses":{"attaching":1}}` {
		t.Errorf("%d calls, answer %s", calls, invocation.Response)
	}
}

func TestEachEventHasOneLogLineAndEachInvocationOne(t *testing.T) {
	t.Parallel()
	e := run(t, aRouterAnd(optedOut), queued(created("e-1", "vco-1")), queued(`{"type":"else:where"}`),
		queued("broken"))
	count := map[string]int{}
	for _, raw := range e.Log {
		var line map[string]any
		if err := json.Unmarshal(raw, &line); err != nil {
			t.Fatal(err)
		}
		count[line["message"].(string)]++
		if line["requestId"] == "" || line["requestId"] == nil {
			t.Errorf("no request id: %s", raw)
		}
		if line["message"] != "event" {
			continue
		}
		for _, key := range []string{"eventId", "connection", "router", "rule", "status", "code", "class", "calls",
			"ms", "lagSeconds", "cold"} {
			if _, found := line[key]; !found {
				t.Errorf("no %s: %s", key, raw)
			}
		}
		if line["connection"] == "vco-1" &&
			(line["calls"] != 1.0 || line["status"] != "skipped" || line["cold"] != true) {
			t.Errorf("got %s", raw)
		}
	}
	if fmt.Sprint(count) != "map[event:2 ignored:1 invocation:1]" {
		t.Errorf("lines: %v", count)
	}
}

func TestTheFunctionDoesNotStartOnBadConfigurationAndNamesAllOfIt(t *testing.T) {
	t.Parallel()
	command := exec.Command(binary)
	command.Env = []string{"MNS_ENDPOINT=http://far.example", "CONCURRENCY=many", "REGIONS=cn-hangzhou,ev/il",
		"ERROR_CLASSES=Some.Code=never", "FOLLOW_UP_KEY=short"}
	output, err := command.CombinedOutput()
	if err == nil {
		t.Fatal("it started")
	}
	for _, variable := range []string{"MNS_ENDPOINT", "MNS_TOPIC", "CONCURRENCY", "REGIONS", "ERROR_CLASSES",
		"FOLLOW_UP_KEY"} {
		if !strings.Contains(string(output), variable+": ") {
			t.Errorf("%s is not named in:\n%s", variable, output)
		}
	}
}

func TestAFunctionThatCannotStartEndsTheReplayWithItsReason(t *testing.T) {
	t.Parallel()
	spec, err := local.ReadSpec([]byte(aRouterAnd(oneConnection + "function: {environment: {CONCURRENCY: none}}")))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Start(spec, local.Options{Speed: 100, Binary: binary})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	_, err = cloud.Replay(t.Context(), []local.Input{queued(created("e-1", "vco-1"))}, time.Minute, nil)
	if err == nil || !strings.Contains(err.Error(), "CONCURRENCY: it must be a whole number") {
		t.Errorf("got %v", err)
	}
}

func TestTheDeployableIsSmall(t *testing.T) {
	t.Parallel()
	if runtime.GOOS+"/"+runtime.GOARCH != "linux/amd64" {
		t.Skip("the function is deployed on linux/amd64")
	}
	info, err := os.Stat(binary)
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(27 << 19); info.Size() > limit {
		t.Errorf("%d bytes, at most %d", info.Size(), limit)
	}
}

func quote(t *testing.T, text string) string {
	t.Helper()
	quoted, err := json.Marshal(text)
	if err != nil {
		t.Fatal(err)
	}
	return string(quoted)
}
