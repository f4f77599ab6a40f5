package attach

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
)

// sweep is the job that looks at every connection of the regions, decides as an
// attempt would, and queues a request for those that an attempt would attach or correct. It cannot write.
type sweep struct {
	reading // of every connection in turn
	signer  event.Signer
	mode    decide.SweepMode
	most    int // requests that it queues
	asked   event.Sweep
	alone   bool // in the invocation

	at       position
	requests []requeued
	rest     time.Duration // the quotas' share is used up for so long
	took     time.Duration
	outcome  *decide.SweepOutcome // set when the sweep is complete
}

// position is where a sweep is. It goes from one invocation to the next.
type position struct {
	Started time.Time          `json:"started"`
	Area    int                `json:"place"`
	Cursor  string             `json:"cursor,omitempty"`
	Parts   int                `json:"parts"` // invocations that worked on it
	Counts  decide.SweepCounts `json:"counts"`
}

// area is one account's part of a region.
type area struct{ account, region string }

// theSweep is the index of the one sweep that an invocation works on: of the first one, the copy that has come
// furthest.
func theSweep(items []event.Item) int {
	chosen, id, parts := -1, "", 0
	for i, item := range items {
		if s, is := item.(event.Sweep); is && (chosen < 0 || s.ID == id && partsOf(s) > parts) {
			chosen, id, parts = i, s.ID, partsOf(s)
		}
	}
	return chosen
}

func partsOf(s event.Sweep) int {
	at, _ := positionOf(s, time.Now()) // one that is not sound is at its beginning
	return at.Parts
}

// Bounds of a position: invocations, areas, and characters of a page's cursor.
const (
	maxParts  = 1_000_000
	maxAreas  = 1_000_000
	maxCursor = 1024
)

// positionOf is where a sweep is. It reports whether the sweep can be there: what is out of range would be taken for
// the index of an area, or for leave to queue more than SWEEP_MAX requests.
func positionOf(s event.Sweep, now time.Time) (at position, sound bool) {
	if s.Progress == nil {
		return position{Started: now.UTC()}, true
	}
	err := json.Unmarshal(s.Progress, &at)
	if at.Started.IsZero() || at.Started.After(now) {
		at.Started = now.UTC()
	}
	inRange := at.Area >= 0 && at.Area <= maxAreas && at.Parts >= 0 && at.Parts <= maxParts &&
		event.Printable(at.Cursor, maxCursor) == at.Cursor
	if err != nil || !inRange || !at.Counts.Sound() {
		return position{}, false
	}
	return at, true
}

// otherSweep is the job of a sweep beside the one that an invocation works on: a copy of that one ends here, another
// one waits for the next invocation.
func otherSweep(s, chosen event.Sweep) job {
	if s.ID == chosen.ID {
		return ignore{"a copy of a sweep"}
	}
	return surplus{s.Body}
}

func (a *Attacher) newSweep(base reading, asked event.Sweep, alone bool) job {
	if a.Sweep == decide.SweepOff {
		return ignore{"a sweep, and SWEEP is off"}
	}
	at, sound := positionOf(asked, base.inv.Started)
	if !sound {
		about := event.Event{Origin: event.Origin{ID: asked.ID}}
		return a.refusal(base.inv, about, event.CodeMalformed, "data.progress: it is out of range, or cannot be read")
	}
	if a.Schedule.HealthTimeout > 0 && at.Counts.SweepHealth == nil {
		at.Counts.SweepHealth = &decide.SweepHealth{Routers: []decide.RouterPlaces{}}
	}
	return &sweep{reading: base, signer: a.Signer, mode: a.Sweep, most: a.SweepMax, asked: asked, alone: alone, at: at}
}

// work looks at as many pages as there is time for; when the sweep is not alone in the invocation, that is one page,
// since its neighbours wait for it. The rest is requeued.
func (s *sweep) work(ctx context.Context) (done effects, err error) {
	started := time.Now()
	s.at.Parts++
	regions, areas := s.areas()
	for s.at.Area < len(areas) && ctx.Err() == nil && s.rest == 0 {
		s.page(ctx, areas[s.at.Area])
		if !s.alone {
			break
		}
	}
	now := time.Now()
	s.took, done.requeue = now.Sub(started), s.requests
	if s.at.Area < len(areas) {
		rest, err := s.remainder(now)
		done.requeue = append(done.requeue, rest)
		return done, err
	}
	document := s.inv.SweepOutcome(s.asked, decide.SweepData{
		Mode: s.mode, DryRun: s.isDryRun(), Regions: regions, Parts: s.at.Parts, SweepCounts: s.at.Counts,
	}, s.at.Started, now)
	s.outcome = &document
	body, err := document.Encode()
	done.outcome = &publication{id: document.ID, status: decide.StatusSwept, made: now, body: body}
	return done, err
}

func (s *sweep) isDryRun() bool { return s.asked.DryRun || s.rules.DryRun }

// areas are the regions to be swept, those that are served of the ones that were asked for, in every account.
func (s *sweep) areas() (regions []string, areas []area) {
	for _, region := range s.rules.ServedRegions(s.inv.Function) {
		if len(s.asked.Regions) == 0 || slices.Contains(s.asked.Regions, region) {
			regions = append(regions, region)
		}
	}
	for _, account := range s.rules.ServedAccounts(s.inv.Function) {
		for _, region := range regions {
			areas = append(areas, area{account, region})
		}
	}
	return regions, areas
}

// page works on one page. It moves on only when the whole page is done, so that what a
// deadline cuts off is looked at again; what was counted of it is dropped.
func (s *sweep) page(ctx context.Context, at area) {
	counts, queued := s.at.Counts.Clone(), len(s.requests)
	s.event = event.Event{Ask: event.Ask{RegionID: at.region, OwnerID: at.account}}
	filter := cloud.ConnectionFilter{OwnerID: s.foreign(), RegionID: at.region, TagKey: s.rules.RouterTagKey()}
	page, err := readPage(ctx, &s.reading, cloud.ActionInventory, s.cloud.ListConnections, filter, s.at.Cursor)
	s.rest = pace.HeldBack(err)
	for _, c := range page.Items {
		if s.rest > 0 {
			break
		}
		s.consider(ctx, &counts, at, c)
	}
	next := page.Next
	switch {
	case ctx.Err() != nil, s.rest > 0:
		s.requests = s.requests[:queued]
		return
	case err != nil:
		counts.LeaveOut(s.schedule.Codes.Fault(err))
		next = ""
	default:
		counts.Pages++
	}
	s.at.Counts, s.at.Cursor = counts, next
	if next == "" {
		s.at.Area++
	}
}

// consider decides about one connection as an attempt would.
func (s *sweep) consider(ctx context.Context, counts *decide.SweepCounts, at area, c cloud.Connection) {
	s.subject = decide.Subject{}
	s.event = event.Event{
		Origin: event.Origin{ID: s.asked.ID},
		Ask:    event.Ask{ConnectionID: c.ID, RegionID: c.RegionID, OwnerID: at.account, DryRun: true},
	}
	counts.Connections++
	stands, _, err := s.locate(ctx, c)
	switch {
	case err != nil:
		s.refuse(counts, c.ID, err)
	case !stands:
		counts.Wanted = counts.Wanted.With(c.ID)
		s.request(counts, c)
	case c.State == cloud.StateAttaching:
		s.checkStuck(ctx, counts, c)
	default:
		s.checkTables(ctx, counts, c)
	}
	s.checkHealth(ctx, counts, c)
}

// refuse counts a connection that cannot be attached as it is, unless the calls for it were held back.
func (s *sweep) refuse(counts *decide.SweepCounts, id string, err error) {
	var end *decide.End
	switch held := pace.HeldBack(err); {
	case held > 0:
		s.rest = max(s.rest, held)
	case errors.As(err, &end) && end.Status == decide.StatusSkipped:
		counts.Skipped.Add(end.Code, id)
	default:
		counts.Refused.Add(s.schedule.Codes.Fault(err).Code, id)
	}
}

// checkStuck finds an attachment of ours that has been Attaching for so long that nobody may be watching it any more.
func (s *sweep) checkStuck(ctx context.Context, counts *decide.SweepCounts, c cloud.Connection) {
	a, err := s.attachmentOfAll(ctx, c)
	s.rest = max(s.rest, pace.HeldBack(err))
	if s.rules.IsOurs(a, c.ID) && s.schedule.Stuck(a, time.Now()) {
		counts.Drifted = counts.Drifted.With(c.ID)
		s.request(counts, c)
		return
	}
	counts.UnderWay++
}

// checkTables tells whether the route tables of an attachment are as its tags say.
func (s *sweep) checkTables(ctx context.Context, counts *decide.SweepCounts, c cloud.Connection) {
	if !s.rules.WantsTables(s.event, c) {
		counts.Settled++
		return
	}
	a, err := s.attachmentOfAll(ctx, c)
	var found tables
	if err == nil {
		found, err = s.reading.checkTables(ctx, c, a)
	}
	switch {
	case err != nil:
		s.refuse(counts, c.ID, err)
	case found.pending || len(found.missing) > 0:
		counts.Drifted = counts.Drifted.With(c.ID)
		s.request(counts, c)
	default:
		counts.Settled++
	}
}

// request queues the request for a connection, unless this sweep only reports or has queued enough.
func (s *sweep) request(counts *decide.SweepCounts, c cloud.Connection) {
	if s.mode != decide.SweepAttach || s.isDryRun() || counts.Queued >= s.most {
		return
	}
	now := time.Now()
	asked := s.asked.Time // so that a copy of the sweep makes copies of its requests
	if asked.IsZero() {
		asked = s.at.Started
	}
	header := s.inv.Header(event.TypeRequest, asked, s.asked.ID, c.ID)
	body, err := s.signer.EncodeRequest(c.ID, c.RegionID, s.foreign(), now.Add(decide.SweepPeriod), header)
	if err != nil {
		counts.Refused.Add(decide.CodeInternal, c.ID)
		return
	}
	counts.Queued++
	s.requests = append(s.requests, requeued{Message: cloud.Message{Body: body}})
}

// remainder is the message by which the sweep goes on.
func (s *sweep) remainder(now time.Time) (requeued, error) {
	text, err := json.Marshal(s.at)
	if err != nil {
		return requeued{}, fmt.Errorf("encoding the progress of sweep %s: %w", s.asked.ID, err)
	}
	next := s.asked
	next.Progress = text
	body, err := s.signer.Encode(s.inv.Header(event.TypeSweeping, now, s.asked.ID, fmt.Sprint(s.at.Parts)), next)
	delay := (s.rest + time.Second - 1).Truncate(time.Second)
	id := func() string { return s.asked.ID }
	return requeued{Message: cloud.Message{Body: body, Delay: delay}, copyOf: id, progress: s.at.Parts}, err
}
