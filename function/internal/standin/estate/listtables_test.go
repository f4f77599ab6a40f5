package estate_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/estate"
)

const (
	listAssociations = "ListTransitRouterRouteTableAssociations"
	listPropagations = "ListTransitRouterRouteTablePropagations"
)

// bindingPage lists bindings by the wire names: "attachment table status" each.
func (c *cloud) bindingPage(action string, query map[string]string) (lines []string, next string, total int) {
	c.t.Helper()
	type binding struct{ TransitRouterAttachmentId, TransitRouterRouteTableId, Status, ResourceId, ResourceType string }
	var answer struct {
		NextToken                 string
		TotalCount                int
		TransitRouterAssociations []binding
		TransitRouterPropagations []binding
	}
	body, code := c.do(cbnVersion, action, query)
	if code != "" || json.Unmarshal([]byte(body), &answer) != nil {
		c.t.Fatalf("%s: %s %s", action, code, body)
	}
	for _, b := range slices.Concat(answer.TransitRouterAssociations, answer.TransitRouterPropagations) {
		if b.ResourceType != "VPN" || !strings.HasPrefix(b.ResourceId, "vco-") {
			c.t.Errorf("the resource is %s %s", b.ResourceType, b.ResourceId)
		}
		lines = append(lines, fmt.Sprintf("%s %s %s", strings.TrimLeft(b.TransitRouterAttachmentId, "tr-ach0"), b.TransitRouterRouteTableId, b.Status))
	}
	return lines, answer.NextToken, answer.TotalCount
}

func TestBindingsAreListedByTheirFilters(t *testing.T) {
	c := open(t, bound(), func(o *estate.Options) { o.RouteTableSeconds = 10 })
	for _, kind := range []string{estate.KindAssociate, estate.KindPropagate} {
		if code := c.bind(kind, firstAttachment, "vtb-2", "t"); code != "" {
			t.Fatal(code)
		}
	}
	cases := map[string]struct {
		action string
		query  map[string]string
		want   string
	}{
		"associations, of all":                        {listAssociations, nil, "[2 vtb-2 Active 1 vtb-2 Associating]"},
		"associations, by route table":                {listAssociations, map[string]string{"TransitRouterRouteTableId": "vtb-3"}, "[]"},
		"associations, by attachment":                 {listAssociations, map[string]string{"TransitRouterAttachmentId": firstAttachment}, "[1 vtb-2 Associating]"},
		"associations, by connection":                 {listAssociations, map[string]string{"TransitRouterAttachmentResourceId": "vco-2"}, "[2 vtb-2 Active]"},
		"associations, by status":                     {listAssociations, map[string]string{"Status": "Associating"}, "[1 vtb-2 Associating]"},
		"associations, of VPN":                        {listAssociations, map[string]string{"TransitRouterAttachmentResourceType": "VPN"}, "[2 vtb-2 Active 1 vtb-2 Associating]"},
		"associations, of VPC":                        {listAssociations, map[string]string{"TransitRouterAttachmentResourceType": "VPC"}, "[]"},
		"associations, with a page size out of range": {listAssociations, map[string]string{"MaxResults": "101"}, "[]"},
		"associations, with a token of elsewhere":     {listAssociations, map[string]string{"NextToken": "a415****"}, "[]"},
		"propagations, by route table":                {listPropagations, map[string]string{"TransitRouterRouteTableId": "vtb-2"}, "[2 vtb-2 Active 1 vtb-2 Enabling]"},
		"propagations, by attachment":                 {listPropagations, map[string]string{"TransitRouterRouteTableId": "vtb-2", "TransitRouterAttachmentId": secondAttachment}, "[2 vtb-2 Active]"},
		"propagations, by status":                     {listPropagations, map[string]string{"TransitRouterRouteTableId": "vtb-2", "Status": "Disabling"}, "[]"},
		"propagations, by connection":                 {listPropagations, map[string]string{"TransitRouterRouteTableId": "vtb-2", "TransitRouterAttachmentResourceId": "vco-1"}, "[1 vtb-2 Enabling]"},
	}
	for name, test := range cases {
		t.Run(name, func(t *testing.T) {
			lines, next, total := c.bindingPage(test.action, test.query)
			if fmt.Sprint(lines) != test.want || next != "" || total != len(lines) {
				t.Errorf("got %v of %d, then %q", lines, total, next)
			}
		})
	}
	if _, code := c.do(cbnVersion, listPropagations, nil); code != "MissingParameter" {
		t.Errorf("propagations without a route table: got %q", code)
	}
}

func TestBindingsArePagedThroughAChangingList(t *testing.T) {
	seed := bound()
	seed.VPNConnections = nil
	for n := range 5 {
		seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: fmt.Sprintf("vco-%d", n+1), TransitRouter: "tr-core", Associated: "vtb-2"})
	}
	c := open(t, seed, nil)
	first, next, total := c.bindingPage(listAssociations, map[string]string{"MaxResults": "2"})
	if fmt.Sprint(first) != "[1 vtb-2 Active 2 vtb-2 Active]" || total != 5 || next == "" {
		t.Fatalf("got %v of %d, then %q", first, total, next)
	}
	if err := c.Detach(firstAttachment); err != nil {
		t.Fatal(err)
	}
	rest, end, total := c.bindingPage(listAssociations, map[string]string{"MaxResults": "3", "NextToken": next})
	if fmt.Sprint(rest) != "[3 vtb-2 Active 4 vtb-2 Active 5 vtb-2 Active]" || total != 4 || end != "" {
		t.Errorf("then %v of %d, then %q", rest, total, end)
	}
}

func TestWithoutAnAttachmentNothingStaysBound(t *testing.T) {
	for name, remove := range map[string]func(*cloud) error{
		"the attachment is deleted": func(c *cloud) error { return c.Detach(secondAttachment) },
		"the connection is deleted": func(c *cloud) error { return c.DeleteConnection("vco-2") },
		"the attachment is detached by a call": func(c *cloud) error {
			_, err := c.rpc(cbnVersion, "DeleteTransitRouterVpnAttachment", map[string]string{"TransitRouterAttachmentId": secondAttachment, "Force": "true"})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, bound(), nil)
			if err := remove(c); err != nil {
				t.Fatal(err)
			}
			if lines, _, _ := c.bindingPage(listAssociations, nil); len(lines) != 0 {
				t.Errorf("still listed: %v", lines)
			}
			if lines, _, _ := c.bindingPage(listPropagations, map[string]string{"TransitRouterRouteTableId": "vtb-3"}); len(lines) != 0 {
				t.Errorf("still listed: %v", lines)
			}
			for _, b := range c.Bindings() {
				if b.Status != "Deleted" {
					t.Errorf("kept as %+v", b)
				}
			}
			if code := c.bind(estate.KindAssociate, secondAttachment, "vtb-sys", "t"); code != "InvalidTransitRouterAttachmentId.NotFound" {
				t.Errorf("binding it once more: %q", code)
			}
		})
	}
}

func TestADryRunBindsNothing(t *testing.T) {
	for action, kind := range map[string]string{"AssociateTransitRouterAttachmentWithRouteTable": estate.KindAssociate, "EnableTransitRouterRouteTablePropagation": estate.KindPropagate} {
		c := open(t, bound(), nil)
		query := map[string]string{"TransitRouterAttachmentId": firstAttachment, "TransitRouterRouteTableId": "vtb-3", "ClientToken": "t", "DryRun": "true"}
		if _, code := c.do(cbnVersion, action, query); code != "DryRunOperation" || len(c.Bindings()) != 3 || c.Binds()[0].Effect {
			t.Errorf("%s: got %q, %+v", action, code, c.Binds())
		}
		query["DryRun"] = "perhaps"
		if _, code := c.do(cbnVersion, action, query); code != "InvalidParameter" {
			t.Errorf("%s: a flag that is none: %q", action, code)
		}
		if code := c.bind(kind, firstAttachment, "vtb-3", "t"); code != "" {
			t.Errorf("%s: the dry run occupies its token: %q", action, code)
		}
		query["DryRun"], query["TransitRouterRouteTableId"] = "true", "vtb-9"
		query["ClientToken"] = "u"
		if _, code := c.do(cbnVersion, action, query); code != "InvalidTransitRouterRouteTableId.NotFound" {
			t.Errorf("%s: a dry run that would fail: %q", action, code)
		}
	}
}

func TestTheRecordKeepsEveryBindingAndWhoMadeIt(t *testing.T) {
	c := open(t, bound(), func(o *estate.Options) { o.RouteTableSeconds, o.Speed = 10, 2 })
	if code := c.bind(estate.KindPropagate, firstAttachment, "vtb-3", "token-1"); code != "" {
		t.Fatal(code)
	}
	all := c.Bindings()
	made := all[len(all)-1]
	if len(all) != 4 || made.Kind != "propagate" || made.Attachment != firstAttachment || made.Table != "vtb-3" || made.ClientToken != "token-1" || made.Status != "Enabling" {
		t.Errorf("got %+v", all)
	}
	if wait := made.Active.Sub(made.Created); wait != 5*time.Second {
		t.Errorf("it takes %s, want half of ten seconds", wait)
	}
	if attempt := c.Binds()[0]; attempt.ClientToken != "token-1" || attempt.Table != "vtb-3" || attempt.Attachment != firstAttachment || attempt.RequestID == "" || attempt.At.After(made.Created) {
		t.Errorf("recorded as %+v", attempt)
	}
	if planted := all[0]; planted.ClientToken != "" || planted.Status != "Active" || planted.Kind != "associate" {
		t.Errorf("of the seed: %+v", planted)
	}
}

func TestTheTwoOperationsDoNotShareTokens(t *testing.T) {
	c := open(t, bound(), nil)
	if code := c.bind(estate.KindAssociate, firstAttachment, "vtb-3", "t") + c.bind(estate.KindPropagate, firstAttachment, "vtb-3", "t"); code != "" {
		t.Errorf("got %q", code)
	}
	if code := c.bind(estate.KindPropagate, firstAttachment, "vtb-sys", strings.Repeat("x", 65)); code != "InvalidParameter" {
		t.Errorf("a token of 65 characters: %q", code)
	}
}
