package estate_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/standin/estate"
)

func TestCreateMakesTheAttachmentThatWasAskedFor(t *testing.T) {
	c := open(t, core(), nil)
	id, code := c.create(request(func(r *cbn.CreateTransitRouterVpnAttachmentRequest) {
		r.TransitRouterAttachmentName, r.TransitRouterAttachmentDescription = dara.String("näme+ *~/"), dara.String("desc")
		r.AutoPublishRouteEnabled, r.CenId, r.VpnOwnerId = dara.Bool(false), dara.String("cen-1"), dara.Int64(1234567890123456)
		r.Zone = []*cbn.CreateTransitRouterVpnAttachmentRequestZone{{ZoneId: dara.String("cn-hangzhou-h")}}
		r.Tag = []*cbn.CreateTransitRouterVpnAttachmentRequestTag{{Key: dara.String("k"), Value: dara.String("v 1")}, {Key: dara.String("empty"), Value: dara.String("")}}
	}))
	if code != "" {
		t.Fatalf("the create was refused: %s", code)
	}
	got := c.Attachments()[0]
	want := estate.Attachment{
		ID: id, Connection: "vco-1", Owner: account, Router: "tr-core", CEN: "cen-1", Region: region, Status: "Attaching", Name: "näme+ *~/",
		Description: "desc", AutoPublish: false, Zones: []string{"cn-hangzhou-h"}, Tags: map[string]string{"k": "v 1", "empty": ""},
		ClientToken: "token-1", Created: got.Created, Attached: got.Attached,
	}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("the attachment is %+v; want %+v", got, want)
	}
}

func TestCreateFindsTheRouterByCENAndRegion(t *testing.T) {
	c := open(t, core(), nil)
	_, code := c.create(request(func(r *cbn.CreateTransitRouterVpnAttachmentRequest) {
		r.TransitRouterId, r.CenId = nil, dara.String("cen-1")
	}))
	if code != "" || c.Attachments()[0].Router != "tr-core" || !c.Attachments()[0].AutoPublish {
		t.Errorf("code %q, attachments %+v; want one to tr-core that publishes by default", code, c.Attachments())
	}
}

// crowd is an estate with something wrong in every place where something can be wrong.
func crowd() estate.Seed {
	s := core()
	cidrs := []string{"10.254.0.0/16"}
	s.TransitRouters = append(s.TransitRouters,
		estate.TransitRouter{ID: "tr-basic", CEN: "cen-2", Type: "Basic", CIDRs: cidrs},
		estate.TransitRouter{ID: "tr-busy", CEN: "cen-3", Status: "Modifying", CIDRs: cidrs},
		estate.TransitRouter{ID: "tr-bare", CEN: "cen-4"},
		estate.TransitRouter{ID: "tr-far", CEN: "cen-1", Region: "cn-beijing", CIDRs: cidrs})
	s.VPNConnections = append(s.VPNConnections,
		estate.VPNConnection{ID: "vco-gateway", AttachType: "VPNGW"},
		estate.VPNConnection{ID: "vco-locked", State: "financialLocked"},
		estate.VPNConnection{ID: "vco-odd", NetworkType: "carrier-pigeon"},
		estate.VPNConnection{ID: "vco-dual", DualTunnel: true},
		estate.VPNConnection{ID: "vco-far", Region: "cn-beijing"},
		estate.VPNConnection{ID: "vco-foreign", Owner: stranger},
		estate.VPNConnection{ID: "vco-granted", Owner: stranger, CrossAccountAuthorized: true},
		estate.VPNConnection{ID: "vco-there", TransitRouter: "tr-core"},
		estate.VPNConnection{ID: "vco-coming", TransitRouter: "tr-core", State: "attaching"})
	return s
}

type createRequest = cbn.CreateTransitRouterVpnAttachmentRequest

func tagged(n int, key, value string) (tags []*cbn.CreateTransitRouterVpnAttachmentRequestTag) {
	for i := range n {
		tags = append(tags, &cbn.CreateTransitRouterVpnAttachmentRequestTag{Key: dara.String(strings.ReplaceAll(key, "#", fmt.Sprint(i))), Value: &value})
	}
	return tags
}

func zoned(id string) []*cbn.CreateTransitRouterVpnAttachmentRequestZone {
	return []*cbn.CreateTransitRouterVpnAttachmentRequestZone{{ZoneId: &id}}
}

func TestCreateChecksTheRequest(t *testing.T) {
	c := open(t, crowd(), nil)
	for name, check := range map[string]struct {
		change func(*createRequest)
		want   string
	}{
		"no connection":               {func(r *createRequest) { r.VpnId = nil }, "InvalidParameter.VpnId"},
		"no region":                   {func(r *createRequest) { r.RegionId = nil }, "MissingParam.CenIdOrRegionId"},
		"neither router nor CEN":      {func(r *createRequest) { r.TransitRouterId = nil }, "MissingParam.CenIdOrRegionId"},
		"an illegal region":           {func(r *createRequest) { *r.RegionId = "Hangzhou!" }, "IllegalParam.RegionId"},
		"prepaid":                     {func(r *createRequest) { r.ChargeType = dara.String("PREPAY") }, "IllegalParam.ChargeType"},
		"an unknown CEN":              {func(r *createRequest) { r.CenId = dara.String("cen-9") }, "InvalidCenId.NotFound"},
		"another CEN's router":        {func(r *createRequest) { r.CenId = dara.String("cen-2") }, "InvalidTransitRouterId.NotFound"},
		"an unknown router":           {func(r *createRequest) { *r.TransitRouterId = "tr-9" }, "InvalidTransitRouterId.NotFound"},
		"a router elsewhere":          {func(r *createRequest) { *r.TransitRouterId = "tr-far" }, "IllegalParam.TransitRouterRegionId"},
		"a basic router":              {func(r *createRequest) { *r.TransitRouterId = "tr-basic" }, "OperationUnsupported.TransitRouterType"},
		"a busy router":               {func(r *createRequest) { *r.TransitRouterId = "tr-busy" }, "IncorrectStatus.TransitRouter"},
		"a router without a CIDR":     {func(r *createRequest) { *r.TransitRouterId = "tr-bare" }, "OperationFailed.AllocateCidrFailed"},
		"an unknown connection":       {func(r *createRequest) { *r.VpnId = "vco-9" }, "InvalidVpnId.NotFound"},
		"a connection elsewhere":      {func(r *createRequest) { *r.VpnId = "vco-far" }, "InvalidVpnId.NotFound"},
		"a foreign connection":        {func(r *createRequest) { *r.VpnId = "vco-granted" }, "InvalidVpnId.NotFound"},
		"an ungranted connection":     {func(r *createRequest) { *r.VpnId, r.VpnOwnerId = "vco-foreign", dara.Int64(9999999999999999) }, "InvalidVpnId.NotFound"},
		"the wrong owner":             {func(r *createRequest) { r.VpnOwnerId = dara.Int64(9999999999999999) }, "InvalidVpnId.NotFound"},
		"an odd network":              {func(r *createRequest) { *r.VpnId = "vco-odd" }, "InvalidOperation.VpnNetworkTypeInvalid"},
		"a gateway's connection":      {func(r *createRequest) { *r.VpnId = "vco-gateway" }, "InvalidStatus.ResourceStatus"},
		"a locked connection":         {func(r *createRequest) { *r.VpnId = "vco-locked" }, "InvalidStatus.ResourceStatus"},
		"an attached connection":      {func(r *createRequest) { *r.VpnId = "vco-there" }, "InvalidStatus.ResourceStatus"},
		"an attaching connection":     {func(r *createRequest) { *r.VpnId = "vco-coming" }, "InvalidStatus.ResourceStatus"},
		"dual tunnels with a zone":    {func(r *createRequest) { *r.VpnId, r.Zone = "vco-dual", zoned("cn-hangzhou-h") }, "OperationUnsupported.VcoTunnelNotMatchZoneParam"},
		"a zone of another region":    {func(r *createRequest) { r.Zone = zoned("cn-beijing-a") }, "OperationUnsupported.ZoneId"},
		"an empty zone":               {func(r *createRequest) { r.Zone = zoned("") }, "IllegalParam.ZoneMappings"},
		"a name too long":             {func(r *createRequest) { r.TransitRouterAttachmentName = dara.String(strings.Repeat("名", 129)) }, "InvalidParameter"},
		"a name that is a URL":        {func(r *createRequest) { r.TransitRouterAttachmentName = dara.String("https://a") }, "InvalidParameter"},
		"a description too long":      {func(r *createRequest) { r.TransitRouterAttachmentDescription = dara.String(strings.Repeat("d", 257)) }, "InvalidParameter"},
		"a description that is a URL": {func(r *createRequest) { r.TransitRouterAttachmentDescription = dara.String("http://a") }, "InvalidParameter"},
		"too many tags":               {func(r *createRequest) { r.Tag = tagged(21, "k#", "v") }, "InvalidParameter"},
		"a tag twice":                 {func(r *createRequest) { r.Tag = tagged(2, "k", "v") }, "InvalidParameter"},
		"an empty tag key":            {func(r *createRequest) { r.Tag = tagged(1, "", "v") }, "InvalidParameter"},
		"a tag key too long":          {func(r *createRequest) { r.Tag = tagged(1, strings.Repeat("k", 65), "v") }, "InvalidParameter"},
		"a reserved tag key":          {func(r *createRequest) { r.Tag = tagged(1, "acs:k", "v") }, "InvalidParameter"},
		"a tag value too long":        {func(r *createRequest) { r.Tag = tagged(1, "k", strings.Repeat("v", 129)) }, "InvalidParameter"},
		"a reserved tag value":        {func(r *createRequest) { r.Tag = tagged(1, "k", "aliyun") }, "InvalidParameter"},
		"a URL in a tag value":        {func(r *createRequest) { r.Tag = tagged(1, "k", "see http://a") }, "InvalidParameter"},
		"a token too long":            {func(r *createRequest) { *r.ClientToken = strings.Repeat("t", 65) }, "InvalidParameter"},
		"a token beyond ASCII":        {func(r *createRequest) { *r.ClientToken = "tökен" }, "InvalidParameter"},
		"a negative owner":            {func(r *createRequest) { r.VpnOwnerId = dara.Int64(-1) }, "InvalidParameter"},
		"nothing wrong, a dry run":    {func(r *createRequest) { r.DryRun = dara.Bool(true) }, "DryRunOperation"},
		"something wrong, a dry run":  {func(r *createRequest) { r.DryRun, r.VpnId = dara.Bool(true), dara.String("vco-9") }, "InvalidVpnId.NotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			id, code := c.create(request(check.change))
			if code != check.want || id != "" {
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

func TestCreateAllowsWhatIsJustWithinTheLimits(t *testing.T) {
	for name, change := range map[string]func(*createRequest){
		"long texts": func(r *createRequest) {
			r.TransitRouterAttachmentName, r.TransitRouterAttachmentDescription = dara.String(strings.Repeat("名", 128)), dara.String(strings.Repeat("d", 256))
		},
		"empty texts": func(r *createRequest) {
			r.TransitRouterAttachmentName, r.TransitRouterAttachmentDescription = dara.String(""), dara.String("")
		},
		"twenty tags":     func(r *createRequest) { r.Tag = tagged(20, strings.Repeat("k", 62)+"#", strings.Repeat("v", 128)) },
		"a long token":    func(r *createRequest) { *r.ClientToken = strings.Repeat("t", 64) },
		"dual tunnels":    func(r *createRequest) { *r.VpnId = "vco-dual" },
		"a granted one":   func(r *createRequest) { *r.VpnId, r.VpnOwnerId = "vco-granted", dara.Int64(9999999999999999) },
		"postpaid":        func(r *createRequest) { r.ChargeType = dara.String("POSTPAY") },
		"not a dry run":   func(r *createRequest) { r.DryRun = dara.Bool(false) },
		"without a token": func(r *createRequest) { r.ClientToken = nil },
	} {
		t.Run(name, func(t *testing.T) {
			c := open(t, crowd(), nil)
			if id, code := c.create(request(change)); code != "" || id == "" {
				t.Errorf("the create was refused: %s", code)
			}
		})
	}
}

func TestAttachedConnectionIsRefusedInTheConfiguredWay(t *testing.T) {
	c := open(t, crowd(), func(o *estate.Options) { o.AttachedCode = "QuotaFull.ChildInstanceRelatedCen" })
	if _, code := c.create(request(func(r *createRequest) { *r.VpnId = "vco-there" })); code != "QuotaFull.ChildInstanceRelatedCen" {
		t.Errorf("code = %s; want QuotaFull.ChildInstanceRelatedCen", code)
	}
}

func TestSameTokenAnswersTheSameAttachmentAgain(t *testing.T) {
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
			t.Errorf("record %d is %+v; want an effect at first and replays then", i, record)
		}
	}
}

func TestSameTokenWithOtherParametersIsAMismatch(t *testing.T) {
	c := open(t, core(), nil)
	c.mustCreate()
	for name, change := range map[string]func(*createRequest){
		"another connection": func(r *createRequest) { *r.VpnId = "vco-2" },
		"another name":       func(r *createRequest) { r.TransitRouterAttachmentName = dara.String("n") },
		"a dry run":          func(r *createRequest) { r.DryRun = dara.Bool(true) },
		"one tag more":       func(r *createRequest) { r.Tag = tagged(1, "k", "v") },
	} {
		t.Run(name, func(t *testing.T) {
			if _, code := c.create(request(change)); code != "IdempotentParameterMismatch" {
				t.Errorf("code = %q; want IdempotentParameterMismatch", code)
			}
		})
	}
}

func TestFailureDoesNotOccupyItsToken(t *testing.T) {
	c := open(t, core(), nil)
	if err := c.SetRouterStatus("tr-core", "Modifying"); err != nil {
		t.Fatal(err)
	}
	if _, code := c.create(request(nil)); code != "IncorrectStatus.TransitRouter" {
		t.Fatalf("code = %s; want IncorrectStatus.TransitRouter", code)
	}
	if err := c.SetRouterStatus("tr-core", "Active"); err != nil {
		t.Fatal(err)
	}
	c.mustCreate()
}

func TestRecordKeepsWhatWasSent(t *testing.T) {
	c := open(t, core(), nil)
	id, _ := c.create(request(func(r *createRequest) { r.Tag = tagged(1, "k", "a+b") }))
	got := c.Creates()[0]
	if got.Connection != "vco-1" || got.Router != "tr-core" || got.ClientToken != "token-1" || got.DryRun || got.AccessKeyID != "local" ||
		got.AttachmentID != id || !got.Effect || got.RequestID == "" || got.At.IsZero() || got.Parameters.Get("Tag.1.Value") != "a+b" {
		t.Errorf("the record is %+v", got)
	}
}

func TestConcurrentCreatesMakeOneAttachment(t *testing.T) {
	c := open(t, core(), nil)
	var all sync.WaitGroup
	for i := range 16 {
		all.Go(func() {
			_, code := c.create(request(func(r *createRequest) { r.ClientToken = dara.String(fmt.Sprint(i)) }))
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
		t.Errorf("%d creates had an effect and %d attachments stand; want one", effects, len(c.Attachments()))
	}
}
