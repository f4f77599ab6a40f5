package event

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
)

// record is the part of an ActionTrail record that is read. Its parameters hold pre-shared
// keys; they are searched for ids and go no further.
type record struct {
	EventID, EventName, EventTime, ErrorCode, Region, AccountID                    string
	RequestParameters, RequestParameterJSON, ResponseElements, ReferencedResources json.RawMessage
	ResourceName, ResourceType, UserIdentity                                       json.RawMessage
}

// record reads an ActionTrail record: a connection that can be attached was created (VPC API CreateVpnAttachment), or
// tags of connections were changed (TagResources and UnTagResources, of VPC or of the Tag service). What another
// account's bus sends is a record of that account.
func (d *decoding) record(e, from envelope) *Malformed {
	if len(e.Data) > MaxBody {
		return oversize("data", "it has %d bytes, at most %d are taken", len(e.Data), MaxBody)
	}
	data := unquoted(e.Data)
	if len(data) == 0 || data[0] != '{' {
		return malformed("data", "it is not an ActionTrail record")
	}
	r := readRecord(data)
	if from.bus != "" && cmp.Or(r.AccountID, from.bus) != from.bus {
		return malformed("data.recipientAccountId",
			"it comes from another account's bus, and is no record of that account")
	}
	named, otherwise, bad := r.connections()
	switch {
	case bad != nil:
		return bad
	case otherwise != "":
		return d.ignore(otherwise)
	case len(named) > maxPerMessage:
		return oversize("data", "it names %d connections, at most %d are taken", len(named), maxPerMessage)
	case r.AccountID != "" && !IsAccountID(r.AccountID):
		return malformed("data.recipientAccountId", "it is not an account id (10 to 20 digits)")
	}
	r.AccountID = cmp.Or(r.AccountID, e.owner())
	for _, connection := range named {
		if bad := d.recorded(r, from, connection); bad != nil {
			return bad
		}
	}
	return nil
}

func readRecord(data []byte) (r record) {
	readFields(data,
		field{"eventId", &r.EventID}, field{"eventName", &r.EventName}, field{"eventTime", &r.EventTime},
		field{"errorCode", &r.ErrorCode}, field{"acsRegion", &r.Region}, field{"recipientAccountId", &r.AccountID},
		field{"resourceName", &r.ResourceName}, field{"resourceType", &r.ResourceType},
		field{"requestParameters", &r.RequestParameters}, field{"requestParameterJson", &r.RequestParameterJSON},
		field{"responseElements", &r.ResponseElements}, field{"referencedResources", &r.ReferencedResources},
		field{"userIdentity", &r.UserIdentity})
	return r
}

// connections gives the connections that a record is about, or why it is about none.
func (r record) connections() (named []reference, otherwise string, bad *Malformed) {
	switch name := strings.ToLower(r.EventName); {
	case name == "":
		return nil, "", malformed("data.eventName", "the record does not say which API was called")
	case r.ErrorCode != "" && r.ErrorCode != "0":
		return nil, "a recorded call that failed", nil
	case name == "createvpnattachment":
		named, bad = r.created()
	case name == "tagresources", name == "untagresources":
		if named, bad = r.tagged(); bad == nil && len(named) == 0 {
			otherwise = "tags on something that is no IPsec-VPN connection"
		}
	default:
		otherwise = "a call of another API"
	}
	return named, otherwise, bad
}

// created gives the connection that was created: the one of the response, else those that the record names beside it.
func (r record) created() ([]reference, *Malformed) {
	if id := textIn(unquoted(r.ResponseElements), "VpnConnectionId"); IsConnectionID(id) {
		return []reference{{connectionID: id}}, nil
	}
	var s search
	s.in("responseElements", r.ResponseElements)
	s.in("referencedResources", r.ReferencedResources)
	s.in("resourceName", r.ResourceName)
	named := s.references()
	if len(named) == 0 {
		return nil, malformed("data.responseElements.VpnConnectionId",
			"the record names no IPsec-VPN connection (vco-…)")
	}
	return named, nil
}

// tagged gives the connections whose tags were changed; none if they are of something else. A record that speaks of
// connections and names none that can be read is refused: it is not about something else.
func (r record) tagged() ([]reference, *Malformed) {
	var s search
	isUnclear := false
	for name, part := range map[string]json.RawMessage{
		"requestParameters": r.RequestParameters, "requestParameterJson": r.RequestParameterJSON,
		"responseElements": r.ResponseElements, "referencedResources": r.ReferencedResources,
		"resourceName": r.ResourceName, "resourceType": r.ResourceType,
	} {
		s.in(name, part)
		isUnclear = isUnclear || mentionsVPN(part)
	}
	named := s.references()
	if len(named) == 0 && (s.isVPN() || isUnclear && len(s.kinds) == 0) {
		return nil, malformed("data.requestParameters",
			"the record speaks of IPsec-VPN connections and names none that can be read (vco-…)")
	}
	return named, nil
}

// mentionsVPN reports whether a part of a record has a word of VPN in it, whatever its form.
func mentionsVPN(part []byte) bool {
	part = bytes.ToLower(part)
	return bytes.Contains(part, []byte("vpn")) || bytes.Contains(part, []byte("vco-"))
}

// recorded adds the event of one connection.
func (d *decoding) recorded(r record, from envelope, connection reference) *Malformed {
	var name, principal, kind string
	readFields(r.UserIdentity, field{"userName", &name}, field{"principalId", &principal}, field{"type", &kind})
	from.ID, from.Time = cmp.Or(r.EventID, from.ID), cmp.Or(r.EventTime, from.Time)
	e := Event{Origin: d.origin(from), Ask: Ask{
		ConnectionID: connection.connectionID, RegionID: cmp.Or(connection.regionID, r.Region),
		OwnerID: r.AccountID, OwnerAssumed: r.AccountID == "",
	}}
	e.Actor = Printable(cmp.Or(name, principal, kind), maxText)
	if !strings.EqualFold(r.EventName, "UnTagResources") {
		e.Tags = tagsPut(r.RequestParameters, r.RequestParameterJSON)
	}
	if e.RegionID == "" {
		e.RegionID = cmp.Or(textIn(unquoted(r.RequestParameters), "RegionId"),
			textIn(unquoted(r.RequestParameterJSON), "RegionId"))
	}
	return d.event(e)
}
