package attach

import (
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

func TestAnEventIsAttachedWatchedAndTold(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	first := b.handle(created("vco-1"))
	if first.Events != 1 || first.Statuses[decide.StatusAttaching] != 1 || b.attached() != "vco-1" {
		t.Fatalf("got %+v, attached %s", first, b.attached())
	}
	queued := b.queue.messages
	if len(queued) != 1 || queued[0].Delay < 11*time.Second || queued[0].Delay > 19*time.Second {
		t.Fatalf("queued %+v", queued)
	}
	b.goOn()
	all := b.outcomes()
	if b.told() != "vco-1 attached, vco-1 attaching" || len(b.queue.drain()) != 0 {
		t.Fatalf("told %s", b.told())
	}
	last := all[1]
	if !last.Final || last.RouterID != "tr-core" || last.CenID != "cen-core" ||
		last.AttachmentStatus != cloud.Attached ||
		last.AttachmentID == "" || last.Rule != "tag vpn-attach:transit-router=tr-core" || last.Event.Actor != "alice" {
		t.Errorf("got %+v", last)
	}
	if strings.Contains(b.log.String(), "canary") {
		t.Error("the log repeats the event's key")
	}
}

// TestEveryWayOfAnEvent takes one event through one invocation.
func TestEveryWayOfAnEvent(t *testing.T) {
	on := func(c estate.VPNConnection, router string) estate.VPNConnection {
		c.TransitRouter = router
		return c
	}
	site := sites("vco-1")[0]
	gateway := site
	gateway.State = "active"
	bound := on(tag("vco-1", "transit-router", "tr-core", "associate", "sites"), "tr-core")
	elsewhere := bound
	elsewhere.Associated = "vtb-sys"
	zoned := tag("vco-1", "transit-router", "tr-core", "zone", "cn-hangzhou-h")
	dual := zoned // by default
	zoned.SingleTunnel = true
	cases := map[string]struct {
		connection estate.VPNConnection
		element    string
		told       string
		created    int // attachments
	}{
		"it is attached":    {site, created("vco-1"), "vco-1 attaching", 1},
		"it is asked for":   {site, ask("vco-1", ""), "vco-1 attaching", 1},
		"it is only tried":  {site, ask("vco-1", `,"dryRun":true`), "vco-1 checked", 0},
		"it stands already": {on(site, "tr-core"), created("vco-1"), "vco-1 unchanged", 1},
		"it stands already, and is tried": {on(site, "tr-core"), ask("vco-1", `,"dryRun":true`),
			"vco-1 unchanged", 1},
		"it has no tag": {tag("vco-1"), created("vco-1"), "vco-1 skipped NoTarget", 0},
		"it opted out": {tag("vco-1", "transit-router", "none"), created("vco-1"),
			"vco-1 skipped OptedOut", 0},
		"it is gone": {site, retried("vco-2"), "vco-2 skipped Gone", 0},
		"it is not shown yet": {site, created("vco-2"),
			"vco-2 retrying InvalidVpnConnectionInstanceId.NotFound", 0},
		"it belongs to a gateway": {gateway, created("vco-1"), "vco-1 conflict BoundToGateway", 0},
		"its router does not exist": {tag("vco-1", "transit-router", "tr-x"), created("vco-1"),
			"vco-1 retrying TargetNotFound", 0},
		"its name is not legal": {tag("vco-1", "transit-router", "tr-core", "name", "x"),
			created("vco-1"), "vco-1 failed NameInvalid", 0},
		"its route table is bound": {bound, created("vco-1"), "vco-1 attaching RouteTables", 1},
		"its route table is another": {elsewhere, created("vco-1"),
			"vco-1 conflict RouteTableElsewhere", 1},
		"its zone is used":                     {zoned, created("vco-1"), "vco-1 attaching", 1},
		"its zone is ignored with two tunnels": {dual, created("vco-1"), "vco-1 attaching", 1},
		"its region is not served": {site, ask("vco-1", `,"regionId":"eu-central-1"`),
			"vco-1 failed NotAllowed", 0},
		"its account is not served": {site, ask("vco-1", `,"ownerId":"`+foreign+`"`),
			"vco-1 failed NotAllowed", 0},
		"it is malformed": {site, ask("vco_1", ""), "failed Malformed", 0},
		"it is about something else": {site,
			`{"specversion":"1.0","type":"x:y","id":"1","data":{}}`, "", 0},
		"it is detached, which nobody allowed": {ours(site),
			`{"detach":{"vpnConnectionId":"vco-1","dryRun":false}}`, "vco-1 failed NotOptedOut", 1},
		"it is detached, and the function is not": {on(site, "tr-core"),
			`{"detach":{"vpnConnectionId":"vco-1","dryRun":false,"force":true}}`, "vco-1 failed NotOurs", 1},
		"it is detached, and is not attached": {site,
			`{"detach":{"vpnConnectionId":"vco-1","dryRun":false}}`, "vco-1 skipped NotAttached", 0},
		"detaching is only tried, as it is, unsaid": {ours(site),
			`{"detach":{"vpnConnectionId":"vco-1","force":true}}`, "vco-1 checked", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, []estate.VPNConnection{c.connection})
			b.handle(c.element)
			if attachments := b.estate.Attachments(); b.told() != c.told || len(attachments) != c.created {
				t.Errorf("told %q, %d attachments", b.told(), len(attachments))
			}
		})
	}
}

// ours is a connection that this function attached to tr-core.
func ours(c estate.VPNConnection) estate.VPNConnection {
	c.TransitRouter, c.AttachmentTags = "tr-core", map[string]string{"vpn-attach:vpn-connection": c.ID}
	return c
}

func TestRouteTablesAreBoundOnceAndThenAttachedIsTold(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{tag("vco-1", "transit-router", "tr-core", "associate", "sites",
		"propagate", "system sites")})
	b.handle(created("vco-1"))
	for len(b.queue.messages) > 0 {
		b.goOn()
	}
	if len(b.estate.Binds()) != 3 || len(b.estate.Bindings()) != 3 {
		t.Errorf("%d calls made %d bindings", len(b.estate.Binds()), len(b.estate.Bindings()))
	}
	all := b.outcomes()
	last := all[len(all)-1]
	if last.Status != decide.StatusAttached || last.Tables.Associated != "vtb-sites" ||
		len(last.Tables.Propagated) != 2 {
		t.Errorf("got %+v", last)
	}
}

func TestACreateWhoseAnswerIsLostIsFoundByReadingAgain(t *testing.T) {
	b := newBench(t, sites("vco-1"), fault.Fault{Action: cloud.ActionCreate, Drop: fault.After, Times: 2})
	b.handle(created("vco-1"))
	if b.told() != "vco-1 attached" || len(b.estate.Attachments()) != 1 {
		t.Errorf("told %s", b.told())
	}
	tokens := map[string]bool{}
	for _, c := range b.estate.Creates() {
		tokens[c.ClientToken] = true
	}
	if len(tokens) != 1 {
		t.Errorf("%d creates had %d tokens", len(b.estate.Creates()), len(tokens))
	}
}

// The create may have had an effect that nobody has seen: whatever else fails, the event is
// retried, and is not refused for good.
func TestWhatFailsAfterACreateOfUnknownEffectIsRetried(t *testing.T) {
	b := newBench(t, sites("vco-1"),
		fault.Fault{Action: cloud.ActionCreate, Drop: fault.Before, Times: 2},
		fault.Fault{Action: cloud.ActionDescribe, Skip: 1, Status: 403, Code: "Forbidden.RAM"})
	b.handle(created("vco-1"))
	if b.told() != "vco-1 retrying Forbidden.RAM" || len(b.queue.messages) != 1 {
		t.Errorf("told %s", b.told())
	}
	b.goOn()
	if b.told() != "vco-1 attaching, vco-1 retrying Forbidden.RAM" || b.attached() != "vco-1" {
		t.Errorf("told %s", b.told())
	}
}

func TestAZoneThatTheServiceRefusesIsLeftOutOnce(t *testing.T) {
	site := tag("vco-1", "transit-router", "tr-core", "zone", "cn-hangzhou-h")
	site.SingleTunnel = true
	b := newBench(t, []estate.VPNConnection{site},
		fault.Fault{Action: cloud.ActionCreate, Status: 400, Code: decide.CodeZoneOutOfPlace})
	b.handle(created("vco-1"))
	if b.told() != "vco-1 attaching" || len(b.estate.Attachments()[0].Zones) != 0 ||
		!strings.Contains(b.log.String(), "the zone is left out") {
		t.Errorf("told %s, log %s", b.told(), b.log)
	}
}

func TestAConnectionThatIsBusyIsReadAgainAndThenRetried(t *testing.T) {
	busy := sites("vco-1")[0]
	busy.State = "updating"
	b := newBench(t, []estate.VPNConnection{busy})
	b.handle(created("vco-1"))
	if b.told() != "vco-1 retrying ConnectionBusy" || b.faults.Counts()[cloud.ActionDescribe] != 3 {
		t.Errorf("told %s after %v", b.told(), b.faults.Counts())
	}
	if b.faults.Counts()[cloud.ActionRouters] != 3 {
		t.Errorf("whoever reads again must ask for the router again: %v", b.faults.Counts())
	}
}

func TestAYoungEventWaitsForItsConnectionToBecomeVisible(t *testing.T) {
	b := newBench(t, nil)
	young := strings.ReplaceAll(created("vco-1"), "2026-11-23T03:00:05Z", time.Now().UTC().Format(time.RFC3339))
	b.handle(young)
	if b.told() != "vco-1 retrying "+decide.CodeConnectionNotFound {
		t.Errorf("told %s", b.told())
	}
}

func TestADryRunThatTheServiceRefusesIsToldAsRefused(t *testing.T) {
	for element, c := range map[string]struct {
		connection estate.VPNConnection
		action     string
	}{
		ask("vco-1", `,"dryRun":true`):              {sites("vco-1")[0], cloud.ActionCreate},
		strings.ReplaceAll(forced, "false", "true"): {optedOut(), cloud.ActionDelete},
	} {
		b := newBench(t, []estate.VPNConnection{c.connection}, fault.Fault{Action: c.action, Status: 400,
			Code: "InvalidParameter"})
		b.handle(element)
		if b.told() != "vco-1 failed InvalidParameter" || len(b.queue.drain()) != 0 {
			t.Errorf("%s: told %s", element, b.told())
		}
	}
}

// Nobody knows whether a dry run was answered: it has no effect, and is retried as what it is.
func TestADryRunWithoutAnAnswerIsNoUnknownEffect(t *testing.T) {
	b := newBench(t, sites("vco-1"), fault.Fault{Action: cloud.ActionCreate, Drop: fault.Before, Times: 2})
	b.handle(ask("vco-1", `,"dryRun":true`))
	if b.told() != "vco-1 retrying NoAnswer" || b.faults.Counts()[cloud.ActionDescribe] != 1 {
		t.Errorf("told %s after %v", b.told(), b.faults.Counts())
	}
}
