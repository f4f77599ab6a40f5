package estate

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/ram"
)

func TestEveryOperationNeedsAPermission(t *testing.T) {
	t.Parallel()
	known := ram.ReadOperations()
	for name := range operations() {
		version, action, _ := strings.Cut(name, " ")
		demands := known.Demands(ram.Request{API: version, Operation: action, Get: func(string) string { return "" }})
		if len(demands) == 0 {
			t.Errorf("%s has no row in operations.md, so that nothing judges it", name)
		}
	}
}
