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
