package estate_test

import (
	"reflect"
	"testing"

	"vpn-attach/function/internal/standin/estate"
)

func TestAnEstateGoesOnFromItsSnapshot(t *testing.T) {
	seed := bound()
	seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: "vco-3", Name: "free", PSK: "p", Tags: map[string]string{"k": "v"}}, estate.VPNConnection{ID: "vco-4", AttachType: "VPNGW"})
	first := open(t, seed, nil).Seed()
	second := open(t, first, nil).Seed()
	if !reflect.DeepEqual(first, second) {
		t.Errorf("%+v\nbecame\n%+v", first, second)
	}
	v := first.VPNConnections
	if len(v) != 4 || v[1].TransitRouter != "tr-core" || v[1].Associated != "vtb-2" || len(v[1].Propagated) != 2 || v[0].State != "attached" || v[2].Tags["k"] != "v" || v[3].State != "active" {
		t.Errorf("got %+v", v)
	}
	v[2].Tags["k"] = "changed"
	first.TransitRouters[0].RouteTables[0].Tags["k"] = "changed"
	if again := open(t, second, nil).Seed(); again.VPNConnections[2].Tags["k"] != "v" || again.TransitRouters[0].RouteTables[0].Tags["k"] != "v" {
		t.Error("the snapshot shares its tags")
	}
}
