package main_test

import (
	"encoding/base64"
	"runtime"
	"strings"
	"testing"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/usage"
)

// mostMemory is what an invocation may take at most, in MB: an instance has 128.
const mostMemory = 96

// filled is a text with its # filled up to the largest payload.
func filled(text, with string) string {
	return strings.Replace(text, "#", strings.Repeat(with, (event.MaxPayload-len(text)+1)/len(with)), 1)
}

// largePayloads are as large as a payload may be, or have as many elements.
func largePayloads() map[string]string {
	const attach = `{"vpnConnectionId":"vco-1"}`
	const own = `{"type":"vpn-attach.retry.v1","signature":"00","data":{"a":[#1]}}`
	const record = `{"id":"ce-1","source":"acs.vpc","type":"vpc:ActionTrail:ApiCall","data":{"more":"#",` +
		`"eventId":"e-1","eventName":"CreateVpnAttachment","responseElements":{"VpnConnectionId":"vco-1"}}}`
	object := strings.Replace(record, `"more":"#"`, `"requestParameters":{"a":[#0]}`, 1)
	tagged := strings.Replace(object, "CreateVpnAttachment", "TagResources", 1)
	numbers := strings.Replace(tagged, "#0", `#0],"b":[0`, 1)
	deep := strings.Replace(numbers, "#", strings.Repeat("[", 30)+"#0"+strings.Repeat("]", 30)+",", 1)
	many := func(element string) string { return "[" + strings.Repeat(element+",", 9999) + "{}]" }
	nested := func(open, end string) string {
		times := (event.MaxPayload - 1) / len(open+end)
		return strings.Repeat(open, times) + "1" + strings.Repeat(end, times)
	}
	encoded := func(text string) string {
		return base64.StdEncoding.EncodeToString([]byte(strings.Repeat(text, event.MaxPayload/4*3-99)))
	}
	return map[string]string{
		"a bare record":                          filled(record, "x"),
		"a bare record that is full of escapes":  filled(record, `\u0041`),
		"a bare record of three million numbers": filled(object, "1,"),
		"a bare record of objects":               filled(object, `{"a":"b"},`),
		"a bare record of deep lists":            filled(object, "[],"),
		"tags on many":                           filled(tagged, `"vco-1",`),
		"tags on three million numbers":          filled(numbers, "1,"),
		"tags on objects":                        filled(numbers, `{"a":1},`),
		"tags on deep lists":                     filled(deep, "[],"),
		"tags on different connections":          filled(numbers, `"vco-10","vco-11","vco-12","vco-13","vco-14",`),
		"three million elements":                 filled("[#1]", "1,"),
		"a million objects":                      filled("[#{}]", "{},"),
		"lists inside lists":                     nested("[", "]"),
		"lists that do not end":                  strings.Repeat("[", event.MaxPayload),
		"objects inside objects":                 nested(`{"a":`, "}"),
		"a text":                                 filled(`"#"`, "x"),
		"a text of escapes":                      filled(`"#"`, `\u00e9`),
		"requests":                               filled("[#"+attach+"]", attach+","),
		"ten thousand large requests":            many(strings.Replace(attach, "1", strings.Repeat("1", 570), 1)),
		"ten thousand small elements":            many("{}"),
		"ten thousand messages of twenty":        many(`{"messageBody":[` + strings.Repeat("{},", 19) + "{}]}"),
		"base64":                                 `"` + encoded("x") + `"`,
		"base64 in a message":                    `{"messageBody":"` + encoded("{") + `"}`,
		"one request":                            filled(`{"vpnConnectionId":"vco-1","name":"#"}`, "x"),
		"one request of many fields":             filled(`{#"vpnConnectionId":"vco-1"}`, `"a":1,`),
		"an own message":                         filled(own, "1,"),
		"an own message in a message":            filled(`{"messageBody":`+own+"}", "1,"),
		"white space":                            filled("[#]", " "),
		"a timer":                                filled(`{"triggerName":"a","payload":"#"}`, "x"),
	}
}

// TestAnyPayloadFitsIntoAnInstance: whatever a direct caller sends, up to the largest payload, the process stays within
// its memory and answers.
func TestAnyPayloadFitsIntoAnInstance(t *testing.T) {
	t.Parallel()
	if runtime.GOOS != "linux" {
		t.Skip("no peak of memory is read here")
	}
	for name, payload := range largePayloads() {
		t.Run(name, func(t *testing.T) { peakOf(t, payload) })
	}
}

func peakOf(t *testing.T, payload string) {
	if len(payload) > event.MaxPayload {
		t.Fatalf("the payload has %d bytes", len(payload))
	}
	spec, err := local.ReadSpec([]byte(aRouterAnd(oneConnection)))
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := local.Start(spec, local.Options{Binary: binary, Speed: 100})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	done, err := cloud.Runtime.Invoke(t.Context(), []byte(payload))
	if err != nil || done.Failure != nil && done.Failure.Type != "OversizeError" {
		t.Fatalf("%v, %+v", err, done.Failure)
	}
	used, err := usage.Read(cloud.Runtime.Processes()[0])
	if err != nil {
		t.Fatal(err)
	}
	if used.Peak>>10 > mostMemory {
		t.Errorf("it took %d MB at most, more than %d", used.Peak>>10, mostMemory)
	}
}
