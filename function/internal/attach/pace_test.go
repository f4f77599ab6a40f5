package attach

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"
	"vpn-attach/function/internal/cloud"
)

// paceAt is a pace of so many calls a minute, on a clock that only sleeping moves.
func paceAt(perMinute int) (p *Pace, clock *time.Time) {
	now := time.Now()
	clock = &now
	p = &Pace{Quotas: map[string]int{ActionCreate: perMinute}, Share: 1, Random: func() float64 { return 0 }}
	p.Now = func() time.Time { return *clock }
	p.Sleep = func(_ context.Context, d time.Duration) error { *clock = clock.Add(d); return nil }
	return p, clock
}

func in(t *testing.T, p *Pace, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithDeadline(context.Background(), p.Now().Add(d))
	t.Cleanup(cancel)
	return ctx
}

func TestCallsGoOutAtTheShareOfTheirQuota(t *testing.T) {
	p, clock := paceAt(120)
	p.Share = 0.5
	began := *clock
	for range 60 + 10 { // a rest is worth ten seconds at once
		if err := p.wait(in(t, p, time.Hour), "cn-hangzhou", ActionCreate); err != nil {
			t.Fatal(err)
		}
	}
	if took := clock.Sub(began); took < 59*time.Second || took > 61*time.Second {
		t.Errorf("a minute's calls took %s", took)
	}
}

func TestAPIsAndRegionsDoNotWaitForEachOther(t *testing.T) {
	p, clock := paceAt(6)
	began := *clock
	for _, way := range [][2]string{{"cn-hangzhou", ActionCreate}, {"cn-beijing", ActionCreate}, {"cn-hangzhou", "SomethingElse"}, {"cn-hangzhou", "SomethingElse"}} {
		if err := p.wait(in(t, p, time.Hour), way[0], way[1]); err != nil || *clock != began {
			t.Errorf("%s waited %s: %v", way, clock.Sub(began), err)
		}
	}
}

func TestACallThatIsDueAfterTheDeadlineIsHeldBackAndTakesNoPlace(t *testing.T) {
	p, _ := paceAt(6)
	for i := range 5 {
		err := p.wait(in(t, p, 5*time.Second), "cn-hangzhou", ActionCreate)
		if i == 0 {
			if err != nil {
				t.Fatal(err)
			}
			continue
		}
		if rest := heldBack(err); rest < 9*time.Second || rest > 10*time.Second {
			t.Errorf("call %d is held back for %s: %v", i+1, rest, err)
		}
	}
}

func TestAThrottleStopsAndSlowsAndPasses(t *testing.T) {
	p, clock := paceAt(60)
	region := "cn-hangzhou"
	p.answered(region, ActionCreate, &APIError{Code: "Throttling.User", Status: 400, RetryAfter: 7 * time.Second})
	began := *clock
	if err := p.wait(in(t, p, time.Hour), region, ActionCreate); err != nil || clock.Sub(began) != 7*time.Second {
		t.Errorf("the next call waited %s: %v", clock.Sub(began), err)
	}
	calls := func(n int) time.Duration {
		began := *clock
		for range n {
			if err := p.wait(in(t, p, time.Hour), region, ActionCreate); err != nil {
				t.Fatal(err)
			}
			p.answered(region, ActionCreate, nil)
		}
		return clock.Sub(began)
	}
	first, then := calls(3), calls(60)
	if first < 3*time.Second || then > 62*time.Second {
		t.Errorf("the next three calls took %s, the next minute's %s", first, then)
	}
}

func TestThrottlesOfOneMomentCountOnce(t *testing.T) {
	p, _ := paceAt(60)
	for range 10 {
		p.answered("cn-hangzhou", ActionCreate, &APIError{Code: "Throttling.User", Status: 400, RetryAfter: time.Second})
	}
	if share := p.gates["cn-hangzhou "+ActionCreate].share; share != 0.5 {
		t.Errorf("%g of the rate is left", share)
	}
	p.answered("cn-hangzhou", ActionCreate, errors.New("something else"))
	if share := p.gates["cn-hangzhou "+ActionCreate].share; share != 0.5 {
		t.Errorf("another failure changed it to %g", share)
	}
}

// Of a backlog, as many are let in as will be served; the others come back one after another at
// the rate of the calls.
func TestWhoIsTurnedAwayComesBackInTurn(t *testing.T) {
	p, _ := paceAt(60)
	ctx := in(t, p, 20500*time.Millisecond)
	var in int
	var away []time.Duration
	for range 100 {
		leave, wait := p.enter(ctx, "cn-hangzhou", ActionCreate)
		if leave != nil {
			in++
			continue
		}
		away = append(away, wait.Round(time.Second))
	}
	if in != 30 || len(away) != 70 { // 10 at once and 20 as they become due
		t.Fatalf("%d were let in, %d turned away", in, len(away))
	}
	for i, wait := range away {
		if want := time.Duration(i+22) * time.Second; wait != want {
			t.Fatalf("number %d comes back after %s, not %s", i, wait, want)
		}
	}
}

func TestAPlaceThatIsLeftIsFreeAgainOnce(t *testing.T) {
	p, _ := paceAt(6)
	ctx := in(t, p, 5*time.Second)
	for i := range 3 {
		leave, _ := p.enter(ctx, "cn-hangzhou", ActionCreate)
		if leave == nil {
			t.Fatalf("number %d was turned away", i)
		}
		leave()
		leave()
	}
	if inside := p.gates["cn-hangzhou "+ActionCreate].inside; inside != 0 {
		t.Errorf("%d are inside", inside)
	}
}

func TestNobodyIsKeptAwayForLongerThanAnHour(t *testing.T) {
	p, _ := paceAt(6)
	ctx := in(t, p, time.Second)
	longest := time.Duration(0)
	for range 5000 {
		if leave, wait := p.enter(ctx, "cn-hangzhou", ActionCreate); leave == nil {
			longest = max(longest, wait)
		}
	}
	if longest > maxAway || longest < maxAway*9/10 {
		t.Errorf("the longest is away for %s", longest)
	}
}

func TestWithoutAPaceNothingIsHeldBack(t *testing.T) {
	var p *Pace
	for range 1000 {
		leave, away := p.enter(context.Background(), "r", ActionCreate)
		if leave == nil || away != 0 || p.wait(context.Background(), "r", ActionCreate) != nil {
			t.Fatal("it was")
		}
		leave()
	}
	p.answered("r", ActionCreate, nil)
}

func TestEveryCallHasAQuota(t *testing.T) {
	quotas := cloud.Quotas()
	for action := range permissions() {
		if action == "PublishMessage" || action == "BatchSendMessage" || action == ActionAssumeRole { // of services that are not paced
			continue
		}
		if quotas[action] == 0 {
			t.Errorf("%s has none", action)
		}
	}
	if len(quotas) != len(permissions())-3 {
		t.Error(fmt.Sprint("there are more quotas than calls: ", len(quotas)))
	}
}
