package event

import (
	"encoding/json"
	"time"
)

// Health is how far the work has come that sees whether an attached connection carries traffic.
type Health struct {
	AttachmentID string    `json:"transitRouterAttachmentId,omitempty"`
	RouterID     string    `json:"transitRouterId,omitempty"`
	CenID        string    `json:"cenId,omitempty"`
	Looks        int       `json:"looks,omitempty"`
	Seen         string    `json:"seen,omitempty"`     // the state in the last look
	Since        time.Time `json:"since,omitzero"`     // of the first look in a row that showed it
	Missed       bool      `json:"missed,omitempty"`   // the last reading did not show it attached
	Failures     int       `json:"failures,omitempty"` // calls in a row that had no answer
	Asked        bool      `json:"asked,omitempty"`    // a person asks, and is answered at once
}

// healthRequest asks whether a connection carries traffic: {"health":{"vpnConnectionId":"vco-…"}}.
type healthRequest struct {
	VPNConnectionID string `json:"vpnConnectionId"`
	RegionID        string `json:"regionId"`
	OwnerID         string `json:"ownerId"`
}

// healthRequest reads such a request. It costs several calls, so that whoever may only write to the queue cannot ask.
func (d *decoding) healthRequest(raw json.RawMessage, from envelope) *Malformed {
	if from.queued {
		return malformed("health", "health is asked for by a direct invocation, not through the queue")
	}
	var r healthRequest
	if bad := decodeStrict(raw, &r, "health."); bad != nil {
		return bad
	}
	if bad := checkIDs("health.", r.VPNConnectionID, r.OwnerID); bad != nil {
		return bad
	}
	return d.event(Event{
		Origin:   d.origin(from),
		Ask:      Ask{ConnectionID: r.VPNConnectionID, RegionID: r.RegionID, OwnerID: r.OwnerID},
		Progress: Progress{Health: &Health{Asked: true}},
	})
}

// printable makes what a message says fit to be handed on. Its Health is changed in place.
func (h *Health) printable() {
	if h == nil {
		return
	}
	h.AttachmentID, h.RouterID = Printable(h.AttachmentID, maxText), Printable(h.RouterID, maxText)
	h.CenID, h.Seen, h.Since = Printable(h.CenID, maxText), Printable(h.Seen, maxText), utcOrZero(h.Since)
	h.Looks, h.Failures = max(h.Looks, 0), max(h.Failures, 0)
}
