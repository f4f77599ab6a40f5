package pace

import (
	"maps"
	"math"
	"math/rand/v2"
	"strconv"
	"time"
)

// How instances share what all together may use.
//
// Every message that an instance queues for itself names its maker. A message is taken by any instance, so each hears
// of the others, some time later, as long as they work; and each takes an equal part. Until the others have heard of it
// an instance that comes to work is a newcomer: it takes so little that an instance which believes itself alone, and
// one newcomer, stay together within 1.1 of the share in every minute, and so do four newcomers. Two instances are
// reserved where this is deployed, so more do not come at once.
const (
	// used is what instances that know of each other use together: the rest is for newcomers.
	used = 0.92
	// memory is how long an instance counts as at work after the last message that it made. A look comes back after a
	// minute at most, and waits until the invocation before it is over.
	memory = 3 * time.Minute
	// rest is after how long without work an instance is a newcomer again: soon nobody will remember it.
	rest = 90 * time.Second
	// trickle is the part of a newcomer, and firstTime the time whose calls it may make at once: a batch that wakes an
	// instance is worked on at once.
	trickle   = 1.0 / 40
	firstTime = 8 * time.Second
	// introduction is how long a newcomer takes no more than that. Then its part doubles in every growth, up to an
	// equal part.
	introduction = 75 * time.Second
	growth       = 12 * time.Second
	// It does not double more often than the instance has had news of anybody, itself included: who hears nothing does
	// not know how many there are. Messages of one maker are news when a moment lies between them. After deafness it
	// grows all the same: then nobody hears anybody, and only throttles tell.
	moment   = time.Second
	deafness = 5 * time.Minute
)

// crew is what an instance knows of the instances that are at work.
type crew struct {
	id     string               // its own
	heard  map[string]time.Time // when each instance, this one too, made the latest message that was taken here
	joined time.Time            // when it came to work
	worked time.Time            // when it last had something to call
	news   int                  // of anybody, since it came to work
}

// ID names this instance in the messages that it makes. It is random, and no secret.
func (p *Pace) ID() string {
	if p == nil {
		return ""
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crew.name()
}

// Heard takes note that an instance made a message at that time.
func (p *Pace) Heard(instance string, at time.Time) {
	if p == nil || instance == "" {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.crew.name()
	now := time.Now()
	if at.After(now) {
		at = now
	}
	if now.Sub(at) >= memory { // it tells nothing of today
		return
	}
	latest := p.crew.heard[instance]
	if at.Sub(latest) >= moment {
		p.crew.news++
	}
	if at.After(latest) {
		p.crew.heard[instance] = at
	}
}

// AtWork estimates how many instances are at work, this one included.
func (p *Pace) AtWork() int {
	if p == nil {
		return 1
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.crew.standing(time.Now()).instances
}

func (c *crew) name() string {
	if c.id == "" {
		c.id, c.heard = strconv.FormatUint(rand.Uint64(), 36), map[string]time.Time{}
	}
	return c.id
}

// standing is where an instance stands among those that are at work.
type standing struct {
	instances int           // at work
	rank      int           // of this one among them; each has another
	since     time.Duration // it came to work so long ago
	news      int           // of anybody, since then
}

// standing forgets who was not heard of for long.
func (c *crew) standing(now time.Time) standing {
	maps.DeleteFunc(c.heard, func(_ string, at time.Time) bool { return now.Sub(at) >= memory })
	s := standing{instances: 1, since: now.Sub(c.joined), news: c.news}
	for id := range c.heard {
		switch {
		case id < c.name():
			s.rank++
			fallthrough
		case id > c.name():
			s.instances++
		}
	}
	return s
}

// work takes note that there is something to call.
func (c *crew) work(now time.Time) {
	if c.joined.IsZero() || now.Sub(c.worked) >= rest {
		c.joined, c.news = now, 0
	}
	c.worked = now
}

func (s standing) isNew() bool { return s.since < introduction }

// equal is the part of each of the instances that are at work.
func (s standing) equal(all float64) float64 { return all * used / float64(s.instances) }

// part is how many calls a second of all are for this instance. It is a call a minute at least, if all are.
func (s standing) part(all float64) float64 {
	doublings := min(max(0, (s.since-introduction).Seconds()/growth.Seconds()), float64(s.news))
	if s.since > deafness {
		doublings = max(doublings, (s.since-deafness).Seconds()/growth.Seconds())
	}
	return min(s.equal(all), max(all*trickle, 1.0/60)*math.Exp2(doublings))
}

// untilGrown is how long it takes until this instance has its equal part.
func (s standing) untilGrown(all float64) time.Duration {
	doublings := math.Log2(s.equal(all) / max(all*trickle, 1.0/60))
	return introduction + seconds(max(0, doublings)*growth.Seconds()) - s.since
}
