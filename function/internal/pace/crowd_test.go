package pace

import (
	"context"
	"fmt"
	"os"
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
		if os.Getenv("DBG") != "" { fmt.Println(time.Since(c.began).Round(time.Second), p.ID()[:2], p.AtWork(), len(taken), len(c.own), len(c.fresh)) }
		for _, m := range taken {
			p.Heard(m.maker, m.made)
		}
		var batch sync.WaitGroup
		places := make(chan bool, 16)
		for _, m := range taken {
			places <- true
			batch.Go(func() {
				c.serve(inv, p, m)
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

// serve does what a message asks: a call, which is then looked after three times.
func (c *crowd) serve(inv context.Context, p *Pace, m message) {
	switch {
	case m.looks == 3:
		return
	case m.looks > 0:
		c.follow(p, m.looks+1, 30*time.Second)
		return
	}
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

const minute = time.Minute

func TestInstancesTogetherUseTheShare(t *testing.T) {
	steady := []time.Duration{4 * minute, 10 * minute} // when everybody knows of everybody
	cases := map[string]struct {
		shifts [][]shift // by instance
		steady []time.Duration
	}{
		"one":             {[][]shift{{{0, 10 * minute}}}, []time.Duration{2 * minute, 10 * minute}},
		"two":             {[][]shift{{{0, 10 * minute}}, {{0, 10 * minute}}}, steady},
		"four":            {[][]shift{{{0, 10 * minute}}, {{0, 10 * minute}}, {{0, 10 * minute}}, {{0, 10 * minute}}}, steady},
		"one joins":       {[][]shift{{{0, 10 * minute}}, {{4 * minute, 10 * minute}}}, []time.Duration{2 * minute, 10 * minute}},
		"another moment":  {[][]shift{{{0, 10 * minute}}, {{4*minute + 20*time.Second, 10 * minute}}}, nil},
		"three join":      {[][]shift{{{0, 10 * minute}}, {{4 * minute, 10 * minute}}, {{4 * minute, 10 * minute}}, {{4 * minute, 10 * minute}}}, nil},
		"one by one":      {[][]shift{{{0, 10 * minute}}, {{2 * minute, 10 * minute}}, {{150 * time.Second, 10 * minute}}, {{5 * minute, 10 * minute}}}, nil},
		"one dies":        {[][]shift{{{0, 12 * minute}}, {{0, 6 * minute}}}, []time.Duration{9 * minute, 12 * minute}},
		"three rest":      {[][]shift{{{0, 12 * minute}}, {{0, 6 * minute}}, {{0, 6 * minute}}, {{0, 6 * minute}}}, []time.Duration{9 * minute, 12 * minute}},
		"three come back": {[][]shift{{{0, 15 * minute}}, {{0, 4 * minute}, {10 * minute, 15 * minute}}, {{0, 4 * minute}, {10 * minute, 15 * minute}}, {{0, 4 * minute}, {10 * minute, 15 * minute}}}, nil},
		"all rest a bit":  {[][]shift{{{0, 4 * minute}, {310 * time.Second, 10 * minute}}, {{0, 4 * minute}, {310 * time.Second, 10 * minute}}}, nil},
	}
	for name, c := range cases {
		for _, quota := range []cloud.Quota{cloud.PerSecond(3), cloud.PerMinute(500), cloud.PerMinute(3000)} {
			for _, stream := range []bool{true, false} {
				t.Run(fmt.Sprint(name, " at ", quota, stream), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) {
						w := &crowd{began: time.Now(), quota: quota, share: 0.5}
						end := time.Duration(0)
						for i := range int(quota.Rate() * 0.5 * 900) {
							at := time.Duration(0)
							if stream {
								at = time.Duration(float64(i) / (1.3 * quota.Rate() * 0.5) * float64(time.Second))
							}
							w.fresh = append(w.fresh, message{visible: w.began.Add(at)})
						}
						var all sync.WaitGroup
						for _, shifts := range c.shifts {
							p := &Pace{Quotas: map[string]cloud.Quota{cloud.ActionCreate: quota}, Share: 0.5}
							all.Go(func() {
								for _, s := range shifts {
									time.Sleep(time.Until(w.began.Add(s.from)))
									w.work(t.Context(), p, w.began.Add(s.to))
								}
							})
							end = max(end, shifts[len(shifts)-1].to)
						}
						all.Wait()
						share := quota.Rate() * 60 * 0.5
						most, _ := w.within(minute, 0, end+minute)
						sec, _ := w.within(time.Second, 0, end)
						few := 0
						if c.steady != nil {
							_, few = w.within(minute, c.steady[0], c.steady[1])
						}
						line := ""
					for at := time.Duration(0); at < end; at += 10*time.Second {
						n, _ := slices.BinarySearch(w.calls, at)
						m, _ := slices.BinarySearch(w.calls, at+10*time.Second)
						line += fmt.Sprintf(" %.2f", float64(m-n)*6/share)
					}
					t.Log(line)
					t.Logf("%20s %6s %5t most %.3f fewest %.3f  sec %d", name, quota, stream, float64(most)/share, float64(few)/share, sec)
					})
				})
			}
		}
	}
}
