package local_test

import (
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

// TestSamplesInVirtualTime runs the samples with the function inside this process, at the cloud's own speed.
func TestSamplesInVirtualTime(t *testing.T) {
	samples, err := local.ReadSamples(events.Samples)
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		if len(sample.Spec.Members) > 0 || sample.Name == "other-account-without-role" {
			continue
		}
		t.Run(sample.Name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
				began := time.Now()
				cloud, err := local.StartInProcess(sample.Spec, local.Options{})
				if err != nil {
					t.Fatal(err)
				}
				defer func() {
					cloud.Close()
					time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
				}()
				document, err := cloud.Replay(t.Context(), []local.Input{sample.Input}, 26*time.Hour, nil)
				if err != nil {
					t.Error(err)
				}
				if d := sample.Expectation.Compare(document); len(d) > 0 {
					t.Errorf("%s", strings.Join(d, "\n"))
				}
				for _, f := range cloud.Faults.Remaining() {
					t.Errorf("the fault on %s never struck", f.Action)
				}
				t.Logf("%s of virtual time", time.Since(began))
			})
		})
	}
}
