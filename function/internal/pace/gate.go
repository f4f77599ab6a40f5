package pace

import (
	"math"
	"math/rand/v2"
	"slices"
	"time"

	"golang.org/x/time/rate"

	"vpn-attach/function/internal/cloud"
)

// The bounds of pacing.
const (
	burstTime   = 4 * time.Second // a rest saves up the calls of so long
	leastShare  = 1.0 / 16        // throttles slow down to this share of the rate
	recoverTime = 5 * time.Minute // to come back from nothing, at the full rate
	maxAway     = time.Hour       // the longest that Enter sends somebody away
)

// gate lets the calls of one action in one region through.
type gate struct {
	all     float64       // calls a second, of all instances together
	apart   time.Duration // from one call of all instances to the next; 0 when the quota is one of a minute
	limiter *rate.Limiter
	share   float64 // of this instance's rate, that is left by throttles
	standing

	closed time.Time // nothing goes out before
	last   time.Time // when the last call went out
	line   []int     // who waits, first come first, by ticket
	ticket int       // of the one who came last
	inside int       // how many entered and have not called yet
	latest time.Time // when the last one that was sent away comes back
}

func newGate(quota cloud.Quota, share float64, s standing) *gate {
	g := &gate{all: quota.Rate() * share, share: 1, standing: s}
	if quota.Window <= time.Second {
		g.apart = seconds(1 / g.all)
	}
	g.limiter = rate.NewLimiter(g.rate(), g.burst())
	return g
}

// rate is calls a second, of this instance.
func (g *gate) rate() rate.Limit { return rate.Limit(g.part(g.all) * g.share) }

// burst is what may go out at once after a rest: one call as long as a throttle is felt. Where calls are kept apart
// there are two, so that none is lost while one waits for its slot.
func (g *gate) burst() int {
	least, saved := 1, float64(g.rate())*burstTime.Seconds()
	if g.apart > 0 {
		least = 2
	}
	switch {
	case g.share < 1:
		return least
	case g.isNew():
		saved = g.all * firstTime.Seconds()
	}
	return max(least, int(saved))
}

// tune follows what changed: who is at work, how long this instance has been, what throttles left.
func (g *gate) tune(now time.Time, s standing) {
	g.standing = s
	if limit := g.rate(); limit != g.limiter.Limit() {
		g.limiter.SetLimitAt(now, limit)
	}
	if burst := g.burst(); burst != g.limiter.Burst() {
		g.limiter.SetBurstAt(now, burst)
	}
}

// missing is how many calls have to be saved up until the n-th from now may go out.
func (g *gate) missing(now time.Time, n int) float64 {
	return max(0, float64(n)-g.limiter.TokensAt(now)-1e-6)
}

// hoped is due when this instance grows as newcomers do: when it is worth coming back.
func (g *gate) hoped(now time.Time, n int) time.Duration {
	grown := max(0, g.untilGrown(g.all)) + seconds(g.missing(now, n)/(g.equal(g.all)*g.share))
	return min(g.due(now, n), max(grown, g.closed.Sub(now)))
}

// due is how long it takes until the n-th call from now may go out, at the rate of now.
func (g *gate) due(now time.Time, n int) time.Duration {
	wait := max(seconds(g.missing(now, n)/float64(g.limiter.Limit())), g.closed.Sub(now))
	if g.apart > 0 {
		wait = g.slot(now.Add(wait), n).Sub(now)
	}
	return wait
}

// slot is the first time from at on at which the n-th call from now may go out, where calls are kept apart. Instances
// that know of each other call in turn, each in its own slots of the clock, so that they never meet in one second. A
// slot is open for half of the time until the next: nobody wakes exactly when it begins.
func (g *gate) slot(at time.Time, n int) time.Time {
	if next := g.last.Add(g.period() * time.Duration(n)); at.Before(next) {
		at = next
	}
	if late := g.late(at); late > g.apart/2 {
		at = at.Add(g.period() - late)
	}
	return at
}

// period is from one call of this instance to the next. A newcomer, of whom the others do not know, keeps twice as far
// from itself.
func (g *gate) period() time.Duration {
	if g.isNew() {
		return g.apart * time.Duration(max(g.instances, 2))
	}
	return g.apart * time.Duration(g.instances)
}

// late is how long ago the last slot of this instance began. For one that has no slots it is nothing.
func (g *gate) late(at time.Time) time.Duration {
	if g.instances == 1 || g.isNew() {
		return 0
	}
	own := g.apart * time.Duration(g.rank)
	return time.Duration(at.UnixNano()-int64(own)) % g.period()
}

// turn lets the ticket through when it is its turn, and says how long it has to wait if it is not.
func (g *gate) turn(now time.Time, ticket int) time.Duration {
	place := slices.Index(g.line, ticket)
	due := g.due(now, place+1)
	if place == 0 && due <= 0 {
		g.limiter.ReserveN(now, 1)
		g.called(now)
		g.leave(ticket)
	}
	return due
}

// called notes when a call went out, where calls are kept apart: by when it was due, if it is only a little later.
func (g *gate) called(now time.Time) {
	if g.apart == 0 {
		return
	}
	due := g.last.Add(g.period())
	if g.last = now.Add(-g.late(now)); now.Sub(due) < g.apart/2 {
		g.last = due
	}
}

func (g *gate) stand() int {
	g.ticket++
	g.line = append(g.line, g.ticket)
	return g.ticket
}

func (g *gate) leave(ticket int) {
	g.line = slices.DeleteFunc(g.line, func(t int) bool { return t == ticket })
}

// throttled stops the gate for as long as the service asks, at most a minute, and halves its rate.
func (g *gate) throttled(now time.Time, retryAfter time.Duration) {
	if now.Before(g.closed) { // by a call that was under way already
		return
	}
	g.share = max(g.share/2, leastShare)
	g.closed = now.Add(min(retryAfter, time.Minute))
}

// succeeded brings back some of what throttles took.
func (g *gate) succeeded() {
	if g.share < 1 {
		g.share = min(1, g.share+1/max(2, g.part(g.all)*recoverTime.Seconds()))
	}
}

// turnAway says when the next one that is sent away comes back: a call later than the one before. What would be later
// than maxAway is spread over the second half of it.
func (g *gate) turnAway(now, due time.Time) time.Duration {
	if g.latest.Before(due) {
		g.latest = due
	}
	g.latest = g.latest.Add(seconds(1 / (g.equal(g.all) * g.share)))
	away := g.latest.Sub(now)
	if away > maxAway {
		away = time.Duration(float64(maxAway) * (1 + rand.Float64()) / 2)
		g.latest = now.Add(maxAway)
	}
	return max(away, time.Second)
}

// seconds rounds up, so that a wait is never too short.
func seconds(s float64) time.Duration {
	return time.Duration(math.Ceil(min(s, maxAway.Seconds()*24) * float64(time.Second)))
}
