package pace

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

// paceOf is a pace of creates, of an instance that has been at work for long, alone.
func paceOf(quota cloud.Quota) *Pace {
	p := &Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: quota}, Share: 1}
	p.crew.joined, p.crew.worked = time.Now().Add(-time.Hour), time.Now()
	return p
}

func in(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

// create makes a call in cn-hangzhou that is answered with err.
func create(ctx context.Context, p *Pace, err error) error {
	return p.Do(ctx, Call{Region: "cn-hangzhou", Action: cloud.ActionCreate},
		func(context.Context) error { return err })
}

func (p *Pace) hangzhou() *gate { return p.gates[way{"cn-hangzhou", cloud.ActionCreate}] }

func TestCallsGoOutAtTheShareOfTheirQuota(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(1200))
		p.Share = 0.5
		began := time.Now()
		for range 600 * 92 / 100 {
			if err := create(in(t, time.Hour), p, nil); err != nil {
				t.Fatal(err)
			}
		}
		// A rest is worth four seconds at once.
		if took := time.Since(began); took < 55*time.Second || took > 57*time.Second {
			t.Errorf("a minute's calls took %s", took)
		}
	})
}

func TestTheWaitForATurnIsNoPartOfTheCallTimeout(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		p.CallTimeout = time.Second
		for range 3 {
			err := p.Do(in(t, time.Hour), Call{Region: "cn-hangzhou", Action: cloud.ActionCreate},
				func(ctx context.Context) error {
					return Sleep(ctx, 900*time.Millisecond)
				})
			if err != nil {
				t.Fatal(err)
			}
		}
	})
}

func TestEveryTryTakesItsTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		p.Tries, p.Retryable, p.FirstWait, p.LongestWait = 3, isPassing, time.Millisecond, time.Millisecond
		began := time.Now()
		if err := create(in(t, time.Hour), p, &cloud.APIError{Status: 500}); err == nil {
			t.Error("it passed")
		}
		if took := time.Since(began); took < 21*time.Second || took > 22*time.Second {
			t.Errorf("three tries at six a minute took %s", took)
		}
	})
}

func TestAPIsAndRegionsDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		began := time.Now()
		for _, w := range []way{{"cn-hangzhou", cloud.ActionCreate}, {"cn-beijing", cloud.ActionCreate},
			{"cn-hangzhou", "SomethingElse"}, {"cn-hangzhou", "SomethingElse"}} {
			err := p.Do(in(t, time.Hour), Call{Region: w.region, Action: w.action},
				func(context.Context) error { return nil })
			if err != nil || time.Since(began) != 0 {
				t.Errorf("%s waited %s: %v", w, time.Since(began), err)
			}
		}
	})
}

func TestACallThatIsDueAfterTheDeadlineIsHeldBackAndTakesNoTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		p.Tries, p.Retryable, p.LongestWait = 4, func(error) bool { return true }, time.Second
		for i := range 5 {
			err := create(in(t, 5*time.Second), p, nil)
			if i == 0 {
				if err != nil {
					t.Fatal(err)
				}
				continue
			}
			if rest := HeldBack(err); rest < 10*time.Second || rest > 11*time.Second {
				t.Errorf("call %d is held back for %s: %v", i+1, rest, err)
			}
			if api := new(cloud.APIError); !errors.As(err, &api) || api.Status != 429 ||
				api.Action != cloud.ActionCreate {
				t.Errorf("call %d: %+v", i+1, api)
			}
		}
	})
}

func TestOnlyWhatWasHeldBackIsHeldBack(t *testing.T) {
	for err, want := range map[error]time.Duration{
		nil: 0, errors.New("HeldBack"): 0, &cloud.APIError{Code: "Throttling", RetryAfter: time.Minute}: 0,
		&cloud.APIError{Code: cloud.CodeHeldBack}:                          time.Second,
		&cloud.APIError{Code: cloud.CodeHeldBack, RetryAfter: time.Minute}: time.Minute,
	} {
		if got := HeldBack(err); got != want {
			t.Errorf("%v is held back for %s", err, got)
		}
	}
}

func TestAWaitForATurnEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(time.Second, cancel)
		_, began := create(ctx, p, nil), time.Now()
		err := create(ctx, p, nil)
		if !errors.Is(err, context.Canceled) || time.Since(began) != time.Second {
			t.Errorf("got %v after %s", err, time.Since(began))
		}
	})
}

func TestAThrottleStopsAndSlowsAndPasses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(60))
		_ = create(t.Context(), p, &cloud.APIError{Code: "Throttling.User", Status: 400, RetryAfter: 7 * time.Second})
		began := time.Now()
		if err := p.wait(in(t, time.Hour), way{"cn-hangzhou", cloud.ActionCreate}); err != nil ||
			time.Since(began) != 7*time.Second {
			t.Errorf("the next call waited %s: %v", time.Since(began), err)
		}
		calls := func(n int) time.Duration {
			began := time.Now()
			for range n {
				if err := create(in(t, time.Hour), p, nil); err != nil {
					t.Fatal(err)
				}
			}
			return time.Since(began)
		}
		first, next := calls(3), calls(60)
		if first < 4*time.Second || next < 90*time.Second {
			t.Errorf("the next three calls took %s, the sixty after them %s", first, next)
		}
		calls(200)
		if later := calls(60); later > 66*time.Second {
			t.Errorf("sixty calls took %s in the end", later)
		}
	})
}

func TestThrottlesOfOneMomentCountOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(60))
		_ = create(t.Context(), p, nil)
		for range 10 {
			p.answered(way{"cn-hangzhou", cloud.ActionCreate},
				&cloud.APIError{Code: "Throttling.User", Status: 400, RetryAfter: time.Second})
		}
		if share := p.hangzhou().share; share != 0.5 {
			t.Errorf("%g of the rate is left", share)
		}
		p.answered(way{"cn-hangzhou", cloud.ActionCreate}, errors.New("something else"))
		if share := p.hangzhou().share; share != 0.5 {
			t.Errorf("another failure changed it to %g", share)
		}
	})
}

func TestThrottlesSlowToASixteenthAndNoFurther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(60))
		for range 20 {
			_ = create(t.Context(), p, &cloud.APIError{Code: "Throttling", RetryAfter: time.Hour})
		}
		if share := p.hangzhou().share; share != leastShare {
			t.Errorf("%g of the rate is left", share)
		}
		if rest := time.Until(p.hangzhou().closed); rest > time.Minute {
			t.Errorf("a service that asks for an hour stops its calls for %s", rest)
		}
	})
}

// Of a backlog, as many are let in as will be served; the others come back one after another at
// the rate of the calls.
func TestWhoIsSentAwayComesBackInTurn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(60))
		ctx := in(t, 20500*time.Millisecond)
		inside := 0
		var away []time.Duration
		for range 100 {
			leave, wait := p.Enter(ctx, "cn-hangzhou", cloud.ActionCreate)
			if leave != nil {
				inside++
				continue
			}
			away = append(away, wait)
		}
		if inside != 21 || len(away) != 79 { // 3 at once and 18 as they become due
			t.Fatalf("%d were let in, %d sent away", inside, len(away))
		}
		for i, wait := range away { // a call every 1/0.92 seconds
			if want := seconds(float64(i+20) / 0.92); wait < want-time.Second || wait > want+time.Second {
				t.Fatalf("number %d comes back after %s, not %s", i, wait, want)
			}
		}
	})
}

func TestAnEntryIsLeftOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		for i := range 3 {
			leave, _ := p.Enter(in(t, 5*time.Second), "cn-hangzhou", cloud.ActionCreate)
			if leave == nil {
				t.Fatalf("number %d was sent away", i)
			}
			leave()
			leave()
		}
		if inside := p.hangzhou().inside; inside != 0 {
			t.Errorf("%d are inside", inside)
		}
	})
}

func TestAnEntryIsLeftWhenItsCallIsMade(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		leave, _ := p.Enter(in(t, 5*time.Second), "cn-hangzhou", cloud.ActionCreate)
		inside := []int{p.hangzhou().inside}
		_ = p.Do(t.Context(), Call{Region: "cn-hangzhou", Action: cloud.ActionCreate, Leave: leave},
			func(context.Context) error {
				inside = append(inside, p.hangzhou().inside)
				return nil
			})
		leave()
		if inside = append(inside, p.hangzhou().inside); !slices.Equal(inside, []int{1, 0, 0}) {
			t.Errorf("inside before, during and after the call: %v", inside)
		}
	})
}

func TestWithoutADeadlineOrAQuotaEverybodyIsLetIn(t *testing.T) {
	p := paceOf(cloud.PerMinute(1))
	for range 100 {
		if leave, away := p.Enter(t.Context(), "cn-hangzhou", cloud.ActionCreate); leave == nil || away != 0 {
			t.Fatal("without a deadline, one was sent away")
		}
		if leave, away := p.Enter(in(t, time.Second), "cn-hangzhou", cloud.ActionPublish); leave == nil || away != 0 {
			t.Fatal("without a quota, one was sent away")
		}
	}
}

func TestNobodyIsKeptAwayForLongerThanAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerMinute(6))
		ctx := in(t, time.Second)
		longest := time.Duration(0)
		for range 5000 {
			if leave, wait := p.Enter(ctx, "cn-hangzhou", cloud.ActionCreate); leave == nil {
				longest = max(longest, wait)
			}
		}
		if longest > maxAway || longest < maxAway*9/10 {
			t.Errorf("the longest is away for %s", longest)
		}
	})
}

func TestEveryCallOfAPacedServiceHasAQuota(t *testing.T) {
	unpaced := []string{cloud.ActionPublish, cloud.ActionSend, cloud.ActionAssumeRole} // of MNS and STS
	quotas := cloud.Quotas()
	for _, action := range cloud.Actions() {
		if quota := quotas[action.Name]; (quota.Calls == 0) != slices.Contains(unpaced, action.Name) {
			t.Errorf("%s has a quota of %s", action.Name, quota)
		}
	}
	if len(quotas) != len(cloud.Actions())-len(unpaced) {
		t.Errorf("there are %d quotas for %d actions", len(quotas), len(cloud.Actions()))
	}
}
