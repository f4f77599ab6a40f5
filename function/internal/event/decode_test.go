package event

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

const secret = "psk-that-must-never-be-repeated"

// fields are those of a JSON object.
type fields map[string]any

// created is an EventBridge event about a new connection, with a pre-shared key where
// the API has one. The edits replace fields of the ActionTrail record; nil removes.
func created(edits fields) string {
	record := fields{
		"eventId": "AE3B", "eventVersion": 1, "eventName": "CreateVpnAttachment", "acsRegion": "eu-central-1",
		"eventTime": "2025-07-07T01:39:09Z", "recipientAccountId": "1663000000000000",
		"requestParameters":   fields{"RegionId": "eu-central-1", "IkeConfig": `{"Psk":"` + secret + `"}`},
		"responseElements":    fields{"VpnConnectionId": "vco-new", "CreateTime": 1658201810000},
		"referencedResources": fields{"ACS::VPC::VpnConnection": []string{"vco-referenced"}},
		"userIdentity":        fields{"type": "ram-user", "accountId": "1663000000000000", "userName": "alice"},
	}
	for field, value := range edits {
		if value == nil {
			delete(record, field)
		} else {
			record[field] = value
		}
	}
	return encode(fields{
		"id": "ce-1", "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall",
		"time": "2025-07-07T01:39:11Z", "data": record,
	})
}

// queued wraps a message body as the queue trigger does.
func queued(body string) string {
	return encode(fields{
		"id": "c2g71017", "source": "MNS-Function-mnstrigger", "specversion": "1.0", "type": "mns:Queue:SendMessage",
		"time": "2021-10-15T07:06:34.028PRC",
		"data": fields{"requestId": "606E", "messageId": "C6DB", "messageBody": body},
	})
}

// dataInBase64 is a CloudEvent whose data is in base64, as the other form of CloudEvents in JSON has it.
func dataInBase64(cloudEvent string) string {
	return changed(cloudEvent, func(e map[string]json.RawMessage) {
		e["data_base64"] = json.RawMessage(encode(inBase64(string(e["data"]))))
		delete(e, "data")
	})
}

// dataAsText is a CloudEvent whose data is a JSON string.
func dataAsText(cloudEvent string) string {
	return changed(cloudEvent, func(e map[string]json.RawMessage) {
		e["data"] = json.RawMessage(encode(string(e["data"])))
	})
}

func changed(object string, change func(map[string]json.RawMessage)) string {
	var members map[string]json.RawMessage
	if err := json.Unmarshal([]byte(object), &members); err != nil {
		panic(err)
	}
	change(members)
	return encode(members)
}

// noticeJSON is a topic's notification with a message in JSON.
func noticeJSON(message string) string {
	return `{"TopicOwner":"1","TopicName":"t","MessageId":"t-1","Message":` + message + `,"PublishTime":1550216480040}`
}

// noticeXML is the same in XML.
func noticeXML(message string) string {
	escaped := strings.NewReplacer("&", "&amp;", "<", "&lt;", `"`, "&#34;").Replace(message)
	return `<?xml version="1.0"?> <Notification xmlns="http://mns.aliyuncs.com/doc/v1/"><TopicName>t</TopicName>` +
		`<MessageId>t-1</MessageId><Message>` + escaped + `</Message></Notification>`
}

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// decoder is of an invocation of the account 1663000000000000.
func decoder() Decoder {
	return Decoder{RequestID: "REQ-1", AccountID: "1663000000000000", Signer: signer()}
}

func signer() Signer { return NewSigner(strings.Repeat("k", MinKey), "") }

func decode(t *testing.T, payload string) Batch {
	t.Helper()
	batch, err := decoder().Decode([]byte(payload))
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	return batch
}

// one decodes a payload that must come to exactly one item, of type T.
func one[T Item](t *testing.T, payload string) T {
	t.Helper()
	batch := decode(t, payload)
	if len(batch.Items) != 1 {
		t.Fatalf("got %d items, want 1: %+v", len(batch.Items), batch.Items)
	}
	item, is := batch.Items[0].(T)
	if !is {
		t.Fatalf("got %T %+v, want %T", batch.Items[0], batch.Items[0], item)
	}
	return item
}

// are reports whether items have the types of want, in order.
func are(items []Item, want ...Item) bool {
	return slices.EqualFunc(items, want, func(a, b Item) bool { return reflect.TypeOf(a) == reflect.TypeOf(b) })
}

func TestEveryShapeOfInputGivesTheSameEvent(t *testing.T) {
	inner := created(nil)
	text := encode(inner)
	shapes := map[string]string{
		"the queue trigger's array":                      "[" + queued(inner) + "]",
		"the queue trigger's single object":              queued(inner),
		"a bare EventBridge event":                       inner,
		"an array of bare EventBridge events":            "[" + inner + "]",
		"RawData, which is the envelope's data alone":    `[{"messageId":"C6DB","messageBody":` + text + `}]`,
		"a body in base64":                               "[" + queued(inBase64(inner)) + "]",
		"a body with white space around it":              "[" + queued("\n "+inner+" \n") + "]",
		"a body that is an object instead of a string":   `{"type":"mns:Queue:X","data":{"messageBody":` + inner + `}}`,
		"an array of JSON strings":                       "[" + text + "]",
		"a dead letter of the trigger, queued once more": queued(queued(inner)),
		"an envelope without any of the aliyun fields":   `{"type":"mns:Queue:X","data":{"messageBody":` + text + `}}`,
		"an envelope whose type says nothing of a queue": `{"id":"x","type":"x:y","data":{"messageBody":` + text + `}}`,
		"a list inside one message":                      queued("[" + inner + "]"),
		"a body that is a JSON string":                   queued(text),
		"a body that is a JSON string in base64":         queued(inBase64(text)),
		"data in base64":                                 dataInBase64(inner),
		"data in base64 inside a message":                queued(dataInBase64(inner)),
		"a message's data in base64":                     dataInBase64(queued(inner)),
		"data that is JSON text":                         dataAsText(inner),
		"a topic's notification in JSON":                 noticeJSON(text),
		"a topic's notification in XML":                  noticeXML(inner),
		"a notification in a message":                    queued(noticeXML(inner)),
		"a notification in a notification":               queued(noticeJSON(encode(noticeXML(inner)))),
		"a notification that a trigger parsed":           `{"messageBody":` + noticeJSON(inner) + `}`,
		"white space before the array":                   " \n\t[" + queued(inner) + "]",
		"a console operation instead of an API call":     strings.Replace(inner, "ApiCall", "ConsoleOperation", 1),
		"an envelope's time that nobody can read":        strings.Replace(queued(inner), "2021-10-15T", "yesterday", 1),
		"fields of unexpected kinds where nobody looks": strings.Replace(
			queued(inner), `"source":"MNS-Function-mnstrigger"`, `"source":{"a":[1]}`, 1),
	}
	want := Origin{ID: "AE3B", Time: time.Date(2025, 7, 7, 1, 39, 9, 0, time.UTC), Actor: "alice"}
	ask := Ask{ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}
	for name, payload := range shapes {
		t.Run(name, func(t *testing.T) {
			e := one[Event](t, payload)
			if e.ID != want.ID || !e.Time.Equal(want.Time) || e.Actor != want.Actor || !reflect.DeepEqual(e.Ask, ask) {
				t.Errorf("got %+v", e)
			}
		})
	}
}

func TestWhatIsAboutNoConnectionIsIgnored(t *testing.T) {
	cases := map[string]string{
		"a call of another API":         created(fields{"eventName": "ModifyVpnConnectionAttribute"}),
		"a connection of a VPN gateway": created(fields{"eventName": "CreateVpnConnection"}),
		"a recorded call that failed":   created(fields{"errorCode": "Forbidden.RAM"}),
		"tags on something else": created(fields{
			"eventName": "TagResources", "responseElements": nil, "referencedResources": nil,
			"requestParameters": fields{"ResourceId.1": "vpc-1"},
		}),
		"an event of another type":         `{"id":"1","type":"ecs:Instance:StateChange","data":{}}`,
		"an outcome of our own, come back": `{"id":"1","type":"vpn-attach.outcome.v1","data":{"status":"attached"}}`,
		"what a sweep of ours found":       `{"id":"1","type":"vpn-attach.sweep.v1","data":{"status":"swept"}}`,
	}
	for name, payload := range cases {
		t.Run(name, func(t *testing.T) {
			if one[Ignored](t, payload).Reason == "" {
				t.Error("no reason is given")
			}
		})
	}
}

func TestMalformedElementsNameTheFieldAndNeverThePayload(t *testing.T) {
	request := func(more string) string { return `{"vpnConnectionId":"vco-1",` + more + `}` }
	cases := map[string]struct{ field, payload string }{
		"nothing at all":                         {"payload", ``},
		"no JSON":                                {"payload", secret},
		"a number":                               {"payload", `42`},
		"an object of no known shape":            {"payload", `{"psk":"` + secret + `"}`},
		"JSON that breaks off":                   {"payload", `{"data":{"psk":"` + secret},
		"a string that breaks off":               {"payload", `"` + secret},
		"a queue envelope without a body":        {"data.messageBody", `{"type":"mns:Queue:","data":"` + secret + `"}`},
		"an empty body":                          {"messageBody", queued("")},
		"a body that is neither JSON nor base64": {"messageBody", queued("psk=" + secret)},
		"a body in base64 that holds no JSON":    {"messageBody", queued(inBase64(secret))},
		"an empty list in a body":                {"payload", queued("[]")},
		"a list in a body that breaks off":       {"payload", queued("[1")},
		"XML that is no notification":            {"payload", queued("<a>" + secret + "</a>")},
		"XML that breaks off":                    {"payload", "<Notification><Message>" + secret},
		"a notification of nothing":              {"messageBody", noticeJSON(`""`)},
		"data in base64 that is none": {"data",
			`{"type":"vpc:ActionTrail:X","data_base64":"` + secret + `"}`},
		"data in base64 that is no JSON": {"data",
			`{"type":"vpc:ActionTrail:X","data_base64":"` + inBase64(secret) + `"}`},
		"a record that names no connection": {"data.responseElements.VpnConnectionId",
			created(fields{"responseElements": nil, "referencedResources": nil})},
		"an ActionTrail event without a record": {"data", `{"type":"vpc:ActionTrail:X","data":"` + secret + `"}`},
		"an account id with a path in it": {"data.recipientAccountId",
			created(fields{"recipientAccountId": "../" + secret})},
		"an event id that cannot be printed":       {"id", created(fields{"eventId": "a\x1b[31m" + secret})},
		"an event id without end":                  {"id", created(fields{"eventId": strings.Repeat("x", 200)})},
		"a request for something that is no id":    {"vpnConnectionId", `{"vpnConnectionId":"` + secret + `"}`},
		"a request with a path for an id":          {"vpnConnectionId", `{"vpnConnectionId":"vco-../../x"}`},
		"a request with a misspelt dryRun":         {"dry_run", request(`"dry_run":true`)},
		"a request with a dryRun that is a text":   {"dryRun", request(`"dryRun":"yes"`)},
		"a request of an owner that is no account": {"ownerId", request(`"ownerId":"` + secret + `"`)},
		"a request that says a field twice":        {"dryRun", request(`"dryRun":true,"dryRun":false`)},
		"a request that says it in two spellings":  {"DRYRUN", request(`"dryRun":true,"DRYRUN":false`)},
		"a request that attaches and detaches":     {"detach", request(`"detach":{"vpnConnectionId":"vco-1"}`)},
		"a request whose name has no end":          {"name", request(`"name":"` + strings.Repeat("x", 257) + `"`)},
		"a request whose description has escapes":  {"description", request(`"description":"a\u001b[31m"`)},
		"envelopes inside envelopes without end":   {"messageBody", queued(queued(queued(queued(queued(queued(""))))))},
		"brackets inside brackets without end": {"messageBody",
			strings.Repeat("[", 20000) + strings.Repeat("]", 20000)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := one[Malformed](t, c.payload)
			if got.Field != c.field || got.Code != CodeMalformed || len(got.ID) != 64 {
				t.Errorf("got %+v, want field %q", got, c.field)
			}
			if strings.Contains(fmt.Sprint(got), secret) {
				t.Errorf("the text repeats the payload: %+v", got)
			}
		})
	}
}

func TestWhatIsTooMuchIsRefusedAsOversize(t *testing.T) {
	long := strings.Repeat("x", MaxBody)
	eleven := encode(requests(11))
	cases := map[string]struct{ field, payload string }{
		"tags on more than a call can tag": {
			"data", created(fields{"eventName": "TagResources", "requestParameters": fields{"ids": many(21)}})},
		"a message that lists too much":        {"payload", queued(encode(requests(21)))},
		"lists in lists that come to too much": {"payload", queued("[" + eleven + "," + eleven + "]")},
		"a body larger than a queue takes":     {"messageBody", queued(`{"x":"` + long + `"}`)},
		"a request larger than a queue takes":  {"payload", `{"vpnConnectionId":"vco-1","name":"` + long + `"}`},
		"a message of ours that is larger":     {"payload", `{"type":"vpn-attach.request.v9","data":"` + long + `"}`},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := one[Malformed](t, c.payload)
			if got.Field != c.field || got.Code != CodeOversize || len(got.ID) != 64 {
				t.Errorf("got %+v, want field %q", got, c.field)
			}
		})
	}
}

func many(n int) (ids []string) {
	for i := range n {
		ids = append(ids, fmt.Sprintf("vco-%d", i))
	}
	return ids
}

func requests(n int) (list []map[string]string) {
	for _, id := range many(n) {
		list = append(list, map[string]string{"vpnConnectionId": id})
	}
	return list
}

func TestWhatIsNestedTooDeepAffectsItselfAlone(t *testing.T) {
	deep := `{"vpnConnectionId":"vco-deep","x":` + strings.Repeat("[", 10500) + strings.Repeat("]", 10500) + `}`
	for name, payload := range map[string]string{
		"in an array":              "[" + created(nil) + "," + deep + "]",
		"in an array in a message": queued("[" + created(nil) + "," + deep + "]"),
	} {
		if batch := decode(t, payload); !are(batch.Items, Event{}, Malformed{}) {
			t.Errorf("%s: got %+v", name, batch.Items)
		}
	}
}

func TestOneBadElementAffectsItselfAlone(t *testing.T) {
	second := created(fields{"eventId": "second"})
	batch := decode(t, "["+queued(created(nil))+","+queued("{broken")+",7,"+queued(second)+"]")
	if !are(batch.Items, Event{}, Malformed{}, Malformed{}, Event{}) {
		t.Errorf("got %+v", batch.Items)
	}
}

func TestTooMuchIsRefusedWithANamedError(t *testing.T) {
	putBack := func(payload []byte) error { _, err := PutBack(payload); return err }
	decode := func(payload []byte) error { _, err := decoder().Decode(payload); return err }
	for name, take := range map[string]func([]byte) error{"Decode": decode, "PutBack": putBack} {
		var oversize *OversizeError
		err := take(make([]byte, MaxPayload+1))
		named := errors.As(err, &oversize) && strings.Contains(err.Error(), fmt.Sprint(MaxPayload))
		if !named || oversize.What != "bytes" {
			t.Errorf("%s of too many bytes: got %v", name, err)
		}
		err = take([]byte("[" + strings.Repeat("1,", maxBatch) + "1]"))
		if !errors.As(err, &oversize) || oversize.What != "elements" || oversize.Actual != maxBatch+1 {
			t.Errorf("%s of too many elements: got %v", name, err)
		}
	}
}
