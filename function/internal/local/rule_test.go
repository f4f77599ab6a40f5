package local

import (
	"strings"
	"testing"

	"vpn-attach/events"
)

func TestTheRuleOfTheStackForwardsNoKeyAndWhatIsNotThereAsItsPlaceholder(t *testing.T) {
	text, err := events.Files.ReadFile("wire/created.json")
	if err != nil {
		t.Fatal(err)
	}
	cloud, err := StartInProcess(preset(), Options{Deployed: TheStack()})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	cloud.onTrail(string(text))
	messages, err := cloud.Queues.Receive(t.Context(), cloud.EventQueue, 16, 0)
	var forwarded []string
	for _, m := range messages {
		forwarded = append(forwarded, m.Body)
	}
	if err != nil || len(forwarded) != 1 || strings.Contains(strings.ToLower(forwarded[0]), "psk") {
		t.Fatalf("forwarded: %q", forwarded)
	}
	for _, want := range []string{
		`"VpnConnectionId":"vco-one"`, `"eventId":"event-one"`, `"errorCode":"${errorCode}"`,
		`["vco-one","${listed}"]`, `"aliyunaccountid":"1234567890123456"`,
	} {
		if !strings.Contains(forwarded[0], want) {
			t.Errorf("%s is not in %s", want, forwarded[0])
		}
	}
}
