package estate_test

import (
	"fmt"
	"strings"
	"testing"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

func TestRouteTablesAreListedInPagesByTheirFilters(t *testing.T) {
	c := open(t, bound(), nil)
	const action, router = "ListTransitRouterRouteTables", "TransitRouterId=tr-core"
	ids, first := c.list(action, router+"&MaxResults=2")
	rest, last := c.list(action, router+"&MaxResults=2&NextToken="+first.NextToken)
	if ids != "vtb-sys vtb-2" || rest != "vtb-3" || first.TotalCount != 3 || last.NextToken != "" {
		t.Errorf("pages %q %q, then %q, total %d", ids, rest, last.NextToken, first.TotalCount)
	}
	c.lists(action, map[string]string{
		router + "&TransitRouterRouteTableType=System":                                    "vtb-sys",
		router + "&TransitRouterRouteTableNames.1=two":                                    "vtb-2",
		router + "&TransitRouterRouteTableIds.1=vtb-3&TransitRouterRouteTableIds.2=vtb-2": "vtb-2 vtb-3",
		router + "&Tag.1.Key=k&Tag.1.Value=v":                                             "vtb-sys",
		"TransitRouterRouteTableIds.1=vtb-far":                                            "vtb-far",
	})
	if err := c.Tag("vtb-3", map[string]string{"k": "v"}); err != nil {
		t.Error(err)
	}
	c.lists(action, map[string]string{router + "&Tag.1.Key=k&Tag.1.Value=v": "vtb-sys vtb-3"})
}

func TestTheSDKListsRouteTablesAndBindings(t *testing.T) {
	c := open(t, bound(), nil)
	tables, err := c.sdk().ListTransitRouterRouteTablesWithOptions(&cbn.ListTransitRouterRouteTablesRequest{
		TransitRouterId: dara.String("tr-core"), TransitRouterRouteTableNames: []*string{dara.String("two")},
	}, &dara.RuntimeOptions{})
	if err != nil || len(tables.Body.TransitRouterRouteTables) != 1 ||
		dara.StringValue(tables.Body.TransitRouterRouteTables[0].TransitRouterRouteTableId) != "vtb-2" {
		t.Errorf("got %v, %v", tables, err)
	}
	associations, err := c.sdk().ListTransitRouterRouteTableAssociationsWithOptions(
		&cbn.ListTransitRouterRouteTableAssociationsRequest{TransitRouterAttachmentId: dara.String(secondAttachment)},
		&dara.RuntimeOptions{})
	if err != nil || len(associations.Body.TransitRouterAssociations) != 1 ||
		dara.StringValue(associations.Body.TransitRouterAssociations[0].ResourceId) != "vco-2" {
		t.Errorf("got %v, %v", associations, err)
	}
	propagations, err := c.sdk().ListTransitRouterRouteTablePropagationsWithOptions(
		&cbn.ListTransitRouterRouteTablePropagationsRequest{TransitRouterRouteTableId: dara.String("vtb-3")},
		&dara.RuntimeOptions{})
	if err != nil || len(propagations.Body.TransitRouterPropagations) != 1 ||
		dara.StringValue(propagations.Body.TransitRouterPropagations[0].Status) != "Active" {
		t.Errorf("got %v, %v", propagations, err)
	}
}

func TestBindingsOfTheSeedAreChecked(t *testing.T) {
	c := open(t, bound(), nil)
	for name, connection := range map[string]estate.VPNConnection{
		"route tables of no transit router":     {ID: "vco-3", Associated: "vtb-2"},
		"a route table of another router":       {ID: "vco-3", TransitRouter: "tr-core", Associated: "vtb-far"},
		"a propagation to a table of no router": {ID: "vco-3", TransitRouter: "tr-core", Propagated: []string{"vtb-9"}},
	} {
		if err := c.AddConnection(connection); err == nil || !strings.Contains(err.Error(), "route table") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}

func TestBindingsAreListedByTheirFilters(t *testing.T) {
	c := open(t, bound(), slowTables)
	c.mustBind(firstAttachment, "vtb-2", "vtb-2")
	const atTwo = "TransitRouterRouteTableId=vtb-2"
	for action, cases := range map[string]map[string]string{
		listAssociations: {
			"":                                "2 vtb-2 Active, 1 vtb-2 Associating",
			"TransitRouterRouteTableId=vtb-3": "",
			"TransitRouterAttachmentId=" + firstAttachment: "1 vtb-2 Associating",
			"TransitRouterAttachmentResourceId=vco-2":      "2 vtb-2 Active",
			"Status=Associating":                           "1 vtb-2 Associating",
			"TransitRouterAttachmentResourceType=VPN":      "2 vtb-2 Active, 1 vtb-2 Associating",
			"TransitRouterAttachmentResourceType=VPC":      "",
		},
		listPropagations: {
			atTwo: "2 vtb-2 Active, 1 vtb-2 Enabling",
			atTwo + "&TransitRouterAttachmentId=" + secondAttachment: "2 vtb-2 Active",
			atTwo + "&Status=Disabling":                              "",
			atTwo + "&TransitRouterAttachmentResourceId=vco-1":       "1 vtb-2 Enabling",
		},
	} {
		for query, want := range cases {
			got, next, total := c.bindings(action, query)
			if count := len(strings.Split(want, ", ")); got != want || next != "" || want != "" && total != count {
				t.Errorf("%s %q: got %q of %d, then %q", action, query, got, total, next)
			}
		}
	}
	if _, code := c.call("cbn "+listPropagations, ""); code != "MissingParameter" {
		t.Errorf("propagations without a route table: got %q", code)
	}
}

func TestBindingsArePagedThroughAChangingList(t *testing.T) {
	seed := bound()
	seed.VPNConnections = nil
	for n := range 5 {
		v := estate.VPNConnection{ID: fmt.Sprintf("vco-%d", n+1), TransitRouter: "tr-core", Associated: "vtb-2"}
		seed.VPNConnections = append(seed.VPNConnections, v)
	}
	c := open(t, seed, nil)
	first, next, total := c.bindings(listAssociations, "MaxResults=2")
	if first != "1 vtb-2 Active, 2 vtb-2 Active" || total != 5 || next == "" {
		t.Fatalf("got %v of %d, then %q", first, total, next)
	}
	if err := c.Detach(firstAttachment); err != nil {
		t.Fatal(err)
	}
	rest, end, total := c.bindings(listAssociations, "MaxResults=3&NextToken="+next)
	if rest != "3 vtb-2 Active, 4 vtb-2 Active, 5 vtb-2 Active" || total != 4 || end != "" {
		t.Errorf("then %v of %d, then %q", rest, total, end)
	}
}

func TestWithoutAnAttachmentNothingStaysBound(t *testing.T) {
	for name, removes := range map[string]func(*cloud) bool{
		"the attachment is deleted": func(c *cloud) bool { return c.Detach(secondAttachment) == nil },
		"the connection is deleted": func(c *cloud) bool { return c.DeleteConnection("vco-2") == nil },
		"the attachment is detached by a call": func(c *cloud) bool {
			query := "TransitRouterAttachmentId=" + secondAttachment + "&Force=true"
			_, code := c.call("cbn DeleteTransitRouterVpnAttachment", query)
			return code == ""
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, bound(), nil)
			if !removes(c) {
				t.Fatal("it was refused")
			}
			associations, _, _ := c.bindings(listAssociations, "")
			propagations, _, _ := c.bindings(listPropagations, "TransitRouterRouteTableId=vtb-3")
			if associations+propagations != "" {
				t.Errorf("still listed: %s %s", associations, propagations)
			}
			for _, b := range c.Bindings() {
				if b.Status != "Deleted" {
					t.Errorf("kept as %+v", b)
				}
			}
			code := c.bind(estate.KindAssociate, secondAttachment, "vtb-sys", "t")
			if code != "InvalidAttachmentId.NotFound" {
				t.Errorf("binding it once more: %q", code)
			}
		})
	}
}
