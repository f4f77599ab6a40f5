package event

import (
	"encoding/json"
	"slices"
	"strings"
)

// record is the part of an ActionTrail record that is read. Its parameters hold
// pre-shared keys; they are walked for ids and go no further.
type record struct {
	EventID, EventName, EventTime, ErrorCode                               text
	Region, AccountID, ResourceName                                        text
	RequestParameters, ResponseElements, ReferencedResources, UserIdentity object
}

func readRecord(data json.RawMessage) (r record) {
	fields(data, func(name string, value json.RawMessage) {
		switch name {
		case "eventid":
			r.EventID = textOf(value)
		case "eventname":
			r.EventName = textOf(value)
		case "eventtime":
			r.EventTime = textOf(value)
		case "errorcode":
			r.ErrorCode = textOf(value)
		case "acsregion":
			r.Region = textOf(value)
		case "recipientaccountid":
			r.AccountID = textOf(value)
		case "resourcename":
			r.ResourceName = textOf(value)
		case "requestparameters":
			r.RequestParameters = object(value)
		case "responseelements":
			r.ResponseElements = object(value)
		case "referencedresources":
			r.ReferencedResources = object(value)
		case "useridentity":
			r.UserIdentity = object(value)
		}
	})
	return r
}

// record reads an ActionTrail record: the creation of a connection that can be
// attached (VPC API CreateVpnAttachment), or tags put on connections (TagResources).
func (d *decoder) record(data json.RawMessage, from origin) *Malformed {
	if len(data) == 0 || data[0] != '{' {
		return malformed("data", "it is not an ActionTrail record")
	}
	r := readRecord(data)
	if r.ErrorCode != "" && r.ErrorCode != "0" {
		d.ignore("a recorded call that failed")
		return nil
	}
	switch r.EventName {
	case "CreateVpnAttachment":
		return d.created(r, from)
	case "TagResources":
		return d.tagged(r, from)
	}
	d.ignore("a call of another API")
	return nil
}

func (d *decoder) created(r record, from origin) *Malformed {
	if id := r.ResponseElements.str("VpnConnectionId"); IsConnectionID(id) {
		return d.recorded(r, from, id)
	}
	for _, id := range append(r.ReferencedResources.connectionIDs(), string(r.ResourceName)) {
		if IsConnectionID(id) {
			return d.recorded(r, from, id)
		}
	}
	return malformed("data.responseElements.VpnConnectionId", "the record names no IPsec-VPN connection (vco-…)")
}

func (d *decoder) tagged(r record, from origin) *Malformed {
	var ids []string
	for _, part := range []object{r.RequestParameters, r.ResponseElements, r.ReferencedResources} {
		ids = append(ids, part.connectionIDs()...)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	switch {
	case len(ids) == 0:
		d.ignore("tags on something that is no IPsec-VPN connection")
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
func (d *decoder) recorded(r record, from origin, connectionID string) *Malformed {
	if r.AccountID != "" && !IsAccountID(string(r.AccountID)) {
		return malformed("data.recipientAccountId", "it is not an account id (10 to 20 digits)")
	}
	e := Event{
		ID:           firstOf(string(r.EventID), from.id, from.messageID, d.manualID()),
		Source:       Printable(from.source, maxText),
		Type:         Printable(from.kind, maxText),
		Time:         parseTime(firstOf(string(r.EventTime), from.time)),
		ConnectionID: connectionID,
		RegionID:     string(r.Region),
		OwnerID:      string(r.AccountID),
		Actor:        Printable(firstOf(r.UserIdentity.str("userName"), r.UserIdentity.str("principalId"), r.UserIdentity.str("type")), maxText),
	}
	if e.RegionID == "" {
		e.RegionID = r.RequestParameters.str("RegionId")
	}
	return d.add(e)
}

func (d *decoder) ignore(why string) {
	d.items = append(d.items, Item{Ignored: why})
}

// connectionIDs finds every string in o, however deep, that is a connection's id
// or an ARN that ends in one, sorted.
func (o object) connectionIDs() []string {
	var ids []string
	var value any
	if len(o) > 0 && o[0] == '{' && json.Unmarshal(o, &value) == nil {
		ids = appendConnectionIDs(ids, value, -1) // its values are the first level
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
		if id := v[strings.LastIndex(v, "/")+1:]; IsConnectionID(id) && (id == v || strings.HasPrefix(v, "acs:")) {
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

func firstOf(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}
