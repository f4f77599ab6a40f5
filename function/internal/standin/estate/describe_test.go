package estate_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

func TestDescribeTellsHowTheConnectionIsBound(t *testing.T) {
	type binding struct{ State, AttachType, CEN, Router string }
	c := open(t, crowd(), nil)
	for name, want := range map[string]struct {
		id string
		binding
	}{
		"unbound":             {"vco-1", binding{"init", "NO_ASSOCIATED", "", ""}},
		"bound to a gateway":  {"vco-gateway", binding{"active", "VPNGW", "", ""}},
		"locked":              {"vco-locked", binding{"financialLocked", "NO_ASSOCIATED", "", ""}},
		"attached from birth": {"vco-there", binding{"attached", "CEN", "cen-1", "tr-core"}},
		"on the way":          {"vco-coming", binding{"attaching", "CEN", "cen-1", "tr-core"}},
	} {
		t.Run(name, func(t *testing.T) {
			d, code := c.describe(want.id)
			if got := (binding{d.State, d.AttachType, d.AttachInstanceId, d.TransitRouterId}); code != "" || got != want.binding {
				t.Errorf("the description is %+v, code %q; want %+v", got, code, want.binding)
			}
		})
	}
}

func TestDescribeFollowsAnAttachmentThroughItsLife(t *testing.T) {
	c := open(t, core(), nil)
	id := c.mustCreate()
	if d, _ := c.describe("vco-1"); d.State != "attaching" || d.TransitRouterName != "core" {
		t.Errorf("after the create it is %+v; want attaching to core", d)
	}
	c.clock.advance(31 * time.Second)
	if d, _ := c.describe("vco-1"); d.State != "attached" || d.AttachType != "CEN" {
		t.Errorf("half a minute later it is %+v; want attached", d)
	}
	if err := c.Detach(id); err != nil {
		t.Fatal(err)
	}
	if d, _ := c.describe("vco-1"); d.State != "init" || d.AttachType != "NO_ASSOCIATED" || d.TransitRouterId != "" {
		t.Errorf("after the delete it is %+v; want init", d)
	}
}

func TestDescribeMayLagBehindACreate(t *testing.T) {
	c := open(t, crowd(), func(o *estate.Options) { o.StaleDescribe = 10 * time.Second })
	c.mustCreate()
	if d, _ := c.describe("vco-1"); d.State != "init" || d.AttachType != "NO_ASSOCIATED" {
		t.Errorf("right after the create it is %+v; want init still", d)
	}
	if d, _ := c.describe("vco-coming"); d.State != "attaching" {
		t.Errorf("a connection of the seed is %+v; want attaching", d)
	}
	if c.Attaching() != 2 {
		t.Errorf("%d are attaching; want 2, whatever VPC says", c.Attaching())
	}
	c.clock.advance(11 * time.Second)
	if d, _ := c.describe("vco-1"); d.State != "attaching" {
		t.Errorf("later it is %+v; want attaching", d)
	}
	c.SetStaleDescribe(time.Minute)
	if d, _ := c.describe("vco-1"); d.State != "init" {
		t.Errorf("with a longer lag it is %+v; want init", d)
	}
}

func TestDescribeGivesAwayTheSecrets(t *testing.T) {
	seed := core()
	seed.VPNConnections = []estate.VPNConnection{
		{ID: "vco-1", PSK: "do-not-leak", DualTunnel: true, Zone: "cn-hangzhou-h", Tags: map[string]string{"vpn-attach:transit-router": "tr-core", "a": ""}},
		{ID: "vco-2", PSK: "do-not-leak"},
	}
	c := open(t, seed, nil)
	d, _ := c.describe("vco-1")
	if d.IkeConfig.Psk != "do-not-leak" || d.VpnBgpConfig.AuthKey != "do-not-leak" {
		t.Errorf("the connection's secrets are %q and %q", d.IkeConfig.Psk, d.VpnBgpConfig.AuthKey)
	}
	if tunnels := d.TunnelOptionsSpecification.TunnelOptions; len(tunnels) != 2 || tunnels[0].TunnelIkeConfig.Psk != "do-not-leak" || tunnels[1].TunnelIkeConfig.Psk != "do-not-leak" {
		t.Errorf("the tunnels are %+v; want two with the secret", tunnels)
	}
	if want := []struct{ Key, Value string }{{"a", ""}, {"vpn-attach:transit-router", "tr-core"}}; !reflect.DeepEqual(d.Tags.Tag, want) {
		t.Errorf("the tags are %+v; want %+v", d.Tags.Tag, want)
	}
	if d.ZoneNo != "cn-hangzhou-h" || d.NetworkType != "public" {
		t.Errorf("zone %q, network %q", d.ZoneNo, d.NetworkType)
	}
	single, err := c.rpc("2016-04-28", "DescribeVpnConnection", map[string]string{"RegionId": region, "VpnConnectionId": "vco-2"})
	if err != nil || !strings.Contains(single, `"TunnelOptionsSpecification":{"TunnelOptions":[]}`) || !strings.Contains(single, `"Tags":{"Tag":[]}`) {
		t.Errorf("a single-tunnel connection without tags reads %s, err %v", single, err)
	}
}

func TestDescribeKnowsOnlyTheCallersConnections(t *testing.T) {
	c := open(t, crowd(), nil)
	for name, query := range map[string]struct {
		parameters map[string]string
		want       string
	}{
		"unknown":            {map[string]string{"RegionId": region, "VpnConnectionId": "vco-9"}, "InvalidVpnConnectionInstanceId.NotFound"},
		"of another account": {map[string]string{"RegionId": region, "VpnConnectionId": "vco-granted"}, "InvalidVpnConnectionInstanceId.NotFound"},
		"in another region":  {map[string]string{"RegionId": region, "VpnConnectionId": "vco-far"}, "InvalidVpnConnectionInstanceId.NotFound"},
		"without an id":      {map[string]string{"RegionId": region}, "MissingParameter"},
		"without a region":   {map[string]string{"VpnConnectionId": "vco-1"}, "MissingParameter"},
		"in its own region":  {map[string]string{"RegionId": "cn-beijing", "VpnConnectionId": "vco-far"}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := c.rpc("2016-04-28", "DescribeVpnConnection", query.parameters)
			got := ""
			if err != nil {
				got = codeOf(t, err)
			}
			if got != query.want {
				t.Errorf("code = %q; want %q", got, query.want)
			}
		})
	}
}
