package attach

import (
	"testing"

	"vpn-attach/function/internal/cloud"
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
		"not granted": {member, "vco-1 failed GrantMissing"},
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
