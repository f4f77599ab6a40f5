package event

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestNothingIsSaidAboutAMessageThatCarriesAnOutcome(t *testing.T) {
	const outcome = `{"type":"vpn-attach.outcome.v1","id":"1","data":{"status":"failed"}}`
	deep := outcome
	for range maxLayers + 2 {
		deep = queued(deep)
	}
	for name, payload := range map[string]string{
		"broken off": outcome[:60], "in another object": `{"x":` + outcome + `}`, "too deep": deep,
		"told":                noticeXML(outcome),
		"of another account":  strings.Replace(outcome, "{", `{"aliyunaccountid":"1663000000000001",`, 1),
		"its data alone":      `{"vpnConnectionId":"vco-1","status":"failed","durationMs":1,"lagSeconds":2}`,
		"what a sweep found":  strings.Replace(outcome, "outcome", "sweep", 1) + "x",
		"with bad neighbours": `[` + outcome + `,{"vpnConnectionId":"x","note":"vpn-attach.outcome.v1"}]`,
	} {
		for _, item := range decode(t, queued(payload)).Items {
			if _, is := item.(Ignored); !is {
				t.Errorf("%s: came to %T %+v", name, item, item)
			}
		}
	}
	report := `{"type":"` + TypeReport + `","signature":"00","data":` + outcome + `}`
	if got := one[Malformed](t, queued(report)); got.Code != CodeUnsigned {
		t.Errorf("a forged report came to %+v", got)
	}
}

func TestWhatWasDeliveredIsKeptAndADirectCallersIsNot(t *testing.T) {
	const broken, record = ` {"hello" : "world"}`, `{"type":"vpc:ActionTrail:X","data":{"a":1}}`
	if got := one[Malformed](t, broken); got.Letter != nil {
		t.Errorf("a direct caller's is kept: %+v", got.Letter)
	}
	for name, c := range map[string]struct{ payload, kept string }{
		"as it came":                  {queued(broken), broken},
		"in base64":                   {queued(inBase64(broken)), inBase64(broken)},
		"as an object":                {`{"messageBody":{"hello":"world"}}`, `{"hello":"world"}`},
		"an event":                    {record, record},
		"one that cannot be read":     {queued("hello"), ""},
		"one that names a key":        {queued(`{"PSK":1}`), ""},
		"one that names a password":   {queued(`{"x":[{"userPassword":1}]}`), ""},
		"one that names one in text":  {queued(`{"x":"{\"pre_shared-key\":1}"}`), ""},
		"one whose text breaks off":   {queued(`{"x":"{\"a"}`), ""},
		"a notification of a secret":  {queued(noticeXML(`{"Secret":1}`)), ""},
		"a notification of something": {queued(noticeXML(broken)), noticeXML(broken)},
		"XML of no known kind":        {queued(`<a>b</a>`), ""},
		"a name that is there twice":  {queued(`{"\u0050sk":1,"\u0050sk":2}`), ""},
	} {
		got := one[Malformed](t, c.payload)
		if got.Letter == nil || got.Letter.Size == 0 || string(got.Letter.Message) != c.kept {
			t.Errorf("%s: kept as %+v", name, got.Letter)
		}
	}
	letter, _ := json.Marshal(one[Malformed](t, queued(`{"a":"`+strings.Repeat("x", MaxBody)+`"}`)).Letter.Message)
	if string(letter) != "null" {
		t.Errorf("one that no queue takes is kept as %s", letter)
	}
}
