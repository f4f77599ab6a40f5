package estate_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

// fleet has n transit routers tr-00, tr-01 …; the odd ones are in another region, and every third is tagged.
func fleet(n int) (seed estate.Seed) {
	for i := range n {
		r := estate.TransitRouter{
			ID: fmt.Sprintf("tr-%02d", i), CEN: fmt.Sprintf("cen-%d", i), Name: fmt.Sprintf("n%d", i),
			CIDRs: []string{"10.0.0.0/16", "10.9.8.0/24"},
		}
		if i%2 == 1 {
			r.Region = "cn-beijing"
		}
		if i%3 == 0 {
			r.Tags = map[string]string{"label": "three", "i": fmt.Sprint(i)}
		}
		seed.TransitRouters = append(seed.TransitRouters, r)
	}
	return seed
}

// page is the answer of any list of CBN, as far as these tests look at it.
type page struct {
	TotalCount, PageNumber, PageSize int
	NextToken                        string
	TransitRouters                   []struct{ TransitRouterId string }
	TransitRouterAttachments         []struct{ VpnId string }
	TransitRouterRouteTables         []struct{ TransitRouterRouteTableId string }
}

// list returns the ids on a page, separated by spaces.
func (c *cloud) list(action, query string) (ids string, p page) {
	c.t.Helper()
	c.get("cbn "+action, query, &p)
	var all []string
	for _, r := range p.TransitRouters {
		all = append(all, r.TransitRouterId)
	}
	for _, a := range p.TransitRouterAttachments {
		all = append(all, a.VpnId)
	}
	for _, t := range p.TransitRouterRouteTables {
		all = append(all, t.TransitRouterRouteTableId)
	}
	return strings.Join(all, " "), p
}

// lists checks what a list answers to queries.
func (c *cloud) lists(action string, cases map[string]string) {
	c.t.Helper()
	for query, want := range cases {
		if got, _ := c.list(action, query); got != want {
			c.t.Errorf("%s %q listed %q; want %q", action, query, got, want)
		}
	}
}

func TestRoutersAreListedByTheirFilters(t *testing.T) {
	seed := fleet(7)
	seed.TransitRouters[5].Type, seed.TransitRouters[6].Status = "Basic", "Upgrading"
	open(t, seed, nil).lists("ListTransitRouters", map[string]string{
		"RegionId=cn-hangzhou":                                   "tr-00 tr-02 tr-04 tr-06",
		"TransitRouterId=tr-03":                                  "tr-03",
		"RegionId=cn-hangzhou&TransitRouterName=n2":              "tr-02",
		"CenId=cen-4":                                            "tr-04",
		"RegionId=cn-beijing":                                    "tr-01 tr-03 tr-05",
		"RegionId=cn-hangzhou&Status=Upgrading":                  "tr-06",
		"RegionId=cn-beijing&Type=Basic":                         "tr-05",
		"RegionId=cn-hangzhou&Tag.1.Key=label&Tag.1.Value=three": "tr-00 tr-06",
		"RegionId=cn-beijing&Tag.1.Key=label&Tag.1.Value=three&Tag.2.Key=i&Tag.2.Value=3":   "tr-03",
		"RegionId=cn-hangzhou&Tag.1.Key=label&Tag.1.Value=thre":                             "",
		"RegionId=cn-hangzhou&Status=Fine":                                                  "",
		"RegionId=cn-hangzhou&PageNumber=2":                                                 "",
		"RegionId=cn-hangzhou&PageNumber=2&PageSize=3":                                      "tr-06",
		"RegionId=cn-beijing&FeatureFilter.1.Key=Multicast&FeatureFilter.1.Value.1=Enabled": "",
		"CenId=cen-4&FeatureFilter.1.Key=Multicast&FeatureFilter.1.Value.1=Disabled":        "tr-04",
	})
}

func TestRoutersAreListedInPages(t *testing.T) {
	seed := fleet(23)
	for i := range seed.TransitRouters {
		seed.TransitRouters[i].Region = region
	}
	c := open(t, seed, nil)
	var sizes []int
	seen := make(map[string]bool)
	for number := 1; number <= 4; number++ {
		ids, p := c.list("ListTransitRouters", fmt.Sprint("RegionId=cn-hangzhou&PageNumber=", number))
		if p.TotalCount != 23 || p.PageSize != 10 || p.PageNumber != number {
			t.Errorf("page %d: %+v", number, p)
		}
		sizes = append(sizes, len(p.TransitRouters))
		for id := range strings.FieldsSeq(ids) {
			seen[id] = true
		}
	}
	if want := []int{10, 10, 3, 0}; !reflect.DeepEqual(sizes, want) || len(seen) != 23 {
		t.Errorf("pages of %v with %d routers; want %v with 23", sizes, len(seen), want)
	}
}

func TestTheSDKReadsEverythingOfARouter(t *testing.T) {
	c := open(t, fleet(1), nil)
	request := &cbn.ListTransitRoutersRequest{
		RegionId: dara.String(region), PageNumber: dara.Int32(1), PageSize: dara.Int32(50),
		Tag: []*cbn.ListTransitRoutersRequestTag{{Key: dara.String("label"), Value: dara.String("three")}},
	}
	answer, err := c.sdk().ListTransitRoutersWithContext(t.Context(), request, &dara.RuntimeOptions{})
	if err != nil || len(answer.Body.TransitRouters) != 1 {
		t.Fatalf("got %v, %v", answer, err)
	}
	r := answer.Body.TransitRouters[0]
	if dara.Int64Value(r.AliUid) != 1234567890123456 || dara.StringValue(r.CenId) != "cen-0" ||
		dara.StringValue(r.RegionId) != region || dara.StringValue(r.Status) != "Active" ||
		dara.StringValue(r.Type) != "Enterprise" || dara.StringValue(r.TransitRouterName) != "n0" {
		t.Errorf("the router is %v", r)
	}
	if len(r.TransitRouterCidrList) != 2 || dara.StringValue(r.TransitRouterCidrList[1].Cidr) != "10.9.8.0/24" {
		t.Errorf("its CIDR blocks are %v", r.TransitRouterCidrList)
	}
	if len(r.Tags) != 2 || dara.StringValue(r.Tags[1].Key) != "label" || dara.StringValue(r.Tags[1].Value) != "three" {
		t.Errorf("its tags are %v", r.Tags)
	}
}

func TestAttachmentsArePagedThroughAChangingList(t *testing.T) {
	seed := core()
	for i := range 45 {
		id := fmt.Sprintf("vco-a%03d", i)
		seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: id, TransitRouter: "tr-core"})
	}
	c := open(t, seed, nil)
	var seen []string
	token := ""
	for pages := 0; pages == 0 || token != ""; pages++ {
		query := "RegionId=cn-hangzhou&TransitRouterId=tr-core&NextToken=" + token
		ids, p := c.list("ListTransitRouterVpnAttachments", query)
		page := strings.Fields(ids)
		seen = append(seen, page...)
		if token = p.NextToken; token != "" && (len(page) != 20 || pages > 2) {
			t.Fatalf("page %d has %d attachments and says there are more", pages, len(page))
		}
		// An attachment that is listed already disappears; the next page must not skip anything for it.
		if err := c.DeleteConnection(page[0]); err != nil {
			t.Fatal(err)
		}
	}
	if len(seen) != 45 || seen[44] != "vco-a044" {
		t.Errorf("saw %d attachments; want all 45, in order: %v", len(seen), seen)
	}
}

func TestAttachmentsAreListedByTheirFilters(t *testing.T) {
	c := open(t, crowd(), nil)
	id, _ := c.create(tagged(1, "mark", "x"))
	c.lists("ListTransitRouterVpnAttachments", map[string]string{
		"":                                "vco-attached vco-attaching vco-1",
		"TransitRouterId=tr-core":         "vco-attached vco-attaching vco-1",
		"TransitRouterId=tr-far":          "",
		"CenId=cen-2":                     "",
		"RegionId=cn-beijing":             "",
		"TransitRouterAttachmentId=" + id: "vco-1",
		"Tag.1.Key=mark&Tag.1.Value=x":    "vco-1",
		"Tag.1.Key=mark&Tag.1.Value=y":    "",
		"MaxResults=50":                   "vco-attached vco-attaching vco-1",
	})
	if err := errors.Join(c.Tag(id, map[string]string{"mark": "y"}), c.Tag("vco-1", map[string]string{"mark": "x"}),
		c.Tag(c.Attachments()[0].ID, map[string]string{"mark": "y"})); err != nil {
		t.Fatal(err)
	}
	c.lists("ListTransitRouterVpnAttachments", map[string]string{
		"Tag.1.Key=mark&Tag.1.Value=x": "",
		"Tag.1.Key=mark&Tag.1.Value=y": "vco-attached vco-1",
	})
}

func TestTheSDKReadsEverythingOfAnAttachment(t *testing.T) {
	c := open(t, core(), nil)
	id, _ := c.create("TransitRouterAttachmentName=n&TransitRouterAttachmentDescription=d" +
		"&AutoPublishRouteEnabled=false&Zone.1.ZoneId=cn-hangzhou-h" + tagged(1, "k", "v"))
	request := &cbn.ListTransitRouterVpnAttachmentsRequest{
		TransitRouterId: dara.String("tr-core"), RegionId: dara.String(region), MaxResults: dara.Int32(1),
		Tag: []*cbn.ListTransitRouterVpnAttachmentsRequestTag{{Key: dara.String("k"), Value: dara.String("v")}},
	}
	answer, err := c.sdk().ListTransitRouterVpnAttachmentsWithContext(t.Context(), request, &dara.RuntimeOptions{})
	if err != nil || len(answer.Body.TransitRouterAttachments) != 1 {
		t.Fatalf("got %v, %v", answer, err)
	}
	a := answer.Body.TransitRouterAttachments[0]
	if dara.StringValue(a.TransitRouterAttachmentId) != id || dara.StringValue(a.Status) != "Attaching" ||
		dara.StringValue(a.VpnId) != "vco-1" || dara.Int64Value(a.VpnOwnerId) != 1234567890123456 ||
		dara.StringValue(a.VpnRegionId) != region || dara.StringValue(a.CenId) != "cen-1" ||
		dara.StringValue(a.TransitRouterAttachmentName) != "n" || *a.AutoPublishRouteEnabled ||
		dara.StringValue(a.TransitRouterAttachmentDescription) != "d" {
		t.Errorf("the attachment is %v", a)
	}
	if len(a.Zones) != 1 || dara.StringValue(a.Zones[0].ZoneId) != "cn-hangzhou-h" {
		t.Errorf("its zones are %v", a.Zones)
	}
	if len(a.Tags) != 1 || dara.StringValue(a.Tags[0].Value) != "v" {
		t.Errorf("its tags are %v", a.Tags)
	}
	if _, err := time.Parse("2006-01-02T15:04Z", dara.StringValue(a.CreationTime)); err != nil {
		t.Errorf("its time is %v", err)
	}
	if dara.Int32Value(answer.Body.TotalCount) != 1 || answer.Body.NextToken != nil {
		t.Errorf("the list says %v", answer.Body)
	}
}

func TestEveryListCanBeEmptied(t *testing.T) {
	seed := bound()
	seed.VPNConnections[0].CrossAccountAuthorized = true
	empty := false
	c := open(t, seed, func(o *estate.Options) { o.Empty = func(context.Context) bool { return empty } })
	const grant = "RegionId=cn-hangzhou&CenId=c&ChildInstanceId=vco-1&ProductType=VPN"
	for call, list := range map[string][2]string{
		"vpc DescribeVpnConnections":          {"RegionId=cn-hangzhou", `"VpnConnectionId"`},
		"cbn DescribeGrantRulesToCen":         {grant, `"CenId"`},
		"cbn ListTransitRouters":              {"CenId=cen-1", `"CenId"`},
		"cbn ListTransitRouterVpnAttachments": {"", `"VpnId"`},
		"cbn ListTransitRouterRouteTables":    {"TransitRouterId=tr-core", `"vtb-2"`},
		"cbn " + listAssociations:             {"", `"vtb-2"`},
		"cbn " + listPropagations:             {"TransitRouterRouteTableId=vtb-2", `"vtb-2"`},
	} {
		for _, empty = range []bool{false, true} {
			if body, code := c.call(call, list[0]); code != "" || strings.Contains(body, list[1]) == empty {
				t.Errorf("%s, to be emptied: %t, answers %s %s", call, empty, body, code)
			}
		}
	}
}
