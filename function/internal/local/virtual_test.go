package local_test

import (
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/local"
)

// TestCasesInVirtualTime plays every case with the function inside this process, at the cloud's own speed. All of them
// together need every permission of the function's role, and no other, and write what charts and alarms look for.
func TestCasesInVirtualTime(t *testing.T) {
	cases, err := local.ReadCases(events.Files)
	if err != nil {
		t.Fatal(err)
	}
	needed, said := &local.Privileges{}, &logged{seen: map[string]bool{}}
	t.Run("cases", func(t *testing.T) {
		for _, one := range cases {
			t.Run(one.Theme+"/"+one.Name, func(t *testing.T) {
				t.Parallel()
				inVirtualTime(t, func(t *testing.T) { playCase(t, one, needed, said) })
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
}

func playCase(t *testing.T, one local.Case, needed *local.Privileges, said *logged) {
	document, differences := play(t.Context(), one, deployed(t), needed)
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

// theTemplate is template.yml, read once.
var theTemplate = sync.OnceValues(local.FindTemplate)

func deployed(t *testing.T) local.Deployed {
	t.Helper()
	read, err := theTemplate()
	if err != nil {
		t.Fatal(err)
	}
	return local.Deployed{Template: read}
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
