package operate_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/operate"
)

// attachedTo are so many connections of a cloud file that are attached to a transit router and up.
func attachedTo(router string, n int) string {
	var text strings.Builder
	text.WriteString("vpnConnections:\n")
	for i := range n {
		fmt.Fprintf(&text, "  - {id: vco-%02d, psk: canary, transitRouter: %[2]s, attachmentId: tr-attach-%02[1]d,\n"+
			"     tags: {\"vpn-attach:transit-router\": %[2]s}}\n", i, router)
	}
	return text.String()
}

func TestTheStatusSaysHowManyPlacesAreLeftAndWhatIsUp(t *testing.T) {
	for name, c := range map[string]struct {
		attached     int
		words, never string
	}{
		"nearly full": {46, "places       tr-core 4 left of 50|tr-core has 4 places left|vpn-attach plan", "none"},
		"room": {3, "places       tr-core 47 left of 50|health       3 up, 0 degraded, 0 down, 0 not up yet",
			"vpn-attach plan"},
	} {
		t.Run(name, func(t *testing.T) {
			drill(t, attachedTo("tr-core", c.attached), func(t *testing.T, s *site) {
				time.Sleep(11 * time.Minute) // the timer's sweep
				status, err := s.Status(t.Context())
				s.says(status, err, strings.Split(c.words, "|")...)
				if text := status.Text(); strings.Contains(text, c.never) {
					t.Errorf("it says %q:\n%s", c.never, text)
				}
			})
		})
	}
}

func TestTheStatusSaysThatAnAlarmRingsOnWhenItsQueueIsEmpty(t *testing.T) {
	drill(t, "", func(t *testing.T, s *site) {
		s.connect("branch", "tr-coer")
		time.Sleep(5 * time.Minute)
		status, err := s.Status(t.Context())
		s.says(status, err, "next         something was given up: vpn-attach letters")
		inbox, err := s.Inbox(t.Context(), operate.Choice{}, true)
		s.says(inbox, err, "1 acknowledged")
		status, err = s.Status(t.Context())
		s.says(status, err, "its queue is empty now): something needs a person: vpn-attach inbox")
		if text := status.Text(); strings.Contains(text, "empty now): the dead-letter") {
			t.Errorf("the dead letter is still there:\n%s", text)
		}
	})
}
