package local

import (
	"os"
	"testing"

	"github.com/goccy/go-yaml"
)

func TestADefaultOfTheTemplateHoldsInTheLocalCloud(t *testing.T) {
	t.Parallel()
	path, err := FindInProject("template.yml")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var written struct {
		Parameters map[string]struct{ Default any }
	}
	if err := yaml.Unmarshal(text, &written); err != nil {
		t.Fatal(err)
	}
	for name, value := range ownParameters("a key") {
		if preset := written.Parameters[name].Default; preset != nil && preset != "" {
			t.Errorf("%s is %q here, and %v where it is deployed", name, value, preset)
		}
	}
}

func TestAQueueIsKnownByItsARNInThisPlaceAlone(t *testing.T) {
	for arn, want := range map[string]string{
		"acs:mns:cn-hangzhou:1234567890123456:queues/q":  "q",
		"acs:mns:cn-hangzhou:1234567890123456:/queues/q": "q",
		"acs:mns:cn-beijing:1234567890123456:queues/q":   "",
		"acs:mns:cn-hangzhou:6543210987654321:queues/q":  "",
		"acs:mns:cn-hangzhou:1234567890123456:/topics/q": "",
		"q": "",
	} {
		if got := queueIn(placeOf(preset()), arn); got != want {
			t.Errorf("%s: got %q", arn, got)
		}
	}
}
