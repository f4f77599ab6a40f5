package event

import "encoding/json"

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
	bad := strictly(raw, &r, "detach", "vpnConnectionId, regionId, ownerId (text), dryRun, force (true or false)")
	switch {
	case bad != nil:
		return bad
	case !IsConnectionID(r.VPNConnectionID):
		return malformed("detach.vpnConnectionId", "it is not the id of an IPsec-VPN connection (vco-…)")
	case r.OwnerID != "" && !IsAccountID(r.OwnerID):
		return malformed("detach.ownerId", "it is not an account id (10 to 20 digits)")
	}
	e := d.asking(from)
	e.ConnectionID, e.RegionID, e.OwnerID = r.VPNConnectionID, r.RegionID, r.OwnerID
	e.Detach, e.Force, e.DryRun = true, r.Force, r.DryRun == nil || *r.DryRun
	return d.add(e)
}
