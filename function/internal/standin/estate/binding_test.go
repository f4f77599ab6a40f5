package estate_test

import (
	"strings"
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

const (
	firstAttachment  = "tr-attach-000000000000000001"
	secondAttachment = "tr-attach-000000000000000002"

	associateAction  = "AssociateTransitRouterAttachmentWithRouteTable"
	dissociateAction = "DissociateTransitRouterAttachmentFromRouteTable"
	disableAction    = "DisableTransitRouterRouteTablePropagation"
	replaceAction    = "ReplaceTransitRouterRouteTableAssociation"
	propagateAction  = "EnableTransitRouterRouteTablePropagation"
	listAssociations = "ListTransitRouterRouteTableAssociations"
	listPropagations = "ListTransitRouterRouteTablePropagations"
)

// bound is a seed of two attached connections, the second bound to route tables.
func bound() estate.Seed {
	s := core()
	s.TransitRouters[0].RouteTables = []estate.RouteTable{
		{ID: "vtb-sys", Name: "main", Type: "System", Tags: map[string]string{"k": "v"}},
		{ID: "vtb-2", Name: "two"}, {ID: "vtb-3", Name: "three"},
	}
	s.TransitRouters = append(s.TransitRouters, estate.TransitRouter{
		ID: "tr-far", CEN: "cen-2", RouteTables: []estate.RouteTable{{ID: "vtb-far"}},
	})
	s.VPNConnections = []estate.VPNConnection{
		{ID: "vco-1", TransitRouter: "tr-core"},
		{ID: "vco-2", TransitRouter: "tr-core", Associated: "vtb-2", Propagated: []string{"vtb-2", "vtb-3"}},
	}
	return s
}

// bind binds an attachment to a route table and returns the error's code.
func (c *cloud) bind(kind, attachment, table, token string) string {
	c.t.Helper()
	action := map[string]string{estate.KindAssociate: associateAction, estate.KindPropagate: propagateAction}[kind]
	query := "TransitRouterAttachmentId=" + attachment + "&TransitRouterRouteTableId=" + table + "&ClientToken=" + token
	_, code := c.call("cbn "+action, query)
	return code
}

// mustBind associates an attachment with one route table and propagates it to another.
func (c *cloud) mustBind(attachment, associated, propagated string) {
	c.t.Helper()
	if code := c.bind(estate.KindAssociate, attachment, associated, "t") +
		c.bind(estate.KindPropagate, attachment, propagated, "t"); code != "" {
		c.t.Fatal(code)
	}
}

// bindings lists bindings as "attachment table status, …", the attachments by their numbers, and the rest of the page.
func (c *cloud) bindings(action, query string) (text, next string, total int) {
	c.t.Helper()
	type binding struct{ TransitRouterAttachmentId, TransitRouterRouteTableId, Status, ResourceId, ResourceType string }
	var answer struct {
		NextToken                                            string
		TotalCount                                           int
		TransitRouterAssociations, TransitRouterPropagations []binding
	}
	c.get("cbn "+action, query, &answer)
	var all []string
	for _, b := range append(answer.TransitRouterAssociations, answer.TransitRouterPropagations...) {
		number := strings.TrimLeft(b.TransitRouterAttachmentId, "tr-ach0")
		if b.ResourceType != "VPN" || b.ResourceId != "vco-"+number {
			c.t.Errorf("the resource of attachment %s is %s %s", number, b.ResourceType, b.ResourceId)
		}
		all = append(all, number+" "+b.TransitRouterRouteTableId+" "+b.Status)
	}
	return strings.Join(all, ", "), answer.NextToken, answer.TotalCount
}

// bound are the associations of the first attachment, and its propagations to vtb-3.
func (c *cloud) bound() string {
	c.t.Helper()
	associations, _, _ := c.bindings(listAssociations, "TransitRouterAttachmentId="+firstAttachment)
	propagations, _, _ := c.bindings(listPropagations,
		"TransitRouterRouteTableId=vtb-3&TransitRouterAttachmentId="+firstAttachment)
	return associations + "; " + propagations
}

func slowTables(o *estate.Options) { o.RouteTableSeconds = 10 }

func TestABindingBecomesActive(t *testing.T) {
	virtually(t, bound(), slowTables, func(t *testing.T, c *cloud) {
		c.mustBind(firstAttachment, "vtb-sys", "vtb-3")
		if got := c.bound(); got != "1 vtb-sys Associating; 1 vtb-3 Enabling" || c.Pending() != 2 {
			t.Errorf("at first %s, %d pending", got, c.Pending())
		}
		time.Sleep(10 * time.Second)
		if got := c.bound(); got != "1 vtb-sys Active; 1 vtb-3 Active" || c.Pending() != 0 {
			t.Errorf("then %s, %d pending", got, c.Pending())
		}
		if code := c.bind(estate.KindPropagate, firstAttachment, "vtb-2", "late"); code != "" || c.Pending() != 1 {
			t.Fatalf("%q, %d pending", code, c.Pending())
		}
		if err := c.Detach(firstAttachment); err != nil || c.bound() != "; " || c.Pending() != 0 {
			t.Errorf("the bindings outlive their attachment: %v, %d pending", err, c.Pending())
		}
	})
}

func TestTheSDKBinds(t *testing.T) {
	c := open(t, bound(), nil)
	_, err := c.sdk().AssociateTransitRouterAttachmentWithRouteTableWithOptions(
		&cbn.AssociateTransitRouterAttachmentWithRouteTableRequest{
			TransitRouterAttachmentId: dara.String(firstAttachment), TransitRouterRouteTableId: dara.String("vtb-sys"),
			ClientToken: dara.String("a"),
		}, &dara.RuntimeOptions{})
	_, other := c.sdk().EnableTransitRouterRouteTablePropagationWithOptions(
		&cbn.EnableTransitRouterRouteTablePropagationRequest{
			TransitRouterAttachmentId: dara.String(firstAttachment), TransitRouterRouteTableId: dara.String("vtb-3"),
			ClientToken: dara.String("p"),
		}, &dara.RuntimeOptions{})
	if got := c.bound(); err != nil || other != nil || got != "1 vtb-sys Active; 1 vtb-3 Active" {
		t.Errorf("%v, %v, %s", err, other, got)
	}
}

func TestABindingIsRefusedOrReplayed(t *testing.T) {
	pending := bound()
	pending.VPNConnections[0].State = "attaching"
	const associate, propagate = estate.KindAssociate, estate.KindPropagate
	const first, second, noTable = firstAttachment, secondAttachment, "InvalidRouteTableId.NotFound"
	const status = "IncorrectStatus.AttachmentOrRouteTable"
	for name, test := range map[string]struct {
		seed                          estate.Seed
		kind, attachment, table, code string
	}{
		"an unknown attachment": {
			bound(), associate, "tr-attach-9", "vtb-sys", "InvalidAttachmentId.NotFound"},
		"an attachment associated elsewhere": {
			bound(), associate, second, "vtb-sys", "AssociationExist.TransitRouterTable"},
		"an unknown route table":          {bound(), propagate, first, "vtb-9", noTable},
		"a route table of another router": {bound(), associate, first, "vtb-far", "IllegalParam.TransitRouterTableId"},
		"a pending attachment":            {pending, associate, first, "vtb-sys", status},
		"a propagation that exists":       {bound(), propagate, second, "vtb-3", status},
		"a second propagation":            {bound(), propagate, second, "vtb-sys", ""},
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, test.seed, nil)
			if got := c.bind(test.kind, test.attachment, test.table, "t"); got != test.code {
				t.Errorf("got %q", got)
			}
			record := c.Binds()
			if len(record) != 1 || record[0].Code != test.code || record[0].Effect != (test.code == "") ||
				record[0].Kind != test.kind {
				t.Errorf("recorded as %+v", record)
			}
		})
	}
	c := open(t, bound(), nil)
	c.mustBind(first, "vtb-sys", "vtb-sys")
	c.mustBind(first, "vtb-sys", "vtb-sys")
	if !c.Binds()[2].Replay || len(c.Bindings()) != 5 {
		t.Errorf("the same calls again: %+v", c.Binds())
	}
	if other := c.bind(associate, first, "vtb-2", "t"); other != "IdempotentParameterMismatch" {
		t.Errorf("another call with their token: %s", other)
	}
}

func TestADryRunBindsNothing(t *testing.T) {
	for action, kind := range map[string]string{
		associateAction: estate.KindAssociate, propagateAction: estate.KindPropagate,
	} {
		c := open(t, bound(), nil)
		call := func(changes string) string {
			_, code := c.call("cbn "+action, "TransitRouterAttachmentId="+firstAttachment+changes)
			return code
		}
		got := call("&TransitRouterRouteTableId=vtb-3&ClientToken=t&DryRun=true")
		if got != "DryRunOperation" || len(c.Bindings()) != 3 || c.Binds()[0].Effect {
			t.Errorf("%s: got %q, %+v", action, got, c.Binds())
		}
		if got := call("&TransitRouterRouteTableId=vtb-3&ClientToken=t&DryRun=perhaps"); got != "InvalidParameter" {
			t.Errorf("%s: a bad flag: %q", action, got)
		}
		if code := c.bind(kind, firstAttachment, "vtb-3", "t"); code != "" {
			t.Errorf("%s: the dry run uses up its token: %q", action, code)
		}
		got = call("&TransitRouterRouteTableId=vtb-9&ClientToken=u&DryRun=true")
		if got != "InvalidRouteTableId.NotFound" {
			t.Errorf("%s: a dry run that would fail: %q", action, got)
		}
	}
}

func TestTheRecordKeepsEveryBindingAndItsToken(t *testing.T) {
	c := open(t, bound(), func(o *estate.Options) { o.RouteTableSeconds, o.Speed = 10, 2 })
	if code := c.bind(estate.KindPropagate, firstAttachment, "vtb-3", "token-1"); code != "" {
		t.Fatal(code)
	}
	all, attempt := c.Bindings(), c.Binds()[0]
	made := all[len(all)-1]
	want := estate.Binding{
		Kind: "propagate", Attachment: firstAttachment, Table: "vtb-3", Status: "Enabling", ClientToken: "token-1",
		Created: made.Created, Active: made.Created.Add(5 * time.Second), // half of ten seconds
	}
	if len(all) != 4 || made != want {
		t.Errorf("got %+v", all)
	}
	if attempt.ClientToken != "token-1" || attempt.Table != "vtb-3" || attempt.Attachment != firstAttachment ||
		attempt.RequestID == "" || attempt.At.After(made.Created) {
		t.Errorf("recorded as %+v", attempt)
	}
	if seeded := all[0]; seeded.ClientToken != "" || seeded.Status != "Active" || seeded.Kind != "associate" {
		t.Errorf("of the seed: %+v", seeded)
	}
}

func TestTheTwoOperationsDoNotShareTokens(t *testing.T) {
	c := open(t, bound(), nil)
	c.mustBind(firstAttachment, "vtb-3", "vtb-3") // both with the token t
	code := c.bind(estate.KindPropagate, firstAttachment, "vtb-sys", strings.Repeat("x", 65))
	if code != "InvalidParameter" {
		t.Errorf("a token of 65 characters: %q", code)
	}
}
