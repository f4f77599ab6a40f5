package event

import (
	"bytes"
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

	// Only in the requests of a sweep.
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

// decodeRequest reads what somebody asks for by name, at the top of a payload or in a message.
func (d *decoder) decodeRequest(raw json.RawMessage, e, from envelope) *Malformed {
	switch e.shape() {
	case ShapeDetach:
		return d.detachRequest(e.Detach, from)
	case ShapeSweep:
		return d.sweepRequest(e.Sweep, from)
	}
	return d.attachRequest(raw, from)
}

func (d *decoder) attachRequest(raw json.RawMessage, from envelope) *Malformed {
	if len(raw) == 0 {
		return malformed("data", "the request is missing")
	}
	var r attachRequest
	const known = "vpnConnectionId, regionId, ownerId, transitRouterId, name, description, zone, associate, " +
		"propagate (text), autoPublish, dryRun (true or false)"
	if bad := decodeStrict(raw, &r, "request", known); bad != nil {
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

// detachRequest makes a dry run unless the request says otherwise, since detaching stops traffic.
func (d *decoder) detachRequest(raw json.RawMessage, from envelope) *Malformed {
	var r detachRequest
	const known = "vpnConnectionId, regionId, ownerId (text), dryRun, force (true or false)"
	if bad := decodeStrict(raw, &r, "detach", known); bad != nil {
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

// decodeStrict reads a request. It is strict where the rest of this package is lenient: if a
// misspelt or repeated "dryRun" were passed over, a connection would be attached in earnest.
func decodeStrict(raw json.RawMessage, into any, field, known string) *Malformed {
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	if strict.Decode(into) != nil {
		return malformed(field, "a field is unknown or has a value of the wrong kind; known are %s", known)
	}
	seen, repeated := map[string]bool{}, false
	eachField(raw, func(name, _ []byte) {
		folded := strings.ToUpper(strings.ToLower(string(name))) // encoding/json takes "ſ" for "s"
		repeated, seen[folded] = repeated || seen[folded], true
	})
	if repeated {
		return malformed(field, "a field is there twice")
	}
	return nil
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
func (d *decoder) origin(from envelope) Origin {
	return Origin{
		ID: cmp.Or(from.ID, from.MessageID, d.manualID()), Source: Printable(from.Source, maxText),
		Type: Printable(from.Type, maxText), Time: parseTime(from.Time),
	}
}

// event adds an event if its id can be hashed, used as a tag and printed.
func (d *decoder) event(e Event) *Malformed {
	if len(e.ID) > maxText || Printable(e.ID, maxText) != e.ID || strings.TrimSpace(e.ID) == "" {
		return malformed("id", "the event's id is longer than %d characters or not printable", maxText)
	}
	d.add(e)
	return nil
}

// manualID names an event that has no other id: the next one of this invocation.
func (d *decoder) manualID() string {
	return fmt.Sprintf("manual-%s/%d", d.requestID, len(d.items))
}
