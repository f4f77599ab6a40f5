package pace

import (
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

func TestAnInstanceCountsWhomItHeardOfLately(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, now := paceOf(cloud.PerMinute(60)), time.Now()
		for _, step := range []struct {
			maker string
			age   time.Duration
			want  int
		}{
			{p.ID(), 0, 1},
			{"", 0, 1},
			{"b", 30 * time.Second, 2},
			{"b", time.Second, 2},
			{"c", memory, 2},
			{"c", memory - time.Second, 3},
			{"d", -time.Hour, 4}, // its clock is ahead
		} {
			p.Heard(step.maker, now.Add(-step.age))
			if got := p.AtWork(); got != step.want {
				t.Errorf("after a message of %q, %s old, %d are at work, want %d", step.maker, step.age, got, step.want)
			}
		}
		time.Sleep(memory - time.Second)
		if got := p.AtWork(); got != 2 {
			t.Errorf("%d are at work when only one was heard of for long", got)
		}
		time.Sleep(time.Second)
		if got := p.AtWork(); got != 1 {
			t.Errorf("%d are at work when nobody was heard of for long", got)
		}
	})
}

func TestEveryInstanceHasAnotherNameAndRank(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		paces, ranks := []*Pace{{}, {}, {}, {}}, map[int]bool{}
		for _, p := range paces {
			for _, other := range paces {
				p.Heard(other.ID(), time.Now())
			}
			ranks[p.crew.standing(time.Now()).rank] = true
		}
		if len(ranks) != len(paces) {
			t.Errorf("the ranks of four instances are %v", ranks)
		}
	})
}

// callsOf counts the calls that an instance makes in a time, as many as it may.
func callsOf(t *testing.T, p *Pace, d time.Duration) (calls int) {
	t.Helper()
	for ctx := in(t, d); create(ctx, p, nil) == nil; {
		calls++
	}
	time.Sleep(time.Second)
	return calls
}

func TestANewcomerBeginsSmallAndGrowsByWhatItHears(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: cloud.PerMinute(600)}, Share: 1}
		if first := callsOf(t, p, time.Minute); first != 80+15 {
			t.Errorf("it makes %d calls in its first minute", first)
		}
		if second := callsOf(t, p, time.Minute); second > 20 {
			t.Errorf("it makes %d calls in its second minute, and has heard nothing", second)
		}
		for i := range 10 { // one moment is one piece of news
			p.Heard(p.ID(), time.Now().Add(-time.Duration(i)*50*time.Millisecond))
		}
		if third := callsOf(t, p, time.Minute); third > 40 {
			t.Errorf("it makes %d calls in its third minute, and has heard once", third)
		}
		for i := range 6 {
			time.Sleep(moment)
			p.Heard(p.ID(), time.Now().Add(time.Duration(i)))
		}
		if grown := callsOf(t, p, time.Minute); grown < 540 || grown > 600 {
			t.Errorf("it makes %d calls in a minute when it is alone", grown)
		}
	})
}

func TestWhoHearsNobodyForLongGrowsAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: cloud.PerMinute(600)}, Share: 1}
		callsOf(t, p, deafness+2*time.Minute)
		if grown := callsOf(t, p, time.Minute); grown < 540 {
			t.Errorf("it makes %d calls in a minute", grown)
		}
	})
}

func TestWhoRestedIsANewcomerAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for idle, want := range map[time.Duration][2]int{rest - time.Second: {540, 600}, rest: {40, 100}} {
			p := paceOf(cloud.PerMinute(600))
			_ = create(t.Context(), p, nil)
			time.Sleep(idle)
			if got := callsOf(t, p, time.Minute); got < want[0] || got > want[1] {
				t.Errorf("after a rest of %s it makes %d calls in a minute", idle, got)
			}
		}
	})
}

func TestASmallQuotaIsAsSmallForANewcomer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := &Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: cloud.PerMinute(1)}, Share: 0.5}
		if calls := callsOf(t, p, time.Hour); calls < 27 || calls > 31 {
			t.Errorf("of thirty calls an hour it makes %d", calls)
		}
	})
}

func TestAQuotaOfASecondIsKeptInEverySecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := paceOf(cloud.PerSecond(3))
		time.Sleep(time.Minute) // rested
		var at []time.Time
		for range 30 {
			if err := create(t.Context(), p, nil); err != nil {
				t.Fatal(err)
			}
			at = append(at, time.Now())
		}
		for i := 3; i < len(at); i++ {
			if took := at[i].Sub(at[i-3]); took < time.Second {
				t.Errorf("calls %d to %d take %s", i-3, i, took)
			}
		}
	})
}

func TestASlotIsMetThoughNobodyWakesExactlyThen(t *testing.T) {
	g := newGate(cloud.PerSecond(10), 1, standing{instances: 2, rank: 1, since: time.Hour, news: 10})
	slot := time.Unix(1_800_000_000, 0).Add(100 * time.Millisecond) // the second of two, a tenth of a second each
	for late, want := range map[time.Duration]time.Duration{
		0: 0, time.Microsecond: 0, 50 * time.Millisecond: 0, 60 * time.Millisecond: 140 * time.Millisecond,
	} {
		if due := g.due(slot.Add(late), 1); due != want {
			t.Errorf("%s after its slot began, the call is due in %s", late, due)
		}
	}
	now, ticket := slot.Add(20*time.Millisecond), g.stand()
	if g.turn(now, ticket) != 0 {
		t.Fatal("it is not its turn")
	}
	if due := g.due(now, 1); due != 180*time.Millisecond { // with the next slot, not a period after the late call
		t.Errorf("the next call is due in %s", due)
	}
}

func TestWithoutAPaceNobodyIsHeard(t *testing.T) {
	var p *Pace
	p.Heard("b", time.Now())
	if p.ID() != "" || p.AtWork() != 1 {
		t.Errorf("%q, %d at work", p.ID(), p.AtWork())
	}
}
