package main_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/soak"
)

// TestASmallStormBreaksNoInvariant is what make soak is in full.
func TestASmallStormBreaksNoInvariant(t *testing.T) {
	t.Parallel()
	for _, seed := range []uint64{1, 2, 3} {
		t.Run(fmt.Sprintf("seed %d", seed), func(t *testing.T) {
			t.Parallel()
			result, err := soak.Run(t.Context(),
				soak.Options{Seed: seed, Events: 200, Speed: 100, Binary: binary, Timeout: 2 * time.Minute})
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
