package estate_test

import (
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

// outcome is "" for a call of the SDK that succeeded, else the error's code.
func outcome(t *testing.T, err error) string {
	t.Helper()
	if err == nil {
		return ""
	}
	return codeOf(t, err)
}

func (c *cloud) detach(adjust func(*cbn.DeleteTransitRouterVpnAttachmentRequest)) string {
	c.t.Helper()
	r := &cbn.DeleteTransitRouterVpnAttachmentRequest{TransitRouterAttachmentId: dara.String(firstAttachment)}
	if adjust != nil {
		adjust(r)
	}
	_, err := c.cbn().DeleteTransitRouterVpnAttachmentWithOptions(r, &dara.RuntimeOptions{})
	return outcome(c.t, err)
}

func TestTheSDKDetachesWhatIsNotBound(t *testing.T) {
	const associated, propagated = "OperationFailed.RouteTableAssociationExist", "OperationFailed.RouteTablePropagationExist"
	cases := map[string]struct {
		associate, propagate string
		adjust               func(*cbn.DeleteTransitRouterVpnAttachmentRequest)
		code                 string
		status               string
	}{
		"one that is bound to nothing":              {"", "", nil, "", "Detaching"},
		"not one that is associated":                {"vtb-sys", "", nil, associated, "Attached"},
		"not one that propagates":                   {"", "vtb-sys", nil, propagated, "Attached"},
		"not one that does both":                    {"vtb-sys", "vtb-sys", nil, associated, "Attached"},
		"whatever it is bound to when it is forced": {"vtb-sys", "vtb-sys", func(r *cbn.DeleteTransitRouterVpnAttachmentRequest) { r.Force = dara.Bool(true) }, "", "Detaching"},
		"nothing in a dry run":                      {"", "", func(r *cbn.DeleteTransitRouterVpnAttachmentRequest) { r.DryRun = dara.Bool(true) }, "DryRunOperation", "Attached"},
		"not one that there is not": {"", "", func(r *cbn.DeleteTransitRouterVpnAttachmentRequest) {
			r.TransitRouterAttachmentId = dara.String("tr-attach-9")
		}, "InvalidTransitRouterAttachmentId.NotFound", "Attached"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			c := open(t, bound(), func(o *estate.Options) { o.DetachSeconds = 10 })
			for kind, table := range map[string]string{"associate": test.associate, "propagate": test.propagate} {
				if table != "" && c.bind(kind, firstAttachment, table, kind) != "" {
					t.Fatalf("%s %s was refused", kind, table)
				}
			}
			if code := c.detach(test.adjust); code != test.code {
				t.Errorf("got %q, want %q", code, test.code)
			}
			if got := c.Attachments()[0].Status; got != test.status {
				t.Errorf("it is %s, want %s", got, test.status)
			}
		})
	}
}

// Nobody has to ask for it to be gone, as nobody has to for it to be attached.
func TestADetachmentEndsByItself(t *testing.T) {
	gone := make(chan string, 10)
	c := open(t, core(), func(o *estate.Options) {
		o.AttachSeconds, o.DetachSeconds = 0, 0.05
		o.OnChange = func(a estate.Attachment) { gone <- a.Status }
	})
	c.mustCreate()
	if code := c.detach(nil); code != "" || c.Pending() != 1 {
		t.Fatalf("%q, %d on their way", code, c.Pending())
	}
	var seen []string
	for len(seen) == 0 || seen[len(seen)-1] != "Deleted" {
		select {
		case status := <-gone:
			seen = append(seen, status)
		case <-time.After(10 * time.Second):
			t.Fatalf("it never ended: %q", seen)
		}
	}
	if c.Pending() != 0 {
		t.Errorf("%d on their way at the end", c.Pending())
	}
}

func TestTheSDKTagsUntagsAndAddsCIDRs(t *testing.T) {
	c := open(t, core(), nil)
	tag := func(kind, id string) string {
		_, err := c.cbn().TagResourcesWithOptions(&cbn.TagResourcesRequest{
			ResourceType: dara.String(kind), ResourceId: []*string{dara.String(id)},
			Tag: []*cbn.TagResourcesRequestTag{{Key: dara.String("vpn-attach:accept"), Value: dara.String("any")}, {Key: dara.String("k"), Value: dara.String("")}},
		}, &dara.RuntimeOptions{})
		return outcome(t, err)
	}
	untag := func(id string) string {
		_, err := c.cbn().UntagResourcesWithOptions(&cbn.UntagResourcesRequest{ResourceType: dara.String("TransitRouter"), ResourceId: []*string{dara.String(id)}, TagKey: []*string{dara.String("k")}}, &dara.RuntimeOptions{})
		return outcome(t, err)
	}
	if got := tag("TransitRouter", "tr-core") + tag("TransitRouter", "tr-9") + untag("tr-core") + untag("tr-8"); got != "InvalidResourceId.NotFoundInvalidResourceId.NotFound" {
		t.Errorf("got %s", got)
	}
	if tags := c.Seed().TransitRouters[0].Tags; len(tags) != 1 || tags["vpn-attach:accept"] != "any" {
		t.Errorf("the tags are %v", tags)
	}
	answer, err := c.cbn().CreateTransitRouterCidrWithOptions(&cbn.CreateTransitRouterCidrRequest{
		TransitRouterId: dara.String("tr-core"), RegionId: dara.String(region), Cidr: dara.String("10.77.0.0/24"), PublishCidrRoute: dara.Bool(true),
	}, &dara.RuntimeOptions{})
	if err != nil || dara.StringValue(answer.Body.TransitRouterCidrId) == "" {
		t.Errorf("got %v, %v", answer, err)
	}
	if blocks := c.Seed().TransitRouters[0].CIDRs; len(blocks) != 2 || blocks[1] != "10.77.0.0/24" {
		t.Errorf("the blocks are %v", blocks)
	}
}
