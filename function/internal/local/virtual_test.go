package local_test

import (
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/local"
)

// TestCasesInVirtualTime plays every case with the function inside this process, at the cloud's own speed. All of them
// together need every permission of the function's role, and no other, and write what charts and alarms look for. In
// none of them the function writes a key.
func TestCasesInVirtualTime(t *testing.T) {
	cases, err := local.AllCases()
	if err != nil {
		t.Fatal(err)
	}
	needed, keys, said := &local.Privileges{}, &keySearch{}, &logged{seen: map[string]bool{}}
	t.Run("cases", func(t *testing.T) {
		for _, one := range cases {
			t.Run(one.Theme+"/"+one.Name, func(t *testing.T) {
				t.Parallel()
				inVirtualTime(t, func(t *testing.T) { playCase(t, one, needed, keys, said) })
			})
		}
	})
	if needed.Clouds() < len(cases) {
		return // some were left out by -run, and what they need with them
	}
	for _, fault := range slices.Concat(needed.Unneeded(), needed.Missing()) {
		t.Error(fault)
	}
	said.check(t)
	if keys.diagnoses < 30 {
		t.Errorf("only %d diagnoses showed a key", keys.diagnoses)
	}
}

func playCase(t *testing.T, one local.Case, needed *local.Privileges, keys *keySearch, said *logged) {
	options := local.Options{Deployed: local.TheStack(), Watch: keys.of(t)}
	document, differences := one.Run(t.Context(), needed.Start(local.StartInProcess), options, 30*time.Hour, nil)
	keys.judge(t, document)
	said.read(document)
	for _, difference := range differences {
		t.Error(difference)
	}
	if t.Failed() {
		t.Logf("after %s, %v; the end of its log:", document.Took, document.Calls)
		for _, line := range document.Log[max(0, len(document.Log)-30):] {
			t.Logf("%s", line)
		}
	}
}

// inVirtualTime runs play minutes after the events of the cases.
func inVirtualTime(t *testing.T, play func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(time.Date(2026, 11, 23, 3, 10, 0, 0, time.UTC)))
		play(t)
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
	})
}
