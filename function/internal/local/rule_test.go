package local

import (
	"strings"
	"testing"

	"vpn-attach/events"
)

func TestTheRuleOfCreationsForwardsNoKeyAndWhatIsNotThereAsItsPlaceholder(t *testing.T) {
	text, err := events.Files.ReadFile("wire/created.json")
	if err != nil {
		t.Fatal(err)
	}
	var forwarded []string
	for _, rule := range theRules(t) {
		if message, takes := rule.Take(text); takes {
			forwarded = append(forwarded, message)
		}
	}
	if len(forwarded) != 1 || strings.Contains(strings.ToLower(forwarded[0]), "psk") {
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

func TestWhatATransformationPutsIntoItsTemplate(t *testing.T) {
	rule := Rule{
		Paths: map[string]string{
			"a": "$.data.a", "b": "$.data['b'][1].c", "n": "$.n", "o": "$.data", "x": "$.data.x.y",
		},
		Template: `${a} ${b} ${n} ${o} ${x} ${nobody}`,
	}
	const want = `text deep null {"a":"text","b":[0,{"c":"deep"}]} ${x} ${nobody}`
	if got, _ := rule.Take([]byte(`{"n":null,"data":{"a":"text","b":[0,{"c":"deep"}]}}`)); got != want {
		t.Errorf("got %s\nwant %s", got, want)
	}
}

// theRules are those of template.yml.
func theRules(t *testing.T) []Rule {
	t.Helper()
	cloud, err := StartInProcess(preset(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	return cloud.rules
}
