package event

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"time"
)

// attachRequest asks for a connection to be attached. The fields that stand for tags win over them.
type attachRequest struct {
	VPNConnectionID string `json:"vpnConnectionId"`
	RegionID        string `json:"regionId,omitempty"`
	OwnerID         string `json:"ownerId,omitempty"`
	TransitRouterID string `json:"transitRouterId,omitempty"`
	Name            string `json:"name,omitempty"`
	Description     string `json:"description,omitempty"`
	AutoPublish     *bool  `json:"autoPublish,omitempty"`
	Zone            string `json:"zone,omitempty"`
	Associate       string `json:"associate,omitempty"`
	Propagate       string `json:"propagate,omitempty"`
	DryRun          bool   `json:"dryRun,omitempty"`
}

// sweptRequest is the request of a sweep. It has a bound, and the sweep reports what it comes to.
type sweptRequest struct {
	attachRequest
	Swept bool      `json:"swept,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// detachRequest asks for a connection to be detached:
// {"detach":{"vpnConnectionId":"vco-…","regionId":"cn-hangzhou","dryRun":false}}.
type detachRequest struct {
	VPNConnectionID string `json:"vpnConnectionId"`
	RegionID        string `json:"regionId"`
	OwnerID         string `json:"ownerId"`
	DryRun          *bool  `json:"dryRun"` // true unless the request says false
	Force           bool   `json:"force"`
}

// decodeRequest reads what somebody asks for by name, at the top of a payload or in a message. A refusal names the
// connection.
func (d *decoding) decodeRequest(raw json.RawMessage, e, from envelope) (bad *Malformed) {
	connection := textIn(raw, "vpnConnectionId")
	switch e.shape() {
	case ShapeDetach:
		connection = textIn(e.Detach, "vpnConnectionId")
		var whole struct{ Detach json.RawMessage }
		if bad = decodeStrict(raw, &whole, ""); bad == nil {
			bad = d.detachRequest(e.Detach, from)
		}
	case ShapeHealth:
		connection = textIn(e.Health, "vpnConnectionId")
		var whole struct{ Health json.RawMessage }
		if bad = decodeStrict(raw, &whole, ""); bad == nil {
			bad = d.healthRequest(e.Health, from)
		}
	case ShapeSweep:
		var whole struct{ Sweep json.RawMessage }
		if bad = decodeStrict(raw, &whole, ""); bad == nil {
			bad = d.sweepRequest(e.Sweep, from)
		}
	default:
		bad = d.attachRequest(raw, from)
	}
	if bad != nil && IsConnectionID(connection) {
		bad.ConnectionID = connection
	}
	return bad
}

func (d *decoding) attachRequest(raw json.RawMessage, from envelope) *Malformed {
	if len(raw) == 0 {
		return malformed("data", "the request is missing")
	}
	var r sweptRequest
	into := any(&r.attachRequest)
	if from.signed {
		into = &r
	}
	if bad := decodeStrict(raw, into, ""); bad != nil {
		return bad
	}
	if bad := checkIDs("", r.VPNConnectionID, r.OwnerID); bad != nil {
		return bad
	}
	wishes := r.wishes()
	for tag, value := range wishes {
		if Printable(value, maxWish) != value {
			return malformed(tag, "it is longer than %d characters or not printable", maxWish)
		}
	}
	return d.event(Event{
		Origin: d.origin(from),
		Ask: Ask{
			ConnectionID: r.VPNConnectionID, RegionID: r.RegionID, OwnerID: r.OwnerID, Wishes: wishes, DryRun: r.DryRun,
		},
		Progress: Progress{Swept: r.Swept, Until: utcOrZero(r.Until)},
	})
}

// wishes gives the fields that stand for tags, by the tag's name.
func (r attachRequest) wishes() map[string]string {
	wishes := map[string]string{
		"transit-router": r.TransitRouterID, "name": r.Name, "description": r.Description, "zone": r.Zone,
		"associate": r.Associate, "propagate": r.Propagate,
	}
	maps.DeleteFunc(wishes, func(_, value string) bool { return value == "" })
	if r.AutoPublish != nil {
		wishes["auto-publish"] = fmt.Sprint(*r.AutoPublish)
	}
	return wishes
}

// detachRequest makes a dry run unless the request says otherwise, since detaching stops traffic. Whoever may only
// write to the queue cannot ask for it.
func (d *decoding) detachRequest(raw json.RawMessage, from envelope) *Malformed {
	if from.queued {
		return malformed("detach", "detaching is asked for by a direct invocation, not through the queue")
	}
	var r detachRequest
	if bad := decodeStrict(raw, &r, "detach."); bad != nil {
		return bad
	}
	if bad := checkIDs("detach.", r.VPNConnectionID, r.OwnerID); bad != nil {
		return bad
	}
	return d.event(Event{Origin: d.origin(from), Ask: Ask{
		ConnectionID: r.VPNConnectionID, RegionID: r.RegionID, OwnerID: r.OwnerID,
		Detach: true, Force: r.Force, DryRun: r.DryRun == nil || *r.DryRun,
	}})
}

// checkIDs checks the ids that are handed on; prefix is where they stand.
func checkIDs(prefix, connectionID, ownerID string) *Malformed {
	switch {
	case !IsConnectionID(connectionID):
		return malformed(prefix+"vpnConnectionId", "it is not the id of an IPsec-VPN connection (vco-…)")
	case ownerID != "" && !IsAccountID(ownerID):
		return malformed(prefix+"ownerId", "it is not an account id (10 to 20 digits)")
	}
	return nil
}

// origin is the origin of an event, as far as the layers around it tell.
func (d *decoding) origin(from envelope) Origin {
	return Origin{
		ID: cmp.Or(from.ID, from.MessageID, d.manualID()), Source: Printable(from.Source, maxText),
		Type: Printable(from.Type, maxText), Time: parseTime(from.Time),
	}
}

// event adds an event if its id can be hashed, used as a tag and printed.
func (d *decoding) event(e Event) *Malformed {
	if len(e.ID) > maxText || Printable(e.ID, maxText) != e.ID || strings.TrimSpace(e.ID) == "" {
		return malformed("id", "the event's id is longer than %d characters or not printable", maxText)
	}
	d.add(e)
	return nil
}

// manualID names an event that has no other id: the next one of this invocation.
func (d *decoding) manualID() string {
	return fmt.Sprintf("manual-%s/%d", d.RequestID, len(d.items))
}
