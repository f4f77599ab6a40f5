package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/soak"
)

// TestASmallStormBreaksNoInvariant is what make soak is in full. In one of the storms the race detector watches the
// function, which takes several times as long.
func TestASmallStormBreaksNoInvariant(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3} {
		function := binary
		if seed == 1 {
			function = raced(t)
		}
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			result, err := soak.Run(t.Context(),
				soak.Options{Seed: seed, Events: 200, Speed: 100, Binary: function, Timeout: 2 * time.Minute})
			kills := 0
			for _, n := range result.Kills {
				kills += n
			}
			if err != nil || len(result.Violations) > 0 || kills == 0 || len(result.Faults) == 0 ||
				result.Overlaps == 0 {
				var table strings.Builder
				result.Table(&table)
				t.Errorf("%v\n%s", err, table.String())
			}
		})
	}
}
