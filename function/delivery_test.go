package main_test

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/local"
)

func TestEveryInvocationUsesItsOwnCredentials(t *testing.T) {
	e := run(t, aRouterAnd(`
faults:
  - {action: PublishMessage, times: 2, status: 404, code: TopicNotExist}
`), queued(created("e-1", "vco-gone")))
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
	e := run(t, aRouterAnd(oneConnection+`
faults:
  - {action: "DescribeVpnConnection,CreateTransitRouterVpnAttachment,BatchSendMessage,PublishMessage", times: 4, delay: 100ms}
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

// Work that the deadline cuts off is not reported as failed: nobody knows how it would
// have ended. It goes on from the queue.
func TestWorkThatTheDeadlineCutsOffGoesOnLater(t *testing.T) {
	for _, action := range []string{"DescribeVpnConnection", "ListTransitRouters", create} {
		t.Run(action, func(t *testing.T) {
			t.Parallel()
			e := run(t, "function: {timeout: 2, environment: {CALL_TIMEOUT: 3s}}\n"+aRouterAnd(oneConnection+`
faults:
  - {action: `+action+`, delay: 2500ms}
`), queued(created("e-1", "vco-1")))
			var statuses []string
			for _, o := range e.outcomes(t) {
				statuses = append(statuses, string(o.Data.Status))
			}
			if strings.Join(statuses, " ") != "retrying attaching attached" || e.effects() != 1 {
				t.Errorf("%s, %d effects", statuses, e.effects())
			}
			for _, push := range e.pushes {
				if push.Invocation.Failure != nil {
					t.Errorf("an invocation ended with %+v", push.Invocation.Failure)
				}
			}
		})
	}
}

// Work that the deadline leaves no time to begin goes back as it came: it has used up no
// attempt, and says nothing.
func TestWorkThatIsNotBegunGoesBackWithoutUsingUpAnAttempt(t *testing.T) {
	var connections strings.Builder
	var batch []string
	for i := range 3 {
		fmt.Fprintf(&connections, "  - {id: vco-%d, psk: canary, tags: {\"vpn-attach:transit-router\": tr-core}}\n", i)
		batch = append(batch, fmt.Sprintf(`{"messageId":"m-%d","messageBody":%s}`, i, quote(t, created(fmt.Sprintf("e-%d", i), fmt.Sprintf("vco-%d", i)))))
	}
	e := run(t, "function: {timeout: 2, environment: {CONCURRENCY: \"1\", CALL_TIMEOUT: 3s}}\n"+aRouterAnd("vpnConnections:\n"+connections.String()+`
faults:
  - {action: DescribeVpnConnection, delay: 2500ms}
`), direct("["+strings.Join(batch, ",")+"]"))
	attempts := map[string]int{}
	for _, o := range e.outcomes(t) {
		if o.Data.Final {
			attempts[o.Subject] = o.Data.Event.Attempt
		}
	}
	if fmt.Sprint(attempts) != "map[vco-0:2 vco-1:1 vco-2:1]" || e.effects() != 3 {
		t.Errorf("attempts %v, %d effects", attempts, e.effects())
	}
	if got := string(e.pushes[0].Invocation.Response); got != `{"events":1,"ignored":0,"queued":2,"statuses":{"retrying":1}}` {
		t.Errorf("the trigger got %s", got)
	}
}

// More than one invocation takes goes back to the queue as it is, and comes to its end.
func TestWhatIsMoreThanOneInvocationTakesGoesBackToTheQueue(t *testing.T) {
	var batch []string
	for i := range 510 {
		body := `{"id":"o","type":"ecs:ActionTrail:ApiCall","source":"acs.ecs","data":{}}`
		if i >= 500 {
			body = created(fmt.Sprintf("e-%d", i), "vco-gone")
		}
		batch = append(batch, fmt.Sprintf(`{"id":"m-%d","type":"mns:Queue:SendMessage","data":{"messageId":"m-%d","messageBody":%s}}`, i, i, quote(t, body)))
	}
	e := run(t, aRouterAnd(""), direct("["+strings.Join(batch, ",")+"]"))
	ended := map[string]bool{}
	for _, o := range e.outcomes(t) {
		ended[o.Data.Event.ID+" "+o.Data.Reason] = true
	}
	if got := string(e.pushes[0].Invocation.Response); got != `{"events":0,"ignored":500,"queued":10}` || len(ended) != 10 || !ended["e-509 Gone"] {
		t.Errorf("the trigger got %s, %v ended", got, ended)
	}
}

// As long as nobody knows whether a create had its effect, and it is worth asking, the
// event is not over; when it ends, a dead letter is there before the outcome says so.
func TestACreateThatNobodyAnswersIsAskedForAgainUntilTheHorizon(t *testing.T) {
	e := run(t, "function: {environment: {RETRY_HORIZON: 15m}}\n"+aRouterAnd(oneConnection+`
faults:
  - {action: CreateTransitRouterVpnAttachment, for: 10h, drop: before}
`), queued(created("e-1", "vco-1")))
	outcomes := e.outcomes(t)
	last := outcomes[len(outcomes)-1].Data
	if len(outcomes) < 2 || outcomes[0].Data.Status != "retrying" || outcomes[0].Data.RetryAt == nil || last.Status != "failed" || !last.Error.Exhausted || len(e.tokens(t)) != 1 {
		t.Errorf("got %s, %d tokens", e.Outcomes, len(e.tokens(t)))
	}
	if len(e.DeadLetters) != 1 || !strings.Contains(string(e.DeadLetters[0]), `"vpn-attach.deadletter.v1"`) || !strings.Contains(string(e.DeadLetters[0]), `"id":"e-1"`) {
		t.Errorf("dead letters %s", e.DeadLetters)
	}
	var order []string
	for _, x := range e.exchanges[len(e.exchanges)-2:] {
		order = append(order, x.Action)
	}
	if strings.Join(order, " ") != "BatchSendMessage PublishMessage" {
		t.Errorf("it ended with %s", order)
	}
}

// Whatever else goes wrong once a create was sent and never answered, it may stand: the
// event is not over.
func TestACreateThatNobodyAnsweredIsLookedForThoughTheReadingIsRefused(t *testing.T) {
	e := run(t, "attachSeconds: 300\n"+aRouterAnd(oneConnection+`
faults:
  - {action: `+create+`, times: 4, drop: after}
  - {action: DescribeVpnConnection, skip: 1, status: 403, code: Forbidden.RAM}
`), queued(created("e-1", "vco-1")))
	var statuses []string
	for _, o := range e.outcomes(t) {
		statuses = append(statuses, string(o.Data.Status))
	}
	if strings.Join(statuses, " ") != "retrying attaching attached" || e.effects() != 1 {
		t.Errorf("%s, %d effects", statuses, e.effects())
	}
}

func TestACallThatTakesTooLongIsTriedAgain(t *testing.T) {
	e := run(t, "function: {timeout: 60, environment: {CALL_TIMEOUT: 200ms}}\n"+aRouterAnd(oneConnection+`
faults:
  - {action: DescribeVpnConnection, delay: 1s}
  - {action: CreateTransitRouterVpnAttachment, delay: 1s}
  - {action: PublishMessage, delay: 1s}
`), queued(created("e-1", "vco-1")))
	for action, want := range map[string]int{"DescribeVpnConnection": 2, "CreateTransitRouterVpnAttachment": 2, "PublishMessage": 2} {
		if e.Calls[action] < want {
			t.Errorf("%s: %d calls, want at least %d", action, e.Calls[action], want)
		}
	}
	if e.effects() != 1 || len(e.Attachments) != 1 {
		t.Errorf("%d effects, %d attachments", e.effects(), len(e.Attachments))
	}
}

func TestEachEventHasOneLogLineAndEachInvocationOne(t *testing.T) {
	e := run(t, aRouterAnd(""), queued(created("e-1", "vco-1")), queued(`{"type":"else:where"}`), queued("broken"))
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
		for _, key := range []string{"eventId", "connection", "router", "rule", "status", "code", "class", "calls", "ms", "lagSeconds", "cold"} {
			if _, found := line[key]; !found {
				t.Errorf("no %s: %s", key, raw)
			}
		}
		if line["connection"] == "vco-1" && (line["calls"] != 1.0 || line["status"] != "skipped" || line["cold"] != true) {
			t.Errorf("got %s", raw)
		}
	}
	if fmt.Sprint(count) != "map[event:2 ignored:1 invocation:1]" {
		t.Errorf("lines: %v", count)
	}
}

func TestTheFunctionDoesNotStartOnBadConfigurationAndNamesAllOfIt(t *testing.T) {
	command := exec.Command(binary)
	command.Env = []string{"MNS_ENDPOINT=http://far.example", "CONCURRENCY=many", "REGIONS=cn-hangzhou,ev/il", "ERROR_CLASSES=Some.Code=never"}
	output, err := command.CombinedOutput()
	if err == nil {
		t.Fatal("it started")
	}
	for _, variable := range []string{"MNS_ENDPOINT", "MNS_TOPIC", "CONCURRENCY", "REGIONS", "ERROR_CLASSES"} {
		if !strings.Contains(string(output), variable+": ") {
			t.Errorf("%s is not named in:\n%s", variable, output)
		}
	}
}

func TestAFunctionThatCanNotStartEndsTheReplayWithItsReason(t *testing.T) {
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
	path := t.TempDir() + "/main"
	build := exec.Command("go", "build", "-trimpath", "-ldflags", "-s -w", "-o", path, ".")
	build.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH=amd64")
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	if limit := int64(13 << 20); info.Size() > limit {
		t.Errorf("%d bytes, at most %d", info.Size(), limit)
	}
}

// newer is a message that a later version of the function queued.
func newer(queued time.Time, bound time.Duration) string {
	return fmt.Sprintf(`{"specversion":"1.0","id":"n","source":"acs:fc:x","type":"vpn-attach.retry.v9","time":"%s","data":{"novelty":{"keep":[1]},"until":"%s"}}`,
		queued.UTC().Format(time.RFC3339Nano), queued.Add(bound).UTC().Format(time.RFC3339Nano))
}

func TestAMessageOfANewerVersionGoesRoundUntilItsBoundAndIsKept(t *testing.T) {
	message := newer(time.Now(), 2*time.Second)
	e := run(t, aRouterAnd(oneConnection), queued(message), queued(created("e-1", "vco-1")))
	if len(e.DeadLetters) != 1 || string(e.DeadLetters[0]) != message {
		t.Errorf("the dead letters are %s", e.DeadLetters)
	}
	if e.Invocations < 3 || e.Calls["BatchSendMessage"] < 3 {
		t.Errorf("%d invocations, %d messages sent: it did not go round", e.Invocations, e.Calls["BatchSendMessage"])
	}
	var codes []string
	for _, o := range e.outcomes(t) {
		if o.Data.Error != nil {
			codes = append(codes, o.Data.Error.Code)
		}
	}
	if strings.Join(codes, " ") != "UnknownVersion" || len(e.Attachments) != 1 {
		t.Errorf("codes %q, attachments %v", codes, e.Attachments)
	}
}

func TestNothingIsPublishedWhenWhatGoesBackCanNotBeQueued(t *testing.T) {
	e := run(t, aRouterAnd(oneConnection+`
faults:
  - {action: BatchSendMessage, status: 404, code: QueueNotExist}
`), direct(`[{"messageId":"a","messageBody":`+quote(t, created("e-1", "vco-1"))+`},{"messageId":"b","messageBody":`+quote(t, newer(time.Now(), -time.Hour))+`}]`))
	first := e.pushes[0].Invocation
	if first.Failure == nil || first.Failure.Type != "DeliveryError" || !strings.Contains(first.Failure.Message, "queueing 1 follow-ups: calling BatchSendMessage: QueueNotExist") {
		t.Errorf("the first invocation ended with %+v", first.Failure)
	}
	for _, x := range e.exchanges {
		if x.Action == "PublishMessage" && x.AccessKeyID == first.AccessKeyID {
			t.Error("it published all the same")
		}
	}
	if e.effects() != 1 || len(e.DeadLetters) != 1 || len(e.Outcomes) != 3 {
		t.Errorf("%d effects, %d dead letters, %d outcomes", e.effects(), len(e.DeadLetters), len(e.Outcomes))
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
