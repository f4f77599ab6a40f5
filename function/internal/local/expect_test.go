package local

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
)

// ended is a document as a replay leaves one.
func ended() Document {
	return Document{
		Outcomes: []json.RawMessage{
			json.RawMessage(`{"id":"1","subject":"vco-1",
				"data":{"status":"attaching","final":false,"notes":["This is so."],"event":{"id":"e-1","attempt":1}}}`),
			json.RawMessage(`{"id":"2","subject":"vco-2","data":{"status":"failed","final":true,
				"error":{"code":"Unauthorized","class":"operator","advice":"Grant the role."}}}`),
			json.RawMessage(`{"id":"3","data":{"status":"skipped","reason":"NoTarget"}}`),
		},
		Attachments: []Attachment{{
			ID: "tr-attach-1", ConnectionID: "vco-1", RouterID: "tr-1", Status: "Attached", Associated: []string{},
		}},
		Calls: map[string]int{"DescribeVpnConnection": 3}, Invocations: 1,
		DeadLetters: []json.RawMessage{json.RawMessage(`1`)},
	}
}

// came is what the document is evidence of.
func came() evidence {
	d := ended()
	return evidence{
		outcomes: flattened(d.Outcomes), attachments: generic(d.Attachments), letters: []fields{{"text": "1"}},
		failures: []fields{{"type": "DeliveryError", "message": "queueing 1"}},
		calls:    d.Calls, requests: map[string]int{"DescribeVpnConnection": 2}, invocations: d.Invocations,
		order: []string{"AssumeRole", "DescribeVpnConnection", "PublishMessage"},
	}
}

func TestExpectationsJudgeWhatTheyNameAndNothingElse(t *testing.T) {
	cases := map[string]struct{ expectation, difference string }{
		"nothing named, nothing judged": {`{}`, ""},
		"outcomes in order, by any of their fields": {
			`{outcomes: [{status: attaching, subject: vco-1}, {code: Unauthorized, final: true}, {code: NoTarget}]}`,
			"",
		},
		"an object inside an outcome": {`{outcomes: [{event: {attempt: 1}}, {}, {}]}`, ""},
		"a part of a text":            {`{outcomes: [{}, {advice: "~the role"}, {}]}`, ""},
		"a part of a text in a list": {
			`{attachments: [{associated: []}], outcomes: [{notes: ["~is so"]}, {}, {}]}`, "",
		},
		"a text in a list that has another": {
			`{outcomes: [{notes: ["~is not so"]}, {}, {}]}`, `outcomes[0].notes.0: expected`,
		},
		"a list that is longer": {`{outcomes: [{notes: ["~is so", "~"]}, {}, {}]}`, `outcomes[0].notes: expected`},
		"attachments, calls, invocations, letters": {
			`{attachments: [{status: Attached, associated: []}], calls: {AssumeRole: 0}, invocations: 1, ` +
				`deadLetters: 1}`,
			"",
		},
		"numbers of things": {
			`{outcomes: 3, endings: 1, attachments: 1, failures: 1, ids: 3, statuses: {failed: 1, attached: 0}}`, "",
		},
		"at least so many": {
			`{calls: {DescribeVpnConnection: ">=3"}, invocations: ">=0"}`, "",
		},
		"different requests, and the order of calls": {
			`{requests: {DescribeVpnConnection: 2}, firstCalls: [AssumeRole], lastCalls: [PublishMessage]}`, ""},
		"a field that is at least so much": {`{outcomes: [{event: {attempt: ">=1"}}, {}, {}]}`, ""},
		"a field that is less": {
			`{outcomes: [{event: {attempt: ">=2"}}, {}, {}]}`, `outcomes[0].event.attempt: expected`,
		},
		"sweeps that were not": {`{sweeps: 1}`, `sweeps: expected 1, got 0`},
		"what a letter and a failure hold": {
			`{deadLetters: [{text: "1"}], failures: [{type: DeliveryError, message: "~queueing"}]}`, "",
		},
		"the end of one connection":   {`{finals: {vco-2: {code: Unauthorized}}}`, ""},
		"every end of one connection": {`{finals: {vco-2: [{code: Unauthorized}]}}`, ""},
		"another status": {
			`{outcomes: [{status: attached}, {}, {}]}`, `outcomes[0].status: expected "attached", got "attaching"`,
		},
		"another order": {
			`{outcomes: [{code: NoTarget}, {}, {}]}`, `outcomes[0].code: expected "NoTarget", got null`,
		},
		"another inner value": {
			`{outcomes: [{event: {attempt: 2}}, {}, {}]}`, `outcomes[0].event.attempt: expected 2, got 1`,
		},
		"a text that is not contained":       {`{outcomes: [{}, {advice: "~the quota"}, {}]}`, `outcomes[1].advice`},
		"a part of a text that is not there": {`{outcomes: [{advice: "~"}, {}, {}]}`, `outcomes[0].advice`},
		"a field that is not there": {
			`{outcomes: [{rule: x}, {}, {}]}`, `outcomes[0].rule: expected "x", got null`,
		},
		"fewer outcomes":               {`{outcomes: [{}]}`, `outcomes: expected 1, got 3`},
		"an empty list means none":     {`{outcomes: []}`, `outcomes: expected 0, got 3`},
		"another number of endings":    {`{endings: 2}`, `endings: expected 2, got 1`},
		"attachments that must not be": {`{attachments: []}`, `attachments: expected 0, got 1`},
		"failures that must not be": {
			`{failures: []}`, `failures: expected 0, got 1: DeliveryError queueing 1`,
		},
		"another number of calls": {
			`{calls: {DescribeVpnConnection: 2}}`, `calls.DescribeVpnConnection: expected 2, got 3`,
		},
		"fewer calls than at least": {
			`{calls: {DescribeVpnConnection: ">=4"}}`, `calls.DescribeVpnConnection: expected at least 4, got 3`,
		},
		"a call that was not made": {`{calls: {AssumeRole: 1}}`, `calls.AssumeRole: expected 1, got 0`},
		"another number of different requests": {
			`{requests: {DescribeVpnConnection: 1}}`, `requests.DescribeVpnConnection: expected 1, got 2`,
		},
		"other first calls": {
			`{firstCalls: [DescribeVpnConnection]}`, `firstCalls: expected DescribeVpnConnection, got AssumeRole`,
		},
		"more last calls than there are": {
			`{lastCalls: [A, AssumeRole, DescribeVpnConnection, PublishMessage]}`, `lastCalls`,
		},
		"another number of invocations": {`{invocations: 2}`, `invocations: expected 2, got 1`},
		"dead letters that must not be": {`{deadLetters: 0}`, `deadLetters: expected 0, got 1`},
		"another letter": {
			`{deadLetters: [{text: "2"}]}`, `deadLetters[0].text: expected "2", got "1"`,
		},
		"another end of a connection": {
			`{finals: {vco-2: {code: X}}}`, `finals.vco-2.code: expected "X", got "Unauthorized"`,
		},
		"a connection that came to fewer ends": {`{finals: {vco-2: [{}, {}]}}`, `finals.vco-2`},
		"a connection that came to no end":     {`{finals: {vco-1: {}}}`, `finals.vco-1: there is no final outcome`},
		"another number of a status":           {`{statuses: {failed: 2}}`, `statuses.failed: expected 2, got 1`},
		"another number of ids":                {`{ids: 2}`, `ids: expected 2, got 3`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			var e Expectation
			if err := yaml.UnmarshalWithOptions([]byte(c.expectation), &e, yaml.Strict()); err != nil {
				t.Fatal(err)
			}
			got := strings.Join(e.compare(came()), "\n")
			if (c.difference == "") != (got == "") || !strings.Contains(got, c.difference) {
				t.Errorf("got %q, want %q", got, c.difference)
			}
		})
	}
}

func TestInputsGoWhereTheirShapeSays(t *testing.T) {
	for text, payload := range map[string]bool{
		`{"id":"1","type":"vpc:ActionTrail:ApiCall","data":{}}`:    false,
		`{"vpnConnectionId":"vco-1"}`:                              false,
		`[{"vpnConnectionId":"vco-1"}]`:                            false,
		`not json at all`:                                          false,
		`"text"`:                                                   false,
		`{"data":{"messageBody":"x"}}`:                             true,
		`[{"data":{"messageBody":"x"}}]`:                           true,
		`[{"messageBody":"x"}]`:                                    true,
		`{"triggerTime":"2021-01-01T00:00:00Z","triggerName":"t"}`: true,
		`[]`: true,
	} {
		if got := NewInput("x", []byte(text)).Payload; got != payload {
			t.Errorf("%s: handed over as it stands: %v", text, got)
		}
	}
}

func TestCloudFilesAreReadStrictlyAndRefusedWithTheirPlace(t *testing.T) {
	spec, err := ReadSpec([]byte(`{attachSeconds: 5, trigger: {count: 7}, faults: [{action: PublishMessage, drop: ` +
		`after}]}`))
	if err != nil || spec.AttachSeconds != 5 || spec.Trigger.Count != 7 || spec.Trigger.Tries != 0 ||
		spec.Account == "" || spec.Faults[0].Drop != "after" {
		t.Errorf("got %+v, %v", spec, err)
	}
	if spec, err := ReadSpec([]byte("# nothing yet\n")); err != nil || spec.AttachSeconds != 30 {
		t.Errorf("an empty file: got %+v, %v", spec, err)
	}
	for text, want := range map[string]string{
		"attachSecond: 5":                               "attachSecond",
		"transitRouters: [{id: tr-1, cidr: x}]":         "cidr",
		"trigger: {mode: sometimes}":                    "trigger.mode",
		"trigger: {tries: -1}":                          "trigger.tries",
		"function: {timeout: -1}":                       "function.timeout",
		"faults: [{action: X, drop: sideways}]":         "drop",
		"faults: [{action: X, status: 400, times: -1}]": "times",
		"vpnConnections: nothing":                       "vpnConnections",
		"a: [":                                          "",
	} {
		if _, err := ReadSpec([]byte(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want it to name %q", text, err, want)
		}
	}
}

func TestTheTerminalShowsOutcomesAndTheirAdvice(t *testing.T) {
	var out strings.Builder
	plain := &Terminal{Out: &out}
	plain.Outcome(`{"subject":"vco-1","data":{"status":"attaching","transitRouterId":"tr-1","rule":"tag x=tr-1",` +
		`"durationMs":7}}`)
	plain.Outcome(`{"subject":"vco-2","data":{"status":"failed","error":{"code":"Unauthorized","message":"no",` +
		`"advice":"Grant the role."}}}`)
	plain.Outcome("\x1b[31mbroken")
	plain.Table(ended())
	for _, want := range []string{
		"vco-1                    attaching    tr-1  (tag x=tr-1)  7 ms", "Unauthorized: no", "→ Grant the role.",
		"?[31mbroken",
		"CONNECTION  OUTCOME    TRANSIT ROUTER", "3 outcomes, 1 attachment, 1 invocation, 1 dead letter",
		"calls: DescribeVpnConnection 3",
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("%q is not in:\n%s", want, out.String())
		}
	}
	if strings.Contains(out.String(), "\x1b") {
		t.Error("an escape sequence where no terminal is")
	}
	out.Reset()
	(&Terminal{Out: &out, Colour: true}).Outcome(`{"subject":"vco-2","data":{"status":"failed","error":{"code":"X"}}}`)
	if !strings.Contains(out.String(), "\x1b[31mfailed") {
		t.Errorf("no red on a terminal: %q", out.String())
	}
}

func TestAReplayThatDoesNotComeToRestSaysWhatIsLeft(t *testing.T) {
	err := &TimeoutError{After: 3, Left: "2 messages visible"}
	if got := fmt.Sprint(err); !strings.Contains(got, "2 messages visible") || !strings.Contains(got, "--timeout") {
		t.Errorf("got %q", got)
	}
}
