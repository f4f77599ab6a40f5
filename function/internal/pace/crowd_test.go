package pace

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

// crowd is several instances at one queue. Their only knowledge of each other are the messages that they take there.
type crowd struct {
	began time.Time
	quota cloud.Quota
	share float64

	mu         sync.Mutex
	own, fresh []message       // in the order of the times from which they are visible
	calls      []time.Duration // after the beginning, of all instances
}

// message is a follow-up that somebody made.
type message struct {
	maker         string
	made, visible time.Time
	looks         int
}

const (
	invocation = 50 * time.Second
	batchSize  = 50
)

// take gives the messages of a batch: follow-ups before new events, as their priority has it.
func (c *crowd) take() (taken []message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	now := time.Now()
	for _, queue := range []*[]message{&c.own, &c.fresh} {
		n := 0
		for len(taken)+n < batchSize && n < len(*queue) && !(*queue)[n].visible.After(now) {
			n++
		}
		taken = append(taken, (*queue)[:n]...)
		*queue = (*queue)[n:]
	}
	return taken
}

func (c *crowd) put(m message) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at, _ := slices.BinarySearchFunc(c.own, m, func(a, b message) int { return a.visible.Compare(b.visible) })
	c.own = slices.Insert(c.own, at, m)
}

// delivery is how long a follow-up waits until it is sent.
const delivery = 5 * time.Second

// follow has the instance queue a message for itself.
func (c *crowd) follow(p *Pace, looks int, delay time.Duration) {
	now := time.Now()
	c.put(message{maker: p.ID(), made: now, visible: now.Add(delay + delivery), looks: looks})
}

// work has an instance work until the end, invocation after invocation.
func (c *crowd) work(ctx context.Context, p *Pace, until time.Time) {
	for time.Now().Before(until) {
		inv, cancel := context.WithTimeout(ctx, invocation)
		taken := c.take()
		for _, m := range taken {
			p.Heard(m.maker, m.made)
		}
		var batch sync.WaitGroup
		places := make(chan bool, 16)
		for _, m := range taken {
			if m.looks > 0 { // it makes no call and takes no time
				c.look(p, m)
				continue
			}
			places <- true
			batch.Go(func() {
				c.serve(inv, p)
				<-places
			})
		}
		batch.Wait()
		cancel()
		time.Sleep(50 * time.Millisecond)
		if len(taken) == 0 {
			time.Sleep(time.Second)
		}
	}
}

// look looks after a call, three times in all.
func (c *crowd) look(p *Pace, m message) {
	if m.looks < 3 {
		c.follow(p, m.looks+1, 30*time.Second)
	}
}

// serve makes the call that a message asks for.
func (c *crowd) serve(inv context.Context, p *Pace) {
	leave, away := p.Enter(inv, "r", cloud.ActionCreate)
	if leave == nil {
		c.follow(p, 0, min(away, 15*time.Minute))
		return
	}
	call := Call{Region: "r", Action: cloud.ActionCreate, Leave: leave}
	err := p.Do(inv, call, func(context.Context) error {
		c.mu.Lock()
		c.calls = append(c.calls, time.Since(c.began))
		c.mu.Unlock()
		time.Sleep(200 * time.Millisecond)
		return nil
	})
	if err != nil {
		c.follow(p, 0, max(HeldBack(err), time.Second))
		return
	}
	c.follow(p, 1, 15*time.Second)
}

// within gives the most and the fewest calls in any window that begins and ends between from and to.
func (c *crowd) within(window, from, to time.Duration) (most, fewest int) {
	fewest = len(c.calls)
	for i, first := range c.calls {
		if first < from || first+window > to {
			continue
		}
		n, _ := slices.BinarySearch(c.calls[i:], first+window)
		most, fewest = max(most, n), min(fewest, n)
	}
	return most, fewest
}

// shift is when an instance works.
type shift struct{ from, to time.Duration }

const minute, second = time.Minute, time.Second

func TestInstancesTogetherStayWithinTheShareAndUseIt(t *testing.T) {
	always, later := []shift{{0, 10 * minute}}, []shift{{4 * minute, 10 * minute}}
	early := []shift{{0, 4 * minute}}
	cases := map[string]struct {
		shifts [][]shift // by instance
		busy   shift     // when the share is used in every minute
	}{
		"one":       {[][]shift{always}, shift{3 * minute, 10 * minute}},
		"two":       {[][]shift{always, always}, shift{5 * minute, 10 * minute}},
		"four":      {[][]shift{always, always, always, always}, shift{6 * minute, 10 * minute}},
		"one joins": {[][]shift{always, later}, shift{7 * minute, 10 * minute}},
		"three join, one by one": {[][]shift{always, {{2 * minute, 10 * minute}}, {{4 * minute, 10 * minute}},
			{{6 * minute, 10 * minute}}}, shift{}},
		"they come singly": {[][]shift{always, {{2 * minute, 10 * minute}}, {{150 * second, 10 * minute}}, later},
			shift{}},
		"one dies":      {[][]shift{always, early}, shift{450 * second, 10 * minute}},
		"three go idle": {[][]shift{always, early, early, early}, shift{8 * minute, 10 * minute}},
		"three come back": {[][]shift{always, append(early, shift{9 * minute, 12 * minute}),
			append(early, shift{9 * minute, 12 * minute}), append(early, shift{9 * minute, 12 * minute})}, shift{}},
	}
	for name, c := range cases {
		for _, quota := range []cloud.Quota{cloud.PerSecond(3), cloud.PerMinute(500)} {
			for how, arrivals := range map[string]float64{"at once": 1000, "as a stream": 1.3} {
				t.Run(fmt.Sprint(name, ", ", quota, ", events come ", how), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := newCrowd(quota, arrivals)
						w.run(t, c.shifts)
						w.judge(t, c.busy)
					})
				})
			}
		}
	}
}

// newCrowd has events for a quarter of an hour, which come so many times faster than the share lets them be served.
func newCrowd(quota cloud.Quota, arrivals float64) *crowd {
	w := &crowd{began: time.Now(), quota: quota, share: 0.5}
	rate := quota.Rate() * w.share
	for i := range int(rate * 900) {
		w.fresh = append(w.fresh, message{visible: w.began.Add(seconds(float64(i) / rate / arrivals))})
	}
	return w
}

// run has every instance work its shifts.
func (c *crowd) run(t *testing.T, shifts [][]shift) {
	var all sync.WaitGroup
	for _, own := range shifts {
		p := &Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: c.quota}, Share: c.share}
		all.Go(func() {
			for _, s := range own {
				time.Sleep(time.Until(c.began.Add(s.from)))
				c.work(t.Context(), p, c.began.Add(s.to))
			}
		})
	}
	all.Wait()
}

// judge holds the calls against the share: in every minute, and in every minute of the time in which it is to be used.
func (c *crowd) judge(t *testing.T, busy shift) {
	share := c.quota.Rate() * 60 * c.share
	if most, _ := c.within(minute, 0, time.Hour); float64(most) > 1.1*share {
		t.Errorf("%d calls in a minute, the share is %g", most, share)
	}
	if _, fewest := c.within(minute, busy.from, busy.to); busy.to > 0 && float64(fewest) < 0.9*share {
		t.Errorf("only %d calls in a minute, the share is %g", fewest, share)
	}
	if most, _ := c.within(second, busy.from, busy.to); c.quota.Window == second && most > c.quota.Calls {
		t.Errorf("%d calls in a second, the quota is %s", most, c.quota)
	}
}
