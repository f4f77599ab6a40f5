package plan

import (
	"maps"
	"strings"
	"testing"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/standin/estate"
)

// TestTheHealthOfASnapshotIsThatOfTheEstate reads attached connections whose tunnels are in every state. The file says
// the same of them as the estate, also without names, and an estate that begins with the file shows the same again.
func TestTheHealthOfASnapshotIsThatOfTheEstate(t *testing.T) {
	t.Parallel()
	never := func(code string) estate.Tunnel { return estate.Tunnel{Course: estate.Course{Never: code}} }
	noBGP := estate.Tunnel{BGP: estate.Course{Never: "x"}}
	bgp := estate.Settings{"BgpConfig.EnableBgp": "true", "BgpConfig.TunnelCidr": "169.254.10.0/30"}
	twoBGP := estate.Settings{"EnableTunnelsBgp": "true"}
	checked := estate.Settings{"HealthCheckConfig.enable": "true"}
	want := map[string]decide.HealthState{}
	spec, _ := mixed(t, 0)
	add := func(id string, state decide.HealthState, v estate.VPNConnection) {
		v.ID, v.PSK, want[id] = id, "canary-psk", state
		if state != "" {
			v.TransitRouter = "tr-core"
		}
		spec.Connections = append(spec.Connections, v)
	}
	add("vco-up", decide.HealthUp, estate.VPNConnection{Settings: twoBGP})
	add("vco-down", decide.HealthDown, estate.VPNConnection{Tunnels: []estate.Tunnel{never("a"), never("PfsMismatch")}})
	add("vco-half", decide.HealthDegraded, estate.VPNConnection{Tunnels: []estate.Tunnel{{}, never("a")}})
	add("vco-nobgp", decide.HealthDegraded, estate.VPNConnection{Settings: twoBGP, Tunnels: []estate.Tunnel{noBGP}})
	add("vco-single", decide.HealthDown, estate.VPNConnection{SingleTunnel: true, Tunnels: []estate.Tunnel{never("a")}})
	add("vco-singlebgp", decide.HealthDegraded,
		estate.VPNConnection{SingleTunnel: true, Settings: bgp, Tunnels: []estate.Tunnel{noBGP}})
	add("vco-unchecked", decide.HealthDegraded,
		estate.VPNConnection{SingleTunnel: true, Settings: checked, HealthCheck: estate.Course{Never: "x"}})
	add("vco-free", "", estate.VPNConnection{Tunnels: []estate.Tunnel{never("a")}})
	for range 2 {
		read, err := snapshot(t, served(t, spec), nil)
		if err != nil {
			t.Fatal(err)
		}
		for name, all := range map[string][]estate.VPNConnection{
			"the estate": spec.Connections, "the file": read.Spec.Connections,
		} {
			got := map[string]decide.HealthState{}
			for _, v := range all {
				got[v.ID] = healthOf(v)
			}
			if !maps.Equal(got, want) {
				t.Errorf("%s says %v, want %v", name, got, want)
			}
		}
		hidden := countHealth()
		for _, v := range NewAnonymiser().Hide(read.Spec).Connections {
			hidden.count(healthOf(v))
		}
		if hidden.String() != "1 up, 4 degraded, 2 down" {
			t.Errorf("without names it says %s", hidden)
		}
		spec = read.Spec
	}
}

func TestSitesThatAreDownAreNamed(t *testing.T) {
	d := small()
	d.Connections[2].Health = decide.HealthDown
	half := Connection{ID: "vco-half", Action: Unchanged, Health: decide.HealthDegraded}
	for range 30 {
		d.Connections = append(d.Connections, half)
	}
	var text strings.Builder
	if err := Join(d).Show(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"sites down (1): attached, and no tunnel is up\n  vco-3  tr-1\n", "sites degraded (30): ",
		"  and 10 more: --json",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("there is no %q in\n%s", want, text.String())
		}
	}
}
