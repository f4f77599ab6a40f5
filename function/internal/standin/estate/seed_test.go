package estate_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/standin/estate"
)

const cloudFile = `
transitRouters:
  - {id: tr-core, cen: cen-1, name: core, region: cn-hangzhou, type: Enterprise, status: Active, cidrs: [10.255.0.0/24],
     tags: {"vpn-attach:accept": any},
     routeTables: [{id: vtb-1, name: system, type: System, tags: {"vpn-attach:accept": "associate,propagate"}}]}
vpnConnections:
  - {id: vco-1, name: site-1, region: cn-hangzhou, owner: "1234567890123456", state: init, attachType: NO_ASSOCIATED,
     dualTunnel: true, tags: {"vpn-attach:transit-router": tr-core}, psk: do-not-leak}
  - {id: vco-2, state: attached, attachType: CEN, transitRouter: tr-core, networkType: private, zone: cn-hangzhou-h,
     crossAccountAuthorized: false, dualTunnel: false, heldBy: prefixList, settings: {LocalSubnet: 10.0.0.0/8}}
`

func decode(t *testing.T, text string, into any) {
	t.Helper()
	if err := yaml.NewDecoder(strings.NewReader(text), yaml.Strict()).Decode(into); err != nil {
		t.Fatalf("decoding %s: %v", text, err)
	}
}

func TestASeedIsReadFromTheCloudFile(t *testing.T) {
	var seed estate.Seed
	decode(t, cloudFile, &seed)
	c := open(t, seed, nil)
	d := c.describe("vco-1")
	tunnels := len(d.TunnelOptionsSpecification.TunnelOptions)
	if d.Name != "site-1" || d.State != "init" || d.IkeConfig.Psk != "do-not-leak" || tunnels != 2 ||
		len(d.Tags.Tag) != 1 {
		t.Errorf("vco-1 is %+v", d)
	}
	d = c.describe("vco-2")
	if d.State != "attached" || d.TransitRouterId != "tr-core" || d.NetworkType != "private" ||
		len(d.TunnelOptionsSpecification.TunnelOptions) != 0 || d.LocalSubnet != "10.0.0.0/8" {
		t.Errorf("vco-2 is %+v", d)
	}
	if seed.TransitRouters[0].RouteTables[0].ID != "vtb-1" {
		t.Errorf("the route tables are %+v", seed.TransitRouters[0].RouteTables)
	}
}

// wrongSeed checks that a seed is refused by an error that names the entry and says more.
func wrongSeed(t *testing.T, seed estate.Seed, entry, says string) {
	t.Helper()
	_, err := estate.New(options(), seed)
	if err == nil || !strings.Contains(err.Error(), `"`+entry+`"`) || !strings.Contains(err.Error(), says) {
		t.Errorf("err = %v; want one that names %q and says %q", err, entry, says)
	}
}

func TestAWrongRouterIsRefusedByName(t *testing.T) {
	for name, wrong := range map[string]struct{ fields, entry, says string }{
		"without an id":         {`id: ""`, "", "tr-"},
		"with a taken id":       {"id: tr-core", "tr-core", "taken"},
		"without a CEN":         {`cen: ""`, "tr-bad", "cen-"},
		"the second of a CEN":   {"cen: cen-1", "tr-bad", "only one"},
		"of an unknown edition": {"type: Pro", "tr-bad", "Pro"},
		"in an unknown status":  {"status: active", "tr-bad", "active"},
		"with a CIDR too wide":  {"cidrs: [10.0.0.0/8]", "tr-bad", "/8"},
		"with host bits":        {"cidrs: [10.0.0.1/24]", "tr-bad", "10.0.0.1"},
		"with six CIDRs":        {"cidrs: [a, b, c, d, e, f]", "tr-bad", "more than 5"},
		"with an illegal tag":   {`tags: {"": v}`, "tr-bad", "tag"},
		"with a table's bad id": {"routeTables: [{id: rt-1}]", "tr-bad", `"rt-1"`},
		"with a table twice":    {"routeTables: [{id: vtb-1}, {id: vtb-1}]", "tr-bad", "taken"},
		"with a table's type":   {"routeTables: [{id: vtb-1, type: Odd}]", "tr-bad", "Odd"},
	} {
		t.Run(name, func(t *testing.T) {
			r := estate.TransitRouter{ID: "tr-bad", CEN: "cen-2", CIDRs: []string{"10.0.0.0/24"}}
			decode(t, wrong.fields, &r)
			wrongSeed(t, estate.Seed{TransitRouters: append(core().TransitRouters, r)}, wrong.entry, wrong.says)
		})
	}
}

func TestAWrongConnectionIsRefusedByName(t *testing.T) {
	for name, wrong := range map[string]struct{ fields, entry, says string }{
		"with an odd id":           {"id: vco-A", "vco-A", "id"},
		"with a taken id":          {"id: vco-1", "vco-1", "taken"},
		"of an unknown owner":      {"owner: me", "vco-bad", "me"},
		"held by nobody knows":     {"heldBy: whim", "vco-bad", "whim"},
		"in an unknown state":      {"state: Attached", "vco-bad", "Attached"},
		"of an unknown attachType": {"{state: updating, attachType: VPC}", "vco-bad", "VPC"},
		"attached to nothing":      {"state: attached", "vco-bad", "contradict"},
		"a CEN without a router":   {"attachType: CEN", "vco-bad", "contradict"},
		"a router but unbound":     {"{state: init, transitRouter: tr-core}", "vco-bad", "contradict"},
		"active but unbound":       {"{state: active, attachType: NO_ASSOCIATED}", "vco-bad", "contradict"},
		"init but a gateway's":     {"{state: init, attachType: VPNGW}", "vco-bad", "contradict"},
		"on an unknown router":     {"transitRouter: tr-9", "vco-bad", "tr-9"},
		"on a router elsewhere":    {"{transitRouter: tr-core, region: cn-beijing}", "vco-bad", "cn-beijing"},
		"with an illegal tag":      {`tags: {"acs:x": ""}`, "vco-bad", "tag"},
	} {
		t.Run(name, func(t *testing.T) {
			v, seed := estate.VPNConnection{ID: "vco-bad"}, core()
			decode(t, wrong.fields, &v)
			seed.VPNConnections = append(seed.VPNConnections, v)
			wrongSeed(t, seed, wrong.entry, wrong.says)
		})
	}
}

func TestWrongOptionsAreRefusedByName(t *testing.T) {
	for says, change := range map[string]func(*estate.Options){
		"Account": func(o *estate.Options) { o.Account = "" },
		"Region":  func(o *estate.Options) { o.Region = "" },
		"Keys":    func(o *estate.Options) { o.Keys = nil },
		"Speed":   func(o *estate.Options) { o.Speed = -1 },
		"Odd":     func(o *estate.Options) { o.AttachedCode = "Odd" },
	} {
		o := options()
		change(&o)
		if _, err := estate.New(o, core()); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("err = %v; want one naming %s", err, says)
		}
	}
}

func TestASeedStaysTheCallers(t *testing.T) {
	seed := core()
	seed.VPNConnections[0].Tags = map[string]string{"k": "v"}
	c := open(t, seed, nil)
	seed.VPNConnections[0].Tags["k"] = "mine"
	if got := c.tags("vco-1"); got != "[k=v]" {
		t.Error("changing the seed afterwards changed the estate")
	}
	if seed.VPNConnections[0].State != "" || seed.TransitRouters[0].Status != "" {
		t.Error("New filled its defaults into the caller's seed")
	}
}

func TestAnEstateContinuesFromItsSnapshot(t *testing.T) {
	seed := bound()
	seed.VPNConnections = append(seed.VPNConnections,
		estate.VPNConnection{ID: "vco-3", Name: "free", PSK: "p", Tags: map[string]string{"k": "v"}},
		estate.VPNConnection{ID: "vco-4", AttachType: "VPNGW"})
	first := open(t, seed, nil).Seed()
	second := open(t, first, nil).Seed()
	if !reflect.DeepEqual(first, second) {
		t.Errorf("%+v\nbecame\n%+v", first, second)
	}
	v := first.VPNConnections
	if len(v) != 4 || v[1].TransitRouter != "tr-core" || v[1].Associated != "vtb-2" || len(v[1].Propagated) != 2 ||
		v[0].State != "attached" || v[2].Tags["k"] != "v" || v[3].State != "active" {
		t.Errorf("got %+v", v)
	}
	v[2].Tags["k"] = "changed"
	first.TransitRouters[0].RouteTables[0].Tags["k"] = "changed"
	again := open(t, second, nil).Seed()
	if again.VPNConnections[2].Tags["k"] != "v" || again.TransitRouters[0].RouteTables[0].Tags["k"] != "v" {
		t.Error("the snapshot shares its tags")
	}
}

func TestACloudFileKeepsTheModeOfItsTunnels(t *testing.T) {
	for text, want := range map[string]bool{"id: vco-1": true, "dualTunnel: true": true, "dualTunnel: false": false} {
		var v, again estate.VPNConnection
		decode(t, text, &v)
		written, err := yaml.Marshal(v)
		decode(t, string(written), &again)
		if err != nil || bool(v.SingleTunnel) == want || again.SingleTunnel != v.SingleTunnel {
			t.Errorf("%s is read as %+v and, written as %s, as %+v, %v", text, v, written, again, err)
		}
	}
	var v estate.VPNConnection
	err := yaml.Unmarshal([]byte("dualTunnel: both"), &v)
	if err == nil || !strings.Contains(err.Error(), "dualTunnel") {
		t.Errorf("a mode that is none: %v", err)
	}
}
