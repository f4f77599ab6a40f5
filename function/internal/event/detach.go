package event

import (
	"bytes"
	"encoding/json"
)

// detachRequest is what a person asks for:
// {"detach":{"vpnConnectionId":"vco-…","regionId":"cn-hangzhou","dryRun":false}}.
type detachRequest struct {
	VPNConnectionID string `json:"vpnConnectionId"`
	RegionID        string `json:"regionId"`
	OwnerID         string `json:"ownerId"`
	DryRun          *bool  `json:"dryRun"` // true unless the request says false
	Force           bool   `json:"force"`
}

// detach reads a request to let go of a connection, as strictly as any request: what it does
// stops traffic, so it is a dry run unless the request says otherwise.
func (d *decoder) detach(raw json.RawMessage, from origin) *Malformed {
	var r detachRequest
	strict := json.NewDecoder(bytes.NewReader(raw))
	strict.DisallowUnknownFields()
	switch err := strict.Decode(&r); {
	case err != nil:
		return malformed("detach", "a field is unknown or has a value of the wrong kind; known are vpnConnectionId, regionId, ownerId (text), dryRun, force (true or false)")
	case repeatsField(raw):
		return malformed("detach", "a field is there twice")
	case !IsConnectionID(r.VPNConnectionID):
		return malformed("detach.vpnConnectionId", "it is not the id of an IPsec-VPN connection (vco-…)")
	case r.OwnerID != "" && !IsAccountID(r.OwnerID):
		return malformed("detach.ownerId", "it is not an account id (10 to 20 digits)")
	}
	return d.add(Event{
		ID:           firstOf(from.id, from.messageID, d.manualID()),
		Source:       Printable(from.source, maxText),
		Type:         Printable(from.kind, maxText),
		Time:         parseTime(from.time),
		ConnectionID: r.VPNConnectionID,
		RegionID:     r.RegionID,
		OwnerID:      r.OwnerID,
		DryRun:       r.DryRun == nil || *r.DryRun,
		Detach:       true,
		Force:        r.Force,
	})
}
