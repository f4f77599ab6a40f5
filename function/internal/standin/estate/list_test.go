package estate_test

import (
	"context"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

// fleet has n transit routers tr-00, tr-01 … of which the odd ones are in another region, and every third is tagged.
func fleet(n int) (seed estate.Seed) {
	for i := range n {
		r := estate.TransitRouter{ID: fmt.Sprintf("tr-%02d", i), CEN: fmt.Sprintf("cen-%d", i), Name: fmt.Sprintf("n%d", i), CIDRs: []string{"10.0.0.0/16", "10.9.8.0/24"}}
		if i%2 == 1 {
			r.Region = "cn-beijing"
		}
		if i%3 == 0 {
			r.Tags = map[string]string{"vpn-attach:label": "three", "i": fmt.Sprint(i)}
		}
		seed.TransitRouters = append(seed.TransitRouters, r)
	}
	return seed
}

func (c *cloud) routers(r *cbn.ListTransitRoutersRequest) (ids []string, body *cbn.ListTransitRoutersResponseBody) {
	c.t.Helper()
	answer, err := c.cbn().ListTransitRoutersWithContext(context.Background(), r, &dara.RuntimeOptions{})
	if err != nil {
		c.t.Fatalf("ListTransitRouters: %v", err)
	}
	for _, router := range answer.Body.TransitRouters {
		ids = append(ids, dara.StringValue(router.TransitRouterId))
	}
	return ids, answer.Body
}

func TestListTransitRoutersFilters(t *testing.T) {
	seed := fleet(7)
	seed.TransitRouters[5].Type, seed.TransitRouters[6].Status = "Basic", "Upgrading"
	c := open(t, seed, nil)
	label := func(key, value string) *cbn.ListTransitRoutersRequestTag {
		return &cbn.ListTransitRoutersRequestTag{Key: &key, Value: &value}
	}
	for name, list := range map[string]struct {
		request cbn.ListTransitRoutersRequest
		want    string
	}{
		"all":                   {cbn.ListTransitRoutersRequest{}, "tr-00 tr-01 tr-02 tr-03 tr-04 tr-05 tr-06"},
		"by id":                 {cbn.ListTransitRoutersRequest{TransitRouterId: dara.String("tr-03")}, "tr-03"},
		"by name":               {cbn.ListTransitRoutersRequest{TransitRouterName: dara.String("n2")}, "tr-02"},
		"by CEN":                {cbn.ListTransitRoutersRequest{CenId: dara.String("cen-4")}, "tr-04"},
		"by region":             {cbn.ListTransitRoutersRequest{RegionId: dara.String("cn-beijing")}, "tr-01 tr-03 tr-05"},
		"by status":             {cbn.ListTransitRoutersRequest{Status: dara.String("Upgrading")}, "tr-06"},
		"by type":               {cbn.ListTransitRoutersRequest{Type: dara.String("Basic")}, "tr-05"},
		"by tag and region":     {cbn.ListTransitRoutersRequest{RegionId: dara.String(region), Tag: []*cbn.ListTransitRoutersRequestTag{label("vpn-attach:label", "three")}}, "tr-00 tr-06"},
		"by two tags":           {cbn.ListTransitRoutersRequest{Tag: []*cbn.ListTransitRoutersRequestTag{label("vpn-attach:label", "three"), label("i", "3")}}, "tr-03"},
		"by another tag value":  {cbn.ListTransitRoutersRequest{Tag: []*cbn.ListTransitRoutersRequestTag{label("vpn-attach:label", "thre")}}, ""},
		"an unknown status":     {cbn.ListTransitRoutersRequest{Status: dara.String("Fine")}, ""},
		"a page of size 0":      {cbn.ListTransitRoutersRequest{PageSize: dara.Int32(0)}, ""},
		"a page of size 51":     {cbn.ListTransitRoutersRequest{PageSize: dara.Int32(51)}, ""},
		"page 0":                {cbn.ListTransitRoutersRequest{PageNumber: dara.Int32(0)}, ""},
		"an illegal tag":        {cbn.ListTransitRoutersRequest{Tag: []*cbn.ListTransitRoutersRequestTag{label("", "x")}}, ""},
		"a page past the end":   {cbn.ListTransitRoutersRequest{PageNumber: dara.Int32(2)}, ""},
		"the second page of 3s": {cbn.ListTransitRoutersRequest{PageNumber: dara.Int32(2), PageSize: dara.Int32(3)}, "tr-03 tr-04 tr-05"},
	} {
		t.Run(name, func(t *testing.T) {
			if ids, _ := c.routers(&list.request); strings.Join(ids, " ") != list.want {
				t.Errorf("listed %v; want %s", ids, list.want)
			}
		})
	}
}

func TestListTransitRoutersPages(t *testing.T) {
	c := open(t, fleet(23), nil)
	var pages []int
	seen := make(map[string]bool)
	for page := int32(1); page <= 4; page++ {
		ids, body := c.routers(&cbn.ListTransitRoutersRequest{PageNumber: &page})
		if dara.Int32Value(body.TotalCount) != 23 || dara.Int32Value(body.PageSize) != 10 || dara.Int32Value(body.PageNumber) != page {
			t.Errorf("page %d: %v", page, body)
		}
		pages = append(pages, len(ids))
		for _, id := range ids {
			seen[id] = true
		}
	}
	if want := []int{10, 10, 3, 0}; !reflect.DeepEqual(pages, want) || len(seen) != 23 {
		t.Errorf("pages of %v with %d routers; want %v with 23", pages, len(seen), want)
	}
}

func TestListTransitRoutersTellsEverythingOfARouter(t *testing.T) {
	c := open(t, fleet(1), nil)
	_, body := c.routers(&cbn.ListTransitRoutersRequest{})
	r := body.TransitRouters[0]
	if dara.Int64Value(r.AliUid) != 1234567890123456 || dara.StringValue(r.CenId) != "cen-0" || dara.StringValue(r.RegionId) != region ||
		dara.StringValue(r.Status) != "Active" || dara.StringValue(r.Type) != "Enterprise" || dara.StringValue(r.TransitRouterName) != "n0" {
		t.Errorf("the router is %v", r)
	}
	if len(r.TransitRouterCidrList) != 2 || dara.StringValue(r.TransitRouterCidrList[1].Cidr) != "10.9.8.0/24" {
		t.Errorf("its CIDR blocks are %v", r.TransitRouterCidrList)
	}
	if len(r.Tags) != 2 || dara.StringValue(r.Tags[1].Key) != "vpn-attach:label" || dara.StringValue(r.Tags[1].Value) != "three" {
		t.Errorf("its tags are %v", r.Tags)
	}
}

// busy has n connections attached to tr-core.
func busy(n int) estate.Seed {
	seed := core()
	for i := range n {
		seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: fmt.Sprintf("vco-a%03d", i), TransitRouter: "tr-core"})
	}
	return seed
}

func (c *cloud) attachmentPage(r *cbn.ListTransitRouterVpnAttachmentsRequest) (connections []string, body *cbn.ListTransitRouterVpnAttachmentsResponseBody) {
	c.t.Helper()
	answer, err := c.cbn().ListTransitRouterVpnAttachmentsWithContext(context.Background(), r, &dara.RuntimeOptions{})
	if err != nil {
		c.t.Fatalf("ListTransitRouterVpnAttachments: %v", err)
	}
	for _, a := range answer.Body.TransitRouterAttachments {
		connections = append(connections, dara.StringValue(a.VpnId))
	}
	return connections, answer.Body
}

func TestListAttachmentsPagesThroughAChangingList(t *testing.T) {
	c := open(t, busy(45), nil)
	var seen []string
	request := &cbn.ListTransitRouterVpnAttachmentsRequest{TransitRouterId: dara.String("tr-core"), RegionId: dara.String(region)}
	for pages := 0; ; pages++ {
		page, body := c.attachmentPage(request)
		seen = append(seen, page...)
		if body.NextToken == nil {
			break
		}
		if len(page) != 20 || pages > 2 {
			t.Fatalf("page %d has %d attachments and says there are more", pages, len(page))
		}
		request.NextToken = body.NextToken
		// What was listed already goes away; the next page must not skip anything for it.
		if err := c.DeleteConnection(page[0]); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 45 || seen[44] != "vco-a044" {
		t.Errorf("saw %d attachments; want all 45, in order: %v", len(seen), seen)
	}
}

func TestListAttachmentsFilters(t *testing.T) {
	c := open(t, crowd(), nil)
	id, _ := c.create(request(func(r *createRequest) { r.Tag = tagged(1, "mark", "x") }))
	mark := func(value string) []*cbn.ListTransitRouterVpnAttachmentsRequestTag {
		return []*cbn.ListTransitRouterVpnAttachmentsRequestTag{{Key: dara.String("mark"), Value: &value}}
	}
	for name, list := range map[string]struct {
		request cbn.ListTransitRouterVpnAttachmentsRequest
		want    string
	}{
		"all":               {cbn.ListTransitRouterVpnAttachmentsRequest{}, "vco-there vco-coming vco-1"},
		"by router":         {cbn.ListTransitRouterVpnAttachmentsRequest{TransitRouterId: dara.String("tr-core")}, "vco-there vco-coming vco-1"},
		"by another router": {cbn.ListTransitRouterVpnAttachmentsRequest{TransitRouterId: dara.String("tr-far")}, ""},
		"by CEN":            {cbn.ListTransitRouterVpnAttachmentsRequest{CenId: dara.String("cen-2")}, ""},
		"by region":         {cbn.ListTransitRouterVpnAttachmentsRequest{RegionId: dara.String("cn-beijing")}, ""},
		"by id":             {cbn.ListTransitRouterVpnAttachmentsRequest{TransitRouterAttachmentId: &id}, "vco-1"},
		"by tag":            {cbn.ListTransitRouterVpnAttachmentsRequest{Tag: mark("x")}, "vco-1"},
		"by another value":  {cbn.ListTransitRouterVpnAttachmentsRequest{Tag: mark("y")}, ""},
		"no room":           {cbn.ListTransitRouterVpnAttachmentsRequest{MaxResults: dara.Int32(0)}, ""},
		"too much room":     {cbn.ListTransitRouterVpnAttachmentsRequest{MaxResults: dara.Int32(101)}, ""},
		"a foreign token":   {cbn.ListTransitRouterVpnAttachmentsRequest{NextToken: dara.String("FFmyTO70tTpLG6I3FmYAXGKPd")}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			if got, _ := c.attachmentPage(&list.request); strings.Join(got, " ") != list.want {
				t.Errorf("listed %v; want %s", got, list.want)
			}
		})
	}
}

func TestListAttachmentsTellsEverythingOfAnAttachment(t *testing.T) {
	c := open(t, core(), nil)
	id, _ := c.create(request(func(r *createRequest) {
		r.TransitRouterAttachmentName, r.TransitRouterAttachmentDescription = dara.String("n"), dara.String("d")
		r.Zone, r.Tag, r.AutoPublishRouteEnabled = zoned("cn-hangzhou-h"), tagged(1, "k", "v"), dara.Bool(false)
	}))
	_, body := c.attachmentPage(&cbn.ListTransitRouterVpnAttachmentsRequest{})
	a := body.TransitRouterAttachments[0]
	if dara.StringValue(a.TransitRouterAttachmentId) != id || dara.StringValue(a.Status) != "Attaching" || dara.StringValue(a.VpnId) != "vco-1" ||
		dara.Int64Value(a.VpnOwnerId) != 1234567890123456 || dara.StringValue(a.VpnRegionId) != region || dara.StringValue(a.CenId) != "cen-1" ||
		dara.StringValue(a.TransitRouterAttachmentName) != "n" || dara.StringValue(a.TransitRouterAttachmentDescription) != "d" || *a.AutoPublishRouteEnabled {
		t.Errorf("the attachment is %v", a)
	}
	if len(a.Zones) != 1 || dara.StringValue(a.Zones[0].ZoneId) != "cn-hangzhou-h" || len(a.Tags) != 1 || dara.StringValue(a.Tags[0].Value) != "v" {
		t.Errorf("its zones are %v, its tags %v", a.Zones, a.Tags)
	}
	if _, err := time.Parse("2006-01-02T15:04Z", dara.StringValue(a.CreationTime)); err != nil {
		t.Errorf("its time is %v", err)
	}
	if dara.Int32Value(body.TotalCount) != 1 || body.NextToken != nil {
		t.Errorf("the list says %v", body)
	}
}

func TestEveryListCanBeEmptied(t *testing.T) {
	seed := estate.Seed{
		TransitRouters: []estate.TransitRouter{
			{ID: "tr-core", CEN: "cen-core", RouteTables: []estate.RouteTable{{ID: "vtb-1"}}},
		},
		VPNConnections: []estate.VPNConnection{{
			ID: "vco-1", TransitRouter: "tr-core", Associated: "vtb-1", Propagated: []string{"vtb-1"},
			CrossAccountAuthorized: true,
		}},
	}
	empty := false
	c := open(t, seed, func(o *estate.Options) { o.Empty = func(context.Context) bool { return empty } })
	parameters := map[string]string{
		"RegionId": "cn-hangzhou", "CenId": "cen-core", "ChildInstanceId": "vco-1", "ProductType": "VPN",
		"TransitRouterId": "tr-core", "TransitRouterRouteTableId": "vtb-1",
	}
	for action, list := range map[string]struct{ version, entry string }{
		"DescribeVpnConnections":                  {"2016-04-28", `"VpnConnectionId"`},
		"DescribeGrantRulesToCen":                 {"2017-09-12", `"CenOwnerId"`},
		"ListTransitRouters":                      {"2017-09-12", `"CenId"`},
		"ListTransitRouterVpnAttachments":         {"2017-09-12", `"VpnId"`},
		"ListTransitRouterRouteTables":            {"2017-09-12", `"vtb-1"`},
		"ListTransitRouterRouteTableAssociations": {"2017-09-12", `"vtb-1"`},
		"ListTransitRouterRouteTablePropagations": {"2017-09-12", `"vtb-1"`},
	} {
		for _, empty = range []bool{false, true} {
			body, err := c.rpc(list.version, action, parameters)
			if err != nil || strings.Contains(body, list.entry) == empty {
				t.Errorf("%s, to be emptied: %t, answers %s, %v", action, empty, body, err)
			}
		}
	}
}
