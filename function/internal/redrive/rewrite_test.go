package redrive

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/event"
)

const trail = `{"id":"ce-1","source":"acs.vpc","specversion":"1.0","type":"vpc:ActionTrail:ApiCall","data":{` +
	`"eventId":"AE3B","eventName":"CreateVpnAttachment","acsRegion":"cn-hangzhou",` +
	`"responseElements":{"VpnConnectionId":"vco-1"},"requestParameters":{"a":"1 < 2"}}}`

func envelope(body string) string {
	return `{"id":"m-1","source":"MNS-Function-queue","specversion":"1.0","type":"mns:Queue:SendMessage",` +
		`"data":{"messageId":"m-1","messageBody":` + string(quoted(body)) + `}}`
}

func TestEveryFormatOfADeadLetterComesBackUnderAnIDOfItsOwn(t *testing.T) {
	given := `{"specversion":"1.0","id":"x","type":"vpn-attach.deadletter.v1","data":{` +
		`"event":{"id":"AE3B","actor":"alice"},"vpnConnectionId":"vco-1",` +
		`"wishes":{"name":"n"},"novelty":[1],"error":{"code":"C"},"replay":"how"}}`
	confirm := `{"specversion":"1.0","id":"x","type":"vpn-attach.confirm.v1","data":{"event":{"id":"AE3B"},` +
		`"vpnConnectionId":"vco-1","attempt":9,"firstSeen":"2026-11-23T03:00:00Z","until":"2026-11-23T03:00:00Z",` +
		`"following":{"looks":9}}}`
	tags := strings.NewReplacer("CreateVpnAttachment", "TagResources",
		`{"VpnConnectionId":"vco-1"}`, `{"ids":["vco-1","vco-2"]}`).Replace(trail)
	request := `{"vpnConnectionId":"vco-1","transitRouterId":"tr-1"}`
	requests := `[{"vpnConnectionId":"vco-1"},{"vpnConnectionId":"vco-2"}]`
	rawData := `{"messageId":"m-1","messageBody":` + string(quoted(trail)) + `}`
	nameless := strings.Replace(trail, `"eventId":"AE3B",`, "", 1)
	ours := `{"type":"vpn-attach.request.v1","id":"r","data":{"vpnConnectionId":"vco-1"}}`
	long := strings.Repeat("e", 126)
	as := func(id string) string { return strings.Replace(trail, "AE3B", id, 1) }
	cases := map[string]struct{ letter, ids, connections string }{
		"what the function gave up":                {given, "AE3B#1", "vco-1"},
		"what it gave up before":                   {strings.Replace(given, "AE3B", "AE3B#1", 1), "AE3B#2", "vco-1"},
		"a look that the trigger gave up":          {envelope(confirm), "AE3B#1", "vco-1"},
		"an event that the trigger gave up":        {envelope(trail), "AE3B#1", "vco-1"},
		"the same, without the trigger's envelope": {rawData, "AE3B#1", "vco-1"},
		"the same, given up twice":                 {envelope(envelope(as("AE3B#4"))), "AE3B#5", "vco-1"},
		"an event that the rule gave up":           {trail, "AE3B#1", "vco-1"},
		"an event whose record has no id":          {nameless, "ce-1#1", "vco-1"},
		"an event about two connections":           {envelope(tags), "AE3B#1 AE3B#1", "vco-1 vco-2"},
		"a request in the trigger's envelope":      {envelope(request), "m-1#1", "vco-1"},
		"a bare request":                           {" " + request + "\n", "letter#1", "vco-1"},
		"a bare request in another spelling":       {`{"VPNConnectionID":"vco-1"}`, "letter#1", "vco-1"},
		"a list of requests":                       {envelope(requests), "m-1/0#1 m-1/1#1", "vco-1 vco-2"},
		"a request of ours":                        {ours, "r#1", "vco-1"},
		"a request whose number is no number":      {strings.Replace(ours, `"r"`, `"r#x"`, 1), "r#x#1", "vco-1"},
		"an id as long as one may be":              {as(long + "ee"), long + "#1", "vco-1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			messages, err := Rewrite([]byte(c.letter), "letter", time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			var ids, connections []string
			for _, m := range messages {
				batch, err := event.Decoder{RequestID: "R"}.Decode([]byte(envelope(string(m.Body))))
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range batch.Items {
					e := item.(event.Event)
					ids, connections = append(ids, e.ID), append(connections, e.ConnectionID)
					if e.Attempt != 0 || e.Watch != nil {
						t.Errorf("it does not begin afresh: %+v", e)
					}
				}
			}
			if strings.Join(ids, " ") != c.ids || strings.Join(connections, " ") != c.connections {
				t.Errorf("got %q about %q: %s", ids, connections, messages[0].Body)
			}
		})
	}
	messages, _ := Rewrite([]byte(given), "letter", time.Unix(0, 0))
	for _, kept := range []string{`"actor":"alice"`, `"wishes":{"name":"n"}`, `"novelty":[1]`} {
		if !strings.Contains(string(messages[0].Body), kept) {
			t.Errorf("%s is lost: %s", kept, messages[0].Body)
		}
	}
	messages, _ = Rewrite([]byte(trail), "letter", time.Unix(0, 0))
	if !strings.Contains(string(messages[0].Body), `"a":"1 < 2"`) {
		t.Errorf("what was not to be changed was: %s", messages[0].Body)
	}
}

func TestWhatHasToStayTheSameDoes(t *testing.T) {
	outcome := `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","data":{"status":"attached"}}`
	report := `{"type":"vpn-attach.report.v1","id":"x","attempt":40,"data":` + outcome + `}`
	messages, err := Rewrite([]byte(report), "letter", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	batch, _ := event.Decoder{RequestID: "R"}.Decode(messages[0].Body)
	if got, is := batch.Items[0].(event.Unpublished); !is || string(got.Body) != outcome || got.Attempt != 0 {
		t.Errorf("got %s", messages[0].Body)
	}
	const other = `{"type":"vpn-attach.retry.v9","id":"x","data":{"novelty":1}}`
	messages, err = Rewrite([]byte(other), "letter", time.Unix(0, 0))
	if err != nil || string(messages[0].Body) != other {
		t.Errorf("got %v, %v", messages, err)
	}
}

func TestWhatIsNotUnderstoodIsNotMovedAndNotRepeated(t *testing.T) {
	const secret = "psk-do-not-repeat"
	for name, letter := range map[string]string{
		"no JSON":                         secret,
		"nothing":                         "null",
		"an empty list":                   "[]",
		"another shape":                   `{"x":"` + secret + `"}`,
		"a wrong connection":              `{"vpnConnectionId":"` + secret + `"}`,
		"an event of something else":      `{"id":"1","type":"ecs:ActionTrail:ApiCall","data":{"x":"` + secret + `"}}`,
		"an event whose id would stay":    strings.Replace(trail, `"eventId"`, `"EVENTID"`, 1),
		"another API":                     strings.Replace(trail, "CreateVpnAttachment", "CreateVpc"+secret, 1),
		"a follow-up of no event":         `{"type":"vpn-attach.retry.v1","data":{"x":"` + secret + `"}}`,
		"a delivery without a message":    `{"type":"mns:Queue:SendMessage","data":{"x":"` + secret + `"}}`,
		"a list with one that is not one": `[{"vpnConnectionId":"vco-1"},"` + secret + `"]`,
		"envelopes without end":           envelope(envelope(envelope(envelope(envelope(envelope(secret)))))),
	} {
		messages, err := Rewrite([]byte(letter), "letter", time.Unix(0, 0))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, %v", name, messages, err)
		}
	}
}

// Whatever the sample events come to, as letters they come to the same about other ids.
func TestTheSampleEventsCanAllBeRedriven(t *testing.T) {
	for _, name := range []string{
		"created", "created-in-console", "tagged", "own-request", "own-retry", "own-dead-letter", "direct-request",
	} {
		text, err := events.Files.ReadFile("wire/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		messages, err := Rewrite(text, "letter", time.Unix(0, 0))
		if err != nil || len(messages) == 0 {
			t.Fatalf("%s: %v, %v", name, messages, err)
		}
		if !strings.HasSuffix(messages[0].To, "#1") || !json.Valid(messages[0].Body) {
			t.Errorf("%s: %v, %v", name, messages, err)
		}
	}
}
