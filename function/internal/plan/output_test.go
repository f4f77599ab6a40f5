package plan

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// small is a plan with something of everything.
func small() Document {
	return Join(Document{Complete: true, Connections: []Connection{
		{ID: "vco-1", Action: Attach, RouterID: "tr-1", Rule: "tag x=tr-1", RegionID: "cn-hangzhou", OwnerID: "1",
			RouteTables: &Tables{"vtb-1", []string{"vtb-1", "vtb-2"}}},
		{ID: "vco-2", Action: Refuse, Code: "ConsentMissing", Cause: "</script><script>alert(1)</script>\x1b[31m",
			Advice: "=ask"},
		{ID: "vco-3", Action: Unchanged, RouterID: "tr-1"},
	}, Routers: []Router{{"tr-1", 52, -2}}})
}

func TestThePlanIsOneDocumentForPrograms(t *testing.T) {
	text, err := json.Marshal(small().Only([]Action{Attach, Unchanged}, nil))
	const want = `{"type":"vpn-attach.plan.v1","complete":true,"connections":[{"vpnConnectionId":"vco-1",` +
		`"ownerId":"1","regionId":"cn-hangzhou","action":"attach","transitRouterId":"tr-1","rule":"tag x=tr-1",` +
		`"routeTables":` +
		`{"associated":"vtb-1","propagated":["vtb-1","vtb-2"]},"code":"","cause":"","advice":"","health":""},` +
		`{"vpnConnectionId":"vco-3","ownerId":"","regionId":"","action":"unchanged","transitRouterId":"tr-1",` +
		`"rule":"","routeTables":null,"code":"","cause":"","advice":"","health":""}],` +
		`"transitRouters":[{"transitRouterId":"tr-1","attached":52,"placesLeft":-2}],` +
		`"totals":{"attach":1,"bind":0,"conflict":0,"refuse":0,"retry":0,"skip":0,` +
		`"unchanged":1},"health":{"degraded":0,"down":0,"up":0}}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestThePlanIsShownByAction(t *testing.T) {
	var text strings.Builder
	d := small()
	for i, code := range []string{"NoTarget", "OptedOut", "NoTarget"} {
		d.Connections = append(d.Connections, Connection{ID: fmt.Sprint("vco-skip", i), Action: Skip, Code: code})
	}
	if err := Join(d).Show(&text, false); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		"attach (1)", "vco-1  tr-1  tag x=tr-1; associated with vtb-1; propagated to vtb-1 vtb-2", "ConsentMissing: ",
		"skip (3): nothing to do, by its tags: 2 NoTarget, 1 OptedOut\n",
		"→ =ask", "52 attached  2 more than it takes", "1 to attach, 0 to bind, 0 to retry, 1 refused",
	} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("there is no %q in\n%s", want, text.String())
		}
	}
	if strings.Contains(text.String(), "\x1b") || strings.Contains(text.String(), "vco-3") {
		t.Errorf("it shows\n%s", text.String())
	}
}

func TestNothingThatAnEstateSaysIsActedOn(t *testing.T) {
	page, err := small().Page()
	if err != nil || strings.Count(page, "<script") != 2 || strings.Contains(page, "alert(1)</script>") {
		t.Errorf("the page has %d scripts, %v", strings.Count(page, "<script"), err)
	}
	for _, elsewhere := range []string{"http://", "https://", "src=", "@import", "url("} {
		if strings.Contains(page, elsewhere) {
			t.Errorf("the page needs something from elsewhere: %s", elsewhere)
		}
	}
	var table strings.Builder
	if err := small().CSV(&table); err != nil || !strings.Contains(table.String(), ",'=ask,\n") {
		t.Errorf("a spreadsheet would compute %s, %v", table.String(), err)
	}
}

func TestAComparisonNamesWhatEndsDifferently(t *testing.T) {
	before, after := small(), small()
	after.Connections = slices.Clone(after.Connections)
	after.Connections[0].RouterID = "tr-2"
	after.Connections[1].Advice = "other words"
	after.Connections[2].ID = "vco-4"
	var text strings.Builder
	if err := Compare(before, after).Show(&text); err != nil {
		t.Fatal(err)
	}
	lines := strings.Fields(text.String())
	if got := strings.Join(lines, " "); got != "vco-1 attach tr-1 vtb-1 vtb-1 vtb-2 → attach tr-2 vtb-1 vtb-1 vtb-2 "+
		"vco-4 not there → unchanged tr-1 vco-3 unchanged tr-1 → not there "+
		"connections that would end differently: 3" {
		t.Errorf("it says %s", got)
	}
	if c := Compare(before, small()); len(c.Connections) != 0 {
		t.Errorf("the same plan differs: %+v", c.Connections)
	}
}

func TestAnAnonymousEstateIsPlannedAsBefore(t *testing.T) {
	t.Parallel()
	spec, _ := mixed(t, 26)
	spec.Connections[0].Tags["Owner"] = "secret-of-somebody"
	spec.Connections[0].Tags["vpn-attach:auto-publish"] = "False"
	spec.Connections[0].Tags["vpn-attach:zone"] = "secret-zone"
	spec.Connections[0].Name = "secret-site"
	spec.Function.Environment = map[string]string{"MATCH_TAGS": "Owner", "TAG_PREFIX": "secret:"}
	spec.Routers[0].Tags["Owner"], spec.Routers[0].Name = "secret-of-somebody", "secret-router"
	for i := range spec.Connections {
		spec.Connections[i].Tags = renamed(spec.Connections[i].Tags)
	}
	for i := range spec.Routers {
		spec.Routers[i].Tags = renamed(spec.Routers[i].Tags)
		for j := range spec.Routers[i].RouteTables {
			spec.Routers[i].RouteTables[j].Tags = renamed(spec.Routers[i].RouteTables[j].Tags)
		}
	}
	spec.Connections[1].Tags["secret:secret-note"] = "1"
	hidden := NewAnonymiser().Hide(spec)
	text, err := json.Marshal(hidden)
	for _, secret := range []string{"secret", "canary", "vco-0000", "tr-core", member, "1234567890123456", "10.255"} {
		if err != nil || strings.Contains(string(text), secret) {
			t.Errorf("%s is in the file, or %v", secret, err)
		}
	}
	ways := func(d Document) map[string]int {
		count := map[string]int{}
		for _, c := range d.Connections {
			count[string(c.Action)+" "+c.Code]++
		}
		return count
	}
	if was, is := ways(planned(t, spec)), ways(planned(t, hidden)); !maps.Equal(was, is) {
		t.Errorf("planned %v, without names %v", was, is)
	}
	if again := NewAnonymiser().Hide(spec); !reflect.DeepEqual(hidden, again) {
		t.Error("it is another one each time")
	}
}

// renamed are tags with a prefix of one's own in the place of the function's.
func renamed(tags map[string]string) map[string]string {
	all := map[string]string{}
	for key, value := range tags {
		all[strings.Replace(key, "vpn-attach:", "secret:", 1)] = value
	}
	return all
}

// TestTheRegionsOfAnEstateAreHiddenAlike since one names what another has, and all are planned together.
func TestTheRegionsOfAnEstateAreHiddenAlike(t *testing.T) {
	router := func(id string) estate.TransitRouter { return estate.TransitRouter{ID: id, CEN: "cen-1"} }
	a := NewAnonymiser()
	here := a.Hide(local.Spec{Routers: []estate.TransitRouter{router("tr-here"), router("tr-far")}})
	far := a.Hide(local.Spec{Routers: []estate.TransitRouter{router("tr-far"), router("tr-new")}})
	if here.Routers[1].ID != far.Routers[0].ID || here.Routers[0].CEN != far.Routers[0].CEN {
		t.Errorf("a transit router is %s in one, %s in the other", here.Routers[1].ID, far.Routers[0].ID)
	}
	if far.Routers[1].ID == here.Routers[0].ID {
		t.Errorf("%s is two transit routers", far.Routers[1].ID)
	}
}

func TestAnInventorySaysWhoAttachedWhat(t *testing.T) {
	spec := local.Spec{Account: "1234567890123456", Region: "cn-hangzhou", Connections: []estate.VPNConnection{
		{ID: "vco-1"},
		{ID: "vco-2", TransitRouter: "tr-1", AttachmentID: "tr-attach-2", AttachedSince: 1658201810000,
			AttachmentTags: map[string]string{"vpn-attach:vpn-connection": "vco-2"}, Associated: "vtb-1"},
		{ID: "vco-3", TransitRouter: "tr-1", State: "attaching", Owner: unread},
	}}
	text, err := json.Marshal(InventoryOf(true, spec))
	const want = `{"type":"vpn-attach.inventory.v1","complete":true,"attachments":[{"vpnConnectionId":"vco-2",` +
		`"ownerId":"1234567890123456","regionId":"cn-hangzhou","transitRouterId":"tr-1",` +
		`"transitRouterAttachmentId":"tr-attach-2","state":"attached","by":"vpn-attach",` +
		`"since":"2022-07-19T03:36:50Z","routeTables":{"associated":"vtb-1"},"health":"up"},` +
		`{"vpnConnectionId":"vco-3","regionId":"cn-hangzhou","transitRouterId":"tr-1","state":"attaching",` +
		`"by":"others"}]}`
	if err != nil || string(text) != want {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestThePolicyReadsAlone(t *testing.T) {
	text, err := Policy()
	var policy struct{ Statement []struct{ Action []string } }
	if err != nil || json.Unmarshal([]byte(text), &policy) != nil || len(policy.Statement) != 1 {
		t.Fatalf("%s, %v", text, err)
	}
	for _, action := range policy.Statement[0].Action {
		_, verb, _ := strings.Cut(action, ":")
		if !isRead(verb) && verb != "GetFunction" {
			t.Errorf("%s changes something", action)
		}
	}
}
