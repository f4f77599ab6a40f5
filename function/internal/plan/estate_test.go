package plan

import (
	"fmt"
	"maps"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

const member = "6543210987654321"

// estateFile has three transit routers that take attachments, and one for each way of being refused.
const estateFile = `
transitRouters:
  - {id: tr-core, cen: cen-core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:label": core, "vpn-attach:accept": any},
     routeTables: [{id: vtb-sys, name: main, type: System, tags: {"vpn-attach:accept": "associate,propagate"}},
                   {id: vtb-sites, name: sites, tags: {"vpn-attach:accept": "associate,propagate"}}]}
  - {id: tr-branch, cen: cen-branch, cidrs: [10.254.0.0/24], tags: {"vpn-attach:label": twin,
     "vpn-attach:accept": "1234567890123456, 6543210987654321"}}
  - {id: tr-other, cen: cen-other, cidrs: [10.253.0.0/24], tags: {"vpn-attach:label": twin, "vpn-attach:accept": any}}
  - {id: tr-closed, cen: cen-closed, cidrs: [10.252.0.0/24]}
  - {id: tr-basic, cen: cen-basic, type: Basic, tags: {"vpn-attach:accept": any}}
  - {id: tr-nocidr, cen: cen-nocidr, tags: {"vpn-attach:accept": any}}
  - {id: tr-busy, cen: cen-busy, status: Modifying, cidrs: [10.250.0.0/24], tags: {"vpn-attach:accept": any}}
  - {id: tr-far, cen: cen-far, region: eu-central-1, cidrs: [10.251.0.0/24], tags: {"vpn-attach:accept": any}}
members: [{account: "6543210987654321", role: vpn-attach-reader, externalId: vpn-attach}]
parameters: {AllowedAccounts: "1234567890123456,6543210987654321"}
`

// kind is a connection, and what must become of it.
type kind struct {
	estate.VPNConnection
	action Action
	code   string
}

// tagged is a connection with tags of the function.
func tagged(tags ...string) estate.VPNConnection {
	v := estate.VPNConnection{PSK: "canary-psk", Tags: map[string]string{}}
	for i := 0; i < len(tags); i += 2 {
		v.Tags["vpn-attach:"+tags[i]] = tags[i+1]
	}
	return v
}

// kinds are every way in which a connection can end, by name: the name begins its id.
func kinds() []kind {
	on := func(router string, v estate.VPNConnection) estate.VPNConnection {
		v.TransitRouter = router
		return v
	}
	with := func(v estate.VPNConnection, change func(*estate.VPNConnection)) estate.VPNConnection {
		v.Tags = maps.Clone(v.Tags)
		change(&v)
		return v
	}
	core := tagged("transit-router", "tr-core")
	bound := tagged("transit-router", "tr-core", "associate", "sites", "propagate", "system sites")
	ofMember := with(core, func(v *estate.VPNConnection) { v.Owner = member })
	return []kind{
		{core, Attach, ""},
		{tagged("transit-router", "core", "associate", "system", "propagate", "system,sites"), Attach, ""},
		{on("tr-core", bound), Bind, ""},
		{tagged("transit-router", "tr-closed"), Refuse, "ConsentMissing"},
		{tagged("transit-router", "nowhere"), Refuse, "TargetNotFound"},
		{tagged("transit-router", "none"), Skip, "OptedOut"},
		{tagged(), Skip, "NoTarget"},
		{with(core, func(v *estate.VPNConnection) { v.State = "active" }), Conflict, "BoundToGateway"},
		{on("tr-core", core), Unchanged, ""},
		{with(ofMember, func(v *estate.VPNConnection) { v.CrossAccountAuthorized = true }), Attach, ""},
		{ofMember, Refuse, "GrantMissing"},
		{on("tr-branch", core), Conflict, "AttachedElsewhere"},
		{tagged("transit-router", "twin"), Refuse, "TargetAmbiguous"},
		{with(core, func(v *estate.VPNConnection) { v.State = "financialLocked" }), Refuse, "ConnectionLocked"},
		{with(core, func(v *estate.VPNConnection) { v.State = "updating" }), Retry, "ConnectionBusy"},
		{on("tr-core", tagged("transit-router", "tr-core", "associate", "nobody")), Refuse, "RouteTableUnknown"},
		{tagged("transit-router", "tr-core", "name", "-"), Refuse, "NameInvalid"},
		{tagged("transit-router", "tr-core", "associate", "nobody"), Attach, "RouteTableUnknown"},
		{tagged("transit-router", "tr-basic"), Refuse, "RouterNotEnterprise"},
		{tagged("transit-router", "tr-nocidr"), Refuse, "RouterWithoutCidr"},
		{tagged("transit-router", "tr-busy"), Retry, "RouterNotActive"},
		{with(on("tr-core", bound), func(v *estate.VPNConnection) { v.Associated = "vtb-sys" }),
			Conflict, "RouteTableElsewhere"},
		{tagged("transit-router", "tr-far"), Refuse, "OtherRegion"},
		{on("tr-core", tagged("transit-router", "core")), Unchanged, ""},
		{with(on("tr-core", bound), func(v *estate.VPNConnection) {
			v.Associated, v.Propagated = "vtb-sites", []string{"vtb-sites", "vtb-sys"}
		}), Unchanged, ""},
		{with(on("tr-core", core), func(v *estate.VPNConnection) { v.State = "attaching" }), Unchanged, ""},
	}
}

// mixed is an estate of so many connections, of each kind in turn, and what must become of each.
func mixed(t testing.TB, n int) (local.Spec, map[string]kind) {
	t.Helper()
	spec, err := local.ReadSpec([]byte(estateFile))
	if err != nil {
		t.Fatal(err)
	}
	all, want := kinds(), map[string]kind{}
	for i := range n {
		one := all[i%len(all)]
		one.ID, one.Name = fmt.Sprintf("vco-%05d", i), fmt.Sprintf("site-%05d", i)
		spec.Connections = append(spec.Connections, one.VPNConnection)
		want[one.ID] = one
	}
	return spec, want
}
