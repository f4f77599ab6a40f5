package decide

import (
	"slices"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// SweepHealth counts whether the attached connections carry traffic, while HEALTH is not off.
type SweepHealth struct {
	Up       Tally `json:"up"`
	Degraded Tally `json:"degraded"`
	Down     Tally `json:"down"`
	NotYet   Tally `json:"notYet"` // not up, and attached for less than HEALTH_TIMEOUT
	// Routers are the transit routers of the connections with the fewest places left.
	Routers []RouterPlaces `json:"routers"`
}

// RouterPlaces is how many VPN attachments a transit router has, and takes.
type RouterPlaces struct {
	RouterID    string `json:"transitRouterId"`
	Attachments int    `json:"attachments"`
	Left        int    `json:"left"`
}

// Count counts one attached connection more.
func (h *SweepHealth) Count(c cloud.Connection, isNew bool) {
	state := StateOf(Tunnels(c))
	switch {
	case state == HealthUp:
		h.Up = h.Up.With(c.ID)
	case isNew:
		h.NotYet = h.NotYet.With(c.ID)
	case state == HealthDegraded:
		h.Degraded = h.Degraded.With(c.ID)
	default:
		h.Down = h.Down.With(c.ID)
	}
}

// Has reports whether a transit router is counted.
func (h *SweepHealth) Has(routerID string) bool {
	return slices.ContainsFunc(h.Routers, func(r RouterPlaces) bool { return r.RouterID == routerID })
}

// Place adds a transit router by its number of attachments. Those with the fewest places left are kept.
func (h *SweepHealth) Place(routerID string, attachments int) {
	h.Routers = append(h.Routers[:len(h.Routers):len(h.Routers)],
		RouterPlaces{event.Printable(routerID, maxCode), attachments, PlacesLeft(attachments)})
	slices.SortStableFunc(h.Routers, func(a, b RouterPlaces) int { return a.Left - b.Left })
	h.Routers = h.Routers[:min(len(h.Routers), maxNamed)]
}

// clone is independent of h; nil stays nil.
func (h *SweepHealth) clone() *SweepHealth {
	if h == nil {
		return nil
	}
	next := *h
	next.Routers = slices.Clone(h.Routers)
	return &next
}

// sound reports whether the counts are some that a sweep can have come to.
func (h *SweepHealth) sound() bool {
	if h == nil {
		return true
	}
	isWrong := func(r RouterPlaces) bool {
		return event.Printable(r.RouterID, maxCode) != r.RouterID || r.Attachments < 0 || r.Attachments > maxCount ||
			r.Left < 0 || r.Left > cloud.MaxAttachments
	}
	return h.Up.sound() && h.Degraded.sound() && h.Down.sound() && h.NotYet.sound() && len(h.Routers) <= maxNamed &&
		!slices.ContainsFunc(h.Routers, isWrong)
}

// IsNew reports whether an attachment stands for less than HEALTH_TIMEOUT, so that nobody says yet that it is down.
func (s Schedule) IsNew(a cloud.Attachment, now time.Time) bool {
	return !a.Created.IsZero() && now.Sub(a.Created) < s.HealthTimeout
}
