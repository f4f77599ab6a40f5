package attach

import (
	"context"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/pace"
)

// checkHealth counts whether an attached connection carries traffic, and the places that are left on the transit
// router to which a connection is attached, or should be.
func (s *sweep) checkHealth(ctx context.Context, counts *decide.SweepCounts, c cloud.Connection) {
	if c.TransitRouterID != "" {
		s.subject.Router = cloud.Router{ID: c.TransitRouterID, CenID: c.CenID, RegionID: c.RegionID}
	}
	router := s.subject.Router.ID
	if counts.SweepHealth == nil || router == "" {
		return
	}
	listed, err := s.allOfRouter(ctx)
	s.rest = max(s.rest, pace.HeldBack(err))
	if err == nil && !counts.Has(router) {
		counts.Place(router, len(listed))
	}
	if c.State == cloud.StateAttached {
		counts.Count(c, s.schedule.IsNew(s.among(listed, c), time.Now()))
	}
}
