package decide

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"vpn-attach/function/internal/event"
)

// SweepMode is what a sweep does beside counting.
type SweepMode string

// The modes. Attach queues a request for what it finds missing; the attempt at that does the work.
const (
	SweepOff    SweepMode = "off"
	SweepReport SweepMode = "report"
	SweepAttach SweepMode = "attach"
)

// SweepPeriod is the time between two sweeps, by the timer of the templates. What one sweep
// asks for is no longer retried when the next one asks again.
const SweepPeriod = 10 * time.Minute

// Tally counts connections that came to the same, and names the first of them.
type Tally struct {
	Count int      `json:"count"`
	IDs   []string `json:"vpnConnectionIds,omitempty"`
}

// Tallies are counts by code.
type Tallies map[string]Tally

// maxNamed is how many connections a sweep names for each code.
const maxNamed = 20

// SweepCounts are what a sweep found so far. They go from one invocation to the next.
type SweepCounts struct {
	Connections int            `json:"connections"`
	Pages       int            `json:"pages"`
	Settled     int            `json:"inLine"`            // attached as their tags say
	UnderWay    int            `json:"underWay"`          // attaching
	Wanted      Tally          `json:"wanted"`            // should be attached
	Drifted     Tally          `json:"amiss"`             // route tables not as tagged, or attaching for too long
	Queued      int            `json:"queued"`            // requests for those, at most SWEEP_MAX a sweep
	Skipped     Tallies        `json:"skipped,omitempty"` // nothing to do for them, by reason
	Refused     Tallies        `json:"refused,omitempty"` // cannot be attached as they are, by code
	Unread      map[string]int `json:"unread,omitempty"`  // pages that could not be listed, by code
	Advice      string         `json:"advice,omitempty"`  // what to do about the first of those
	*SweepHealth
}

// SweepOutcome is the document that says what a sweep found.
type SweepOutcome struct {
	CloudEvent
	Data SweepData `json:"data"`
}

// SweepData is the body of a SweepOutcome.
type SweepData struct {
	Status     Status     `json:"status"`
	Final      bool       `json:"final"`
	Mode       SweepMode  `json:"mode"`
	DryRun     bool       `json:"dryRun"`
	Regions    []string   `json:"regions"`
	Parts      int        `json:"parts"`
	DurationMs int64      `json:"durationMs"` // from its beginning, all parts
	Event      EventBrief `json:"event"`
	SweepCounts
}

// SweepOutcome makes the document of a sweep that is complete.
func (f Function) SweepOutcome(asked event.Sweep, data SweepData, started, now time.Time) SweepOutcome {
	data.Status, data.Final, data.DurationMs = StatusSwept, true, max(0, now.Sub(started).Milliseconds())
	data.Event = EventBrief{ID: asked.ID, Attempt: 1, FirstSeen: started}
	if !asked.Time.IsZero() {
		data.Event.Time = &asked.Time
	}
	return SweepOutcome{f.envelope(Digest(asked.ID, string(StatusSwept)), "vpn-attach.sweep.v1", "", now), data}
}

// Encode gives the document as it is published.
func (o SweepOutcome) Encode() ([]byte, error) {
	return encode(o, "sweep", o.Data.Event.ID)
}

// With is the tally with one connection more. It shares nothing with t that may change.
func (t Tally) With(id string) Tally {
	next := Tally{Count: t.Count + 1, IDs: t.IDs}
	if len(t.IDs) < maxNamed {
		next.IDs = append(t.IDs[:len(t.IDs):len(t.IDs)], id)
	}
	return next
}

// Add counts one connection more by its code.
func (t Tallies) Add(code, id string) { t[code] = t[code].With(id) }

// Clone is independent of c, so that a page that is cut off leaves no trace in it. All its maps can be written.
func (c SweepCounts) Clone() SweepCounts {
	c.Skipped, c.Refused, c.Unread = writable(c.Skipped), writable(c.Refused), writable(c.Unread)
	c.SweepHealth = c.SweepHealth.clone()
	return c
}

// LeaveOut counts a page that could not be listed.
func (c *SweepCounts) LeaveOut(fault Fault) {
	c.Unread[fault.Code]++
	const again = "then the next sweep reads it"
	marks := strings.NewReplacer(askAgain, again, askAgainSentence, "Then the next sweep reads it")
	c.Advice = cmp.Or(c.Advice, event.Printable(marks.Replace(fault.Advice), maxAdvice))
}

// Sound reports whether the counts are some that a sweep can have come to: none below zero, and lists within their
// bounds whose texts are ids and codes.
func (c SweepCounts) Sound() bool {
	if event.Printable(c.Advice, maxAdvice) != c.Advice {
		return false
	}
	numbers := []int{c.Connections, c.Pages, c.Settled, c.UnderWay, c.Queued}
	for code, pages := range c.Unread {
		numbers = append(numbers, pages)
		if event.Printable(code, maxCode) != code {
			return false
		}
	}
	tallies := []Tally{c.Wanted, c.Drifted}
	for _, all := range []Tallies{c.Skipped, c.Refused} {
		for code, tally := range all {
			tallies = append(tallies, tally)
			if event.Printable(code, maxCode) != code {
				return false
			}
		}
	}
	isOut := func(n int) bool { return n < 0 || n > maxCount }
	isWrong := func(t Tally) bool { return !t.sound() }
	return c.SweepHealth.sound() && !slices.ContainsFunc(numbers, isOut) && !slices.ContainsFunc(tallies, isWrong)
}

// What a sweep counts at most, and how long a code and an advice are at most, in characters.
const (
	maxCount  = 1_000_000_000
	maxCode   = 128
	maxAdvice = 1000
)

func (t Tally) sound() bool {
	isNone := func(id string) bool { return !event.IsConnectionID(id) }
	return t.Count >= len(t.IDs) && t.Count <= maxCount && len(t.IDs) <= maxNamed && !slices.ContainsFunc(t.IDs, isNone)
}

func writable[M ~map[string]V, V any](m M) M {
	next := M{}
	maps.Copy(next, m)
	return next
}
