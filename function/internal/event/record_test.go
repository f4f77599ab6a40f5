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
