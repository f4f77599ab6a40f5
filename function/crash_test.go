package main_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/standin/fault"
)

// TestADeathBetweenTwoEffectsIsFixedByTheRedelivery kills the function before and after
// each of its effects. Whatever the first invocation left behind, the event comes to the
// same end, once; a message may be there twice, an attachment never.
func TestADeathBetweenTwoEffectsIsFixedByTheRedelivery(t *testing.T) {
	t.Parallel()
	tabled := `
transitRouters:
  - {id: tr-core, cen: cen-core, name: core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any},
     routeTables: [{id: vtb-sys, name: main, type: System, tags: {"vpn-attach:accept": "associate,propagate"}}]}
vpnConnections:
  - {id: vco-1, name: site-1, psk: canary, tags: {"vpn-attach:transit-router": tr-core,
     "vpn-attach:associate": system, "vpn-attach:propagate": system}}
faults:
`
	plain := aRouterAnd(oneConnection + "faults:\n")
	hopeless := "function: {environment: {RETRY_HORIZON: 1m}}\n" + plain +
		"  - {action: ListTransitRouters, for: 10h, status: 503, code: ServiceUnavailable}\n"
	undescribed := plain +
		"  - {action: DescribeVpnConnection, times: 4, status: 503, code: ServiceUnavailable}\n"
	unheard := "attachSeconds: 0.1\n" + plain +
		"  - {action: PublishMessage, skip: 1, times: 2, status: 404, code: TopicNotExist}\n"
	cases := []struct {
		name, cloud, action string
		skip                int // calls of the action that pass before the one that is struck
		ending              decide.Status
		letters             int // dead letters at least; there may be one more
	}{
		{"the create", plain, create, 0, decide.StatusAttached, 0},
		{"the follow-up of a create", plain, "BatchSendMessage", 0, decide.StatusAttached, 0},
		{"the first word about an attachment", plain, "PublishMessage", 0, decide.StatusAttached, 0},
		{"the last word about an attachment", plain, "PublishMessage", 1, decide.StatusAttached, 0},
		{"a look at an attachment", plain, "DescribeVpnConnection", 1, decide.StatusAttached, 0},
		{"the association", tabled, "AssociateTransitRouterAttachmentWithRouteTable", 0, decide.StatusAttached, 0},
		{"the propagation", tabled, "EnableTransitRouterRouteTablePropagation", 0, decide.StatusAttached, 0},
		{"the follow-up of the bindings", tabled, "BatchSendMessage", 1, decide.StatusAttached, 0},
		{"the retry", undescribed, "BatchSendMessage", 0, decide.StatusAttached, 0},
		{"the dead letter", hopeless, "BatchSendMessage", 0, decide.StatusFailed, 1},
		{"the outcome after the dead letter", hopeless, "PublishMessage", 0, decide.StatusFailed, 1},
		{"the report of a finished outcome", unheard, "BatchSendMessage", 1, decide.StatusAttached, 0},
	}
	for _, c := range cases {
		for _, moment := range []string{"before", "after"} {
			t.Run(moment+" "+c.name, func(t *testing.T) {
				t.Parallel()
				e := run(t, c.cloud+fmt.Sprintf("  - {action: %s, skip: %d, kill: %s}\n", c.action, c.skip, moment),
					queued(created("e-1", "vco-1")))
				if left := e.cloud.Faults.Remaining(); slices.ContainsFunc(left,
					func(f fault.Fault) bool { return f.Kill != "" }) {
					t.Fatalf("nothing was killed: %v", left)
				}
				if e.crashes() != 1 {
					t.Errorf("%d invocations crashed", e.crashes())
				}
				ids := map[string]decide.Status{}
				for _, o := range e.outcomes(t) {
					if o.Data.Final {
						ids[o.ID] = o.Data.Status
					}
				}
				if len(ids) != 1 || !strings.Contains(fmt.Sprint(ids), string(c.ending)) {
					t.Errorf("it ended as %v, want %s, once", ids, c.ending)
				}
				attached := c.ending == decide.StatusAttached
				if (e.effects() == 1) != attached || len(e.tokens(t)) > 1 || len(e.Attachments) > 1 {
					t.Errorf("%d effects with %d tokens, attachments %+v", e.effects(), len(e.tokens(t)), e.Attachments)
				}
				if len(e.DeadLetters) < c.letters || len(e.DeadLetters) > 2*c.letters {
					t.Errorf("%d dead letters", len(e.DeadLetters))
				}
				if c.cloud == tabled &&
					(len(e.Attachments) != 1 ||
						fmt.Sprint(e.Attachments[0].Associated, e.Attachments[0].Propagated) != "[vtb-sys] [vtb-sys]") {
					t.Errorf("bound as %+v", e.Attachments)
				}
			})
		}
	}
}

// crashes counts the invocations whose process ended before they did.
func (e *evidence) crashes() (n int) {
	for _, push := range e.pushes {
		if failure := push.Invocation.Failure; failure != nil && failure.Type == "InstanceCrashed" {
			n++
		}
	}
	return n
}
