package estate_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
)

// trails notes the events that an estate sends to the bus.
type trails []string

// refused counts those of calls that failed.
func (sent trails) refused() (n int) {
	for _, event := range sent {
		if strings.Contains(event, `"errorCode":"`) && !strings.Contains(event, "responseElements") {
			n++
		}
	}
	return n
}

func (sent *trails) options(o *estate.Options) {
	o.OnTrail = func(text string) { *sent = append(*sent, text) }
	o.DetachSeconds = 10
}

// wantEvent checks that the function reads the n-th event as one about a connection.
func (sent trails) wantEvent(t *testing.T, n int, connection string) {
	t.Helper()
	if len(sent) != n || sent.refused() > 0 {
		t.Fatalf("sent %q", sent)
	}
	batch, err := event.Decoder{RequestID: "R"}.Decode([]byte(sent[n-1]))
	if err != nil || len(batch.Items) != 1 {
		t.Fatalf("the function reads it as %+v, %v", batch.Items, err)
	}
	if e, _ := batch.Items[0].(event.Event); e.ConnectionID != connection {
		t.Errorf("the function reads it as %+v, %v", batch.Items, err)
	}
}

func TestAConnectionMadeByACallReachesTheBusAsAnEvent(t *testing.T) {
	var sent trails
	c := open(t, core(), sent.options)
	var made struct{ VpnConnectionId, Name string }
	c.get("vpc CreateVpnAttachment", `RegionId=cn-hangzhou&Name=branch&LocalSubnet=10.0.0.0/8&RemoteSubnet=10.1.0.0/16`+
		`&CustomerGatewayId=cgw-1&Tags.1.Key=k&Tags.1.Value=tr-core&IkeConfig={"Psk":"secret"}`, &made)
	if d := c.describe(made.VpnConnectionId); d.State != "init" || made.Name != "branch" || d.Name != "branch" {
		t.Fatalf("%+v, %+v", made, d)
	}
	sent.wantEvent(t, 1, made.VpnConnectionId)
	for want, query := range map[string]string{
		"MissingParameter":        "RegionId=cn-hangzhou",
		"IllegalParam.RegionId":   "RegionId=cn-beijing&LocalSubnet=a&RemoteSubnet=b",
		"InvalidParameter.TagKey": "RegionId=cn-hangzhou&LocalSubnet=a&RemoteSubnet=b&Tags.1.Key=acs:x&Tags.1.Value=v",
	} {
		if _, code := c.call("vpc CreateVpnAttachment", query); code != want {
			t.Errorf("want %s, got %q", want, code)
		}
	}
	if len(sent) != 4 || sent.refused() != 3 {
		t.Errorf("want an event of each refused call that says so, got %q", sent)
	}
}

func TestTaggingIsAnEventAndLeavesOtherTags(t *testing.T) {
	var sent trails
	seed := core()
	seed.VPNConnections[0].Tags = map[string]string{"a": "1"}
	c := open(t, seed, sent.options)
	call := func(what, query, want string) {
		t.Helper()
		if _, code := c.call(what, query); code != want {
			t.Errorf("%s %s: got %q", what, query, code)
		}
	}
	call("vpc TagResources", "ResourceType=VPNATTACHMENT&ResourceId.1=vco-1&Tag.1.Key=b&Tag.1.Value=2", "")
	if got := c.tags("vco-1"); got != "[a=1 b=2]" {
		t.Errorf("got %s", got)
	}
	sent.wantEvent(t, 1, "vco-1")
	call("vpc UnTagResources", "ResourceId.1=vco-1&TagKey.1=a", "")
	if got := c.tags("vco-1"); got != "[b=2]" {
		t.Errorf("got %s", got)
	}
	call("cbn TagResources", "ResourceType=TransitRouter&ResourceId.1=tr-core&Tag.1.Key=k&Tag.1.Value=any", "")
	const missing = "InvalidInstanceIds.NotFound"
	call("vpc TagResources", "ResourceId.1=vco-1&ResourceId.2=vco-9&Tag.1.Key=z&Tag.1.Value=1", missing)
	if got := c.tags("vco-1"); got != "[b=2]" || len(sent) != 3 || sent.refused() != 1 {
		t.Errorf("a call that failed had half an effect: %s, sent %q", got, sent)
	}
}

func TestAConnectionIsDetachedBeforeItIsDeleted(t *testing.T) {
	var sent trails
	virtually(t, core(), sent.options, func(t *testing.T, c *cloud) {
		c.mustCreate()
		remove := func(want string) {
			t.Helper()
			_, code := c.call("vpc DeleteVpnAttachment", "RegionId=cn-hangzhou&VpnConnectionId=vco-1")
			if code != want {
				t.Errorf("deleting it: %q", code)
			}
		}
		detach := func(want, state string) {
			t.Helper()
			_, code := c.call("cbn DeleteTransitRouterVpnAttachment", "TransitRouterAttachmentId="+firstAttachment)
			if got := c.state("vco-1"); code != want || got != state {
				t.Errorf("detaching it: %q, then it is %s", code, got)
			}
		}
		remove("Vco.StatusNotSupport")
		detach("IncorrectStatus.ResourceStatus", "attaching")
		time.Sleep(30 * time.Second)
		detach("", "detaching")
		time.Sleep(10 * time.Second)
		if got := c.state("vco-1"); got != "init" {
			t.Errorf("then it is %s", got)
		}
		remove("")
		if got := c.state("vco-1"); got != "InvalidVpnConnectionInstanceId.NotFound" {
			t.Errorf("after all it is %s", got)
		}
		if len(sent) != 2 || sent.refused() != 1 || !strings.Contains(sent[1], "DeleteVpnAttachment") {
			t.Errorf("sent %q", sent)
		}
	})
}

func TestARouterGetsACIDRBlock(t *testing.T) {
	c := open(t, core(), nil)
	for _, block := range [][3]string{
		{"tr-core", "10.1.0.0/16", ""}, {"tr-core", "10.1.2.0/24", "OverLappingExist.Cidr"},
		{"tr-core", "10.2.0.0/8", "IllegalParam.Cidr"}, {"tr-9", "10.1.0.0/16", "InstanceNotExist"},
	} {
		_, code := c.call("cbn CreateTransitRouterCidr", "TransitRouterId="+block[0]+"&Cidr="+block[1])
		if code != block[2] {
			t.Errorf("%v: got %q", block, code)
		}
	}
}

func TestTheSDKDetachesWhatIsNotBound(t *testing.T) {
	const associated = "OperationFailed.RouteTableAssociationExist"
	const propagated = "OperationFailed.RouteTablePropagationExist"
	type request = cbn.DeleteTransitRouterVpnAttachmentRequest
	forced, dry := dara.Bool(true), dara.Bool(true)
	for name, test := range map[string]struct {
		associate, propagate string
		request              request
		code, status         string
	}{
		"one that is bound to nothing":        {"", "", request{}, "", "Detaching"},
		"not one that is associated":          {"vtb-sys", "", request{}, associated, "Attached"},
		"not one that propagates":             {"", "vtb-sys", request{}, propagated, "Attached"},
		"not one that does both":              {"vtb-sys", "vtb-sys", request{}, associated, "Attached"},
		"one that is bound when it is forced": {"vtb-sys", "vtb-sys", request{Force: forced}, "", "Detaching"},
		"nothing in a dry run":                {"", "", request{DryRun: dry}, "DryRunOperation", "Attached"},
		"not one that does not exist": {"", "", request{TransitRouterAttachmentId: dara.String("tr-attach-9")},
			"InvalidTransitRouterAttachmentId.NotFound", "Attached"},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, bound(), func(o *estate.Options) { o.DetachSeconds = 10 })
			for kind, table := range map[string]string{"associate": test.associate, "propagate": test.propagate} {
				if table != "" && c.bind(kind, firstAttachment, table, kind) != "" {
					t.Fatalf("%s %s was refused", kind, table)
				}
			}
			if test.request.TransitRouterAttachmentId == nil {
				test.request.TransitRouterAttachmentId = dara.String(firstAttachment)
			}
			_, err := c.sdk().DeleteTransitRouterVpnAttachmentWithOptions(&test.request, &dara.RuntimeOptions{})
			if code := codeOf(t, err); code != test.code {
				t.Errorf("got %q, want %q", code, test.code)
			}
			if got := c.Attachments()[0].Status; got != test.status {
				t.Errorf("it is %s, want %s", got, test.status)
			}
		})
	}
}

// Nobody has to ask for it to be gone, as nobody has to for it to be attached.
func TestADetachmentEnds(t *testing.T) {
	var j journal
	slow := func(o *estate.Options) { o.AttachSeconds, o.DetachSeconds, o.OnChange = 0, 10, j.note }
	virtually(t, core(), slow, func(t *testing.T, c *cloud) {
		c.mustCreate()
		_, code := c.call("cbn DeleteTransitRouterVpnAttachment", "TransitRouterAttachmentId="+firstAttachment)
		if code != "" || c.Pending() != 1 {
			t.Fatalf("%q, %d pending", code, c.Pending())
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		j.want(t, "vco-1 Attaching", "vco-1 Attached", "vco-1 Detaching", "vco-1 Deleted")
		if c.Pending() != 0 {
			t.Errorf("%d pending at the end", c.Pending())
		}
	})
}

func TestTheSDKTagsUntagsAndAddsCIDRs(t *testing.T) {
	c := open(t, core(), nil)
	kind := dara.String("TransitRouter")
	for id, want := range map[string]string{"tr-core": "", "tr-9": "InvalidInstanceIds.NotFound"} {
		resources := []*string{&id}
		_, err := c.sdk().TagResourcesWithOptions(&cbn.TagResourcesRequest{
			ResourceType: kind, ResourceId: resources, Tag: []*cbn.TagResourcesRequestTag{
				{Key: dara.String("vpn-attach:accept"), Value: dara.String("any")},
				{Key: dara.String("k"), Value: dara.String("")},
			},
		}, &dara.RuntimeOptions{})
		_, untagging := c.sdk().UntagResourcesWithOptions(&cbn.UntagResourcesRequest{
			ResourceType: kind, ResourceId: resources, TagKey: []*string{dara.String("k")},
		}, &dara.RuntimeOptions{})
		if tagged, untagged := codeOf(t, err), codeOf(t, untagging); tagged != want || untagged != want {
			t.Errorf("%s: got %q and %q", id, tagged, untagged)
		}
	}
	answer, err := c.sdk().CreateTransitRouterCidrWithOptions(&cbn.CreateTransitRouterCidrRequest{
		TransitRouterId: dara.String("tr-core"), RegionId: dara.String(region), Cidr: dara.String("10.77.0.0/24"),
		PublishCidrRoute: dara.Bool(true),
	}, &dara.RuntimeOptions{})
	if err != nil || dara.StringValue(answer.Body.TransitRouterCidrId) == "" {
		t.Errorf("got %v, %v", answer, err)
	}
	router := c.Seed().TransitRouters[0]
	if tags := router.Tags; len(tags) != 1 || tags["vpn-attach:accept"] != "any" {
		t.Errorf("the tags are %v", tags)
	}
	if blocks := router.CIDRs; len(blocks) != 2 || blocks[1] != "10.77.0.0/24" {
		t.Errorf("the blocks are %v", blocks)
	}
}
