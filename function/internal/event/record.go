package event

import (
	"cmp"
	"encoding/json"
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
// CreateVpnAttachment), or connections were tagged (TagResources).
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
	switch {
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
		return oversize("data", "it names %d connections, at most %d are taken", len(ids), maxPerMessage)
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
	e.Tags = tagsPut(r.RequestParameters)
	if e.RegionID == "" {
		e.RegionID = textIn(r.RequestParameters, "RegionId")
	}
	return d.event(e)
}

// connectionIDs finds every string in objects, at any depth, that is a connection's id or an ARN
// that ends in one, sorted.
func connectionIDs(objects ...json.RawMessage) (ids []string) {
	for _, raw := range objects {
		var value map[string]any
		if json.Unmarshal(raw, &value) == nil { // what is no object has no ids
			ids = appendConnectionIDs(ids, value, -1) // its values are the first level
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

func appendConnectionIDs(ids []string, value any, depth int) []string {
	if depth > maxDepth {
		return ids
	}
	switch v := value.(type) {
	case string:
		id := v[strings.LastIndex(v, "/")+1:]
		if IsConnectionID(id) && (id == v || strings.HasPrefix(v, "acs:")) {
			ids = append(ids, id)
		}
	case []any:
		for _, inner := range v {
			ids = appendConnectionIDs(ids, inner, depth+1)
		}
	case map[string]any:
		for _, inner := range v {
			ids = appendConnectionIDs(ids, inner, depth+1)
		}
	}
	return ids
}
