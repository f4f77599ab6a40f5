package mns

import (
	"testing"

	"vpn-attach/function/internal/standin/ram"
)

func TestEveryOperationNeedsAPermission(t *testing.T) {
	t.Parallel()
	known := ram.ReadOperations()
	for route, called := range operations() {
		demands := known.Demands(ram.Request{
			API: "mns", Operation: called.action, Get: func(string) string { return "" },
		})
		if len(demands) == 0 {
			t.Errorf("%s, %s, has no row in operations.md, so that nothing judges it", route, called.action)
		}
	}
}
