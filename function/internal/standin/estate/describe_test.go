package estate_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// crowd is an estate with something wrong in every place where something can be wrong.
func crowd() estate.Seed {
	s := core()
	cidrs := []string{"10.254.0.0/16"}
	s.TransitRouters = append(s.TransitRouters,
		estate.TransitRouter{ID: "tr-basic", CEN: "cen-2", Type: "Basic", CIDRs: cidrs},
		estate.TransitRouter{ID: "tr-busy", CEN: "cen-3", Status: "Modifying", CIDRs: cidrs},
		estate.TransitRouter{ID: "tr-bare", CEN: "cen-4"},
		estate.TransitRouter{ID: "tr-far", CEN: "cen-1", Region: "cn-beijing", CIDRs: cidrs})
	s.VPNConnections = append(s.VPNConnections,
		estate.VPNConnection{ID: "vco-gateway", AttachType: "VPNGW"},
		estate.VPNConnection{ID: "vco-locked", State: "financialLocked"},
		estate.VPNConnection{ID: "vco-odd", NetworkType: "carrier-pigeon"},
		estate.VPNConnection{ID: "vco-dual"},
		estate.VPNConnection{ID: "vco-far", Region: "cn-beijing"},
		estate.VPNConnection{ID: "vco-foreign", Owner: stranger},
		estate.VPNConnection{ID: "vco-granted", Owner: stranger, CrossAccountAuthorized: true},
		estate.VPNConnection{ID: "vco-attached", TransitRouter: "tr-core"},
		estate.VPNConnection{ID: "vco-attaching", TransitRouter: "tr-core", State: "attaching"})
	return s
}

func TestDescribeSaysHowTheConnectionIsBound(t *testing.T) {
	c := open(t, crowd(), nil)
	for id, want := range map[string]string{
		"vco-1":         "init NO_ASSOCIATED  ",
		"vco-gateway":   "active VPNGW  ",
		"vco-locked":    "financialLocked NO_ASSOCIATED  ",
		"vco-attached":  "attached CEN cen-1 tr-core",
		"vco-attaching": "attaching CEN cen-1 tr-core",
	} {
		d := c.describe(id)
		got := strings.Join([]string{d.State, d.AttachType, d.AttachInstanceId, d.TransitRouterId}, " ")
		if got != want {
			t.Errorf("%s is %q; want %q", id, got, want)
		}
	}
}

func TestDescribeFollowsAnAttachmentThroughItsLife(t *testing.T) {
	virtually(t, core(), nil, func(t *testing.T, c *cloud) {
		id := c.mustCreate()
		if d := c.describe("vco-1"); d.State != "attaching" || d.TransitRouterName != "core" {
			t.Errorf("after the create it is %+v; want attaching to core", d)
		}
		time.Sleep(30 * time.Second)
		if d := c.describe("vco-1"); d.State != "attached" || d.AttachType != "CEN" {
			t.Errorf("half a minute later it is %+v; want attached", d)
		}
		if err := c.Detach(id); err != nil {
			t.Fatal(err)
		}
		if d := c.describe("vco-1"); d.State != "init" || d.AttachType != "NO_ASSOCIATED" || d.TransitRouterId != "" {
			t.Errorf("after the delete it is %+v; want init", d)
		}
	})
}

func TestDescribeMayLagBehindACreate(t *testing.T) {
	age := 10 * time.Second
	stale := func(o *estate.Options) {
		o.Stale = func(context.Context) (time.Duration, bool) { return age, true }
	}
	virtually(t, crowd(), stale, func(t *testing.T, c *cloud) {
		c.mustCreate()
		if d := c.describe("vco-1"); d.State != "init" || d.AttachType != "NO_ASSOCIATED" {
			t.Errorf("right after the create it is %+v; want init still", d)
		}
		if d := c.describe("vco-attaching"); d.State != "attaching" {
			t.Errorf("a connection of the seed is %+v; want attaching", d)
		}
		if c.Pending() != 2 {
			t.Errorf("%d are pending; want 2, whatever VPC says", c.Pending())
		}
		time.Sleep(10 * time.Second)
		if d := c.describe("vco-1"); d.State != "attaching" {
			t.Errorf("later it is %+v; want attaching", d)
		}
		age = time.Minute
		if d := c.describe("vco-1"); d.State != "init" {
			t.Errorf("with a longer lag it is %+v; want init", d)
		}
	})
}

func TestDescribeReturnsTheSecrets(t *testing.T) {
	const secret = "do-not-leak"
	seed := core()
	tags := map[string]string{"vpn-attach:transit-router": "tr-core", "a": ""}
	seed.VPNConnections = []estate.VPNConnection{
		{ID: "vco-1", PSK: secret, Zone: "cn-hangzhou-h", Tags: tags},
		{ID: "vco-2", PSK: secret, SingleTunnel: true},
	}
	c := open(t, seed, nil)
	d := c.describe("vco-1")
	if d.IkeConfig.Psk != secret || d.VpnBgpConfig.AuthKey != secret {
		t.Errorf("the connection's secrets are %q and %q", d.IkeConfig.Psk, d.VpnBgpConfig.AuthKey)
	}
	tunnels := d.TunnelOptionsSpecification.TunnelOptions
	if len(tunnels) != 2 || tunnels[0].TunnelIkeConfig.Psk != secret || tunnels[1].TunnelIkeConfig.Psk != secret {
		t.Errorf("the tunnels are %+v; want two with the secret", tunnels)
	}
	if got := c.tags("vco-1"); got != "[a= vpn-attach:transit-router=tr-core]" {
		t.Errorf("the tags are %s", got)
	}
	if d.ZoneNo != "cn-hangzhou-h" || d.NetworkType != "public" {
		t.Errorf("zone %q, network %q", d.ZoneNo, d.NetworkType)
	}
	single, _ := c.call("vpc DescribeVpnConnection", "RegionId=cn-hangzhou&VpnConnectionId=vco-2")
	for _, empty := range []string{`"TunnelOptionsSpecification":{"TunnelOptions":[]}`, `"Tags":{"Tag":[]}`} {
		if !strings.Contains(single, empty) {
			t.Errorf("a single-tunnel connection without tags reads %s", single)
		}
	}
}

func TestDescribeKnowsOnlyTheCallersConnections(t *testing.T) {
	const notFound = "InvalidVpnConnectionInstanceId.NotFound"
	c := open(t, crowd(), nil)
	for query, want := range map[string]string{
		"RegionId=cn-hangzhou&VpnConnectionId=vco-9":       notFound,
		"RegionId=cn-hangzhou&VpnConnectionId=vco-granted": notFound, // of another account
		"RegionId=cn-hangzhou&VpnConnectionId=vco-far":     notFound, // in another region
		"RegionId=cn-beijing&VpnConnectionId=vco-far":      "",
		"RegionId=cn-hangzhou":                             "MissingParameter",
		"VpnConnectionId=vco-1":                            "MissingParameter",
	} {
		if _, code := c.call("vpc DescribeVpnConnection", query); code != want {
			t.Errorf("%s: code = %q; want %q", query, code, want)
		}
	}
}
