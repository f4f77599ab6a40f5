package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"vpn-attach/function/internal/event"
)

// SweepMode is what a sweep does beside counting.
type SweepMode string

// The modes. Attach queues a request for what it finds; the line that every event takes does
// the work.
const (
	SweepOff    SweepMode = "off"
	SweepReport SweepMode = "report"
	SweepAttach SweepMode = "attach"
)

// SweepPeriod is the time between two sweeps, by the timer of the templates: what one sweep
// asks for is not tried any more when the next one asks again.
const SweepPeriod = 10 * time.Minute

// Inventory reads one page of an account's VPN connections in a region (the function's own
// account when it has no name; cursors as in Routers), with a tag of that key when there is one.
type Inventory interface {
	ListConnections(ctx context.Context, ownerID, regionID, tagKey, cursor string) (ConnectionPage, error)
}

// ConnectionPage is one page of connections.
type ConnectionPage struct {
	Connections []Connection
	Next        string // cursor of the next page; empty when there is none
	Pages       int    // that there are in all
}

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
	Amiss       tally            `json:"amiss"`    // attached, route tables not as their tags say
	Queued      int              `json:"queued"`   // requests for those, at most SWEEP_MAX a sweep
	Skipped     map[string]tally `json:"skipped,omitempty"`
	Refused     map[string]tally `json:"refused,omitempty"`
	Unread      map[string]int   `json:"unread,omitempty"` // pages that could not be listed, by code
}

// sweepProgress is where a sweep is.
type sweepProgress struct {
	Started time.Time   `json:"started"`
	Place   int         `json:"place"`
	Cursor  string      `json:"cursor,omitempty"`
	Parts   int         `json:"parts"` // invocations that worked on it
	Counts  sweepCounts `json:"counts"`
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

// sweeper is the work of one invocation on one sweep.
type sweeper struct {
	*Attacher
	inv    Invocation
	shared *shared
	sweep  event.Sweep
	at     sweepProgress
	calls  int
	queue  []Message
	rest   time.Duration // the quotas' share is used up for so long
}

// runSweep looks at every connection of the regions, decides by the rules of the line, and
// queues a request for those that the line would attach or mend. It never writes itself. When
// its time is over the rest goes back to the queue.
func (a *Attacher) runSweep(ctx context.Context, inv Invocation, common *shared, asked event.Sweep) result {
	started := a.Now()
	r := result{item: event.Item{Sweep: &asked}}
	if a.Sweep == SweepOff {
		r.item, r.silent = event.Item{Ignored: "a sweep, and SWEEP is off"}, true
		return r
	}
	s := &sweeper{Attacher: a, inv: inv, shared: common, sweep: asked, at: sweepProgress{Started: started.UTC()}}
	if asked.Progress != nil && json.Unmarshal(asked.Progress, &s.at) != nil {
		s.at = sweepProgress{Started: started.UTC()} // a sweep begins again rather than end early
	}
	s.at.Parts++
	regions := s.regions()
	places := s.places(regions)
	for s.at.Place < len(places) && ctx.Err() == nil && s.rest == 0 {
		s.page(ctx, places[s.at.Place])
	}
	r.calls, r.took, r.laters = s.calls, a.Now().Sub(started), s.queue
	if s.at.Place < len(places) {
		later, err := s.later()
		r.silent, r.later, r.err = true, later, err
		return r
	}
	r.swept = s.outcome(regions)
	return r
}

// regions are those to be swept: the ones that are served, of the ones that were asked for.
func (s *sweeper) regions() (regions []string) {
	served := orOwn(s.Rules.Regions, s.inv.RegionID)
	if len(s.sweep.Regions) == 0 {
		return served
	}
	for _, region := range served {
		for _, asked := range s.sweep.Regions {
			if region == asked {
				regions = append(regions, region)
			}
		}
	}
	return regions
}

// place is one account's part of a region.
type place struct{ account, region string }

// foreign is the account when it is not the function's own.
func (p place) foreign(inv Invocation) string {
	if p.account == inv.AccountID {
		return ""
	}
	return p.account
}

// places are the regions of every account that is served.
func (s *sweeper) places(regions []string) (places []place) {
	for _, account := range orOwn(s.Rules.Accounts, s.inv.AccountID) {
		for _, region := range regions {
			places = append(places, place{account, region})
		}
	}
	return places
}

// page works on one page. It moves on only when the whole page is done, so that what a
// deadline cuts off is looked at again; counting it twice is prevented by counting at the end.
func (s *sweeper) page(ctx context.Context, at place) {
	var page ConnectionPage
	counts := s.at.Counts.clone()
	err := s.paced(ctx, at.region, ActionInventory, func(ctx context.Context) (err error) {
		s.calls++
		page, err = s.Inventory.ListConnections(ctx, at.foreign(s.inv), at.region, s.tagKey(), s.at.Cursor)
		return err
	})
	s.rest = heldBack(err)
	queued := len(s.queue)
	for _, c := range page.Connections {
		if s.rest > 0 {
			break
		}
		s.consider(ctx, &counts, at, c)
	}
	next := page.Next
	switch {
	case ctx.Err() != nil, s.rest > 0:
		s.queue = s.queue[:queued]
		return
	case err != nil:
		counts.unread(s.Errors.Fault(err).Code)
		next = ""
	default:
		counts.Pages++
	}
	s.at.Counts, s.at.Cursor = counts, next
	if next == "" {
		s.at.Place++
	}
}

// tagKey is the tag that a connection must have to be of interest, where that is the only way
// to be attached.
func (s *sweeper) tagKey() string {
	if len(s.Rules.MatchTags) > 0 || s.Rules.DefaultRouter != "" {
		return ""
	}
	return s.Rules.TagPrefix + tagRouter
}

// consider decides about one connection as its line would.
func (s *sweeper) consider(ctx context.Context, counts *sweepCounts, at place, c Connection) {
	l := &line{Attacher: s.Attacher, shared: s.shared, inv: s.inv, looking: true,
		event: event.Event{ID: s.sweep.ID, ConnectionID: c.ID, RegionID: c.RegionID, OwnerID: at.account, DryRun: true}}
	defer func() { s.calls += l.calls }()
	counts.Connections++
	d, end := l.decide(ctx, c)
	switch {
	case end != nil && end.postponed:
		s.rest = max(s.rest, end.wait)
	case end != nil && end.Status == StatusSkipped:
		counts.Skipped = counted(counts.Skipped, end.Reason, c.ID)
	case end != nil:
		counts.Refused = counted(counts.Refused, end.completed(s.Errors).Fault.Code, c.ID)
	case !d.standing:
		counts.Wanted = counts.Wanted.with(c.ID)
		s.want(counts, at, c)
	case c.State == StateAttaching:
		counts.UnderWay++
	default:
		s.compare(ctx, counts, at, l, c, d)
	}
}

// compare tells whether the route tables of an attachment are as its tags say.
func (s *sweeper) compare(ctx context.Context, counts *sweepCounts, at place, l *line, c Connection, d decision) {
	if len(s.Rules.tableNames(l.event, c)) == 0 {
		counts.InLine++
		return
	}
	attachment, err := l.attachmentOfAll(ctx, c, d.router)
	var end *Verdict
	var pending bool
	if err != nil {
		end = l.ended(err)
	} else {
		_, pending, end = l.inLine(ctx, c, d.router, attachment)
	}
	switch {
	case end != nil && end.postponed:
		s.rest = max(s.rest, end.wait)
	case end != nil:
		counts.Refused = counted(counts.Refused, end.completed(s.Errors).Fault.Code, c.ID)
	case pending:
		counts.Amiss = counts.Amiss.with(c.ID)
		s.want(counts, at, c)
	default:
		counts.InLine++
	}
}

// want queues the request for a connection, unless this sweep only reports or has queued
// enough.
func (s *sweeper) want(counts *sweepCounts, at place, c Connection) {
	if s.Sweep != SweepAttach || s.sweep.DryRun || s.Rules.DryRun || counts.Queued >= s.SweepMax {
		return
	}
	now := s.Now()
	body, err := event.Wanted(c.ID, c.RegionID, at.foreign(s.inv), now.Add(SweepPeriod), event.Envelope{
		ID: digest(s.sweep.ID, c.ID), Source: s.inv.source(), Type: event.TypeRequest, Time: now,
	})
	if err != nil {
		counts.Refused = counted(counts.Refused, CodeInternal, c.ID)
		return
	}
	counts.Queued++
	s.queue = append(s.queue, Message{Body: body})
}

// later is the message by which the sweep goes on.
func (s *sweeper) later() (*Message, error) {
	progress, err := json.Marshal(s.at)
	if err != nil {
		return nil, fmt.Errorf("encoding the progress of sweep %s: %w", s.sweep.ID, err)
	}
	next := s.sweep
	next.Progress = progress
	body, err := next.Continue(event.Envelope{ID: digest(s.sweep.ID, fmt.Sprint(s.at.Parts)), Source: s.inv.source(), Type: event.TypeSweeping, Time: s.Now()})
	return &Message{Body: body, Delay: wholeSeconds(s.rest), copyOf: s.sweep.ID, progress: s.at.Parts}, err
}

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
