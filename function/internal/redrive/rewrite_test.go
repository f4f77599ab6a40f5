package redrive

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/event"
)

const trail = `{"id":"ce-1","source":"acs.vpc","specversion":"1.0","type":"vpc:ActionTrail:ApiCall","data":{"eventId":"AE3B","eventName":"CreateVpnAttachment","acsRegion":"cn-hangzhou","responseElements":{"VpnConnectionId":"vco-1"},"requestParameters":{"a":"1 < 2"}}}`

func envelope(body string) string {
	return `{"id":"m-1","source":"MNS-Function-queue","specversion":"1.0","type":"mns:Queue:SendMessage","data":{"messageId":"m-1","messageBody":` + string(quoted(body)) + `}}`
}

func TestEveryFormatOfADeadLetterComesBackUnderAnIDOfItsOwn(t *testing.T) {
	given := `{"specversion":"1.0","id":"x","type":"vpn-attach.deadletter.v1","data":{"event":{"id":"AE3B","actor":"alice"},"vpnConnectionId":"vco-1","wishes":{"name":"n"},"novelty":[1],"error":{"code":"C"},"replay":"how"}}`
	confirm := `{"specversion":"1.0","id":"x","type":"vpn-attach.confirm.v1","data":{"event":{"id":"AE3B"},"vpnConnectionId":"vco-1","attempt":9,"firstSeen":"2026-11-23T03:00:00Z","until":"2026-11-23T03:00:00Z","following":{"looks":9}}}`
	tags := strings.Replace(strings.Replace(trail, "CreateVpnAttachment", "TagResources", 1), `"responseElements":{"VpnConnectionId":"vco-1"}`, `"responseElements":{"ids":["vco-1","vco-2"]}`, 1)
	cases := map[string]struct {
		letter, ids, connections string
	}{
		"what the function gave up":                {given, "AE3B#1", "vco-1"},
		"what it gave up before":                   {strings.Replace(given, "AE3B", "AE3B#1", 1), "AE3B#2", "vco-1"},
		"a look that the trigger gave up":          {envelope(confirm), "AE3B#1", "vco-1"},
		"an event that the trigger gave up":        {envelope(trail), "AE3B#1", "vco-1"},
		"the same, without the trigger's envelope": {`{"messageId":"m-1","messageBody":` + string(quoted(trail)) + `}`, "AE3B#1", "vco-1"},
		"the same, given up twice":                 {envelope(envelope(strings.Replace(trail, "AE3B", "AE3B#4", 1))), "AE3B#5", "vco-1"},
		"an event that the rule gave up":           {trail, "AE3B#1", "vco-1"},
		"an event about two connections":           {envelope(tags), "AE3B#1 AE3B#1", "vco-1 vco-2"},
		"a request in the trigger's envelope":      {envelope(`{"vpnConnectionId":"vco-1","transitRouterId":"tr-1"}`), "m-1#1", "vco-1"},
		"a bare request":                           {`{"vpnConnectionId":"vco-1"}`, "letter#1", "vco-1"},
		"a list of requests":                       {envelope(`[{"vpnConnectionId":"vco-1"},{"vpnConnectionId":"vco-2"}]`), "m-1/0#1 m-1/1#1", "vco-1 vco-2"},
		"a request of ours":                        {`{"type":"vpn-attach.request.v1","id":"r","data":{"vpnConnectionId":"vco-1"}}`, "r#1", "vco-1"},
		"a request whose number is no number":      {`{"type":"vpn-attach.request.v1","id":"r#x","data":{"vpnConnectionId":"vco-1"}}`, "r#x#1", "vco-1"},
		"an id that is as long as one may be":      {strings.Replace(trail, "AE3B", strings.Repeat("e", 128), 1), strings.Repeat("e", 126) + "#1", "vco-1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			messages, err := Rewrite([]byte(c.letter), "letter", time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			var ids, connections []string
			for _, m := range messages {
				batch, err := event.Decode([]byte(envelope(string(m.Body))), "R")
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range batch.Items {
					ids, connections = append(ids, item.Event.ID), append(connections, item.Event.ConnectionID)
					if item.Event.Attempt != 0 || item.Event.Following != nil {
						t.Errorf("it does not begin afresh: %+v", item.Event)
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
	if messages, _ = Rewrite([]byte(trail), "letter", time.Unix(0, 0)); !strings.Contains(string(messages[0].Body), `"a":"1 < 2"`) {
		t.Errorf("what was not to be changed was: %s", messages[0].Body)
	}
}

func TestWhatHasToStayTheSameDoes(t *testing.T) {
	outcome := `{"id":"` + strings.Repeat("a", 64) + `","type":"vpn-attach.outcome.v1","data":{"status":"attached"}}`
	messages, err := Rewrite([]byte(`{"type":"vpn-attach.report.v1","id":"x","attempt":40,"data":`+outcome+`}`), "letter", time.Unix(0, 0))
	if err != nil {
		t.Fatal(err)
	}
	batch, _ := event.Decode(messages[0].Body, "R")
	if report := batch.Items[0].Report; report == nil || string(report.Body) != outcome || report.Attempt != 0 {
		t.Errorf("got %s", messages[0].Body)
	}
	const newer = `{"type":"vpn-attach.retry.v9","id":"x","data":{"novelty":1}}`
	if messages, err = Rewrite([]byte(newer), "letter", time.Unix(0, 0)); err != nil || string(messages[0].Body) != newer {
		t.Errorf("got %v, %v", messages, err)
	}
}

func TestWhatIsNotUnderstoodIsNotMovedAndNotRepeated(t *testing.T) {
	const secret = "psk-do-not-repeat"
	for name, letter := range map[string]string{
		"no JSON":                    secret,
		"another shape":              `{"x":"` + secret + `"}`,
		"a wrong connection":         `{"vpnConnectionId":"` + secret + `"}`,
		"an event of something else": `{"id":"1","type":"ecs:ActionTrail:ApiCall","data":{"x":"` + secret + `"}}`,
		"another API":                strings.Replace(trail, "CreateVpnAttachment", "CreateVpc"+secret, 1),
		"a follow-up of no event":    `{"type":"vpn-attach.retry.v1","data":{"vpnConnectionId":"vco-1","x":"` + secret + `"}}`,
		"envelopes without end":      envelope(envelope(envelope(envelope(envelope(envelope(secret)))))),
	} {
		messages, err := Rewrite([]byte(letter), "letter", time.Unix(0, 0))
		if err == nil || strings.Contains(err.Error(), secret) {
			t.Errorf("%s: %v, %v", name, messages, err)
		}
	}
}

// Whatever the sample events come to, as letters they come to the same about other ids.
func TestTheSampleEventsCanAllBeRedriven(t *testing.T) {
	for _, name := range []string{"created", "created-in-console", "tagged", "own-request", "own-retry", "own-dead-letter", "direct-request"} {
		text, err := events.Files.ReadFile("wire/" + name + ".json")
		if err != nil {
			t.Fatal(err)
		}
		messages, err := Rewrite(text, "letter", time.Unix(0, 0))
		if err != nil || len(messages) == 0 || !strings.HasSuffix(messages[0].To, "#1") || !json.Valid(messages[0].Body) {
			t.Errorf("%s: %v, %v", name, messages, err)
		}
	}
}
