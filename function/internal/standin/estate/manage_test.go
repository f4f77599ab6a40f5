package estate_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
)

const (
	cbnVersion = "2017-09-12"
	vpcVersion = "2016-04-28"
)

// do makes a call and gives the error's code.
func (c *cloud) do(version, action string, query map[string]string) (body, code string) {
	c.t.Helper()
	body, err := c.rpc(version, action, query)
	if err != nil {
		return "", codeOf(c.t, err)
	}
	return body, ""
}

// trails opens an estate that remembers what it told the bus.
func trails(t *testing.T, seed estate.Seed) (*cloud, *[]string) {
	var told []string
	return open(t, seed, func(o *estate.Options) {
		o.OnTrail = func(text string) { told = append(told, text) }
		o.DetachSeconds = 10
	}), &told
}

func TestAConnectionMadeByAPICallReachesTheBusAsAnEventOfItself(t *testing.T) {
	c, told := trails(t, core())
	body, code := c.do(vpcVersion, "CreateVpnAttachment", map[string]string{
		"RegionId": region, "Name": "branch", "LocalSubnet": "10.0.0.0/8", "RemoteSubnet": "10.1.0.0/16", "CustomerGatewayId": "cgw-1",
		"Tags.1.Key": "vpn-attach:transit-router", "Tags.1.Value": "tr-core", "IkeConfig": `{"Psk":"secret"}`,
	})
	var made struct{ VpnConnectionId, Name string }
	if code != "" || json.Unmarshal([]byte(body), &made) != nil || made.Name != "branch" {
		t.Fatalf("%s %s", body, code)
	}
	d, _ := c.describe(made.VpnConnectionId)
	if d.State != "init" || len(*told) != 1 {
		t.Fatalf("%+v, told %q", d, *told)
	}
	batch, err := event.Decode([]byte((*told)[0]), "R")
	if err != nil || len(batch.Items) != 1 {
		t.Fatalf("the function reads it as %+v, %v", batch.Items, err)
	}
	if e, is := batch.Items[0].(event.Event); !is || e.ConnectionID != made.VpnConnectionId {
		t.Errorf("the function reads it as %+v", batch.Items[0])
	}
	for name, wrong := range map[string]map[string]string{
		"MissingParameter":      {"RegionId": region},
		"IllegalParam.RegionId": {"RegionId": "cn-beijing", "LocalSubnet": "a", "RemoteSubnet": "b"},
		"InvalidParameter":      {"RegionId": region, "LocalSubnet": "a", "RemoteSubnet": "b", "Tags.1.Key": "acs:x", "Tags.1.Value": "v"},
	} {
		if _, code := c.do(vpcVersion, "CreateVpnAttachment", wrong); code != name {
			t.Errorf("want %s, got %q", name, code)
		}
	}
	if len(*told) != 1 {
		t.Errorf("a refused call was told: %q", *told)
	}
}

func TestTaggingIsAnEventAndLeavesOtherTags(t *testing.T) {
	seed := core()
	seed.VPNConnections[0].Tags = map[string]string{"a": "1"}
	c, told := trails(t, seed)
	if _, code := c.do(vpcVersion, "TagResources", map[string]string{"RegionId": region, "ResourceType": "VPNATTACHMENT", "ResourceId.1": "vco-1", "Tag.1.Key": "b", "Tag.1.Value": "2"}); code != "" {
		t.Fatal(code)
	}
	if d, _ := c.describe("vco-1"); d.tags()["a"] != "1" || d.tags()["b"] != "2" {
		t.Errorf("got %v", d.tags())
	}
	batch, _ := event.Decode([]byte((*told)[0]), "R")
	if len(batch.Items) != 1 {
		t.Fatalf("the function reads it as %+v", batch.Items)
	}
	if e, is := batch.Items[0].(event.Event); !is || e.ConnectionID != "vco-1" {
		t.Errorf("the function reads it as %+v", batch.Items[0])
	}
	if _, code := c.do(vpcVersion, "UnTagResources", map[string]string{"RegionId": region, "ResourceId.1": "vco-1", "TagKey.1": "a"}); code != "" {
		t.Fatal(code)
	}
	if d, _ := c.describe("vco-1"); len(d.tags()) != 1 {
		t.Errorf("got %v", d.tags())
	}
	if _, code := c.do(cbnVersion, "TagResources", map[string]string{"ResourceType": "TransitRouter", "ResourceId.1": "tr-core", "Tag.1.Key": "vpn-attach:accept", "Tag.1.Value": "any"}); code != "" || len(*told) != 2 {
		t.Errorf("%s, told %d times", code, len(*told))
	}
	if _, code := c.do(vpcVersion, "TagResources", map[string]string{"ResourceId.1": "vco-1", "ResourceId.2": "vco-9", "Tag.1.Key": "z", "Tag.1.Value": "1"}); code != "InvalidResourceId.NotFound" {
		t.Errorf("got %q", code)
	}
	if d, _ := c.describe("vco-1"); d.tags()["z"] != "" {
		t.Error("a call that failed had half an effect")
	}
}

func TestAConnectionIsLetGoBeforeItIsDeleted(t *testing.T) {
	c, told := trails(t, core())
	c.mustCreate()
	gone := map[string]string{"RegionId": region, "VpnConnectionId": "vco-1"}
	if _, code := c.do(vpcVersion, "DeleteVpnAttachment", gone); code != "IncorrectStatus.VpnAttachment" {
		t.Errorf("while it is attached: %q", code)
	}
	detach := map[string]string{"TransitRouterAttachmentId": firstAttachment}
	if _, code := c.do(cbnVersion, "DeleteTransitRouterVpnAttachment", detach); code != "IncorrectStatus.Attachment" {
		t.Errorf("while it is on its way: %q", code)
	}
	c.clock.advance(30 * time.Second)
	if _, code := c.do(cbnVersion, "DeleteTransitRouterVpnAttachment", detach); code != "" || c.Attachments()[0].Status != "Detaching" {
		t.Errorf("%q, %+v", code, c.Attachments())
	}
	if d, _ := c.describe("vco-1"); d.State != "detaching" {
		t.Errorf("it is %s", d.State)
	}
	c.clock.advance(10 * time.Second)
	if d, _ := c.describe("vco-1"); d.State != "init" {
		t.Errorf("then it is %s", d.State)
	}
	if _, code := c.do(vpcVersion, "DeleteVpnAttachment", gone); code != "" {
		t.Error(code)
	}
	if _, code := c.describe("vco-1"); code != "InvalidVpnConnectionInstanceId.NotFound" || len(*told) != 1 || !strings.Contains((*told)[0], "DeleteVpnAttachment") {
		t.Errorf("%q, told %q", code, *told)
	}
}

func TestARouterGetsACIDRBlock(t *testing.T) {
	c := open(t, core(), nil)
	add := func(cidr string) string {
		_, code := c.do(cbnVersion, "CreateTransitRouterCidr", map[string]string{"TransitRouterId": "tr-core", "Cidr": cidr})
		return code
	}
	if add("10.1.0.0/16") != "" || add("10.1.2.0/24") != "InvalidParameter" || add("10.2.0.0/8") != "InvalidParameter" {
		t.Error("blocks of /16 to /24 that do not overlap are taken, no others")
	}
	if _, code := c.do(cbnVersion, "CreateTransitRouterCidr", map[string]string{"TransitRouterId": "tr-9", "Cidr": "10.1.0.0/16"}); code != "InvalidTransitRouterId.NotFound" {
		t.Errorf("got %q", code)
	}
}

func (d description) tags() map[string]string {
	tags := map[string]string{}
	for _, tag := range d.Tags.Tag {
		tags[tag.Key] = tag.Value
	}
	return tags
}
