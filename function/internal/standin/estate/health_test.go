package estate_test

import (
	"encoding/json"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

// negotiated is what DescribeVpnConnection says of the states of a connection.
type negotiated struct {
	Status                     string
	VpnBgpConfig               struct{ Status string }
	VcoHealthCheck             struct{ Status string }
	TunnelOptionsSpecification struct {
		TunnelOptions []struct {
			Status          string
			TunnelBgpConfig struct{ BgpStatus string }
		}
	}
}

func TestTunnelsComeUpAsTheSeedSays(t *testing.T) {
	const down, half, up = "ike_sa_not_established", "ipsec_sa_not_established", "ipsec_sa_established"
	seed := estate.Seed{
		TransitRouters: []estate.TransitRouter{{ID: "tr-core", CEN: "cen-1", CIDRs: []string{"10.0.0.0/24"}}},
		VPNConnections: []estate.VPNConnection{
			{ID: "vco-1", TransitRouter: "tr-core", Tunnels: []estate.Tunnel{
				{Course: estate.Course{UpAfter: time.Minute, DownAfter: 3 * time.Minute},
					BGP: estate.Course{UpAfter: 2 * time.Minute}},
				{Course: estate.Course{Never: "PfsMismatch"}},
			}},
			{ID: "vco-2", SingleTunnel: true, TransitRouter: "tr-core",
				HealthCheck: estate.Course{UpAfter: 2 * time.Minute}},
			{ID: "vco-3"},
		},
	}
	synctest.Test(t, func(t *testing.T) {
		c := open(t, seed, nil)
		for _, step := range []struct {
			after                                  time.Duration
			first, second, bgp, single, check, now string
		}{
			{0, down, half, "false", up, "failed", "vco-3 is never attached"},
			{time.Minute, up, half, "false", up, "failed", ""},
			{time.Minute, up, half, "success", up, "success", ""},
			{time.Minute, down, half, "false", up, "success", ""},
		} {
			time.Sleep(step.after)
			one, two, three := c.negotiated("vco-1"), c.negotiated("vco-2"), c.negotiated("vco-3")
			tunnels := one.TunnelOptionsSpecification.TunnelOptions
			if tunnels[0].Status != step.first || tunnels[1].Status != step.second || one.Status != step.first ||
				tunnels[0].TunnelBgpConfig.BgpStatus != step.bgp || tunnels[1].TunnelBgpConfig.BgpStatus != "false" {
				t.Errorf("vco-1 is %+v, want %+v", one, step)
			}
			if two.Status != step.single || two.VcoHealthCheck.Status != step.check || three.Status != down {
				t.Errorf("vco-2 is %+v, vco-3 %+v, want %+v", two, three, step)
			}
		}
	})
}

func (c *cloud) negotiated(id string) (n negotiated) {
	c.t.Helper()
	body, code := c.call("vpc DescribeVpnConnection", "RegionId=cn-hangzhou&VpnConnectionId="+id)
	if err := json.Unmarshal([]byte(body), &n); err != nil || code != "" {
		c.t.Fatalf("%s is answered with %s %s: %v", id, code, body, err)
	}
	return n
}

func TestADiagnosisNamesWhatIsDownAlone(t *testing.T) {
	never := func(code string) estate.Tunnel { return estate.Tunnel{Course: estate.Course{Never: code}} }
	c := open(t, estate.Seed{
		TransitRouters: []estate.TransitRouter{{ID: "tr-core", CEN: "cen-1", CIDRs: []string{"10.0.0.0/24"}}},
		VPNConnections: []estate.VPNConnection{
			{ID: "vco-1", TransitRouter: "tr-core", Tunnels: []estate.Tunnel{{}, never("PeerMismatch")}},
			{ID: "vco-2", PSK: "key", SingleTunnel: true, TransitRouter: "tr-core",
				Tunnels: []estate.Tunnel{never("PskMismatch")}},
			{ID: "vco-3"},
			{ID: "vco-4", Owner: stranger},
		},
	}, nil)
	for query, want := range map[string]string{
		"TunnelIds.1=tun-master-1":                         "",
		"TunnelIds.1=tun-master-1&TunnelIds.2=tun-slave-1": "vco-1 tun-slave-1 PeerMismatch;",
		"VpnConnectionIds.1=vco-2":                         "vco-2  PskMismatch key;",
		"TunnelIds.1=tun-master-3":                         "vco-3 tun-master-3 NoExceptionFound;",
		"VpnConnectionIds.1=vco-1":                         "InvalidParameter",
		"TunnelIds.1=tun-master-4":                         "InvalidParameter",
		"":                                                 "InvalidParameter",
		"VpnConnectionIds.1=vco-2&TunnelIds.1=tun-master-one": "InvalidParameter",
	} {
		body, got := c.call("vpc DiagnoseVpnConnections", "RegionId=cn-hangzhou&"+query)
		var answer struct {
			VpnConnections []struct{ VpnConnectionId, TunnelId, FailedReasonCode, MismatchLocalParam string }
		}
		_ = json.Unmarshal([]byte(body), &answer) // a refusal has none
		for _, f := range answer.VpnConnections {
			got += f.VpnConnectionId + " " + f.TunnelId + " " + f.FailedReasonCode
			if f.MismatchLocalParam != "" {
				got += " " + f.MismatchLocalParam
			}
			got += ";"
		}
		if got != want {
			t.Errorf("%q is answered with %q, want %q", query, got, want)
		}
	}
}

func TestAConnectionThatCannotComeUpSoIsRefused(t *testing.T) {
	course := func(c estate.Course) []estate.Tunnel { return []estate.Tunnel{{Course: c}} }
	for name, v := range map[string]estate.VPNConnection{
		"three tunnels":        {Tunnels: make([]estate.Tunnel, 3)},
		"two of one":           {SingleTunnel: true, Tunnels: make([]estate.Tunnel, 2)},
		"a time below zero":    {Tunnels: course(estate.Course{UpAfter: -1})},
		"a reason of words":    {Tunnels: course(estate.Course{Never: "no reason"})},
		"a check before it is": {HealthCheck: estate.Course{DownAfter: -1}},
	} {
		v.ID = "vco-new"
		if err := open(t, estate.Seed{}, nil).AddConnection(v); err == nil {
			t.Errorf("%s: it is taken", name)
		}
	}
}
