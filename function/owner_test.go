package main_test

import (
	"fmt"
	"strings"
	"testing"
)

// members is a cloud of so many connections of a member account, all granted.
func members(count int, more string) string {
	var b strings.Builder
	b.WriteString("\nvpnConnections:\n")
	for i := range count {
		fmt.Fprintf(&b, "  - {id: vco-%d, psk: canary, tags: {\"vpn-attach:transit-router\": tr-core}, owner: \"6543210987654321\", crossAccountAuthorized: true}\n", i)
	}
	return aRouterAnd(b.String()) + `members: [{account: "6543210987654321", role: vpn-attach-reader, externalId: vpn-attach}]
function: {environment: {ALLOWED_ACCOUNTS: "1234567890123456,6543210987654321"}}
` + more
}

func theirs(id string) string {
	return `{"vpnConnectionId":"` + id + `","regionId":"cn-hangzhou","ownerId":"6543210987654321"}`
}

func TestARoleIsAssumedOnceForAllInvocationsOfAnInstance(t *testing.T) {
	e := run(t, members(2, ""), queued(theirs("vco-0")), queued(theirs("vco-1")))
	if e.Calls["AssumeRole"] != 1 || e.effects() != 2 || e.Invocations < 2 {
		t.Errorf("%d roles were assumed in %d invocations, %d effects", e.Calls["AssumeRole"], e.Invocations, e.effects())
	}
}

func TestASessionIsRenewedBeforeItEnds(t *testing.T) {
	e := run(t, members(1, "sessionSeconds: 170\n"), queued(theirs("vco-0")))
	if e.Calls["AssumeRole"] < 2 || e.effects() != 1 || e.said(t) != "attaching, attached" {
		t.Errorf("%d roles were assumed; %s", e.Calls["AssumeRole"], e.said(t))
	}
}

func TestARoleThatCanNotBeAssumedForAMomentIsTriedAgain(t *testing.T) {
	for name, fault := range map[string]string{
		"the service fails":       "status: 503, code: ServiceUnavailable",
		"the service throttles":   "status: 400, code: Throttling.User",
		"the answer is no answer": "body: html",
		"the answer is lost":      "drop: after",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := run(t, members(1, "faults:\n  - {action: AssumeRole, times: 2, "+fault+"}\n"), queued(theirs("vco-0")))
			if e.Calls["AssumeRole"] != 3 || e.said(t) != "attaching, attached" {
				t.Errorf("%d roles were assumed; %s", e.Calls["AssumeRole"], e.said(t))
			}
		})
	}
}

// The member's key reads; everything that is changed is changed with the function's own.
func TestAnotherAccountsKeyReadsItsConnectionsAndNothingElse(t *testing.T) {
	e := run(t, members(1, ""), queued(theirs("vco-0")))
	own := map[string]bool{}
	for _, invocation := range e.cloud.Runtime.Invocations() {
		own[invocation.AccessKeyID] = true
	}
	for _, call := range e.cloud.Faults.Calls() {
		if reads := call.Action == "DescribeVpnConnection"; reads == own[call.AccessKeyID] {
			t.Errorf("%s was called with the key of another account than it should be", call.Action)
		}
	}
}
