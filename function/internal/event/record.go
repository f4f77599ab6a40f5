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

func readRecord(data json.RawMessage) (r record) {
	readFields(data,
		field{"eventId", &r.EventID}, field{"eventName", &r.EventName}, field{"eventTime", &r.EventTime},
		field{"errorCode", &r.ErrorCode}, field{"acsRegion", &r.Region}, field{"recipientAccountId", &r.AccountID},
		field{"resourceName", &r.ResourceName}, field{"requestParameters", &r.RequestParameters},
		field{"responseElements", &r.ResponseElements}, field{"referencedResources", &r.ReferencedResources},
		field{"userIdentity", &r.UserIdentity})
	return r
}

// record reads an ActionTrail record: a connection that can be attached was created (VPC API
// CreateVpnAttachment), or connections were tagged (TagResources).
func (d *decoder) record(data json.RawMessage, from provenance) *Malformed {
	if len(data) == 0 || data[0] != '{' {
		return malformed("data", "it is not an ActionTrail record")
	}
	r := readRecord(data)
	switch {
	case r.ErrorCode != "" && r.ErrorCode != "0":
		d.add(Ignored{Reason: "a recorded call that failed"})
	case r.EventName == "CreateVpnAttachment":
		return d.created(r, from)
	case r.EventName == "TagResources":
		return d.tagged(r, from)
	default:
		d.add(Ignored{Reason: "a call of another API"})
	}
	return nil
}

func (d *decoder) created(r record, from provenance) *Malformed {
	if id := textIn(r.ResponseElements, "VpnConnectionId"); IsConnectionID(id) {
		return d.recorded(r, from, id)
	}
	for _, id := range append(connectionIDs(r.ReferencedResources), r.ResourceName) {
		if IsConnectionID(id) {
			return d.recorded(r, from, id)
		}
	}
	return malformed("data.responseElements.VpnConnectionId", "the record names no IPsec-VPN connection (vco-…)")
}

func (d *decoder) tagged(r record, from provenance) *Malformed {
	ids := slices.Concat(connectionIDs(r.RequestParameters), connectionIDs(r.ResponseElements),
		connectionIDs(r.ReferencedResources))
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		d.add(Ignored{Reason: "tags on something that is no IPsec-VPN connection"})
	case len(ids) > maxPerMessage:
		return oversize("data", "it names %d connections, at most %d are taken", len(ids), maxPerMessage)
	}
	for _, id := range ids {
		if bad := d.recorded(r, from, id); bad != nil {
			return bad
		}
	}
	return nil
}

// recorded adds the event of one connection.
func (d *decoder) recorded(r record, from provenance, connectionID string) *Malformed {
	if r.AccountID != "" && !IsAccountID(r.AccountID) {
		return malformed("data.recipientAccountId", "it is not an account id (10 to 20 digits)")
	}
	who := r.UserIdentity
	e := Event{
		Origin: Origin{
			ID:     cmp.Or(r.EventID, from.id, from.messageID, d.manualID()),
			Source: Printable(from.source, maxText),
			Type:   Printable(from.kind, maxText),
			Time:   parseTime(cmp.Or(r.EventTime, from.time)),
			Actor:  Printable(cmp.Or(textIn(who, "userName"), textIn(who, "principalId"), textIn(who, "type")), maxText),
		},
		Ask: Ask{ConnectionID: connectionID, RegionID: r.Region, OwnerID: r.AccountID},
	}
	if e.RegionID == "" {
		e.RegionID = textIn(r.RequestParameters, "RegionId")
	}
	return d.event(e)
}

// connectionIDs finds every string in an object, at any depth, that is a connection's id or an
// ARN that ends in one, sorted.
func connectionIDs(raw json.RawMessage) []string {
	var value any
	if len(raw) == 0 || raw[0] != '{' || json.Unmarshal(raw, &value) != nil {
		return nil
	}
	ids := appendConnectionIDs(nil, value, -1) // its values are the first level
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
