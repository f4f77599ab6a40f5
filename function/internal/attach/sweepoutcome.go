package attach

import (
	"encoding/json"
	"fmt"
	"maps"
	"time"
)

// tally counts connections that came to the same, and names the first of them.
type tally struct {
	Count int      `json:"count"`
	IDs   []string `json:"vpnConnectionIds,omitempty"`
}

// maxNamed is how many connections a sweep names for each code.
const maxNamed = 20

// sweepCounts are what a sweep found so far. They go from one invocation to the next.
type sweepCounts struct {
	Connections int              `json:"connections"`
	Pages       int              `json:"pages"`
	InLine      int              `json:"inLine"`   // attached as their tags say
	UnderWay    int              `json:"underWay"` // attaching
	Wanted      tally            `json:"wanted"`   // should be attached
	Amiss       tally            `json:"amiss"`    // route tables not as their tags say, or attaching for too long
	Queued      int              `json:"queued"`   // requests for those, at most SWEEP_MAX a sweep
	Skipped     map[string]tally `json:"skipped,omitempty"`
	Refused     map[string]tally `json:"refused,omitempty"`
	Unread      map[string]int   `json:"unread,omitempty"` // pages that could not be listed, by code
}

// SweepOutcome is the CloudEvents 1.0 document that says what a sweep found.
type SweepOutcome struct {
	SpecVersion     string    `json:"specversion"`
	ID              string    `json:"id"`
	Source          string    `json:"source"`
	Type            string    `json:"type"`
	Time            time.Time `json:"time"`
	DataContentType string    `json:"datacontenttype"`
	Data            SweepData `json:"data"`
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
	sweepCounts
}

// StatusSwept is the status of a sweep's outcome, and its message tag.
const StatusSwept Status = "swept"

func (s *sweeper) outcome(regions []string) *SweepOutcome {
	now := s.Now()
	data := SweepData{
		Status: StatusSwept, Final: true, Mode: s.Sweep, DryRun: s.sweep.DryRun || s.Rules.DryRun, Regions: regions, Parts: s.at.Parts,
		DurationMs: max(0, now.Sub(s.at.Started).Milliseconds()), Event: EventBrief{ID: s.sweep.ID, Attempt: 1, FirstSeen: s.at.Started}, sweepCounts: s.at.Counts,
	}
	if !s.sweep.Time.IsZero() {
		data.Event.Time = &s.sweep.Time
	}
	return &SweepOutcome{
		SpecVersion: "1.0", ID: digest(s.sweep.ID, string(StatusSwept)), Source: s.inv.source(), Type: "vpn-attach.sweep.v1",
		Time: now.UTC(), DataContentType: "application/json", Data: data,
	}
}

// encode gives the document as it is published.
func (o *SweepOutcome) encode() ([]byte, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return nil, fmt.Errorf("encoding the outcome of sweep %s: %w", o.Data.Event.ID, err)
	}
	return body, nil
}

func (t tally) with(id string) tally {
	next := tally{Count: t.Count + 1, IDs: t.IDs}
	if len(t.IDs) < maxNamed {
		next.IDs = append(t.IDs[:len(t.IDs):len(t.IDs)], id)
	}
	return next
}

func counted(by map[string]tally, code, id string) map[string]tally {
	if by == nil {
		by = map[string]tally{}
	}
	by[code] = by[code].with(id)
	return by
}

// clone is independent of c: a page that is cut off leaves no trace in it.
func (c sweepCounts) clone() sweepCounts {
	c.Skipped, c.Refused, c.Unread = maps.Clone(c.Skipped), maps.Clone(c.Refused), maps.Clone(c.Unread)
	return c
}

func (c *sweepCounts) unread(code string) {
	if c.Unread == nil {
		c.Unread = map[string]int{}
	}
	c.Unread[code]++
}
