package local_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
)

// TestNoCaseOfHealthWritesAKey: every key in the cases is a canary, and the diagnosis shows it in its log, for some
// reasons in the parameters, too. The same search finds it in what the function was told.
func TestNoCaseOfHealthWritesAKey(t *testing.T) {
	cases, err := local.ReadTheme(events.Files, "health")
	if err != nil || len(cases) == 0 {
		t.Fatalf("%d cases, %v", len(cases), err)
	}
	diagnoses := 0
	for _, one := range cases {
		t.Run(one.Name, func(t *testing.T) {
			inVirtualTime(t, func(t *testing.T) {
				var mu sync.Mutex
				var wrote strings.Builder
				exchange := func(x fault.Exchange) {
					mu.Lock()
					defer mu.Unlock()
					fmt.Fprintln(&wrote, x.URL, string(x.Body))
					if x.Action == "DiagnoseVpnConnections" && strings.Contains(string(x.Response), "canary") {
						diagnoses++
					}
				}
				options := local.Options{Watch: local.Watch{Exchange: exchange}}
				document, _ := one.Run(t.Context(), local.StartInProcess, options, 30*time.Hour, nil)
				mu.Lock()
				defer mu.Unlock()
				fmt.Fprintf(&wrote, "%s %s %s", document.Log, document.Outcomes, document.DeadLetters)
				if at := strings.Index(wrote.String(), "canary"); at >= 0 {
					t.Errorf("the function wrote a key: …%.200s", wrote.String()[max(0, at-100):])
				}
			})
		})
	}
	if diagnoses < 30 {
		t.Errorf("only %d diagnoses showed a key", diagnoses)
	}
}
