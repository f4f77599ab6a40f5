package operate_test

import (
	"testing"
	"time"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/operate"
)

// The drills here are about single sites.

func TestDrillOfAConnectionThatIsBoundElsewhere(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		if _, err := s.Invoke(t.Context(), map[string]any{"vpnConnectionId": "vco-gateway"}); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		s.mustRing(inboxRings)
		s.mustBe("failed", local.AlarmRinging)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, false)
		s.says(inbox, err, "conflict  vco-gateway  site-gateway", "BoundToGateway", "advice: ")
		s.tag("vco-gateway", "transit-router", "none")
		time.Sleep(6 * time.Minute) // the alarm on the log looks at the last five
		inbox, err = s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "1 acknowledged")
		s.mustRing("")
		s.mustBe("failed", local.AlarmQuiet)
	})
}

func TestDrillOfASiteThatStaysDark(t *testing.T) {
	const dark = `
vpnConnections:
  - {id: vco-dark, name: harbour, psk: canary, tags: {"vpn-attach:transit-router": tr-core},
     tunnels: [{upAfter: 40m, reason: NoResponse}, {upAfter: 40m, reason: NoResponse}]}`
	drill(t, dark, func(t *testing.T, s *site) {
		if _, err := s.Invoke(t.Context(), map[string]any{"vpnConnectionId": "vco-dark"}); err != nil {
			t.Fatal(err)
		}
		s.mustBe("down", local.AlarmQuiet)
		time.Sleep(33 * time.Minute)
		s.mustRing(inboxRings)
		s.mustBe("down", local.AlarmRinging)
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, false)
		s.says(inbox, err, "down  vco-dark  harbour  tr-core", "NoResponse", "advice: ", "who must act: peer",
			"vpn-attach health vco-dark")
		time.Sleep(15 * time.Minute) // the site's device is repaired
		answer, err := s.Invoke(t.Context(), map[string]any{"health": map[string]any{"vpnConnectionId": "vco-dark"}})
		s.says(answer, err, "vco-dark: up")
		inbox, err = s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "1 acknowledged")
		s.mustRing("")
		s.mustBe("down", local.AlarmQuiet)
	})
}
