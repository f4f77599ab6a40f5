package estate_test

import (
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

// end makes a call about the second attachment and a route table, and returns the error's code.
func (c *cloud) end(action, table string) string {
	c.t.Helper()
	_, code := c.call("cbn "+action, "TransitRouterAttachmentId="+secondAttachment+"&TransitRouterRouteTableId="+table)
	return code
}

func TestABindingEndsAndIsListedNoLonger(t *testing.T) {
	virtually(t, bound(), slowTables, func(t *testing.T, c *cloud) {
		if code := c.end(dissociateAction, "vtb-2") + c.end(disableAction, "vtb-2"); code != "" {
			t.Fatal(code)
		}
		c.wantLists("2 vtb-2 Dissociating", "2 vtb-2 Disabling")
		again := c.bind(estate.KindAssociate, secondAttachment, "vtb-3", "early")
		if again != "IncorrectStatus.AttachmentOrRouteTable" || c.end(disableAction, "vtb-2") == "" {
			t.Errorf("while one ends, another: %q", again)
		}
		time.Sleep(10 * time.Second)
		c.wantLists("", "")
		if code := c.bind(estate.KindAssociate, secondAttachment, "vtb-3", "late"); code != "" {
			t.Errorf("after it has ended: %q", code)
		}
		if code := c.end(dissociateAction, "vtb-2"); code != "IncorrectStatus.AttachmentOrRouteTable" {
			t.Errorf("ending what is not bound: %q", code)
		}
		if left := c.Seed().VPNConnections[1]; left.Associated != "vtb-3" || len(left.Propagated) != 1 {
			t.Errorf("kept as %+v", left)
		}
	})
}

func TestAnAssociationMovesToAnotherTable(t *testing.T) {
	virtually(t, bound(), slowTables, func(t *testing.T, c *cloud) {
		if code := c.end(replaceAction, "vtb-3"); code != "" {
			t.Fatal(code)
		}
		c.wantLists("2 vtb-3 Replacing", "2 vtb-2 Active")
		if code := c.end(dissociateAction, "vtb-3"); code != "IncorrectStatus.AttachmentOrRouteTable" {
			t.Errorf("ending it on the way: %q", code)
		}
		if got := open(t, c.Seed(), slowTables).Seed().VPNConnections[1].AssociationStatus; got != "Replacing" {
			t.Errorf("a copy of it is %q", got)
		}
		time.Sleep(10 * time.Second)
		c.wantLists("2 vtb-3 Active", "2 vtb-2 Active")
	})
}

func TestADryRunEndsNothing(t *testing.T) {
	c := open(t, bound(), nil)
	for action, table := range map[string]string{
		dissociateAction: "vtb-2", disableAction: "vtb-2", replaceAction: "vtb-3",
	} {
		if code := c.end(action, table+"&DryRun=true"); code != "DryRunOperation" {
			t.Errorf("%s: %q", action, code)
		}
	}
	c.wantLists("2 vtb-2 Active", "2 vtb-2 Active")
}

func TestWhatEndsIsNoPartOfACopy(t *testing.T) {
	c := open(t, bound(), slowTables)
	if code := c.end(disableAction, "vtb-2"); code != "" {
		t.Fatal(code)
	}
	got := c.Seed().VPNConnections[1]
	if len(got.Propagated) != 1 || got.Propagated[0] != "vtb-3" || got.PropagationStatus != "Active" {
		t.Errorf("got %v, %s", got.Propagated, got.PropagationStatus)
	}
}

func TestTheSDKChangesAnAttachment(t *testing.T) {
	c := open(t, bound(), nil)
	update := func(request *cbn.UpdateTransitRouterVpnAttachmentAttributeRequest) string {
		request.TransitRouterAttachmentId = dara.String(firstAttachment)
		_, err := c.sdk().UpdateTransitRouterVpnAttachmentAttributeWithOptions(request, &dara.RuntimeOptions{})
		return codeOf(t, err)
	}
	type request = cbn.UpdateTransitRouterVpnAttachmentAttributeRequest
	first := update(&request{
		TransitRouterAttachmentName: dara.String("new"), TransitRouterAttachmentDescription: dara.String("text"),
	})
	second := update(&request{AutoPublishRouteEnabled: dara.Bool(false)})
	dry := update(&request{TransitRouterAttachmentName: dara.String("dry"), DryRun: dara.Bool(true)})
	got := c.Attachments()[0]
	if first+second != "" || dry != "DryRunOperation" || got.Name != "new" || got.Description != "text" ||
		got.AutoPublish {
		t.Errorf("%q %q %q: %+v", first, second, dry, got)
	}
}
