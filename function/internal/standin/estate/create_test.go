package estate_test

import (
	"fmt"
	"net/url"
	"reflect"
	"strings"
	"sync"
	"testing"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

func TestTheSDKCreatesWhatItAsksFor(t *testing.T) {
	c := open(t, core(), nil)
	request := &cbn.CreateTransitRouterVpnAttachmentRequest{
		TransitRouterId: dara.String("tr-core"), RegionId: dara.String(region), VpnId: dara.String("vco-1"),
		ClientToken: dara.String("token-1"), TransitRouterAttachmentName: dara.String("näme+ *~/"),
		TransitRouterAttachmentDescription: dara.String("desc"), AutoPublishRouteEnabled: dara.Bool(false),
		CenId: dara.String("cen-1"), VpnOwnerId: dara.Int64(1234567890123456),
		Zone: []*cbn.CreateTransitRouterVpnAttachmentRequestZone{{ZoneId: dara.String("cn-hangzhou-h")}},
		Tag: []*cbn.CreateTransitRouterVpnAttachmentRequestTag{
			{Key: dara.String("k"), Value: dara.String("a+b 1")}, {Key: dara.String("empty"), Value: dara.String("")},
		},
	}
	answer, err := c.sdk().CreateTransitRouterVpnAttachmentWithContext(t.Context(), request, &dara.RuntimeOptions{})
	if err != nil {
		t.Fatalf("the create was refused: %v", err)
	}
	got, id := c.Attachments()[0], dara.StringValue(answer.Body.TransitRouterAttachmentId)
	want := estate.Attachment{
		ID: id, Connection: "vco-1", Owner: account, Router: "tr-core", CEN: "cen-1", Region: region,
		Status: "Attaching", Name: "näme+ *~/", Description: "desc", Zones: []string{"cn-hangzhou-h"},
		OrderType: "PayByCenOwner",
		Tags:      map[string]string{"k": "a+b 1", "empty": ""}, ClientToken: "token-1",
		Created: got.Created, Attached: got.Attached,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the attachment is %+v; want %+v", got, want)
	}
	record := c.Creates()[0]
	if record.Connection != "vco-1" || record.Router != "tr-core" || record.ClientToken != "token-1" || record.DryRun ||
		record.AccessKeyID != "local" || record.AttachmentID != id || !record.Effect || record.RequestID == "" ||
		record.At.IsZero() || record.Parameters.Get("Tag.1.Value") != "a+b 1" {
		t.Errorf("the record is %+v", record)
	}
}

func TestACreateFindsTheRouterByCENAndRegion(t *testing.T) {
	c := open(t, core(), nil)
	_, code := c.create("TransitRouterId=&CenId=cen-1")
	if code != "" || c.Attachments()[0].Router != "tr-core" || !c.Attachments()[0].AutoPublish {
		t.Errorf("code %q, attachments %+v; want one to tr-core that publishes by default", code, c.Attachments())
	}
}

// tagged is n tags of a create; # in the key becomes their number.
func tagged(n int, key, value string) (query string) {
	for i := range n {
		key := url.QueryEscape(strings.ReplaceAll(key, "#", fmt.Sprint(i)))
		query += fmt.Sprintf("&Tag.%d.Key=%s&Tag.%d.Value=%s", i+1, key, i+1, url.QueryEscape(value))
	}
	return query
}

func TestACreateIsChecked(t *testing.T) {
	const tunnelZone = "OperationUnsupported.VcoTunnelNotMatchZoneParam"
	longDescription := "TransitRouterAttachmentDescription=" + strings.Repeat("d", 257)
	c := open(t, crowd(), nil)
	for name, check := range map[string]struct{ changes, want string }{
		"no connection":               {"VpnId=", "InvalidParameter.VpnId"},
		"no region":                   {"RegionId=", "MissingParam.CenIdOrRegionId"},
		"neither router nor CEN":      {"TransitRouterId=", "MissingParam.CenIdOrRegionId"},
		"an illegal region":           {"RegionId=Hangzhou!", "IllegalParam.RegionId"},
		"prepaid":                     {"ChargeType=PREPAY", "IllegalParam.ChargeType"},
		"an unknown CEN":              {"CenId=cen-9", "InvalidCenId.NotFound"},
		"another CEN's router":        {"CenId=cen-2", "InvalidTransitRouterId.NotFound"},
		"an unknown router":           {"TransitRouterId=tr-9", "InvalidTransitRouterId.NotFound"},
		"a router elsewhere":          {"TransitRouterId=tr-far", "IllegalParam.TransitRouterRegionId"},
		"a basic router":              {"TransitRouterId=tr-basic", "OperationUnsupported.TransitRouterType"},
		"a busy router":               {"TransitRouterId=tr-busy", "IncorrectStatus.TransitRouter"},
		"a router without a CIDR":     {"TransitRouterId=tr-bare", "OperationFailed.AllocateCidrFailed"},
		"an unknown connection":       {"VpnId=vco-9", "InvalidVpnId.NotFound"},
		"a connection elsewhere":      {"VpnId=vco-far", "InvalidVpnId.NotFound"},
		"a foreign connection":        {"VpnId=vco-granted", "InvalidVpnId.NotFound"},
		"an ungranted connection":     {"VpnId=vco-foreign&VpnOwnerId=" + stranger, "InvalidVpnId.NotFound"},
		"the wrong owner":             {"VpnOwnerId=" + stranger, "InvalidVpnId.NotFound"},
		"an odd network":              {"VpnId=vco-odd", "InvalidOperation.VpnNetworkTypeInvalid"},
		"a gateway's connection":      {"VpnId=vco-gateway", "InvalidStatus.ResourceStatus"},
		"a locked connection":         {"VpnId=vco-locked", "InvalidStatus.ResourceStatus"},
		"an attached connection":      {"VpnId=vco-attached", "InvalidStatus.ResourceStatus"},
		"an attaching connection":     {"VpnId=vco-attaching", "InvalidStatus.ResourceStatus"},
		"a zone of another region":    {"Zone.1.ZoneId=cn-beijing-a", "OperationUnsupported.ZoneId"},
		"an empty zone":               {"Zone.1.ZoneId=", "IllegalParam.ZoneMappings"},
		"a negative owner":            {"VpnOwnerId=-1", "InvalidParameter"},
		"nothing wrong, a dry run":    {"DryRun=true", "DryRunOperation"},
		"something wrong, a dry run":  {"DryRun=true&VpnId=vco-9", "InvalidVpnId.NotFound"},
		"two tunnels and a zone":      {"VpnId=vco-dual&Zone.1.ZoneId=a", tunnelZone},
		"a name too long":             {"TransitRouterAttachmentName=" + strings.Repeat("名", 129), "InvalidParameter"},
		"a name that is a URL":        {"TransitRouterAttachmentName=https://a", "InvalidParameter"},
		"a description too long":      {longDescription, "InvalidParameter"},
		"a description that is a URL": {"TransitRouterAttachmentDescription=http://a", "InvalidParameter"},
		"too many tags":               {tagged(21, "k#", "v"), "InvalidParameter"},
		"a tag twice":                 {tagged(2, "k", "v"), "InvalidParameter"},
		"an empty tag key":            {tagged(1, "", "v"), "InvalidParameter"},
		"a tag key too long":          {tagged(1, strings.Repeat("k", 65), "v"), "InvalidParameter"},
		"a reserved tag key":          {tagged(1, "acs:k", "v"), "InvalidParameter"},
		"a tag value too long":        {tagged(1, "k", strings.Repeat("v", 129)), "InvalidParameter"},
		"a reserved tag value":        {tagged(1, "k", "aliyun"), "InvalidParameter"},
		"a URL in a tag value":        {tagged(1, "k", "see http://a"), "InvalidParameter"},
		"a token too long":            {"ClientToken=" + strings.Repeat("t", 65), "InvalidParameter"},
		"a token beyond ASCII":        {"ClientToken=tökен", "InvalidParameter"},
	} {
		t.Run(name, func(t *testing.T) {
			if id, code := c.create(check.changes); code != check.want || id != "" {
				t.Errorf("the create answered %q, %q; want %s", id, code, check.want)
			}
			creates := c.Creates()
			if last := creates[len(creates)-1]; last.Code != check.want || last.Effect || last.Replay {
				t.Errorf("the record says %+v; want %s without an effect", last, check.want)
			}
		})
	}
	if n := len(c.Attachments()); n != 2 {
		t.Errorf("there are %d attachments; want the two of the seed", n)
	}
}

func TestACreateMayUseTheLimits(t *testing.T) {
	const name, description = "TransitRouterAttachmentName=", "&TransitRouterAttachmentDescription="
	for title, changes := range map[string]string{
		"long texts":      name + strings.Repeat("名", 128) + description + strings.Repeat("d", 256),
		"empty texts":     name + description,
		"twenty tags":     tagged(20, strings.Repeat("k", 62)+"#", strings.Repeat("v", 128)),
		"a long token":    "ClientToken=" + strings.Repeat("t", 64),
		"dual tunnels":    "VpnId=vco-dual",
		"a granted one":   "VpnId=vco-granted&VpnOwnerId=" + stranger,
		"postpaid":        "ChargeType=POSTPAY",
		"not a dry run":   "DryRun=false",
		"without a token": "ClientToken=",
	} {
		t.Run(title, func(t *testing.T) {
			if id, code := open(t, crowd(), nil).create(changes); code != "" || id == "" {
				t.Errorf("the create was refused: %s", code)
			}
		})
	}
}

func TestAnAttachedConnectionIsRefusedInTheConfiguredWay(t *testing.T) {
	const want = "QuotaFull.ChildInstanceRelatedCen"
	c := open(t, crowd(), func(o *estate.Options) { o.AttachedCode = want })
	if _, code := c.create("VpnId=vco-attached"); code != want {
		t.Errorf("code = %s; want %s", code, want)
	}
}

func TestTheSameTokenAnswersTheSameAttachmentAgain(t *testing.T) {
	c := open(t, core(), nil)
	first := c.mustCreate()
	if again := c.mustCreate(); again != first {
		t.Errorf("the replay answered %s; want %s", again, first)
	}
	if err := c.Detach(first); err != nil {
		t.Fatal(err)
	}
	if again := c.mustCreate(); again != first {
		t.Errorf("after the delete the replay answered %s; want %s still", again, first)
	}
	if got := c.Attachments(); len(got) != 1 || got[0].Status != "Deleted" {
		t.Errorf("attachments are %+v; want the one deleted", got)
	}
	for i, record := range c.Creates() {
		if record.Effect != (i == 0) || record.Replay != (i > 0) || record.AttachmentID != first || record.Code != "" {
			t.Errorf("record %d is %+v; want an effect first and then replays", i, record)
		}
	}
}

func TestTheSameTokenWithOtherParametersIsAMismatch(t *testing.T) {
	c := open(t, core(), nil)
	c.mustCreate()
	for name, changes := range map[string]string{
		"another connection": "VpnId=vco-2", "another name": "TransitRouterAttachmentName=n",
		"a dry run": "DryRun=true", "one tag more": tagged(1, "k", "v"),
	} {
		if _, code := c.create(changes); code != "IdempotentParameterMismatch" {
			t.Errorf("%s: code = %q; want IdempotentParameterMismatch", name, code)
		}
	}
}

func TestAFailureDoesNotUseUpItsToken(t *testing.T) {
	c := open(t, core(), nil)
	if err := c.SetRouterStatus("tr-core", "Modifying"); err != nil {
		t.Fatal(err)
	}
	if _, code := c.create(""); code != "IncorrectStatus.TransitRouter" {
		t.Fatalf("code = %s; want IncorrectStatus.TransitRouter", code)
	}
	if err := c.SetRouterStatus("tr-core", "Active"); err != nil {
		t.Fatal(err)
	}
	c.mustCreate()
}

func TestConcurrentCreatesMakeOneAttachment(t *testing.T) {
	c := open(t, core(), nil)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			_, code := c.create(fmt.Sprint("ClientToken=", i))
			if code != "" && code != "InvalidStatus.ResourceStatus" {
				t.Errorf("code = %s", code)
			}
		})
	}
	all.Wait()
	effects := 0
	for _, record := range c.Creates() {
		if record.Effect {
			effects++
		}
	}
	if effects != 1 || len(c.Attachments()) != 1 {
		t.Errorf("%d creates had an effect and %d attachments exist; want one", effects, len(c.Attachments()))
	}
}
