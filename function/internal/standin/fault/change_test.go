package fault_test

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/fault"
)

func TestFaultsAreAddedAndRemovedWhileCallsArrive(t *testing.T) {
	b := newBench(t, fault.Options{Faults: []fault.Fault{blocked("A", "first")}})
	answers := func(calls string) string { return codes(b.Injector, b.send(t), strings.Fields(calls)) }
	if got := answers("A A"); got != "first ok" {
		t.Errorf("answered %q", got)
	}
	twice := blocked("A, B", "added")
	twice.Times = 2
	if err := b.Add(twice); err != nil {
		t.Fatal(err)
	}
	if got := answers("A B"); got != "added added" {
		t.Errorf("answered %q", got)
	}
	planned := b.Planned()
	if len(planned) != 3 || !planned[0].Over || planned[1].Over || planned[1].Struck != 1 {
		t.Fatalf("the list is %+v", planned)
	}
	if !b.Remove(planned[1].ID) || b.Remove(planned[1].ID) {
		t.Error("a fault is removed once")
	}
	if got := answers("A B B"); got != "ok added ok" {
		t.Errorf("answered %q", got)
	}
	if err := b.Add(fault.Fault{Action: "A"}); err == nil {
		t.Error("a fault that does nothing was added")
	}
	if err := b.Add(fault.Fault{Action: "A", Kill: fault.Before}); err == nil {
		t.Error("nobody could be killed, and the fault was added")
	}
}

func TestProbabilityStrikesSomeCallsAndTheSameInEveryRun(t *testing.T) {
	sometimes := blocked("A", "x")
	sometimes.Times, sometimes.Probability = 1000, 0.3
	run := func() string {
		b := newBench(t, fault.Options{Faults: []fault.Fault{sometimes}})
		return codes(b.Injector, b.send(t), strings.Fields(strings.Repeat("A ", 200)))
	}
	first := run()
	if n := strings.Count(first, "x"); n < 30 || n > 90 {
		t.Errorf("%d of 200 calls were struck", n)
	}
	if run() != first {
		t.Error("another run strikes other calls")
	}
	for _, wrong := range []float64{-0.1, 1.1} {
		sometimes.Probability = wrong
		if sometimes.Validate() == nil {
			t.Errorf("%v is taken for a probability", wrong)
		}
	}
}
