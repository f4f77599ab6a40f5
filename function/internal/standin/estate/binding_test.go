package estate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

// bound is a seed of one attached connection and three route tables.
func bound() estate.Seed {
	s := core()
	s.TransitRouters[0].RouteTables = []estate.RouteTable{
		{ID: "vtb-sys", Name: "main", Type: "System", Tags: map[string]string{"k": "v"}}, {ID: "vtb-2", Name: "two"}, {ID: "vtb-3", Name: "three"},
	}
	s.TransitRouters = append(s.TransitRouters, estate.TransitRouter{ID: "tr-far", CEN: "cen-2", RouteTables: []estate.RouteTable{{ID: "vtb-far"}}})
	s.VPNConnections = []estate.VPNConnection{{ID: "vco-1", TransitRouter: "tr-core"}, {ID: "vco-2", TransitRouter: "tr-core", Associated: "vtb-2", Propagated: []string{"vtb-2", "vtb-3"}}}
	return s
}

const (
	firstAttachment  = "tr-attach-000000000000000001"
	secondAttachment = "tr-attach-000000000000000002"
)

// bind asks for a binding and gives the error's code.
func (c *cloud) bind(kind, attachment, table, token string) string {
	c.t.Helper()
	var err error
	if kind == estate.KindAssociate {
		_, err = c.cbn().AssociateTransitRouterAttachmentWithRouteTableWithOptions(&cbn.AssociateTransitRouterAttachmentWithRouteTableRequest{
			TransitRouterAttachmentId: dara.String(attachment), TransitRouterRouteTableId: dara.String(table), ClientToken: dara.String(token),
		}, &dara.RuntimeOptions{})
	} else {
		_, err = c.cbn().EnableTransitRouterRouteTablePropagationWithOptions(&cbn.EnableTransitRouterRouteTablePropagationRequest{
			TransitRouterAttachmentId: dara.String(attachment), TransitRouterRouteTableId: dara.String(table), ClientToken: dara.String(token),
		}, &dara.RuntimeOptions{})
	}
	if err == nil {
		return ""
	}
	return codeOf(c.t, err)
}

func (c *cloud) associations(attachment string) string {
	c.t.Helper()
	response, err := c.cbn().ListTransitRouterRouteTableAssociationsWithOptions(&cbn.ListTransitRouterRouteTableAssociationsRequest{TransitRouterAttachmentId: dara.String(attachment)}, &dara.RuntimeOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	var parts []string
	for _, a := range response.Body.TransitRouterAssociations {
		parts = append(parts, fmt.Sprintf("%s %s %s", dara.StringValue(a.TransitRouterRouteTableId), dara.StringValue(a.Status), dara.StringValue(a.ResourceId)))
	}
	return strings.Join(parts, ", ")
}

func (c *cloud) propagations(table, attachment string) string {
	c.t.Helper()
	response, err := c.cbn().ListTransitRouterRouteTablePropagationsWithOptions(&cbn.ListTransitRouterRouteTablePropagationsRequest{
		TransitRouterRouteTableId: dara.String(table), TransitRouterAttachmentId: dara.String(attachment),
	}, &dara.RuntimeOptions{})
	if err != nil {
		c.t.Fatal(err)
	}
	var parts []string
	for _, p := range response.Body.TransitRouterPropagations {
		parts = append(parts, fmt.Sprintf("%s %s", dara.StringValue(p.TransitRouterAttachmentId), dara.StringValue(p.Status)))
	}
	return strings.Join(parts, ", ")
}

func TestABindingBecomesActiveByItself(t *testing.T) {
	c := open(t, bound(), func(o *estate.Options) { o.RouteTableSeconds = 10 })
	if code := c.bind(estate.KindAssociate, firstAttachment, "vtb-sys", "a"); code != "" {
		t.Fatal(code)
	}
	if code := c.bind(estate.KindPropagate, firstAttachment, "vtb-3", "p"); code != "" {
		t.Fatal(code)
	}
	if got := c.associations(firstAttachment) + "; " + c.propagations("vtb-3", firstAttachment); got != "vtb-sys Associating vco-1; "+firstAttachment+" Enabling" || c.Pending() != 2 {
		t.Errorf("at first %s, %d pending", got, c.Pending())
	}
	c.clock.advance(10 * time.Second)
	if got := c.associations(firstAttachment) + "; " + c.propagations("vtb-3", firstAttachment); got != "vtb-sys Active vco-1; "+firstAttachment+" Active" || c.Pending() != 0 {
		t.Errorf("then %s, %d pending", got, c.Pending())
	}
	if err := c.Detach(firstAttachment); err != nil || c.associations(firstAttachment) != "" || c.propagations("vtb-3", firstAttachment) != "" {
		t.Errorf("the bindings outlive their attachment: %v", err)
	}
}

func TestABindingIsRefusedOrReplayed(t *testing.T) {
	attachingSeed := bound()
	attachingSeed.VPNConnections[0].State = "attaching"
	cases := map[string]struct {
		seed                    estate.Seed
		kind, attachment, table string
		code                    string
	}{
		"an attachment that there is not":            {bound(), estate.KindAssociate, "tr-attach-9", "vtb-sys", "InvalidTransitRouterAttachmentId.NotFound"},
		"a route table that there is not":            {bound(), estate.KindPropagate, firstAttachment, "vtb-9", "InvalidTransitRouterRouteTableId.NotFound"},
		"a route table of another router":            {bound(), estate.KindAssociate, firstAttachment, "vtb-far", "InvalidTransitRouterRouteTableId.NotFound"},
		"an attachment on its way":                   {attachingSeed, estate.KindAssociate, firstAttachment, "vtb-sys", "IncorrectStatus.Attachment"},
		"an attachment that is associated elsewhere": {bound(), estate.KindAssociate, secondAttachment, "vtb-sys", "InvalidOperation.AssociationExist"},
		"a propagation that stands":                  {bound(), estate.KindPropagate, secondAttachment, "vtb-3", "InvalidOperation.PropagationExist"},
		"a second propagation":                       {bound(), estate.KindPropagate, secondAttachment, "vtb-sys", ""},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			c := open(t, test.seed, nil)
			if got := c.bind(test.kind, test.attachment, test.table, "t"); got != test.code {
				t.Errorf("got %q", got)
			}
			if record := c.Binds(); len(record) != 1 || record[0].Code != test.code || record[0].Effect != (test.code == "") || record[0].Kind != test.kind {
				t.Errorf("recorded as %+v", record)
			}
		})
	}
	c := open(t, bound(), nil)
	first, second := c.bind(estate.KindAssociate, firstAttachment, "vtb-sys", "t"), c.bind(estate.KindAssociate, firstAttachment, "vtb-sys", "t")
	other := c.bind(estate.KindAssociate, firstAttachment, "vtb-2", "t")
	if first != "" || second != "" || other != "IdempotentParameterMismatch" || !c.Binds()[1].Replay || len(c.Bindings()) != 4 {
		t.Errorf("got %q %q %q, %+v", first, second, other, c.Binds())
	}
}

func TestRouteTablesAreListedInPagesByTheirFilters(t *testing.T) {
	c := open(t, bound(), nil)
	list := func(r *cbn.ListTransitRouterRouteTablesRequest) (ids []string, next string, total int32) {
		t.Helper()
		r.TransitRouterId = dara.String("tr-core")
		response, err := c.cbn().ListTransitRouterRouteTablesWithOptions(r, &dara.RuntimeOptions{})
		if err != nil {
			t.Fatal(err)
		}
		for _, table := range response.Body.TransitRouterRouteTables {
			ids = append(ids, dara.StringValue(table.TransitRouterRouteTableId))
		}
		return ids, dara.StringValue(response.Body.NextToken), dara.Int32Value(response.Body.TotalCount)
	}
	ids, next, total := list(&cbn.ListTransitRouterRouteTablesRequest{MaxResults: dara.Int32(2)})
	rest, end, _ := list(&cbn.ListTransitRouterRouteTablesRequest{MaxResults: dara.Int32(2), NextToken: dara.String(next)})
	if fmt.Sprint(ids, rest, total) != "[vtb-sys vtb-2] [vtb-3] 3" || end != "" {
		t.Errorf("pages %v %v, then %q, total %d", ids, rest, end, total)
	}
	for name, r := range map[string]*cbn.ListTransitRouterRouteTablesRequest{
		"[vtb-sys]":        {TransitRouterRouteTableType: dara.String("System")},
		"[vtb-2]":          {TransitRouterRouteTableNames: []*string{dara.String("two")}},
		"[vtb-2 vtb-3]":    {TransitRouterRouteTableIds: []*string{dara.String("vtb-3"), dara.String("vtb-2")}},
		"[vtb-sys] by tag": {Tag: []*cbn.ListTransitRouterRouteTablesRequestTag{{Key: dara.String("k"), Value: dara.String("v")}}},
		"[]":               {MaxResults: dara.Int32(101)},
	} {
		if ids, _, _ := list(r); fmt.Sprint(ids) != strings.TrimSuffix(name, " by tag") {
			t.Errorf("%s: got %v", name, ids)
		}
	}
	if err := c.Tag("vtb-3", map[string]string{"k": "v"}); err != nil {
		t.Error(err)
	}
	if ids, _, _ := list(&cbn.ListTransitRouterRouteTablesRequest{Tag: []*cbn.ListTransitRouterRouteTablesRequestTag{{Key: dara.String("k"), Value: dara.String("v")}}}); len(ids) != 2 {
		t.Errorf("after tagging: %v", ids)
	}
}

func TestBindingsOfTheSeedAreChecked(t *testing.T) {
	for name, connection := range map[string]estate.VPNConnection{
		"route tables of no transit router":     {ID: "vco-3", Associated: "vtb-2"},
		"a route table of another router":       {ID: "vco-3", TransitRouter: "tr-core", Associated: "vtb-far"},
		"a propagation to a table of no router": {ID: "vco-3", TransitRouter: "tr-core", Propagated: []string{"vtb-9"}},
	} {
		c := open(t, bound(), nil)
		if err := c.AddConnection(connection); err == nil || !strings.Contains(err.Error(), "route table") {
			t.Errorf("%s: got %v", name, err)
		}
	}
}
