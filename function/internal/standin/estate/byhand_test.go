package estate_test

import (
	"maps"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

func TestRetagMakesTheEventsOfThePersonsCalls(t *testing.T) {
	var trails []string
	keys := &sign.Keyring{}
	e, err := estate.New(estate.Options{
		Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys,
		OnTrail: func(event string) { trails = append(trails, event) },
	}, estate.Seed{
		TransitRouters: []estate.TransitRouter{{ID: "tr-1", CEN: "cen-1"}},
		VPNConnections: []estate.VPNConnection{{ID: "vco-1", Tags: map[string]string{"old": "1", "kept": "1"}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer e.Close()
	if err := e.Retag("vco-1", map[string]string{"new": "2"}, []string{"old"}); err != nil {
		t.Fatal(err)
	}
	got := e.Seed().VPNConnections[0].Tags
	if !maps.Equal(got, map[string]string{"kept": "1", "new": "2"}) {
		t.Errorf("the tags are %v", got)
	}
	if len(trails) != 2 || !strings.Contains(trails[0], `"UnTagResources"`) ||
		!strings.Contains(trails[1], `"TagResources"`) || !strings.Contains(trails[1], `"Tag.1.Key":"new"`) {
		t.Errorf("the events are %q", trails)
	}
	if err := e.Retag("tr-1", map[string]string{"a": "b"}, nil); err != nil || len(trails) != 2 {
		t.Errorf("a transit router made %v, %q", err, trails[2:])
	}
	if e.Retag("vco-1", map[string]string{"acs:x": "1"}, []string{"kept"}) == nil || e.Retag("vco-0", nil, nil) == nil {
		t.Error("what the service refuses was done")
	}
	if e.Seed().VPNConnections[0].Tags["kept"] == "" {
		t.Error("half of what was refused was done")
	}
}
