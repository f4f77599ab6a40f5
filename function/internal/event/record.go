package event

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
)

// record is the part of an ActionTrail record that is read. Its parameters hold pre-shared
// keys; they are searched for ids and go no further.
type record struct {
	EventID, EventName, EventTime, ErrorCode, Region, AccountID, ResourceName string
	RequestParameters, ResponseElements, ReferencedResources, UserIdentity    json.RawMessage
}

// record reads an ActionTrail record: a connection that can be attached was created (VPC API
// CreateVpnAttachment), or connections were tagged (TagResources). What another account's bus sends is a record of that
// account.
func (d *decoding) record(data json.RawMessage, from envelope) *Malformed {
	if len(data) == 0 || data[0] != '{' {
		return malformed("data", "it is not an ActionTrail record")
	}
	var r record
	readFields(data,
		field{"eventId", &r.EventID}, field{"eventName", &r.EventName}, field{"eventTime", &r.EventTime},
		field{"errorCode", &r.ErrorCode}, field{"acsRegion", &r.Region}, field{"recipientAccountId", &r.AccountID},
		field{"resourceName", &r.ResourceName}, field{"requestParameters", &r.RequestParameters},
		field{"responseElements", &r.ResponseElements}, field{"referencedResources", &r.ReferencedResources},
		field{"userIdentity", &r.UserIdentity})
	var ids []string
	sender := from.sender(d.AccountID)
	switch {
	case sender != "" && r.AccountID != sender:
		return malformed("data.recipientAccountId",
			"it comes from another account's bus, and is no record of that account")
	case r.ErrorCode != "" && r.ErrorCode != "0":
		return d.ignore("a recorded call that failed")
	case r.EventName == "CreateVpnAttachment":
		if ids = r.created(); len(ids) == 0 {
			return malformed("data.responseElements.VpnConnectionId",
				"the record names no IPsec-VPN connection (vco-…)")
		}
	case r.EventName == "TagResources":
		ids = connectionIDs(r.RequestParameters, r.ResponseElements, r.ReferencedResources)
		if len(ids) == 0 {
			return d.ignore("tags on something that is no IPsec-VPN connection")
		}
	default:
		return d.ignore("a call of another API")
	}
	if len(ids) > maxPerMessage {
		return oversize("data", "it names more than %d connections", maxPerMessage)
	}
	for _, id := range ids {
		if bad := d.recorded(r, from, id); bad != nil {
			return bad
		}
	}
	return nil
}

// created gives the id of the connection that was created, at most one.
func (r record) created() []string {
	if id := textIn(r.ResponseElements, "VpnConnectionId"); IsConnectionID(id) {
		return []string{id}
	}
	ids := append(connectionIDs(r.ReferencedResources), r.ResourceName)
	ids = slices.DeleteFunc(ids, func(id string) bool { return !IsConnectionID(id) })
	return ids[:min(len(ids), 1)]
}

func (d *decoding) recorded(r record, from envelope, connectionID string) *Malformed {
	if r.AccountID != "" && !IsAccountID(r.AccountID) {
		return malformed("data.recipientAccountId", "it is not an account id (10 to 20 digits)")
	}
	var name, principal, kind string
	readFields(r.UserIdentity, field{"userName", &name}, field{"principalId", &principal}, field{"type", &kind})
	from.ID, from.Time = cmp.Or(r.EventID, from.ID), cmp.Or(r.EventTime, from.Time)
	e := Event{Origin: d.origin(from), Ask: Ask{ConnectionID: connectionID, RegionID: r.Region, OwnerID: r.AccountID}}
	e.Actor = Printable(cmp.Or(name, principal, kind), maxText)
	if e.RegionID == "" {
		e.RegionID = textIn(r.RequestParameters, "RegionId")
	}
	return d.event(e)
}

// connectionIDs finds every string in objects, at any depth, that is a connection's id or an ARN
// that ends in one, sorted. It ends early once it has more than a message may name. Nothing is decoded but the strings:
// a record may be as large as a payload.
func connectionIDs(objects ...json.RawMessage) []string {
	found := map[string]bool{}
	for _, raw := range objects {
		if len(raw) > 0 && raw[0] == '{' { // what is no object has no ids
			findConnectionIDs(found, raw, -1) // its values are the first level
		}
	}
	return slices.Sorted(maps.Keys(found))
}

func findConnectionIDs(found map[string]bool, raw []byte, depth int) {
	switch {
	case len(raw) == 0 || depth > maxDepth || len(found) > maxPerMessage:
	case raw[0] == '"':
		var v string
		if len(raw) > maxIDText || json.Unmarshal(raw, &v) != nil {
			return
		}
		id := v[strings.LastIndex(v, "/")+1:]
		if IsConnectionID(id) && (id == v || strings.HasPrefix(v, "acs:")) {
			found[id] = true
		}
	case raw[0] == '{', raw[0] == '[':
		eachMember(raw, func(_, value []byte) { findConnectionIDs(found, value, depth+1) })
	}
}
