package main_test

import (
	"os/exec"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/soak"
)

// TestASmallStormBreaksNoInvariant is what make soak is in full. The race detector watches the function.
func TestASmallStormBreaksNoInvariant(t *testing.T) {
	t.Parallel()
	result, err := soak.Run(t.Context(),
		soak.Options{Seed: 1, Events: 100, Speed: 100, Binary: raced(t), Timeout: 2 * time.Minute})
	kills := 0
	for _, n := range result.Kills {
		kills += n
	}
	if err != nil || len(result.Violations) > 0 || kills == 0 || len(result.Faults) == 0 || result.Overlaps == 0 {
		var table strings.Builder
		result.Table(&table)
		t.Errorf("%v\n%s", err, table.String())
	}
}

// TestStormsByTheCommandBreakNoInvariant plays storms on the function as it is deployed, as make soak does with more.
func TestStormsByTheCommandBreakNoInvariant(t *testing.T) {
	t.Parallel()
	for _, seed := range []string{"2", "3"} {
		t.Run("seed "+seed, func(t *testing.T) {
			t.Parallel()
			arguments := []string{"soak", "--function", binary, "--seed", seed, "--events", "100"}
			out, err := exec.CommandContext(t.Context(), tool(t), arguments...).CombinedOutput()
			if err != nil || !strings.Contains(string(out), "1 of 1 seeds: every invariant holds") {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}
