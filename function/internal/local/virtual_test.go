package local_test

import (
	"bytes"
	"encoding/json"
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
		t.Run(sample.Name, func(t *testing.T) {
			inVirtualTime(t, sample.Spec, func(t *testing.T, cloud *local.Cloud) {
				document, err := cloud.Replay(t.Context(), []local.Input{sample.Input}, 0, nil)
				if err != nil {
					t.Error(err)
				}
				for _, difference := range sample.Expectation.Compare(document) {
					t.Error(difference)
				}
				for _, fault := range cloud.Faults.Remaining() {
					t.Errorf("the fault on %s never struck", fault.Action)
				}
				if t.Failed() {
					t.Logf("the end of the log:\n%s", bytes.Join(lastOf(document.Log, 30), []byte("\n")))
				}
			})
		})
	}
}

func lastOf(log []json.RawMessage, n int) (lines [][]byte) {
	for _, line := range log[max(0, len(log)-n):] {
		lines = append(lines, line)
	}
	return lines
}

// inVirtualTime runs play with a cloud that is in this process, minutes after the events of the samples.
func inVirtualTime(t *testing.T, spec local.Spec, play func(*testing.T, *local.Cloud)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
		cloud, err := local.StartInProcess(spec, local.Options{})
		if err != nil {
			t.Fatal(err)
		}
		play(t, cloud)
		cloud.Close()
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
	})
}
