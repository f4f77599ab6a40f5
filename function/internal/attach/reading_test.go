package attach

import (
	"fmt"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
)

func TestAConnectionOfAnotherAccountIsReadWithItsRoleAndNeedsItsGrant(t *testing.T) {
	member := sites("vco-1")[0]
	member.Owner = foreign
	granted := member
	granted.CrossAccountAuthorized = true
	for name, c := range map[string]struct {
		connection estate.VPNConnection
		told       string
	}{
		"granted":     {granted, "vco-1 attaching"},
		"not granted": {member, "vco-1 retrying GrantMissing"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, []estate.VPNConnection{c.connection})
			b.Rules.Accounts = []string{account, foreign}
			b.handle(ask("vco-1", `,"ownerId":"`+foreign+`"`))
			if b.told() != c.told {
				t.Errorf("told %s", b.told())
			}
			for _, call := range b.faults.Calls() {
				if call.Action == cloud.ActionDescribe && call.AccessKeyID != "other" {
					t.Errorf("it was read with the key %s", call.AccessKeyID)
				}
			}
		})
	}
}

func TestATransitRouterOfAnotherRegionIsToldApart(t *testing.T) {
	far := tag("vco-1", "transit-router", "tr-core")
	far.Region = "eu-central-1"
	b := newBench(t, []estate.VPNConnection{far})
	b.Rules.Regions = []string{"cn-hangzhou", "eu-central-1"}
	b.handle(ask("vco-1", `,"regionId":"eu-central-1"`))
	if b.told() != "vco-1 failed OtherRegion" {
		t.Errorf("told %s", b.told())
	}
}

// A producer's clock may be hours ahead or behind, and says nothing of how long the function has been looking.
func TestOnlyTheFunctionsOwnClockSaysThatAConnectionIsGone(t *testing.T) {
	const notYet, gone = "vco-1 retrying InvalidVpnConnectionInstanceId.NotFound", "vco-1 skipped Gone"
	for clock, offset := range map[string]time.Duration{"right": 0, "ahead": -8 * time.Hour, "behind": 8 * time.Hour} {
		for seen, want := range map[time.Duration]string{time.Second: notYet, 31 * time.Second: gone} {
			t.Run(fmt.Sprint(clock, " after ", seen), func(t *testing.T) {
				b := newBench(t, nil)
				b.handle(own(event.TypeRetry, fmt.Sprintf(`{"event":{"id":"e-1","time":"%s"},"firstSeen":"%s",`+
					`"vpnConnectionId":"vco-1"}`, ago(seen+offset), ago(seen))))
				if b.told() != want {
					t.Errorf("told %s", b.told())
				}
			})
		}
	}
}

func TestAConnectionIsGoneOnlyWhenItsAccountWasAsked(t *testing.T) {
	const assumed = `,"ownerAssumed":true`
	for name, c := range map[string]struct {
		rest     string
		accounts []string
		told     string
	}{
		"the event names it":                    {``, []string{account, foreign}, "vco-1 skipped Gone"},
		"it is assumed, and is the only one":    {assumed, nil, "vco-1 skipped Gone"},
		"it is assumed, and others are served":  {assumed, []string{account, foreign}, "vco-1 failed NotAllowed"},
		"it is assumed, and no other is served": {assumed, []string{account}, "vco-1 skipped Gone"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.Rules.Accounts = c.accounts
			if b.handle(retried("vco-1", c.rest)); b.told() != c.told {
				t.Errorf("told %s", b.told())
			}
		})
	}
}

// A connection of which the cloud tells may not be visible for a moment. One that somebody asks for is old.
func TestOnlyWhatTheCloudTellsOfIsLookedForAtOnceAgain(t *testing.T) {
	for name, c := range map[string]struct {
		event string
		looks int
	}{
		"a connection that was created": {created("vco-none"), 3}, "a request": {ask("vco-none", ""), 1},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			b.handle(c.event)
			if calls := len(b.faults.Calls()) - 2; calls != c.looks || // one to the queue, one to the topic
				b.told() != "vco-none retrying "+decide.CodeConnectionNotFound {
				t.Errorf("%d looks, told %s", calls, b.told())
			}
		})
	}
}
