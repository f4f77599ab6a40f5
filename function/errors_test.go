package main_test

import (
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"vpn-attach/events"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/local"
)

const create = "CreateTransitRouterVpnAttachment"

// TestEveryCodeOfTheAPIPageEndsInItsClassWithARemedy answers one create after another
// with each code of the page, for as long as the function goes on asking.
func TestEveryCodeOfTheAPIPageEndsInItsClassWithARemedy(t *testing.T) {
	rows := table(t, "testdata/codes.tsv")
	if len(rows) != 32 {
		t.Fatalf("the page has 32 codes, the list %d", len(rows))
	}
	passing := []string{
		"InvalidStatus.ResourceStatus", "IncorrectStatus.TransitRouter", "InvalidOperation.CenInstanceStatus",
		"OperationFailed.AllocateCidrFailed", "InvalidVpnId.NotFound",
	}
	for _, fields := range rows {
		code, class, remedy := fields[0], decide.Class(fields[1]), fields[2]
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			e := run(t, "function: {environment: {RETRY_HORIZON: 1m}}\n"+aRouterAnd(oneConnection+`
faults:
  - {action: `+create+`, for: 10h, status: 400, code: `+code+`}
`), queued(created("e-1", "vco-1")))
			data := e.outcomes(t)[len(e.Outcomes)-1].Data
			fault := data.Error
			if data.Status != decide.StatusFailed || fault == nil || fault.Code != code || fault.Class != class || fault.HTTPStatus != 400 || fault.RequestID == "" {
				t.Fatalf("got %s", e.Outcomes[0])
			}
			tokens, tried := e.tokens(t), e.Calls[create] > 1 && code != "QuotaFull.ChildInstanceRelatedCen"
			if fault.Exhausted != tried || len(e.DeadLetters) > 0 != tried || tried != slices.Contains(passing, code) || !strings.Contains(strings.ToLower(fault.Advice), strings.ToLower(remedy)) {
				t.Errorf("exhausted %v, %d dead letters, advice %q lacks %q", fault.Exhausted, len(e.DeadLetters), fault.Advice, remedy)
			}
			if len(tokens) != 1 {
				t.Errorf("%d calls with %d tokens", e.Calls[create], len(tokens))
			}
		})
	}
}

// TestEveryCodeOfOursIsShownByASample holds the list against what the samples must come
// to, which the binary is held to.
func TestEveryCodeOfOursIsShownByASample(t *testing.T) {
	samples, err := local.ReadSamples(events.Samples)
	if err != nil {
		t.Fatal(err)
	}
	shown := map[string]map[string]bool{} // code → class, or status where there is no error
	for _, sample := range samples {
		if sample.Expectation.Outcomes == nil {
			continue
		}
		for _, outcome := range *sample.Expectation.Outcomes {
			code, _ := outcome["code"].(string)
			class, hasClass := outcome["class"].(string)
			if !hasClass {
				class, _ = outcome["status"].(string)
			}
			if shown[code] == nil {
				shown[code] = map[string]bool{}
			}
			shown[code][class] = true
		}
	}
	for _, fields := range table(t, "testdata/own-codes.tsv") {
		if !shown[fields[0]][fields[1]] {
			t.Errorf("no sample ends in %s as %s, only as %v", fields[0], fields[1], shown[fields[0]])
		}
	}
}

// table reads a list that is carried as data: fields between tabs, comments after #.
func table(t *testing.T, path string) (rows [][]string) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			rows = append(rows, strings.Split(line, "\t"))
		}
	}
	return rows
}

// tokens counts the creates that were sent by their client token.
func (e *evidence) tokens(t *testing.T) map[string]int {
	t.Helper()
	count := map[string]int{}
	for _, x := range e.exchanges {
		if x.Action != create {
			continue
		}
		sent, err := url.Parse(x.URL)
		if err != nil {
			t.Fatal(err)
		}
		count[sent.Query().Get("ClientToken")]++
	}
	return count
}

func TestAZoneOutOfPlaceIsLeftOutUnderATokenOfItsOwn(t *testing.T) {
	e := run(t, aRouterAnd(`
vpnConnections:
  - {id: vco-1, psk: canary, tags: {"vpn-attach:transit-router": tr-core, "vpn-attach:zone": cn-hangzhou-h}}
faults:
  - {action: `+create+`, status: 400, code: OperationUnsupported.VcoTunnelNotMatchZoneParam}
`), queued(created("e-1", "vco-1")))
	if tokens := e.tokens(t); len(tokens) != 2 || e.Calls[create] != 2 {
		t.Errorf("%d creates with %d tokens: another request needs another token", e.Calls[create], len(tokens))
	}
	if got := e.cloud.Estate.Attachments(); len(got) != 1 || len(got[0].Zones) != 0 {
		t.Errorf("got %+v", got)
	}
}

// TestEachBrokenAnswerIsAskedForAgain breaks every call of the line in every way in which
// the SDKs are known to give no usable answer.
func TestEachBrokenAnswerIsAskedForAgain(t *testing.T) {
	broken := map[string]string{
		"a refused connection before the effect": "drop: before",
		"a reset after the effect":               "drop: after",
		"a truncated answer":                     "body: truncated",
		"an empty 200":                           "body: empty",
		"an empty 500":                           "body: empty, status: 500",
		"a page with 502":                        "body: html",
		"a page with 200":                        "body: html, status: 200",
		"a service that is not there":            "status: 503, code: ServiceUnavailable",
		"credentials that ran out":               "status: 400, code: InvalidSecurityToken.Expired",
		"a nonce that was used":                  "status: 400, code: SignatureNonceUsed",
	}
	for name, fault := range broken {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var faults strings.Builder
			for _, action := range []string{"DescribeVpnConnection", "ListTransitRouters", create, "PublishMessage"} {
				fmt.Fprintf(&faults, "  - {action: %s, %s}\n", action, fault)
			}
			e := run(t, aRouterAnd(oneConnection+"\nfaults:\n"+faults.String()), queued(created("e-1", "vco-1")))
			creates := e.cloud.Estate.Creates()
			for _, c := range creates {
				if c.ClientToken != creates[0].ClientToken {
					t.Errorf("two tokens for one request: %+v", creates)
				}
				if !c.Effect && !c.Replay {
					t.Errorf("the one-router rule refused a create after its own effect: %+v", c)
				}
			}
			if e.effects() != 1 || len(e.Attachments) != 1 || e.Attachments[0].Status != "Attached" || len(e.DeadLetters) != 0 {
				t.Errorf("%d effects, attachments %+v, %d invocations", e.effects(), e.Attachments, e.Invocations)
			}
			ids := map[string]bool{}
			for _, o := range e.outcomes(t) {
				ids[o.ID] = true
			}
			if len(ids) != 2 || len(e.cloud.Faults.Remaining()) != 0 {
				t.Errorf("outcomes with %d ids; faults that did not strike: %v", len(ids), e.cloud.Faults.Remaining())
			}
		})
	}
}

// What the topic refuses for a moment is tried again within the invocation; what a person
// must mend waits in the queue, finished, and is published as it stands.
func TestEveryRefusalOfTheTopicIsTriedAgainNowOrLater(t *testing.T) {
	for _, c := range []struct {
		status int
		code   string
		passes bool
	}{
		{500, "InternalError", true}, {500, "InternalServerError", true}, {503, "ServiceUnavailable", true}, {429, "TooManyRequests", true},
		{403, "SecurityTokenExpired", true}, {403, "AccessDenied", false}, {403, "InvalidAccessKeyId", false}, {403, "SignatureDoesNotMatch", false},
		{404, "TopicNotExist", false},
	} {
		t.Run(c.code, func(t *testing.T) {
			t.Parallel()
			e := run(t, aRouterAnd(fmt.Sprintf(`
faults:
  - {action: PublishMessage, status: %d, code: %s}
`, c.status, c.code)), queued(created("e-1", "vco-gone")))
			if (e.Invocations == 1) != c.passes || e.Calls["PublishMessage"] != 2 || (e.Calls["BatchSendMessage"] == 0) != c.passes || len(e.Outcomes) != 1 {
				t.Errorf("%d invocations, %d publishes, %d messages queued, %d outcomes", e.Invocations, e.Calls["PublishMessage"], e.Calls["BatchSendMessage"], len(e.Outcomes))
			}
			if o := e.outcomes(t)[0]; o.Data.Status != decide.StatusSkipped || o.Data.Reason != decide.CodeGone {
				t.Errorf("got %s", e.Outcomes[0])
			}
		})
	}
}

func TestAServiceThatIsNotThereIsSaidSo(t *testing.T) {
	e := run(t, aRouterAnd(oneConnection+"function: {environment: {CBN_ENDPOINT: \"http://127.0.0.1:1\", RETRY_HORIZON: 1m}}\n"), queued(created("e-1", "vco-1")))
	fault := e.outcomes(t)[len(e.Outcomes)-1].Data.Error
	if fault == nil || fault.Code != "NoAnswer" || fault.Class != decide.ClassRetry || !fault.Exhausted || fault.Message != "ListTransitRouters: connection refused" {
		t.Errorf("got %s", e.Outcomes[0])
	}
}

func TestAPoisonedElementAmongTwoHundredCostsItselfAlone(t *testing.T) {
	var connections strings.Builder
	var batch []string
	for i := range 200 {
		fmt.Fprintf(&connections, "  - {id: vco-%d, psk: canary, tags: {\"vpn-attach:transit-router\": tr-core}}\n", i)
		body := created(fmt.Sprintf("e-%d", i), fmt.Sprintf("vco-%d", i))
		if i == 100 {
			body = strings.Replace(body, "vco-100", "vco-../100", 1)
		}
		batch = append(batch, fmt.Sprintf(`{"messageId":"m-%d","messageBody":%s}`, i, quote(t, body)))
	}
	e := run(t, aRouterAnd("vpnConnections:\n"+connections.String()), direct("["+strings.Join(batch, ",")+"]"))
	if e.effects() != 199 || len(e.Attachments) != 199 || e.Calls[create] != 199 || e.Calls["ListTransitRouters"] != e.Invocations {
		t.Errorf("%d invocations, %d effects, %d creates, %d lookups", e.Invocations, e.effects(), e.Calls[create], e.Calls["ListTransitRouters"])
	}
	count := map[decide.Status]int{}
	for _, o := range e.outcomes(t) {
		count[o.Data.Status]++
	}
	if count[decide.StatusAttaching] != 199 || count[decide.StatusAttached] != 199 || count[decide.StatusFailed] != 1 || len(e.Outcomes) != 399 {
		t.Errorf("outcomes %v", count)
	}
}

func TestAPayloadThatIsTooLargeIsRefusedByNameAndKept(t *testing.T) {
	element := `{"messageId":"m","messageBody":"psk-of-the-event ` + strings.Repeat("x", 50<<10) + `"}`
	elements := event.MaxPayload/len(element) + 1
	e := run(t, aRouterAnd(oneConnection), direct("["+strings.Repeat(element+",", elements-1)+element+"]"))
	failure := e.pushes[0].Invocation.Failure
	if failure == nil || failure.Type != "OversizeError" || !strings.Contains(failure.Message, "at most 6291456") || strings.Contains(failure.Message, "psk-of-the-event") {
		t.Errorf("got %+v", failure)
	}
	if len(e.DeadLetters) != elements || len(e.Outcomes) != 0 || len(e.exchanges) != 0 {
		t.Errorf("%d dead letters, %d outcomes, %d calls", len(e.DeadLetters), len(e.Outcomes), len(e.exchanges))
	}
}
