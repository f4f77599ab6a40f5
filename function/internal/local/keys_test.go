package local_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
)

// keySearch looks for keys in what the function writes. Every key in the cases is a canary, and the diagnosis shows it
// in its log, for some reasons in the parameters, too.
type keySearch struct {
	mu        sync.Mutex
	diagnoses int // that showed a key to the function
}

// of watches the calls of a case.
func (k *keySearch) of(t *testing.T) local.Watch {
	return local.Watch{Exchange: func(x fault.Exchange) {
		mustHoldNoKey(t, x.URL+string(x.Body))
		if x.Action == "DiagnoseVpnConnections" && strings.Contains(string(x.Response), "canary") {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.diagnoses++
		}
	}}
}

func mustHoldNoKey(t *testing.T, written string) {
	t.Helper()
	if at := strings.Index(written, "canary"); at >= 0 {
		t.Errorf("the function wrote a key: …%.200s", written[max(0, at-100):])
	}
}

// judge looks into what a case came to.
func (k *keySearch) judge(t *testing.T, d local.Document) {
	t.Helper()
	mustHoldNoKey(t, fmt.Sprintf("%s %s %s", d.Log, d.Outcomes, d.DeadLetters))
}
