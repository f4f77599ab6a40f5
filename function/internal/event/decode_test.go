package event

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"
)

const secret = "psk-that-must-never-be-repeated"

// created is an EventBridge event about a new connection, with a pre-shared key where
// the API has one. The edits replace fields of the ActionTrail record; nil removes.
func created(edits map[string]any) string {
	record := map[string]any{
		"eventId": "AE3B", "eventVersion": 1, "eventName": "CreateVpnAttachment", "acsRegion": "eu-central-1",
		"eventTime": "2025-07-07T01:39:09Z", "recipientAccountId": "1663000000000000",
		"requestParameters":   map[string]any{"RegionId": "eu-central-1", "IkeConfig": `{"Psk":"` + secret + `"}`},
		"responseElements":    map[string]any{"VpnConnectionId": "vco-new", "CreateTime": 1658201810000},
		"referencedResources": map[string]any{"ACS::VPC::VpnConnection": []string{"vco-referenced"}},
		"userIdentity":        map[string]any{"type": "ram-user", "accountId": "1663000000000000", "userName": "alice"},
	}
	for field, value := range edits {
		if value == nil {
			delete(record, field)
		} else {
			record[field] = value
		}
	}
	return encode(map[string]any{"id": "ce-1", "source": "acs.vpc", "specversion": "1.0", "type": "vpc:ActionTrail:ApiCall", "time": "2025-07-07T01:39:11Z", "data": record})
}

// queued wraps a message body as the queue trigger does.
func queued(body string) string {
	return encode(map[string]any{
		"id": "c2g71017", "source": "MNS-Function-mnstrigger", "specversion": "1.0", "type": "mns:Queue:SendMessage",
		"time": "2021-10-15T07:06:34.028PRC", "data": map[string]any{"requestId": "606E", "messageId": "C6DB", "messageBody": body},
	})
}

func encode(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic(err)
	}
	return string(text)
}

func decode(t *testing.T, payload string) Batch {
	t.Helper()
	batch, err := Decode([]byte(payload), "REQ-1")
	if err != nil {
		t.Fatalf("Decode: %v", err)
	}
	return batch
}

// one decodes a payload that must come to exactly one item.
func one(t *testing.T, payload string) Item {
	t.Helper()
	batch := decode(t, payload)
	if len(batch.Items) != 1 {
		t.Fatalf("got %d items, want 1: %+v", len(batch.Items), batch.Items)
	}
	return batch.Items[0]
}

func TestEveryShapeOfInputGivesTheSameEvent(t *testing.T) {
	inner := created(nil)
	shapes := map[string]string{
		"the queue trigger's array":                      "[" + queued(inner) + "]",
		"the queue trigger's single object":              queued(inner),
		"a bare EventBridge event":                       inner,
		"an array of bare EventBridge events":            "[" + inner + "]",
		"RawData, which is the envelope's data alone":    `[{"requestId":"606E","messageId":"C6DB","messageBody":` + encode(inner) + `}]`,
		"a body in base64":                               "[" + queued(base64.StdEncoding.EncodeToString([]byte(inner))) + "]",
		"a body with white space around it":              "[" + queued("\n "+inner+" \n") + "]",
		"a body that is an object instead of a string":   `{"type":"mns:Queue:SendMessage","data":{"messageId":"C6DB","messageBody":` + inner + `}}`,
		"an array of JSON strings":                       "[" + encode(inner) + "]",
		"a dead letter of the trigger, queued once more": queued(queued(inner)),
		"an envelope without any of the aliyun fields":   `{"source":"acs:mns","type":"mns:Queue:SendMessage","data":{"messageBody":` + encode(inner) + `}}`,
		"an envelope whose type says nothing of a queue": `{"id":"x","type":"something:else","data":{"messageBody":` + encode(inner) + `}}`,
		"a list inside one message":                      queued("[" + inner + "]"),
		"white space before the array":                   " \n\t[" + queued(inner) + "]",
		"a console operation instead of an API call":     strings.Replace(inner, "ApiCall", "ConsoleOperation", 1),
		"an envelope's time that nobody can read":        strings.Replace(queued(inner), "2021-10-15T07:06:34.028PRC", "yesterday", 1),
		"fields of unexpected kinds where nobody looks":  strings.Replace(queued(inner), `"source":"MNS-Function-mnstrigger"`, `"source":{"a":[1]}`, 1),
	}
	for name, payload := range shapes {
		t.Run(name, func(t *testing.T) {
			item := one(t, payload)
			if item.Event == nil {
				t.Fatalf("no event: %+v, malformed %+v", item, item.Malformed)
			}
			e := *item.Event
			if e.ID != "AE3B" || e.ConnectionID != "vco-new" || e.RegionID != "eu-central-1" || e.OwnerID != "1663000000000000" || e.Actor != "alice" {
				t.Errorf("got %+v", e)
			}
			if want := time.Date(2025, 7, 7, 1, 39, 9, 0, time.UTC); !e.Time.Equal(want) {
				t.Errorf("time %s, want %s", e.Time, want)
			}
		})
	}
}

func TestRecordsMissAnyOneField(t *testing.T) {
	cases := map[string]struct {
		edits map[string]any
		want  Event
	}{
		"without responseElements the referenced resource names the connection": {map[string]any{"responseElements": nil}, Event{ID: "AE3B", ConnectionID: "vco-referenced", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"without both the resource name does":                                   {map[string]any{"responseElements": nil, "referencedResources": nil, "resourceName": "vco-named"}, Event{ID: "AE3B", ConnectionID: "vco-named", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"without requestParameters nothing is missed":                           {map[string]any{"requestParameters": nil}, Event{ID: "AE3B", ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"without an account the owner is left open":                             {map[string]any{"recipientAccountId": nil}, Event{ID: "AE3B", ConnectionID: "vco-new", RegionID: "eu-central-1"}},
		"an account that is a number is read":                                   {map[string]any{"recipientAccountId": json.Number("1663000000000000")}, Event{ID: "AE3B", ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"without a region the parameters name it":                               {map[string]any{"acsRegion": nil}, Event{ID: "AE3B", ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"without an event id the CloudEvent's is taken":                         {map[string]any{"eventId": nil}, Event{ID: "ce-1", ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"an event version in quotes changes nothing":                            {map[string]any{"eventVersion": "1"}, Event{ID: "AE3B", ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"a user identity of another kind is passed over":                        {map[string]any{"userIdentity": "alice"}, Event{ID: "AE3B", ConnectionID: "vco-new", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"responseElements of another kind are passed over":                      {map[string]any{"responseElements": []int{1}}, Event{ID: "AE3B", ConnectionID: "vco-referenced", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
		"an id that is no connection's is not taken":                            {map[string]any{"responseElements": map[string]any{"VpnConnectionId": "vpn-gateway"}}, Event{ID: "AE3B", ConnectionID: "vco-referenced", RegionID: "eu-central-1", OwnerID: "1663000000000000"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			item := one(t, queued(created(c.edits)))
			if item.Event == nil {
				t.Fatalf("no event: malformed %+v, ignored %q", item.Malformed, item.Ignored)
			}
			got := Event{ID: item.Event.ID, ConnectionID: item.Event.ConnectionID, RegionID: item.Event.RegionID, OwnerID: item.Event.OwnerID}
			if fmt.Sprint(got) != fmt.Sprint(c.want) {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

func TestWhatIsAboutNoConnectionIsIgnored(t *testing.T) {
	cases := map[string]string{
		"a call of another API":            created(map[string]any{"eventName": "ModifyVpnConnectionAttribute"}),
		"a connection of a VPN gateway":    created(map[string]any{"eventName": "CreateVpnConnection"}),
		"a recorded call that failed":      created(map[string]any{"errorCode": "Forbidden.RAM"}),
		"tags on something else":           created(map[string]any{"eventName": "TagResources", "responseElements": nil, "referencedResources": nil, "requestParameters": map[string]any{"ResourceId.1": "vpc-1"}}),
		"an event of another type":         `{"id":"1","type":"ecs:Instance:StateChange","data":{}}`,
		"an outcome of our own, come back": `{"id":"1","type":"vpn-attach.outcome.v1","data":{"status":"attached"}}`,
		"what a sweep of ours found":       `{"id":"1","type":"vpn-attach.sweep.v1","data":{"status":"swept"}}`,
	}
	for name, payload := range cases {
		t.Run(name, func(t *testing.T) {
			if item := one(t, payload); item.Ignored == "" {
				t.Errorf("got %+v, malformed %+v", item, item.Malformed)
			}
		})
	}
}

func TestTagsNameEveryConnectionThatTheyWerePutOn(t *testing.T) {
	payload := created(map[string]any{
		"eventName": "TagResources", "responseElements": nil,
		"requestParameters": map[string]any{
			"ResourceId.1": "vco-a", "ResourceId.2": "vpc-not-one", "ResourceId.3": "vco-b", "ResourceType": "VPNATTACHMENT",
			"ResourceARN": []string{"acs:vpc:eu-central-1:1663000000000000:vpnattachment/vco-c"},
			"Free":        "text that ends in /vco-notanarn",
		},
		"referencedResources": map[string]any{"ACS::VPC": []any{"vco-a", map[string]any{"deep": []string{"vco-d"}}}},
	})
	batch := decode(t, queued(payload))
	var ids []string
	for _, item := range batch.Items {
		ids = append(ids, item.Event.ConnectionID)
	}
	if got := strings.Join(ids, " "); got != "vco-a vco-b vco-c vco-d" {
		t.Errorf("got %q", got)
	}
}

func TestDirectRequestsSayWhatTheyWant(t *testing.T) {
	batch := decode(t, `[{"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","transitRouterId":"tr-1","name":"n","autoPublish":false,"zone":"z","associate":"system","propagate":"a b","dryRun":true},{"vpnConnectionId":"vco-2"}]`)
	if !batch.Direct || len(batch.Items) != 2 {
		t.Fatalf("got %+v", batch)
	}
	first, second := batch.Items[0].Event, batch.Items[1].Event
	if first.ID != "manual-REQ-1/0" || second.ID != "manual-REQ-1/1" {
		t.Errorf("ids %q and %q", first.ID, second.ID)
	}
	if got := fmt.Sprint(first.Wishes); got != "map[associate:system auto-publish:false name:n propagate:a b transit-router:tr-1 zone:z]" || !first.DryRun {
		t.Errorf("wishes %s, dry run %v", got, first.DryRun)
	}
	if len(second.Wishes) != 0 || second.DryRun {
		t.Errorf("the second request got wishes of the first: %+v", second)
	}
	if viaQueue := one(t, queued(`{"vpnConnectionId":"vco-1"}`)).Event; viaQueue.ID != "c2g71017" {
		t.Errorf("through the queue its id is %q, want the envelope's", viaQueue.ID)
	}
	if mixed := decode(t, `[{"vpnConnectionId":"vco-1"},`+queued(created(nil))+`]`); mixed.Direct {
		t.Error("a payload with a queue message in it must not count as direct")
	}
}

func TestMalformedElementsNameTheFieldAndNeverThePayload(t *testing.T) {
	cases := map[string]struct{ payload, field, code string }{
		"nothing at all":                           {``, "payload", CodeMalformed},
		"no JSON":                                  {secret, "payload", CodeMalformed},
		"a number":                                 {`42`, "payload", CodeMalformed},
		"an object of no known shape":              {`{"psk":"` + secret + `"}`, "payload", CodeMalformed},
		"JSON that breaks off":                     {`{"data":{"psk":"` + secret, "payload", CodeMalformed},
		"a queue envelope without a body":          {`{"type":"mns:Queue:SendMessage","data":{"psk":"` + secret + `"}}`, "data.messageBody", CodeMalformed},
		"an empty body":                            {queued(""), "messageBody", CodeMalformed},
		"a body that is neither JSON nor base64":   {queued("psk=" + secret), "messageBody", CodeMalformed},
		"a body in base64 that holds no JSON":      {queued(base64.StdEncoding.EncodeToString([]byte(secret))), "messageBody", CodeMalformed},
		"an empty list in a body":                  {queued("[]"), "payload", CodeMalformed},
		"a record that names no connection":        {created(map[string]any{"responseElements": nil, "referencedResources": nil}), "data.responseElements.VpnConnectionId", CodeMalformed},
		"an ActionTrail event without a record":    {`{"type":"vpc:ActionTrail:ApiCall","data":"` + secret + `"}`, "data", CodeMalformed},
		"an account id with a path in it":          {created(map[string]any{"recipientAccountId": "../" + secret}), "data.recipientAccountId", CodeMalformed},
		"an event id that can not be printed":      {created(map[string]any{"eventId": "a\x1b[31m" + secret}), "id", CodeMalformed},
		"an event id without end":                  {created(map[string]any{"eventId": strings.Repeat("x", 200)}), "id", CodeMalformed},
		"a request for something that is no id":    {`{"vpnConnectionId":"` + secret + `"}`, "vpnConnectionId", CodeMalformed},
		"a request with a path for an id":          {`{"vpnConnectionId":"vco-../../x"}`, "vpnConnectionId", CodeMalformed},
		"a request with a misspelt dryRun":         {`{"vpnConnectionId":"vco-1","dry_run":true}`, "request", CodeMalformed},
		"a request with a dryRun that is a text":   {`{"vpnConnectionId":"vco-1","dryRun":"yes"}`, "request", CodeMalformed},
		"a request of an owner that is no account": {`{"vpnConnectionId":"vco-1","ownerId":"` + secret + `"}`, "ownerId", CodeMalformed},
		"envelopes inside envelopes without end":   {queued(queued(queued(queued(queued(queued(created(nil))))))), "messageBody", CodeMalformed},
		"brackets inside brackets without end":     {strings.Repeat("[", 20000) + strings.Repeat("]", 20000), "messageBody", CodeMalformed},
		"a request that says a field twice":        {`{"vpnConnectionId":"vco-1","dryRun":true,"dryRun":false}`, "request", CodeMalformed},
		"a request that says it in two spellings":  {`{"vpnConnectionId":"vco-1","dryRun":true,"DRYRUN":false}`, "request", CodeMalformed},
		"a request whose name has no end":          {`{"vpnConnectionId":"vco-1","name":"` + strings.Repeat("x", 257) + `"}`, "name", CodeMalformed},
		"a request whose description has escapes":  {`{"vpnConnectionId":"vco-1","description":"a\u001b[31m"}`, "description", CodeMalformed},
		"tags on more than a call can tag":         {created(map[string]any{"eventName": "TagResources", "requestParameters": map[string]any{"ids": many(21)}}), "data", CodeOversize},
		"a message that lists too much":            {queued(encode(requests(21))), "payload", CodeOversize},
		"lists in lists that come to too much":     {queued("[" + encode(requests(11)) + "," + encode(requests(11)) + "]"), "payload", CodeOversize},
		"a body larger than a queue takes":         {queued(`{"x":"` + strings.Repeat("x", MaxBody) + `"}`), "messageBody", CodeOversize},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			item := one(t, c.payload)
			if item.Malformed == nil {
				t.Fatalf("got %+v, want it refused", item)
			}
			if item.Malformed.Field != c.field || item.Malformed.Code != c.code || len(item.Malformed.ID) != 64 {
				t.Errorf("got %+v, want field %q code %q", *item.Malformed, c.field, c.code)
			}
			if strings.Contains(fmt.Sprint(*item.Malformed), secret) {
				t.Errorf("the text repeats the payload: %+v", *item.Malformed)
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

func TestWhatIsNestedTooDeepCostsItselfAlone(t *testing.T) {
	deep := `{"vpnConnectionId":"vco-deep","x":` + strings.Repeat("[", 10500) + strings.Repeat("]", 10500) + `}`
	for name, payload := range map[string]string{
		"in an array":              "[" + created(nil) + "," + deep + "]",
		"in an array in a message": queued("[" + created(nil) + "," + deep + "]"),
	} {
		batch := decode(t, payload)
		if len(batch.Items) != 2 || batch.Items[0].Event == nil || batch.Items[1].Malformed == nil {
			t.Errorf("%s: got %+v", name, batch.Items)
		}
	}
}

func TestArraysAreTakenApartByTheirBrackets(t *testing.T) {
	for text, want := range map[string]string{
		`[]`: "", ` [ ] `: "", `[1]`: "1", `[1,2]`: "1|2", `[ {"a":[1,2]} , "x,]" ]`: `{"a":[1,2]}|"x,]"`, `["\\"]`: `"\\"`, `["a\",","b"]`: `"a\","|"b"`,
		`[1,]`: "1|", `[,1]`: "|1",
	} {
		elements, ok := splitArray([]byte(text))
		var parts []string
		for _, element := range elements {
			parts = append(parts, string(element))
		}
		if got := strings.Join(parts, "|"); !ok || got != want {
			t.Errorf("%s: got %q, %v; want %q", text, got, ok, want)
		}
	}
	for _, text := range []string{``, `{}`, `[`, `[1`, `["]`, `[1]]`, `[1] x`, `[}`, `1`} {
		if elements, ok := splitArray([]byte(text)); ok {
			t.Errorf("%s was taken for %q", text, elements)
		}
	}
}

func TestOneBadElementCostsItselfAlone(t *testing.T) {
	batch := decode(t, "["+queued(created(nil))+","+queued("{broken")+",7,"+queued(created(map[string]any{"eventId": "second"}))+"]")
	if len(batch.Items) != 4 || batch.Items[0].Event == nil || batch.Items[1].Malformed == nil || batch.Items[2].Malformed == nil || batch.Items[3].Event == nil {
		t.Errorf("got %+v", batch.Items)
	}
}

func TestTooMuchIsRefusedWithANamedError(t *testing.T) {
	var oversize *OversizeError
	_, err := Decode(make([]byte, MaxPayload+1), "R")
	if !errors.As(err, &oversize) || oversize.What != "bytes" || !strings.Contains(err.Error(), fmt.Sprint(MaxPayload)) {
		t.Errorf("bytes: got %v", err)
	}
	_, err = Decode([]byte("["+strings.Repeat("1,", maxBatch)+"1]"), "R")
	if !errors.As(err, &oversize) || oversize.What != "elements" || oversize.Actual != maxBatch+1 {
		t.Errorf("elements: got %v", err)
	}
}

func TestMoreThanOneInvocationTakesGoesBackAsItIs(t *testing.T) {
	request := `{"vpnConnectionId":"vco-1"}`
	envelope := `{"id":"m-1","source":"s","type":"mns:Queue:SendMessage","data":{"messageId":"m-1","messageBody":` + fmt.Sprintf("%q", request) + `}}`
	twice := `{"id":"m-2","source":"s","type":"mns:Queue:SendMessage","data":{"messageId":"m-2","messageBody":` + fmt.Sprintf("%q", envelope) + `}}`
	batch, err := Decode([]byte("["+strings.Repeat(envelope+",", MaxElements)+envelope+","+twice+"]"), "R")
	if err != nil || len(batch.Items) != MaxElements+2 || batch.Items[MaxElements-1].Event == nil {
		t.Fatalf("%d items, %v", len(batch.Items), err)
	}
	for _, item := range batch.Items[MaxElements:] {
		if string(item.Surplus) != envelope {
			t.Errorf("goes back as %s", item.Surplus)
		}
	}
	if e := one(t, twice).Event; e == nil || e.ID != "m-1" {
		t.Errorf("came back as %+v", e)
	}
}

// The queue takes 64 KB: what fills them goes back without the envelope of its delivery.
func TestALargeMessageGoesBackWithoutItsEnvelope(t *testing.T) {
	body := `{"vpnConnectionId":"vco-1","note":"` + strings.Repeat("x", MaxBody-60) + `"}`
	large := `{"id":"m-1","source":"s","type":"mns:Queue:SendMessage","data":{"messageId":"m-1","messageBody":` + fmt.Sprintf("%q", body) + `}}`
	batch, err := DecodeFirst(0, []byte("["+large+"]"), "R")
	if err != nil || len(batch.Items) != 1 || string(batch.Items[0].Surplus) != body || len(large) <= MaxBody {
		t.Errorf("%d bytes of %d, %v", len(batch.Items[0].Surplus), len(large), err)
	}
	batch, err = DecodeFirst(0, []byte(`{"vpnConnectionId":"vco-1","note":"`+strings.Repeat("x", MaxBody)+`"}`), "R")
	if err != nil || len(batch.Items) != 1 || batch.Items[0].Surplus != nil {
		t.Errorf("what no queue takes came to %d items, %v", len(batch.Items), err)
	}
}
