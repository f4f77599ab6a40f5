package local

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"testing/fstest"
)

// ended is a document as a replay leaves one.
func ended() Document {
	return Document{
		Outcomes: []json.RawMessage{
			json.RawMessage(`{"id":"1","subject":"vco-1","data":{"status":"attaching","final":false,"event":{"id":"e-1","attempt":1}}}`),
			json.RawMessage(`{"id":"2","data":{"status":"failed","final":true,"error":{"code":"Unauthorized","class":"operator","advice":"Grant the role."}}}`),
			json.RawMessage(`{"id":"3","data":{"status":"skipped","reason":"NoTarget"}}`),
		},
		Attachments: []Attachment{{ID: "tr-attach-1", ConnectionID: "vco-1", RouterID: "tr-1", Status: "Attached", Associated: []string{}}},
		Calls:       map[string]int{"DescribeVpnConnection": 3}, Invocations: 1, DeadLetters: []json.RawMessage{json.RawMessage(`1`)},
	}
}

func TestExpectationsJudgeWhatTheyNameAndNothingElse(t *testing.T) {
	cases := map[string]struct{ expectation, difference string }{
		"nothing named, nothing judged":             {`{}`, ""},
		"outcomes in order, by any of their fields": {`{"outcomes":[{"status":"attaching","subject":"vco-1"},{"code":"Unauthorized","class":"operator","final":true},{"code":"NoTarget"}]}`, ""},
		"an object inside an outcome":               {`{"outcomes":[{"event":{"attempt":1}},{},{}]}`, ""},
		"a part of a text":                          {`{"outcomes":[{},{"advice":"~the role"},{}]}`, ""},
		"attachments, calls, invocations, letters":  {`{"attachments":[{"vpnConnectionId":"vco-1","status":"Attached","associated":[]}],"calls":{"DescribeVpnConnection":3,"CreateX":0},"invocations":1,"deadLetters":1}`, ""},
		"another status":                            {`{"outcomes":[{"status":"attached"},{},{}]}`, `outcomes[0].status: expected "attached", got "attaching"`},
		"another order":                             {`{"outcomes":[{"code":"NoTarget"},{},{}]}`, `outcomes[0].code: expected "NoTarget", got null`},
		"another inner value":                       {`{"outcomes":[{"event":{"attempt":2}},{},{}]}`, `outcomes[0].event.attempt: expected 2, got 1`},
		"a text that is not contained":              {`{"outcomes":[{},{"advice":"~the quota"},{}]}`, `outcomes[1].advice`},
		"a field that is not there":                 {`{"outcomes":[{"rule":"x"},{},{}]}`, `outcomes[0].rule: expected "x", got null`},
		"fewer outcomes":                            {`{"outcomes":[{}]}`, `outcomes: expected 1, got 3`},
		"an empty list means none":                  {`{"outcomes":[]}`, `outcomes: expected 0, got 3`},
		"attachments that must not be":              {`{"attachments":[]}`, `attachments: expected 0, got 1`},
		"another number of calls":                   {`{"calls":{"DescribeVpnConnection":2}}`, `calls.DescribeVpnConnection: expected 2, got 3`},
		"a call that was not made":                  {`{"calls":{"CreateX":1}}`, `calls.CreateX: expected 1, got 0`},
		"another number of invocations":             {`{"invocations":2}`, `invocations: expected 2, got 1`},
		"dead letters that must not be":             {`{"deadLetters":0}`, `deadLetters: expected 0, got 1`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expectation, err := ReadExpectation([]byte(c.expectation))
			if err != nil {
				t.Fatal(err)
			}
			got := strings.Join(expectation.Compare(ended()), "\n")
			if (c.difference == "") != (got == "") || !strings.Contains(got, c.difference) {
				t.Errorf("got %q, want %q", got, c.difference)
			}
		})
	}
}

func TestAnExpectationThatWouldJudgeNothingIsAnError(t *testing.T) {
	for _, text := range []string{`{"outcome":[]}`, `{"calls":[]}`, `not json`} {
		if _, err := ReadExpectation([]byte(text)); err == nil {
			t.Errorf("%s was taken", text)
		}
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
	spec, err := ReadSpec([]byte(`{attachSeconds: 5, trigger: {count: 7}, faults: [{action: PublishMessage, drop: after}]}`))
	if err != nil || spec.AttachSeconds != 5 || spec.Trigger.Count != 7 || spec.Trigger.Tries != 3 || spec.Account == "" || spec.Faults[0].Drop != "after" {
		t.Errorf("got %+v, %v", spec, err)
	}
	if spec, err := ReadSpec([]byte("# nothing yet\n")); err != nil || spec.Trigger.Count != 50 {
		t.Errorf("an empty file: got %+v, %v", spec, err)
	}
	for text, want := range map[string]string{
		"attachSecond: 5":                               "attachSecond",
		"transitRouters: [{id: tr-1, cidr: x}]":         "cidr",
		"trigger: {mode: sometimes}":                    "trigger.mode",
		"trigger: {tries: 0}":                           "trigger.tries",
		"function: {timeout: 0}":                        "function.timeout",
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

func TestASampleWithoutAnExpectationIsAnError(t *testing.T) {
	folder := fstest.MapFS{
		"cloud.yaml":    {Data: []byte("attachSeconds: 7")},
		"a.json":        {Data: []byte(`{"vpnConnectionId":"vco-1"}`)},
		"a.expect.json": {Data: []byte(`{"deadLetters":0}`)},
		"b.json":        {Data: []byte(`{}`)},
		"b.expect.json": {Data: []byte(`{}`)},
		"b.cloud.yaml":  {Data: []byte("attachSeconds: 8")},
	}
	samples, err := ReadSamples(folder)
	if err != nil || len(samples) != 2 || samples[0].Spec.AttachSeconds != 7 || samples[1].Spec.AttachSeconds != 8 {
		t.Errorf("got %+v, %v", samples, err)
	}
	delete(folder, "b.expect.json")
	if _, err := ReadSamples(folder); err == nil || !strings.Contains(err.Error(), "b.json") {
		t.Errorf("got %v, want b.json named", err)
	}
}

func TestTheTerminalShowsOutcomesAndTheirAdvice(t *testing.T) {
	var out strings.Builder
	plain := &Terminal{Out: &out}
	plain.Outcome(`{"subject":"vco-1","data":{"status":"attaching","transitRouterId":"tr-1","rule":"tag x=tr-1","durationMs":7}}`)
	plain.Outcome(`{"subject":"vco-2","data":{"status":"failed","error":{"code":"Unauthorized","message":"no","advice":"Grant the role."}}}`)
	plain.Outcome("\x1b[31mbroken")
	plain.Table(ended())
	for _, want := range []string{
		"vco-1                    attaching    tr-1  (tag x=tr-1)  7 ms", "Unauthorized: no", "→ Grant the role.", "?[31mbroken",
		"CONNECTION  OUTCOME    TRANSIT ROUTER", "3 outcomes, 1 attachment, 1 invocation, 1 dead letter", "calls: DescribeVpnConnection 3",
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
