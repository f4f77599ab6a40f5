package main_test

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/decide"
)

const (
	letGo = `{"detach":{"vpnConnectionId":"vco-1","regionId":"cn-hangzhou","dryRun":false}}`
	end   = "DeleteTransitRouterVpnAttachment"
)

// aClosingSite is a connection that is attached by this function and not to be any more.
func aClosingSite(more string) string {
	return aRouterAnd(`
vpnConnections:
  - {id: vco-1, name: site-1, psk: canary, tags: {"vpn-attach:transit-router": none}, transitRouter: tr-core, attachmentTags: {"vpn-attach:vpn-connection": vco-1}}
` + more)
}

// said are the statuses of a run's outcomes, each with its code, in order.
func (e *evidence) said(t *testing.T) string {
	t.Helper()
	var all []string
	for _, o := range e.outcomes(t) {
		word := string(o.Data.Status)
		if o.Data.Error != nil {
			word += " " + o.Data.Error.Code
		}
		if o.Data.Reason != "" {
			word += " " + o.Data.Reason
		}
		all = append(all, word)
	}
	return strings.Join(all, ", ")
}

func (e *evidence) standing() (n int) {
	for _, a := range e.Attachments {
		if a.Status != "Deleted" {
			n++
		}
	}
	return n
}

// A death leaves an attachment that is going, or gone; the redelivery sees how it ends.
func TestADeathWhileLettingGoIsMendedByTheRedelivery(t *testing.T) {
	t.Parallel()
	for _, action := range []string{end, "BatchSendMessage", "PublishMessage"} {
		for _, moment := range []string{"before", "after"} {
			t.Run(moment+" "+action, func(t *testing.T) {
				t.Parallel()
				e := run(t, aClosingSite(fmt.Sprintf("detachSeconds: 100\nfaults:\n  - {action: %s, kill: %s}\n", action, moment)), queued(letGo))
				if e.crashes() != 1 || e.standing() != 0 || e.Calls[create] != 0 {
					t.Errorf("%d crashes, %d stand, calls %v", e.crashes(), e.standing(), e.Calls)
				}
				for _, o := range e.outcomes(t) {
					if o.Data.Status != decide.StatusDetaching && o.Data.Status != decide.StatusDetached {
						t.Errorf("it says %s", o.Data.Status)
					}
				}
			})
		}
	}
}
