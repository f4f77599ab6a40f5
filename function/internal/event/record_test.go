package event

import (
	"encoding/json"
	"strings"
	"testing"
)

func TestRecordsMayMissAnyOneField(t *testing.T) {
	const referenced, region, owner = "vco-referenced", "eu-central-1", "1663000000000000"
	cases := map[string]struct {
		edits fields
		want  []string // event id, connection, region, owner
	}{
		"without responseElements the referenced resource names the connection": {
			fields{"responseElements": nil}, []string{"AE3B", referenced, region, owner}},
		"without both the resource name does": {
			fields{"responseElements": nil, "referencedResources": nil, "resourceName": "vco-named"},
			[]string{"AE3B", "vco-named", region, owner}},
		"without requestParameters nothing is missed": {
			fields{"requestParameters": nil}, []string{"AE3B", "vco-new", region, owner}},
		"without an account the owner is left open": {
			fields{"recipientAccountId": nil}, []string{"AE3B", "vco-new", region, ""}},
		"an account that is a number is read": {
			fields{"recipientAccountId": json.Number(owner)}, []string{"AE3B", "vco-new", region, owner}},
		"without a region the parameters name it": {
			fields{"acsRegion": nil}, []string{"AE3B", "vco-new", region, owner}},
		"placeholders that a transformation left are nothing": {
			fields{"errorCode": "${errorCode}", "recipientAccountId": "${recipientAccountId}", "eventId": "${eventId}",
				"acsRegion": "${acsRegion}"},
			[]string{"ce-1", "vco-new", region, ""}},
		"an error code that a transformation wrote for null is none": {
			fields{"errorCode": "null"}, []string{"AE3B", "vco-new", region, owner}},
		"without an event id the CloudEvent's is taken": {
			fields{"eventId": nil}, []string{"ce-1", "vco-new", region, owner}},
		"an event version in quotes changes nothing": {
			fields{"eventVersion": "1"}, []string{"AE3B", "vco-new", region, owner}},
		"a user identity of another kind is passed over": {
			fields{"userIdentity": "alice"}, []string{"AE3B", "vco-new", region, owner}},
		"responseElements of another kind are passed over": {
			fields{"responseElements": []int{1}}, []string{"AE3B", referenced, region, owner}},
		"an id that is no connection's is not taken": {
			fields{"responseElements": fields{"VpnConnectionId": "vpn-gateway"}},
			[]string{"AE3B", referenced, region, owner}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := one[Event](t, queued(created(c.edits)))
			got := strings.Join([]string{e.ID, e.ConnectionID, e.RegionID, e.OwnerID}, " ")
			if got != strings.Join(c.want, " ") {
				t.Errorf("got %q, want %q", got, c.want)
			}
		})
	}
}

func TestTagsNameEveryConnectionThatTheyWerePutOn(t *testing.T) {
	tooDeep := strings.Repeat("[", maxDepth+1) + `"vco-e"` + strings.Repeat("]", maxDepth+1)
	payload := created(fields{
		"eventName": "TagResources", "responseElements": nil,
		"requestParameters": fields{
			"ResourceId.1": "vco-a", "ResourceId.2": "vpc-not-one", "ResourceId.3": "vco-b",
			"ResourceType": "VPNATTACHMENT",
			"ResourceARN":  []string{"acs:vpc:eu-central-1:1663000000000000:vpnattachment/vco-c"},
			"Free":         "text that ends in /vco-notanarn",
		},
		"referencedResources": fields{
			"ACS::VPC": []any{"vco-a", fields{"deep": []string{"vco-d"}}}, "deepest": json.RawMessage(tooDeep),
		},
	})
	batch := decode(t, queued(payload))
	var ids []string
	for _, item := range batch.Items {
		ids = append(ids, item.(Event).ConnectionID)
	}
	if got := strings.Join(ids, " "); got != "vco-a vco-b vco-c vco-d" {
		t.Errorf("got %q", got)
	}
}

// references gives the connections of a payload's events, or "refused" and "ignored".
func references(t *testing.T, payload string) string {
	t.Helper()
	var ids []string
	for _, item := range decode(t, payload).Items {
		switch is := item.(type) {
		case Event:
			ids = append(ids, is.ConnectionID)
		case Malformed:
			ids = append(ids, "refused")
		case Ignored:
			ids = append(ids, "ignored")
		}
	}
	return strings.Join(ids, " ")
}

func TestARecordNamesItsConnectionsInEveryDocumentedForm(t *testing.T) {
	const arn = "acs:vpc:eu-central-1:1663000000000000:vpnattachment/vco-a"
	type list = []fields
	forms := map[string]struct {
		edits fields
		want  string
	}{
		"a list of references": {fields{"referencedResources": list{{"resourceType": "ACS::VPC::VpnConnection",
			"resourceName": "vco-a"}, {"resourceName": "vco-b"}}}, "vco-a vco-b"},
		"references as text":        {fields{"referencedResources": `[{"resourceName":"vco-a"}]`}, "vco-a"},
		"references as names":       {fields{"referencedResources": "vco-a;cgw-1, vco-b"}, "vco-a vco-b"},
		"an object of references":   {fields{"referencedResources": fields{"X": "vco-a;vco-b;vco-a"}}, "vco-a vco-b"},
		"a name":                    {fields{"resourceName": "vco-a;cgw-1"}, "vco-a"},
		"a list of names":           {fields{"resourceName": []string{"vco-a", "vco-b"}}, "vco-a vco-b"},
		"the response as text":      {fields{"responseElements": `{"X":["vco-a"]}`}, "vco-a"},
		"an ARN":                    {fields{"resourceName": arn}, "vco-a"},
		"an ARN that begins arn:":   {fields{"resourceName": "arn:" + arn}, "vco-a"},
		"an ARN without a slash":    {fields{"resourceName": strings.Replace(arn, "/", ":", 1)}, "vco-a"},
		"names of something else":   {fields{"resourceName": "x vco-a"}, "refused"},
		"an ARN of something else":  {fields{"resourceName": "arn:aws:x/vco-a"}, "refused"},
		"references that break off": {fields{"referencedResources": `[{"resourceName":"vco-a`}, "refused"},
	}
	for name, c := range forms {
		for _, api := range []string{"CreateVpnAttachment", "TagResources", "UnTagResources", "untagresources"} {
			edits := fields{
				"eventName": api, "responseElements": nil, "referencedResources": nil,
				"requestParameters": fields{"ResourceType": "VPNATTACHMENT"},
			}
			for field, value := range c.edits {
				edits[field] = value
			}
			if got := references(t, queued(created(edits))); got != c.want {
				t.Errorf("%s of %s: got %q, want %q", name, api, got, c.want)
			}
		}
	}
}

// What is not understood is not for that reason about something else.
func TestARecordOfTagsIsIgnoredOnlyWhenItIsAboutSomethingElse(t *testing.T) {
	parameters := func(of fields) fields { return fields{"requestParameters": of} }
	for name, c := range map[string]struct {
		edits fields
		want  string
	}{
		"of a network":               {parameters(fields{"ResourceType": "VPC", "Key": "vpn"}), "ignored"},
		"of a VPN gateway":           {parameters(fields{"ResourceType": "VpnGateway"}), "ignored"},
		"of a server for clients":    {fields{"resourceType": "ACS::VPC::SslVpnServer"}, "ignored"},
		"of nothing that is said":    {fields{}, "ignored"},
		"of a connection":            {parameters(fields{"ResourceType.1": "VpnConnection"}), "refused"},
		"of a type beside":           {fields{"resourceType": "ACS::VPC::VpnAttachment"}, "refused"},
		"of types as text":           {fields{"requestParameterJson": `{"ResourceType":"VPNATTACHMENT"}`}, "refused"},
		"of references without one":  {fields{"referencedResources": fields{"X::VpnConnection": nil}}, "refused"},
		"of a text that is no JSON":  {fields{"requestParameters": "ResourceId=vco-a"}, "refused"},
		"of a text that breaks off":  {fields{"requestParameterJson": `{"ResourceType":"VPNATTA`}, "refused"},
		"of an id in another form":   {parameters(fields{"ResourceId": "id=vco-a"}), "refused"},
		"of an id in capitals":       {parameters(fields{"ResourceId": "VCO-A"}), "refused"},
		"without the name of an API": {fields{"eventName": nil, "referencedResources": "vco-a"}, "refused"},
	} {
		edits := fields{"eventName": "TagResources", "responseElements": nil, "referencedResources": nil,
			"requestParameters": nil}
		for field, value := range c.edits {
			edits[field] = value
		}
		if got := references(t, queued(created(edits))); got != c.want {
			t.Errorf("tags %s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestTheRegionOfAnARNComesBeforeTheOneOfTheRecord(t *testing.T) {
	for arn, want := range map[string]string{
		"arn:acs:vpc:cn-beijing:1663000000000000:vpnattachment/vco-a": "cn-beijing",
		"arn:acs:vpc:*:*:vpnattachment/vco-a":                         "eu-central-1",
		"acs:vpnattachment/vco-a":                                     "eu-central-1",
	} {
		payload := created(fields{"eventName": "TagResources", "responseElements": nil, "referencedResources": nil,
			"requestParameters": fields{"ResourceARN.1": arn, "ResourceARN.2": "vco-a"}})
		payload = strings.Replace(payload, "vpc:ActionTrail:", "tag:ActionTrail:", 1)
		if e := one[Event](t, payload); e.RegionID != want {
			t.Errorf("%s is in %s", arn, e.RegionID)
		}
	}
}

func TestTheOwnerIsTheRecordsElseTheEnvelopesOfItsBus(t *testing.T) {
	const member, other = "1663000000000001", "1663000000000002"
	for name, c := range map[string]struct {
		record, original, account, around string
		want                              string
	}{
		"the record says it":                 {record: member, original: member, account: other, want: member},
		"the bus that it was on at first":    {original: member, account: other, want: member},
		"the bus that it is on":              {account: member, want: member},
		"an account that is masked is none":  {original: "1663****", account: member, want: member},
		"the trigger's envelope is no owner": {around: other, want: ""},
	} {
		edits := fields{"recipientAccountId": nil}
		if c.record != "" {
			edits["recipientAccountId"] = c.record
		}
		payload := strings.Replace(created(edits), "{",
			`{"aliyunoriginalaccountid":"`+c.original+`","aliyunaccountid":"`+c.account+`",`, 1)
		payload = strings.Replace(queued(payload), "{", `{"aliyunaccountid":"`+c.around+`",`, 1)
		if e := one[Event](t, payload); e.OwnerID != c.want || e.OwnerAssumed != (c.want == "") {
			t.Errorf("%s: the owner is %q, assumed %v", name, e.OwnerID, e.OwnerAssumed)
		}
	}
}
