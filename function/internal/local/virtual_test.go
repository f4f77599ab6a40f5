package local_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

// needSTS are the samples that reach STS, which is by TLS over a port alone.
// TODO: delete the list once STS is reached over app.Transports.
var needSTS = []string{
	"connection-of-another-account", "forged-owner", "other-account-without-consent", "other-account-without-grant",
	"other-account-without-role", "other-account-without-trust", "sweep-of-members",
}

// TestSamplesInVirtualTime runs the samples with the function inside this process, at the cloud's own speed.
func TestSamplesInVirtualTime(t *testing.T) {
	samples, err := local.ReadSamples(events.Samples)
	if err != nil {
		t.Fatal(err)
	}
	for _, sample := range samples {
		if slices.Contains(needSTS, sample.Name) {
			continue
		}
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
		cloud, err := local.Start(spec, local.Options{InProcess: true})
		if err != nil {
			t.Fatal(err)
		}
		play(t, cloud)
		cloud.Close()
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
	})
}
