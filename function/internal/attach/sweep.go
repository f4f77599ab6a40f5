package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"vpn-attach/function/internal/cloud"
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
	ListConnections(ctx context.Context, filter cloud.ConnectionFilter, cursor string) (ConnectionPage, error)
}

// sweepProgress is where a sweep is.
type sweepProgress struct {
	Started time.Time   `json:"started"`
	Place   int         `json:"place"`
	Cursor  string      `json:"cursor,omitempty"`
	Parts   int         `json:"parts"` // invocations that worked on it
	Counts  sweepCounts `json:"counts"`
}

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
// its time is over the rest goes back to the queue; when it is not alone in the invocation, that is
// after one page, since its neighbours wait for it.
func (a *Attacher) runSweep(ctx context.Context, inv Invocation, common *shared, asked event.Sweep, alone bool) result {
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
	for first := true; s.at.Place < len(places) && ctx.Err() == nil && s.rest == 0 && (first || alone); first = false {
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
		if slices.Contains(s.sweep.Regions, region) {
			regions = append(regions, region)
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
		page, err = s.Inventory.ListConnections(ctx, cloud.ConnectionFilter{OwnerID: at.foreign(s.inv), RegionID: at.region, TagKey: s.tagKey()}, s.at.Cursor)
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
		s.linger(ctx, counts, at, l, c, d)
	default:
		s.compare(ctx, counts, at, l, c, d)
	}
}

// linger tells an attachment of ours that has been on its way for so long that nobody may be
// following it any more.
func (s *sweeper) linger(ctx context.Context, counts *sweepCounts, at place, l *line, c Connection, d decision) {
	attachment, err := l.attachmentOfAll(ctx, c, d.router)
	s.rest = max(s.rest, heldBack(err))
	ours := attachment.Tags[s.Rules.TagPrefix+tagConnection] == c.ID && !attachment.Created.IsZero()
	if ours && s.Now().Sub(attachment.Created) > s.ConfirmTimeout/slowShare {
		counts.Amiss = counts.Amiss.with(c.ID)
		s.want(counts, at, c)
		return
	}
	counts.UnderWay++
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
	s.queue = append(s.queue, Message{Message: cloud.Message{Body: body}})
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
	return &Message{Message: cloud.Message{Body: body, Delay: wholeSeconds(s.rest)}, copyOf: s.sweep.ID, progress: s.at.Parts}, err
}
