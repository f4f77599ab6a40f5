package estate_test

import (
	"strings"
	"testing"
	"time"

	"github.com/goccy/go-yaml"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

const cloudFile = `
transitRouters:
  - {id: tr-core, cen: cen-1, name: core, region: cn-hangzhou, type: Enterprise, status: Active, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any},
     routeTables: [{id: vtb-1, name: system, type: System, tags: {"vpn-attach:accept": "associate,propagate"}}]}
vpnConnections:
  - {id: vco-1, name: site-1, region: cn-hangzhou, owner: "1234567890123456", state: init, attachType: NO_ASSOCIATED, dualTunnel: true,
     tags: {"vpn-attach:transit-router": tr-core}, psk: do-not-leak}
  - {id: vco-2, state: attached, attachType: CEN, transitRouter: tr-core, networkType: private, zone: cn-hangzhou-h, crossAccountAuthorized: false}
`

func TestSeedReadsTheCloudFile(t *testing.T) {
	var seed estate.Seed
	if err := yaml.NewDecoder(strings.NewReader(cloudFile), yaml.Strict()).Decode(&seed); err != nil {
		t.Fatalf("decoding strictly: %v", err)
	}
	c := open(t, seed, nil)
	d, _ := c.describe("vco-1")
	if d.Name != "site-1" || d.State != "init" || d.IkeConfig.Psk != "do-not-leak" || len(d.TunnelOptionsSpecification.TunnelOptions) != 2 || len(d.Tags.Tag) != 1 {
		t.Errorf("vco-1 is %+v", d)
	}
	if d, _ := c.describe("vco-2"); d.State != "attached" || d.TransitRouterId != "tr-core" || d.NetworkType != "private" {
		t.Errorf("vco-2 is %+v", d)
	}
	if seed.TransitRouters[0].RouteTables[0].ID != "vtb-1" {
		t.Errorf("the route tables are %+v", seed.TransitRouters[0].RouteTables)
	}
}

func TestInconsistentSeedIsRefusedByName(t *testing.T) {
	router := func(change func(*estate.TransitRouter)) estate.Seed {
		r := estate.TransitRouter{ID: "tr-bad", CEN: "cen-2", CIDRs: []string{"10.0.0.0/24"}}
		change(&r)
		return estate.Seed{TransitRouters: append(core().TransitRouters, r)}
	}
	connection := func(c estate.VPNConnection) estate.Seed {
		s := core()
		if c.ID == "" {
			c.ID = "vco-bad"
		}
		s.VPNConnections = append(s.VPNConnections, c)
		return s
	}
	table := func(tables ...estate.RouteTable) func(*estate.TransitRouter) {
		return func(r *estate.TransitRouter) { r.RouteTables = tables }
	}
	for name, bad := range map[string]struct {
		seed  estate.Seed
		entry string
		says  string
	}{
		"a router without an id":         {router(func(r *estate.TransitRouter) { r.ID = "" }), `transit router ""`, "tr-"},
		"a router's id twice":            {router(func(r *estate.TransitRouter) { r.ID = "tr-core" }), `"tr-core"`, "taken"},
		"a router without a CEN":         {router(func(r *estate.TransitRouter) { r.CEN = "" }), `"tr-bad"`, "cen-"},
		"two routers of a CEN":           {router(func(r *estate.TransitRouter) { r.CEN = "cen-1" }), `"tr-bad"`, "only one"},
		"an edition that is none":        {router(func(r *estate.TransitRouter) { r.Type = "Pro" }), `"tr-bad"`, "Pro"},
		"a router's status that is none": {router(func(r *estate.TransitRouter) { r.Status = "active" }), `"tr-bad"`, "active"},
		"a CIDR too wide":                {router(func(r *estate.TransitRouter) { r.CIDRs = []string{"10.0.0.0/8"} }), `"tr-bad"`, "/8"},
		"a CIDR with host bits":          {router(func(r *estate.TransitRouter) { r.CIDRs = []string{"10.0.0.1/24"} }), `"tr-bad"`, "10.0.0.1"},
		"six CIDRs":                      {router(func(r *estate.TransitRouter) { r.CIDRs = make([]string, 6) }), `"tr-bad"`, "more than 5"},
		"a router's illegal tag":         {router(func(r *estate.TransitRouter) { r.Tags = map[string]string{"": "v"} }), `"tr-bad"`, "tag"},
		"a route table's id":             {router(table(estate.RouteTable{ID: "rt-1"})), `"tr-bad"`, `"rt-1"`},
		"a route table twice":            {router(table(estate.RouteTable{ID: "vtb-1"}, estate.RouteTable{ID: "vtb-1"})), `"tr-bad"`, "taken"},
		"a route table's type":           {router(table(estate.RouteTable{ID: "vtb-1", Type: "Odd"})), `"tr-bad"`, "Odd"},
		"a connection's odd id":          {connection(estate.VPNConnection{ID: "vco-A"}), `"vco-A"`, "id"},
		"a connection's id twice":        {connection(estate.VPNConnection{ID: "vco-1"}), `"vco-1"`, "taken"},
		"an owner that is none":          {connection(estate.VPNConnection{Owner: "me"}), `"vco-bad"`, "me"},
		"a state that is none":           {connection(estate.VPNConnection{State: "Attached"}), `"vco-bad"`, "Attached"},
		"an attachType that is none":     {connection(estate.VPNConnection{State: "updating", AttachType: "VPC"}), `"vco-bad"`, "VPC"},
		"attached to nothing":            {connection(estate.VPNConnection{State: "attached"}), `"vco-bad"`, "contradict"},
		"a CEN without a router":         {connection(estate.VPNConnection{AttachType: "CEN"}), `"vco-bad"`, "contradict"},
		"a router, yet unbound":          {connection(estate.VPNConnection{State: "init", TransitRouter: "tr-core"}), `"vco-bad"`, "contradict"},
		"active, yet unbound":            {connection(estate.VPNConnection{State: "active", AttachType: "NO_ASSOCIATED"}), `"vco-bad"`, "contradict"},
		"init, yet a gateway's":          {connection(estate.VPNConnection{State: "init", AttachType: "VPNGW"}), `"vco-bad"`, "contradict"},
		"attached to an unknown router":  {connection(estate.VPNConnection{TransitRouter: "tr-9"}), `"vco-bad"`, "tr-9"},
		"attached to a router elsewhere": {connection(estate.VPNConnection{TransitRouter: "tr-core", Region: "cn-beijing"}), `"vco-bad"`, "cn-beijing"},
		"a connection's illegal tag":     {connection(estate.VPNConnection{Tags: map[string]string{"acs:x": ""}}), `"vco-bad"`, "tag"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := estate.New(options(), bad.seed)
			if err == nil || !strings.Contains(err.Error(), bad.entry) || !strings.Contains(err.Error(), bad.says) {
				t.Errorf("err = %v; want one naming %s and %q", err, bad.entry, bad.says)
			}
		})
	}
}

func options() estate.Options {
	return estate.Options{Account: account, Region: region, Keys: &sign.Keyring{}, Now: time.Now}
}

func TestIncompleteOptionsAreRefusedByName(t *testing.T) {
	for name, bad := range map[string]struct {
		change func(*estate.Options)
		says   string
	}{
		"no account":       {func(o *estate.Options) { o.Account = "" }, "Account"},
		"no region":        {func(o *estate.Options) { o.Region = "" }, "Region"},
		"no keys":          {func(o *estate.Options) { o.Keys = nil }, "Keys"},
		"no clock":         {func(o *estate.Options) { o.Now = nil }, "Now"},
		"a negative speed": {func(o *estate.Options) { o.Speed = -1 }, "Speed"},
		"an odd code":      {func(o *estate.Options) { o.AttachedCode = "Odd" }, "Odd"},
	} {
		t.Run(name, func(t *testing.T) {
			o := options()
			bad.change(&o)
			if _, err := estate.New(o, core()); err == nil || !strings.Contains(err.Error(), bad.says) {
				t.Errorf("err = %v; want one naming %s", err, bad.says)
			}
		})
	}
}

func TestSeedStaysTheCallers(t *testing.T) {
	seed := core()
	seed.VPNConnections[0].Tags = map[string]string{"k": "v"}
	c := open(t, seed, nil)
	seed.VPNConnections[0].Tags["k"] = "mine"
	if d, _ := c.describe("vco-1"); d.Tags.Tag[0].Value != "v" {
		t.Error("changing the seed afterwards changed the estate")
	}
	if seed.VPNConnections[0].State != "" || seed.TransitRouters[0].Status != "" {
		t.Error("New filled its defaults into the caller's seed")
	}
}
