package main_test

import (
	"fmt"
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
  - {id: vco-1, name: site-1, psk: canary, tags: {"vpn-attach:transit-router": none},
     transitRouter: tr-core, attachmentTags: {"vpn-attach:vpn-connection": vco-1}}
` + more)
}

func (e *evidence) standing() (n int) {
	for _, a := range e.Attachments {
		if a.Status != "Deleted" {
			n++
		}
	}
	return n
}

func fixedByTheRedelivery(t *testing.T, e *evidence) {
	if e.crashes() != 1 || e.standing() != 0 || e.Calls[create] != 0 {
		t.Errorf("%d crashes, %d stand, calls %v", e.crashes(), e.standing(), e.Calls)
	}
	for _, o := range e.outcomes(t) {
		if o.Data.Status != decide.StatusDetaching && o.Data.Status != decide.StatusDetached {
			t.Errorf("it says %s", o.Data.Status)
		}
	}
}

// A death leaves an attachment that is going, or gone; the redelivery sees how it ends.
func TestADeathWhileDetachingIsFixedByTheRedelivery(t *testing.T) {
	t.Parallel()
	for _, action := range []string{end, "BatchSendMessage", "PublishMessage"} {
		for _, moment := range []string{"before", "after"} {
			t.Run(moment+" "+action, func(t *testing.T) {
				t.Parallel()
				cloud := fmt.Sprintf("detachSeconds: 1000\nfaults:\n  - {action: %s, kill: %s}\n", action, moment)
				inVirtualTime(t, fixedByTheRedelivery, aClosingSite(cloud), direct(letGo))
			})
		}
	}
}
