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
			result, err := soak.Run(t.Context(), soak.Options{Seed: seed, Events: 200, Speed: 100, Binary: binary, Timeout: 2 * time.Minute})
			kills := 0
			for _, n := range result.Kills {
				kills += n
			}
			if err != nil || len(result.Violations) > 0 || kills == 0 || len(result.Faults) == 0 || result.Overlaps == 0 {
				var table strings.Builder
				result.Table(&table)
				t.Errorf("%v\n%s", err, table.String())
			}
		})
	}
}

// A batch that kills the function again and again leaves a follow-up each time; they become
// one when they meet.
func TestAPoisonedBatchDeliveredTwentyTimesStaysBounded(t *testing.T) {
	t.Parallel()
	e := run(t, "attachSeconds: 300\ntrigger: {tries: 30, backoffSeconds: 1}\n"+aRouterAnd(oneConnection+`
faults:
  - {action: PublishMessage, times: 20, kill: after}
`), queued(created("e-1", "vco-1")))
	sent := 0
	for _, x := range e.exchanges {
		if x.Action == "BatchSendMessage" {
			sent += strings.Count(string(x.Body), "vpn-attach.confirm.v1")
		}
	}
	if e.crashes() != 20 || e.effects() != 1 {
		t.Errorf("%d deaths, %d effects", e.crashes(), e.effects())
	}
	if sent < 20 || sent > 20+60 {
		t.Errorf("%d follow-ups: 20 deliveries leave 20, which must become one", sent)
	}
}
