package decide

import (
	"reflect"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// tables are the route tables of a transit router.
func tables() []cloud.RouteTable {
	both := map[string]string{"vpn-attach:accept": "associate,propagate"}
	return []cloud.RouteTable{
		{ID: "vtb-system", Type: cloud.TypeSystem, Tags: both},
		{ID: "vtb-sites", Name: "sites", Type: "Custom", Tags: both},
		{ID: "vtb-twin1", Name: "twin", Type: "Custom", Tags: both},
		{ID: "vtb-twin2", Name: "twin", Type: "Custom", Tags: both},
		{ID: "vtb-closed", Name: "closed site", Type: "Custom",
			Tags: map[string]string{"vpn-attach:accept": "propagate"}},
	}
}

// binding is anEvent's wish for bindings, as the connection's tags.
func binding(associate, propagate string) cloud.Connection {
	return tagged("vpn-attach:associate", associate, "vpn-attach:propagate", propagate)
}

func TestTagsDecideTheBindings(t *testing.T) {
	plain, unasked := production(), ruled(func(r *Rules) { r.RequireConsent = false })
	const list = "vtb-closed (Custom) \"closed site\", vtb-sites (Custom) sites, vtb-system (System), " +
		"vtb-twin1 (Custom) twin, vtb-twin2 (Custom) twin"
	cases := map[string]struct {
		rules      Rules
		event      event.Event
		connection cloud.Connection
		want       string // kind and table, in order; or
		code       string
		message    string // a part of it
		advice     string // a part of it
	}{
		"no tag asks for nothing":    {plain, anEvent(), tagged(), "", "", "", ""},
		"empty tags ask for nothing": {plain, anEvent(), binding(" ", " , "), "", "", "", ""},
		"a table is named by its id": {
			plain, anEvent(), binding("vtb-sites", ""), "associate vtb-sites", "", "", "",
		},
		"or by its name": {
			plain, anEvent(), binding("sites", ""), "associate vtb-sites", "", "", "",
		},
		"or as the router's own": {
			plain, anEvent(), binding("system", ""), "associate vtb-system", "", "", "",
		},
		"a request wins over the tag": {
			plain, wishing("associate", "system"), binding("sites", ""), "associate vtb-system", "", "", "",
		},
		"one is associated, several propagated": {
			plain, anEvent(), binding("sites", "system, vtb-closed"),
			"associate vtb-sites propagate vtb-system propagate vtb-closed", "", "", "",
		},
		"consent is not asked for unless required": {
			unasked, anEvent(), binding("vtb-closed", ""), "associate vtb-closed", "", "", "",
		},
		"an unknown table lists those that there are": {
			plain, anEvent(), binding("nobody", ""), "", CodeTableUnknown,
			"no route table of transit router tr-a for tag vpn-attach:associate=nobody; there are: " + list,
			"Set the tag vpn-attach:associate of the VPN connection",
		},
		"a name that is no plain word is quoted": {
			plain, anEvent(), binding("a b\x1b", ""), "", CodeTableUnknown,
			`tag vpn-attach:associate="a b?"; there are`, "tag",
		},
		"a name that two have is ambiguous": {
			plain, anEvent(), binding("", "twin"), "", CodeTableAmbiguous,
			"2 route tables of transit router tr-a for tag vpn-attach:propagate=twin: vtb-twin1 (Custom) twin, vtb-",
			"Name one route table by its id in the tag vpn-attach:propagate",
		},
		"a table that accepts the other kind alone": {
			plain, anEvent(), binding("vtb-closed", ""), "", CodeConsentMissing,
			"route table vtb-closed does not accept tag vpn-attach:associate=vtb-closed",
			"tag route table vtb-closed with vpn-attach:accept=associate (both words, when it has one already)",
		},
		"one wrong name binds nothing": {
			plain, anEvent(), binding("sites", "nobody"), "", CodeTableUnknown, "propagate=nobody", "tag",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			all, err := c.rules.WantedBindings(c.event, c.connection, cloud.Router{ID: "tr-a"}, tables())
			var got []string
			for _, w := range all {
				got = append(got, string(w.Kind), w.Table.ID)
			}
			if strings.Join(got, " ") != c.want || codeOf(t, err) != c.code {
				t.Fatalf("got %q, %v", got, err)
			}
			if wants := c.rules.WantsTables(c.event, c.connection); wants != (c.want != "" || c.code != "") {
				t.Errorf("it wants tables: %v", wants)
			}
			if c.code == "" {
				return
			}
			fault, class := codes().Fault(err), ClassOperator
			if c.code == CodeTableUnknown { // one list is no proof
				class = ClassRetry
			}
			if !strings.Contains(fault.Message, c.message) || !strings.Contains(fault.Advice, c.advice) ||
				!strings.HasPrefix(fault.Advice, "The attachment stands. ") || fault.Class != class {
				t.Errorf("got %+v", fault)
			}
		})
	}
}

func TestARouteTableTakesNoOtherWordsThanThoseOfBindings(t *testing.T) {
	for accept, words := range map[string]string{
		"associate":                 "",
		" propagate;associate ":     "",
		"not associate":             `"not"`,
		"associate,Propagate":       `"Propagate"`,
		"associate," + account:      `"` + account + `"`,
		"any associate":             `"any"`,
		"associate\u202e associate": `"associate?"`,
	} {
		table := cloud.RouteTable{ID: "vtb-1", Tags: map[string]string{"vpn-attach:accept": accept}}
		listed := []cloud.RouteTable{table}
		_, err := production().WantedBindings(anEvent(), binding("vtb-1", ""), cloud.Router{}, listed)
		if words == "" {
			if err != nil {
				t.Errorf("accept=%q: got %v", accept, err)
			}
			continue
		}
		fault := codes().Fault(err)
		const refusal = "route table vtb-1 accepts nothing: its tag vpn-attach:accept holds "
		isRight := fault.Message == refusal+words
		isRight = isRight && strings.HasPrefix(fault.Advice, "The attachment stands. Only associate and propagate may")
		if fault.Code != CodeConsentMissing || !isRight {
			t.Errorf("accept=%q: got %+v", accept, fault)
		}
	}
}

func TestARouterWithoutTablesIsSaidToHaveNone(t *testing.T) {
	_, err := production().WantedBindings(anEvent(), binding("sites", ""), cloud.Router{ID: "tr-a"}, nil)
	if end := endOf(t, err); !strings.HasSuffix(end.Message, "there are: none") {
		t.Errorf("got %+v", end)
	}
}

func TestTheStateOfABindingIsWhatIsListed(t *testing.T) {
	here := func(table, status string) cloud.Binding {
		return cloud.Binding{AttachmentID: "tr-attach-1", TableID: table, Status: status}
	}
	strange := cloud.Binding{AttachmentID: "tr-attach-2", TableID: "vtb-1", Status: cloud.StatusActive}
	cases := map[string]struct {
		kind          cloud.BindingKind
		listed        []cloud.Binding
		done, pending bool
		code          string
	}{
		"nothing is listed":                {cloud.Association, nil, false, false, ""},
		"another attachment is associated": {cloud.Association, []cloud.Binding{strange}, false, false, ""},
		"it is associated": {
			cloud.Association, []cloud.Binding{strange, here("vtb-1", "Active")}, true, false, "",
		},
		"it is being associated": {
			cloud.Association, []cloud.Binding{here("vtb-1", "Associating")}, false, true, "",
		},
		"it is being dissociated": {
			cloud.Association, []cloud.Binding{here("vtb-1", "Dissociating")}, false, true, "",
		},
		"it is being dissociated from another": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Dissociating")}, false, true, "",
		},
		"it is associated with another": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Active")}, false, false, CodeTableElsewhere,
		},
		"it is being associated with another": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Associating")}, false, false, CodeTableElsewhere,
		},
		"it was associated with another": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Deleted")}, false, false, "",
		},
		"it was associated": {
			cloud.Association, []cloud.Binding{here("vtb-1", "Deleted")}, false, false, "",
		},
		"it was associated with another, and is with this": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Deleted"), here("vtb-1", "Active")}, true, false, "",
		},
		"it is being dissociated from another, and associated with this": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Dissociating"), here("vtb-1", "Active")}, true, false, "",
		},
		"it is being dissociated, and is associated with another": {
			cloud.Association, []cloud.Binding{here("vtb-1", "Dissociating"), here("vtb-2", "Active")}, false, false,
			CodeTableElsewhere,
		},
		"nobody knows what it is to another": {
			cloud.Association, []cloud.Binding{here("vtb-2", "Broken")}, false, true, "",
		},
		"nobody knows what it is": {
			cloud.Association, []cloud.Binding{here("vtb-1", "")}, false, true, "",
		},
		"it propagated": {
			cloud.Propagation, []cloud.Binding{here("vtb-1", "Deleted")}, false, false, "",
		},
		"it propagates": {
			cloud.Propagation, []cloud.Binding{here("vtb-1", "Active")}, true, false, "",
		},
		"it is being enabled": {
			cloud.Propagation, []cloud.Binding{here("vtb-1", "Enabling")}, false, true, "",
		},
		"it is being disabled": {
			cloud.Propagation, []cloud.Binding{here("vtb-1", "Disabling")}, false, true, "",
		},
		"it propagates to another": {
			cloud.Propagation, []cloud.Binding{here("vtb-2", "Active")}, false, false, "",
		},
		"it propagates to another, and to this": {
			cloud.Propagation, []cloud.Binding{here("vtb-2", "Active"), here("vtb-1", "Active")}, true, false, "",
		},
		"another attachment propagates to it": {cloud.Propagation, []cloud.Binding{strange}, false, false, ""},
		"it is dissociated from yet another one": {
			cloud.Propagation, []cloud.Binding{here("vtb-2", "Dissociating")}, false, false, "",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			done, pending, err := WantedBinding{c.kind, cloud.RouteTable{ID: "vtb-1"}}.State("tr-attach-1", c.listed)
			if done != c.done || pending != c.pending || codeOf(t, err) != c.code {
				t.Errorf("done %t, pending %t, %v", done, pending, err)
			}
			if c.code != "" && endOf(t, err).Status != StatusConflict {
				t.Errorf("it is no conflict: %v", err)
			}
		})
	}
}

func TestAllAssociationsAreListedAndOnlyTheOnePropagation(t *testing.T) {
	table := cloud.RouteTable{ID: "vtb-1"}
	want := cloud.BindingRequest{Kind: cloud.Association, RegionID: "cn-hangzhou", AttachmentID: "tr-attach-1"}
	if got := (WantedBinding{cloud.Association, table}).Asked("cn-hangzhou", "tr-attach-1"); got != want {
		t.Errorf("of associations it lists %+v", got)
	}
	want.Kind, want.TableID = cloud.Propagation, "vtb-1"
	if got := (WantedBinding{cloud.Propagation, table}).Asked("cn-hangzhou", "tr-attach-1"); got != want {
		t.Errorf("of propagations it lists %+v", got)
	}
}

func TestWhatIsDoneIsNotedByKind(t *testing.T) {
	var brief TablesBrief
	brief.With(WantedBinding{cloud.Association, cloud.RouteTable{ID: "vtb-1"}})
	brief.With(WantedBinding{cloud.Propagation, cloud.RouteTable{ID: "vtb-2"}})
	brief.With(WantedBinding{cloud.Propagation, cloud.RouteTable{ID: "vtb-3"}})
	if want := (TablesBrief{Associated: "vtb-1", Propagated: []string{"vtb-2",
		"vtb-3"}}); !reflect.DeepEqual(brief, want) {
		t.Errorf("got %+v", brief)
	}
}

// One reading that does not find a binding asks for it with one client token, however often the
// call is made. The next reading asks with another one: somebody may have removed the binding.
func TestEveryReadingAsksForABindingWithItsOwnClientToken(t *testing.T) {
	association := WantedBinding{cloud.Association, cloud.RouteTable{ID: "vtb-1"}}
	token := func(e event.Event, w WantedBinding, attachmentID string) string {
		r := BindRequest(e, w, "cn-hangzhou", attachmentID)
		if r.RegionID != "cn-hangzhou" || r.AttachmentID != attachmentID || r.TableID != w.Table.ID ||
			len(r.ClientToken) != 64 {
			t.Errorf("got %+v", r)
		}
		return r.ClientToken
	}
	base := token(anEvent(), association, "tr-attach-1")
	if token(anEvent(), association, "tr-attach-1") != base {
		t.Error("a try of the same reading has another token")
	}
	anotherEvent, retry := anEvent(), anEvent()
	anotherEvent.ID, retry.Attempt = "e-2", 2
	propagation, anotherTable := association, association
	propagation.Kind, anotherTable.Table.ID = cloud.Propagation, "vtb-2"
	seen := map[string]string{base: "the base"}
	for name, token := range map[string]string{
		"another event":      token(anotherEvent, association, "tr-attach-1"),
		"another attempt":    token(retry, association, "tr-attach-1"),
		"another look":       token(watching(0, 1), association, "tr-attach-1"),
		"another kind":       token(anEvent(), propagation, "tr-attach-1"),
		"another table":      token(anEvent(), anotherTable, "tr-attach-1"),
		"another attachment": token(anEvent(), association, "tr-attach-2"),
	} {
		if twin, found := seen[token]; found {
			t.Errorf("%s has the token of %s", name, twin)
		}
		seen[token] = name
	}
}
