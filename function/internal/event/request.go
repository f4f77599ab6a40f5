package event

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// request is what a person or a program asks for by name. The fields beside
// vpnConnectionId are named after the tags, and win over them.
type request struct {
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

	// Of a sweep's own requests.
	Swept bool      `json:"swept,omitempty"`
	Until time.Time `json:"until,omitzero"`
}

// request reads a direct request. It is strict where the rest of this package is
// lenient: a misspelt "dryRun" that was passed over would attach in earnest.
func (d *decoder) request(raw json.RawMessage, from origin) *Malformed {
	var r request
	if len(raw) == 0 {
		return malformed("data", "the request is missing")
	}
	bad := strictly(raw, &r, "request", "vpnConnectionId, regionId, ownerId, transitRouterId, name, description, zone, associate, propagate (text), autoPublish, dryRun (true or false)")
	switch {
	case bad != nil:
		return bad
	case !IsConnectionID(r.VPNConnectionID):
		return malformed("vpnConnectionId", "it is not the id of an IPsec-VPN connection (vco-…)")
	case r.OwnerID != "" && !IsAccountID(r.OwnerID):
		return malformed("ownerId", "it is not an account id (10 to 20 digits)")
	}
	wishes := r.wishes()
	for tag, value := range wishes {
		if Printable(value, maxWish) != value {
			return malformed(tag, "it is longer than %d characters or not printable", maxWish)
		}
	}
	e := d.asking(from)
	e.ConnectionID, e.RegionID, e.OwnerID = r.VPNConnectionID, r.RegionID, r.OwnerID
	e.Wishes, e.DryRun, e.Swept, e.Until = wishes, r.DryRun, r.Swept, sane(r.Until)
	return d.add(e)
}

// strictly reads what is asked for by name into a struct: a field that is not known, or is there
// twice, could be the one that matters.
func strictly(raw json.RawMessage, into any, field, known string) *Malformed {
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	switch err := strict.Decode(into); {
	case err != nil:
		return malformed(field, "a field is unknown or has a value of the wrong kind; known are %s", known)
	case repeatsField(raw):
		return malformed(field, "a field is there twice")
	}
	return nil
}

// asking is the event of what is asked for by name, as far as its envelope tells.
func (d *decoder) asking(from origin) Event {
	return Event{
		ID: firstOf(from.id, from.messageID, d.manualID()), Source: Printable(from.source, maxText),
		Type: Printable(from.kind, maxText), Time: parseTime(from.time),
	}
}

// repeatsField reports whether an object has a field twice, in any spelling that the
// decoder takes for the same: which of the two was meant is anybody's guess.
func repeatsField(raw json.RawMessage) bool {
	seen, depth, isKey := map[string]bool{}, 0, false
	tokens := json.NewDecoder(bytes.NewReader(raw))
	for {
		token, err := tokens.Token()
		if err != nil {
			return false
		}
		switch t := token.(type) {
		case json.Delim:
			if t == '{' || t == '[' {
				depth++
			} else {
				depth--
			}
			isKey = depth == 1
		case string:
			if name := strings.ToLower(t); depth == 1 && isKey {
				if seen[name] {
					return true
				}
				seen[name] = true
				isKey = false
				continue
			}
			isKey = depth == 1
		default:
			isKey = depth == 1
		}
	}
}

// maxWish is the longest text that a request may ask for: a description's.
const maxWish = 256

// wishes gives the fields that stand for tags, by the tag's name.
func (r request) wishes() map[string]string {
	wishes := map[string]string{}
	for tag, value := range map[string]string{"transit-router": r.TransitRouterID, "name": r.Name, "description": r.Description, "zone": r.Zone, "associate": r.Associate, "propagate": r.Propagate} {
		if value != "" {
			wishes[tag] = value
		}
	}
	if r.AutoPublish != nil {
		wishes["auto-publish"] = fmt.Sprint(*r.AutoPublish)
	}
	return wishes
}

// add hands on an event whose id is fit to be hashed, tagged and printed.
func (d *decoder) add(e Event) *Malformed {
	if len(e.ID) > maxText || Printable(e.ID, maxText) != e.ID || strings.TrimSpace(e.ID) == "" {
		return malformed("id", "the event's id is longer than %d characters or not printable", maxText)
	}
	d.items = append(d.items, Item{Event: &e})
	return nil
}

// manualID names an event that nobody gave a name: the next of this invocation.
func (d *decoder) manualID() string {
	return fmt.Sprintf("manual-%s/%d", d.requestID, len(d.items))
}
