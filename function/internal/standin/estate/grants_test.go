package estate_test

import (
	"fmt"
	"testing"

	"vpn-attach/function/internal/standin/estate"
)

const (
	toStranger = "CenId=cen-9&CenOwnerId=" + stranger + "&InstanceType=VPN&RegionId=cn-hangzhou&InstanceId="
	toOurs     = "CenId=cen-1&CenOwnerId=" + account + "&InstanceType=VPN&RegionId=cn-hangzhou&InstanceId="

	updateAction = "UpdateTransitRouterVpnAttachmentAttribute"
)

// members has a connection of another account, and makes every key act for that account while it is away.
func members(t *testing.T, away *bool) *cloud {
	t.Helper()
	seed := core()
	seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: "vco-7", Owner: stranger})
	return open(t, seed, func(o *estate.Options) {
		o.AttachSeconds = 0
		o.AccountOf = func(string) string {
			if *away {
				return stranger
			}
			return ""
		}
	})
}

func TestAGrantLetsTheOtherAccountAttach(t *testing.T) {
	away := false
	c := members(t, &away)
	const ofStranger = "VpnId=vco-7&VpnOwnerId=" + stranger
	as := func(stranger bool, what, query, want string) {
		t.Helper()
		away = stranger
		if _, code := c.call("cbn "+what, query); code != want {
			t.Errorf("%s %s: got %q, want %q", what, query, code, want)
		}
	}
	const grant, revoke = "GrantInstanceToTransitRouter", "RevokeInstanceFromTransitRouter"
	as(false, grant, toOurs+"vco-7", "InvalidInstanceId.NotFound") // it is not the caller's
	if _, code := c.create(ofStranger); code != "InvalidVpnId.NotFound" {
		t.Errorf("before the grant: %q", code)
	}
	as(true, grant, toOurs+"vco-7&OrderType=PayByResourceOwner", "")
	as(true, grant, toOurs+"vco-7", "OperationFailed.GrantCrossAccountExist")
	away = false
	id, code := c.create(ofStranger)
	if got := c.Attachments(); code != "" || got[0].OrderType != "PayByResourceOwner" {
		t.Fatalf("after the grant: %q, %+v", code, got)
	}
	as(true, revoke, toOurs+"vco-7", "IncorrectStatus.ResourceStatus")
	as(false, "DeleteTransitRouterVpnAttachment", "TransitRouterAttachmentId="+id, "")
	as(true, revoke, toOurs+"vco-7", "")
	as(true, revoke, toOurs+"vco-7", "OperationFailed.GrantCrossAccountNotExist")
}

func TestAGrantIsListedByBothAccounts(t *testing.T) {
	away := true
	c := members(t, &away)
	if _, code := c.call("cbn GrantInstanceToTransitRouter", toOurs+"vco-7"); code != "" {
		t.Fatal(code)
	}
	var given struct {
		CrossAccountAuthorizations []struct {
			BindInstance    string
			AliUid, BindUid int64
		}
	}
	c.get("vpc DescribeVpnCrossAccountAuthorizations", "RegionId=cn-hangzhou&VpnConnectionId=vco-7", &given)
	if got := fmt.Sprint(given); got != "{[{cen-1 "+stranger+" "+account+"}]}" {
		t.Errorf("the owner sees %s", got)
	}
	away = false
	var taken struct {
		GrantRules struct {
			GrantRule []struct{ ChildInstanceId, OrderType string }
		}
		MaxResults, TotalCount int
	}
	for cen, want := range map[string]string{"cen-1": "{{[{vco-7 PayByCenOwner}]} 1 1}", "cen-2": "{{[]} 0 0}"} {
		c.get("cbn DescribeGrantRulesToCen", "RegionId=cn-hangzhou&ProductType=VPN&CenId="+cen, &taken)
		if got := fmt.Sprint(taken); got != want {
			t.Errorf("%s sees %s, want %s", cen, got, want)
		}
	}
	if got := open(t, c.Seed(), nil).Seed().VPNConnections[1].Grants; len(got) != 1 || got[0].CEN != "cen-1" {
		t.Errorf("kept as %+v", got)
	}
}

func TestAGrantOfTheSeedMustBeWhole(t *testing.T) {
	for _, wrong := range []estate.Grant{
		{CEN: "1", CENOwner: account}, {CEN: "cen-1"}, {CEN: "cen-1", CENOwner: account, OrderType: "PayByNobody"},
	} {
		v := estate.VPNConnection{ID: "vco-9", Grants: []estate.Grant{wrong}}
		if open(t, core(), nil).AddConnection(v) == nil {
			t.Errorf("%+v was taken", wrong)
		}
	}
}
