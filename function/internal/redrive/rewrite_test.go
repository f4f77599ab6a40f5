package redrive

import (
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
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

// object is the trigger's envelope around a body that is no text.
func object(body string) string {
	return `{"id":"m-1","source":"MNS-Function-queue","specversion":"1.0","type":"mns:Queue:SendMessage",` +
		`"data":{"messageId":"m-1","messageBody":` + body + `}}`
}

func jsonNotice(body string) string {
	return `{"TopicOwner":"1","TopicName":"t","Subscriber":"1","SubscriptionName":"s","MessageId":"t-1",` +
		`"Message":` + string(quoted(body)) + `,"MessageMD5":"M","PublishTime":"1"}`
}

func xmlNotice(body string) string {
	var text strings.Builder
	_ = xml.EscapeText(&text, []byte(body)) // a builder takes everything
	return `<?xml version="1.0"?><Notification xmlns="http://mns.aliyuncs.com/doc/v1/"><TopicName>t</TopicName>` +
		`<MessageId>t-1</MessageId><Message>` + text.String() + `</Message></Notification>`
}

// deep is a JSON string in a JSON string, more often than envelopes are opened.
func deep(body string) string {
	for range deepest + 2 {
		body = string(quoted(body))
	}
	return body
}

func TestEveryFormatOfADeadLetterComesBackUnderAnIDOfItsOwn(t *testing.T) {
	tags := strings.NewReplacer("CreateVpnAttachment", "TagResources",
		`{"VpnConnectionId":"vco-1"}`, `{"ids":["vco-1","vco-2"]}`).Replace(trail)
	request := `{"vpnConnectionId":"vco-1","transitRouterId":"tr-1"}`
	requests := `[{"vpnConnectionId":"vco-1"},{"vpnConnectionId":"vco-2"}]`
	rawData := `{"messageId":"m-1","messageBody":` + string(quoted(trail)) + `}`
	nameless := strings.Replace(trail, `"eventId":"AE3B",`, "", 1)
	head, data, _ := strings.Cut(trail, `"data":`)
	inBase64 := head + `"data_base64":"` + base64.StdEncoding.EncodeToString([]byte(data[:len(data)-1])) + `"}`
	ours := `{"type":"vpn-attach.request.v1","id":"r","data":{"vpnConnectionId":"vco-1"}}`
	long := strings.Repeat("e", 126)
	as := func(id string) string { return strings.Replace(trail, "AE3B", id, 1) }
	cases := map[string]struct{ letter, ids, connections string }{
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
		"an event in an object":                    {object(trail), "AE3B#1", "vco-1"},
		"an event whose data is in base64":         {inBase64, "AE3B#1", "vco-1"},
		"an event in an object without a type":     {`{"messageBody":` + trail + `}`, "AE3B#1", "vco-1"},
		"a request in an object":                   {object(request), "m-1#1", "vco-1"},
		"requests in an object":                    {object(requests), "m-1/0#1 m-1/1#1", "vco-1 vco-2"},
		"an event as a JSON string":                {string(quoted(trail)), "AE3B#1", "vco-1"},
		"an event that a topic told in JSON":       {jsonNotice(trail), "AE3B#1", "vco-1"},
		"an event that a topic told in XML":        {xmlNotice(trail), "AE3B#1", "vco-1"},
		"a request that a topic told":              {jsonNotice(request), "t-1#1", "vco-1"},
		"the same, given up by the trigger":        {envelope(xmlNotice(request)), "t-1#1", "vco-1"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			messages, err := Rewrite([]byte(c.letter), "letter", time.Unix(0, 0))
			if err != nil {
				t.Fatal(err)
			}
			var ids, connections []string
			for _, m := range messages {
				batch, err := decode([]byte(envelope(string(m.Body))))
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
	messages, _ := Rewrite([]byte(trail), "letter", time.Unix(0, 0))
	if !strings.Contains(string(messages[0].Body), `"a":"1 < 2"`) {
		t.Errorf("what was not to be changed was: %s", messages[0].Body)
	}
}

// told is a message of the function, and what is said of it. It is spaced and ordered as no encoder of this module
// would: a message that is read and written again is not the same.
type told struct{ said, body string }

func ownMessages() []told {
	follow := func(kind string) string {
		return `{ "signature":"c0ffee", "id":"x","data" : {"wishes":{"name":"<n> \u003c \u00e9"},` +
			`"vpnConnectionId":"vco-1","attempt":9,"until":"2026-11-23T03:00:00Z","event":{"id":"AE3B#2"},` +
			`"novelty":[1 , 2]},"type":"` + kind + `"}`
	}
	const outcome = `{"type":"vpn-attach.outcome.v1","data":{"vpnConnectionId":"vco-2", "event":{"id":"E"}}}`
	return []told{
		{"what was given up: AE3B#2  vco-1", follow(event.TypeDeadLetter)},
		{"what was given up: AE3B#2  vco-1", follow(event.TypeRetry)},
		{"what was given up: AE3B#2  vco-1", follow(event.TypeConfirm)},
		{"a message of another version: AE3B#2  vco-1", follow("vpn-attach.retry.v9")},
		{"a message of another version: x", `{"type":"vpn-attach.novelty.v1","id":"x","data":"text"}`},
		{"an unpublished outcome: E  vco-2", `{"data":` + outcome + `, "attempt":4,"type":"vpn-attach.report.v1"}`},
		{"the rest of a sweep: s-1", `{"data":{"event":{"id":"s-1"},  "page":2},"type":"` + event.TypeSweeping + `"}`},
		{"what was given up: a?[31m  vco-?", `{"type":"vpn-attach.deadletter.v1",` +
			`"data":{"event":{"id":"a\u001b[31m"},"vpnConnectionId":"vco-\u202e"}}`},
	}
}

// What the function wrote is signed. A byte more or less, and it would be a stranger's.
func TestWhatTheFunctionWroteGoesBackByteForByte(t *testing.T) {
	rawData := func(body string) string { return `{"messageBody":` + string(quoted(body)) + `}` }
	inBase64 := func(body string) string { return envelope(base64.StdEncoding.EncodeToString([]byte(body))) }
	wraps := map[string]func(string) string{
		"as it is":                      func(body string) string { return body },
		"in the trigger's envelope":     envelope,
		"in the envelope as an object":  object,
		"in base64":                     inBase64,
		"without the CloudEvent":        rawData,
		"without it, as an object":      func(body string) string { return `{"messageBody":` + body + `}` },
		"given up twice":                func(body string) string { return envelope(object(body)) },
		"as a JSON string":              func(body string) string { return string(quoted(body)) },
		"told by a topic in JSON":       jsonNotice,
		"told by a topic in XML":        xmlNotice,
		"in a list":                     func(body string) string { return "[" + body + "]" },
		"in the envelope within a list": func(body string) string { return "[" + envelope(body) + "]" },
	}
	for _, own := range ownMessages() {
		for name, wrap := range wraps {
			messages, err := Rewrite([]byte(wrap(own.body)), "letter", time.Unix(0, 0))
			if err != nil || len(messages) != 1 || string(messages[0].Body) != own.body {
				t.Errorf("%s, %s: %v, got %v", own.said, name, err, messages)
				continue
			}
			if got := messages[0].String(); got != own.said {
				t.Errorf("%s: it is shown as %s", own.said, got)
			}
		}
	}
}

func TestWhiteSpaceAroundAMessageOfTheFunctionStaysToo(t *testing.T) {
	const body = "\n {\"type\":\"vpn-attach.retry.v1\",\"data\":{}} \n"
	messages, err := Rewrite([]byte(body), "letter", time.Unix(0, 0))
	if err != nil || string(messages[0].Body) != body {
		t.Errorf("got %v, %v", messages, err)
	}
}

func TestWhatNoQueueTakesIsNotMoved(t *testing.T) {
	padded := func(before, after string, size int) string {
		return before + strings.Repeat("x", size-len(before)-len(after)) + after
	}
	record := strings.Split(trail, "1 < 2")
	for name, c := range map[string]struct {
		letter string
		moved  bool
	}{
		"an event that just fits":            {padded(record[0], record[1], event.MaxBody-len("#1")), true},
		"an event that its new id makes too": {padded(record[0], record[1], event.MaxBody), false},
		"an own message that just fits": {
			padded(`{"type":"vpn-attach.retry.v9","data":"`, `"}`, event.MaxBody), true,
		},
		"an own message that does not": {
			padded(`{"type":"vpn-attach.retry.v9","data":"`, `"}`, event.MaxBody+1), false,
		},
	} {
		messages, err := Rewrite([]byte(c.letter), "letter", time.Unix(0, 0))
		if (err == nil) != c.moved || c.moved && len(messages[0].Body) != event.MaxBody {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWhatIsNotUnderstoodIsNotMovedAndNotRepeated(t *testing.T) {
	const secret = "psk-do-not-repeat"
	for name, letter := range map[string]string{
		"no JSON":                         secret,
		"nothing":                         "null",
		"an empty list":                   "[]",
		"another shape":                   `{"x":"` + secret + `"}`,
		"a letter without its message":    `{"id":"` + secret + `","bytes":7,"error":{"code":"Malformed"}}`,
		"a wrong connection":              `{"vpnConnectionId":"` + secret + `"}`,
		"an event of something else":      `{"id":"1","type":"ecs:ActionTrail:ApiCall","data":{"x":"` + secret + `"}}`,
		"an event whose id would stay":    strings.Replace(trail, `"eventId"`, `"EVENTID"`, 1),
		"another API":                     strings.Replace(trail, "CreateVpnAttachment", "CreateVpc"+secret, 1),
		"an outcome of the function":      `{"type":"vpn-attach.outcome.v1","data":{"x":"` + secret + `"}}`,
		"what a sweep came to":            `{"type":"vpn-attach.sweep.v1","data":{"x":"` + secret + `"}}`,
		"an outcome that a topic told":    jsonNotice(`{"type":"vpn-attach.outcome.v1","data":{"x":"` + secret + `"}}`),
		"a notification of nothing":       `{"TopicName":"t","MessageId":"` + secret + `"}`,
		"XML that is no notification":     `<Letter><TopicName>t</TopicName><Message>` + secret + `</Message></Letter>`,
		"an empty string":                 `""`,
		"strings without end":             deep(secret),
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
		"created", "created-in-console", "tagged", "own-request", "direct-request",
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
