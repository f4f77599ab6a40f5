package plan

import (
	"bytes"
	"os"
	"path/filepath"
	"reflect"
	"testing"

	"vpn-attach/function/internal/local"
)

// TestAFileHoldsWhateverIsInATag as others write it: no control character stands in it as it is.
func TestAFileHoldsWhateverIsInATag(t *testing.T) {
	for _, value := range []string{"a\nb", "\x1b[31m\x07", "\u202eevil", "日本語", "${x}", "- a: b #", "\t=1", "0x10"} {
		spec, _ := mixed(t, 1)
		spec.Connections[0].Tags["site"], spec.Connections[0].Name, spec.Connections[0].PSK = value, value, ""
		path := filepath.Join(t.TempDir(), "estate.yaml")
		if err := Write(path, spec); err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(path)
		if err != nil || bytes.ContainsFunc(text, isControl) {
			t.Errorf("%q stands in the file, or %v", value, err)
		}
		again, err := local.ReadSpecFile(path)
		if err != nil || !reflect.DeepEqual(again.Connections[0].Tags, spec.Connections[0].Tags) ||
			again.Connections[0].Name != value {
			t.Errorf("%q is read as %+v, %v", value, again.Connections, err)
		}
	}
}
