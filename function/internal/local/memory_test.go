package local

import (
	"slices"
	"testing"
)

func TestACaseInWhichTheFunctionUsesTooMuchMemoryFails(t *testing.T) {
	for used, want := range map[Memory][]string{
		{LimitMB: 128, PeakMB: 128}:                 nil,
		{LimitMB: 128, PeakMB: 129, Exceeded: true}: {"memory: the template allows 128 MB, got 129"},
	} {
		e := came()
		e.memory = used
		if got := (Expectation{}).compare(e); !slices.Equal(got, want) {
			t.Errorf("%+v: %q", used, got)
		}
	}
}
