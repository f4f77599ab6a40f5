package main_test

import (
	"testing"

	"vpn-attach/events"
)

// The member's key reads; everything that is changed is changed with the function's own.
func TestAnotherAccountsKeyReadsItsConnectionsAndNothingElse(t *testing.T) {
	t.Parallel()
	member, err := events.Files.ReadFile("clouds/member.yaml")
	if err != nil {
		t.Fatal(err)
	}
	const request = `{"vpnConnectionId":"vco-one","regionId":"cn-hangzhou","ownerId":"6543210987654321"}`
	e := run(t, string(member), queued(request))
	own := map[string]bool{}
	for _, invocation := range e.cloud.Runtime.Invocations() {
		own[invocation.AccessKeyID] = true
	}
	for _, call := range e.cloud.Faults.Calls() {
		if reads := call.Action == "DescribeVpnConnection"; reads == own[call.AccessKeyID] {
			t.Errorf("%s was called with the key of another account than it should be", call.Action)
		}
	}
	if e.effects() != 1 {
		t.Errorf("%d effects", e.effects())
	}
}
