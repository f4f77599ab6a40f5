package attach

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/event"
)

// delivered is a message as the queue trigger hands it over.
func delivered(body string) string {
	text, _ := json.Marshal(body) // a text always encodes
	return `{"id":"d-1","type":"mns:Queue:SendMessage","data":{"messageId":"m-1","messageBody":` + string(text) + `}}`
}

func TestWhatIsNotUnderstoodIsKeptAsItCameUnlessItMayHoldAKey(t *testing.T) {
	unsigned := `{"id":"x","type":"` + event.TypeRetry + `","data":{"vpnConnectionId":"vco-1"}}`
	unreadable := strings.Replace(created("vco-1"), "CreateVpnAttachment", "TagResources", 1)
	unreadable = strings.NewReplacer(`{"VpnConnectionId":"vco-1"}`, `{}`, "IkeConfig", "ResourceType",
		`"{\"Psk\":\"canary\"}"`, `"VPNATTACHMENT"`).Replace(unreadable)
	inBase64 := func(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }
	cases := map[string]struct {
		message string
		kept    bool
	}{
		"of no known shape":                     {` {"hello" : "world"}`, true},
		"a record that names no connection":     {unreadable, true},
		"the same in base64":                    {inBase64(unreadable), true},
		"without a signature":                   {unsigned, true},
		"a request that is misspelt":            {ask("vco-1", `,"dryrum":true`), true},
		"a record with a key":                   {strings.ReplaceAll(created("vco-1"), "vco-", "x-"), false},
		"the same in base64, with a key":        {inBase64(strings.ReplaceAll(created("vco-1"), "vco-", "x-")), false},
		"what cannot be read":                   {"canary", false},
		"what is too large":                     {`{"x":"` + strings.Repeat("x", event.MaxBody) + `"}`, false},
		"what breaks off":                       {`{"x":"canary`, false},
		"a word that names a key":               {`{"pre_shared-Key":"canary"}`, false},
		"the same, escaped":                     {`{"\u0050\u0053K":"canary"}`, false},
		"a text in it that names a key":         {`{"x":"{\"\\u0070sk\":\"canary\"}"}`, false},
		"a text in it that names one in base64": {`{"x":"` + inBase64(`{"Password":"canary"}`) + `"}`, false},
		"a notification that names a key": {
			`<Notification><TopicName>t</TopicName><Message>{"&#112;sk":"canary"}</Message></Notification>`, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.handle(delivered(c.message))
			dead := texts(b.dead.drain())
			if len(dead) != 1 || !strings.Contains(b.told(), "failed ") {
				t.Fatalf("dead letters %q, told %s", dead, b.told())
			}
			if c.kept != (dead[0] == c.message) {
				t.Errorf("kept as %q", dead[0])
			}
			var short struct {
				ID    string
				Bytes int
				Error struct{ Code string }
			}
			isShort := json.Unmarshal([]byte(dead[0]), &short) == nil && len(short.ID) == 64 && short.Bytes > 0 &&
				short.Error.Code != ""
			if isShort == c.kept || strings.Contains(dead[0]+b.log.String(), "canary") {
				t.Errorf("kept as %q", dead[0])
			}
		})
	}
}

func TestADirectCallerHasTheAnswerAndNoLetter(t *testing.T) {
	b := newBench(t, nil)
	b.handle(ask("vco-1", `,"dryrum":true`))
	if dead := b.dead.drain(); len(dead) != 0 || b.told() != "vco-1 failed Malformed" {
		t.Errorf("dead letters %q, told %s", texts(dead), b.told())
	}
}

// Nothing is said about a message with an outcome in it: a topic that feeds the event queue would never rest.
func TestAnOutcomeThatComesBackMakesNoOutcomeWhateverIsAroundIt(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	b.handle(created("vco-1"))
	outcome := b.topic.Published("outcomes")[0].Body
	text, _ := json.Marshal(outcome)         // a text always encodes
	data, _ := json.Marshal(b.outcomes()[0]) // it was encoded before
	member := strings.Replace(outcome, "{", `{"aliyunaccountid":"6543210987654321",`, 1)
	notice := fmt.Sprintf(`{"TopicName":"t","MessageId":"m","Message":%s}`, text)
	deep := notice
	for range 6 {
		inner, _ := json.Marshal(deep)
		deep = fmt.Sprintf(`{"TopicName":"t","Message":%s}`, inner)
	}
	for name, message := range map[string]string{
		"as it is": outcome, "as a JSON string": string(text), "as it is told in JSON": notice,
		"its data alone": string(data), "of another account": member, "many times around": deep,
		"broken off":        outcome[:len(outcome)-1],
		"in another object": `{"outcome":` + outcome + `}`,
		"as a record":       `{"type":"vpc:ActionTrail:X","data":` + outcome + `}`,
		"in base64":         base64.StdEncoding.EncodeToString([]byte(outcome)),
		"in XML": "<Notification><TopicName>t</TopicName><Message>" + strings.ReplaceAll(outcome, "<", "&lt;") +
			"</Message></Notification>",
	} {
		t.Run(name, func(t *testing.T) {
			before := len(b.topic.Published("outcomes"))
			b.handle(delivered(message))
			if after := len(b.topic.Published("outcomes")); after != before {
				t.Errorf("it is told %s", b.topic.Published("outcomes")[after-1].Body)
			}
		})
	}
}
