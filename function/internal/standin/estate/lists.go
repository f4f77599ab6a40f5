package estate

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// listAttachments is ListTransitRouterVpnAttachments of the CBN API, by creation. It has no filter by VPN connection
// and none by status, like the service.
func (e *Estate) listAttachments(c call) (reply, string) {
	var entries []entry
	tags, _ := c.tags()
	for _, a := range e.attachments {
		if a.Status != StatusDeleted && hasTags(a.Tags, tags, true) && c.matches("CenId", a.CEN,
			"RegionId", a.Region, "TransitRouterId", a.Router, "TransitRouterAttachmentId", a.ID) {
			entries = append(entries, entry{a.number, a.wire()})
		}
	}
	return c.paged("TransitRouterAttachments", 20, entries), ""
}

func (a *attachment) wire() map[string]any {
	zones := []map[string]string{}
	for _, zone := range a.Zones {
		zones = append(zones, map[string]string{"ZoneId": zone})
	}
	return map[string]any{
		"TransitRouterAttachmentId": a.ID, "TransitRouterAttachmentName": a.Name,
		"TransitRouterAttachmentDescription": a.Description, "Status": a.Status, "VpnId": a.Connection,
		"VpnOwnerId": json.Number(a.Owner), "VpnRegionId": a.Region, "TransitRouterId": a.Router, "CenId": a.CEN,
		"ResourceType": "VPN", "ChargeType": "POSTPAY", "OrderType": "PayByCenOwner",
		"AutoPublishRouteEnabled": a.AutoPublish, "CreationTime": a.Created.UTC().Format("2006-01-02T15:04Z"),
		"Tags": wireTags(a.Tags), "Zones": zones,
	}
}

// listRouteTables is ListTransitRouterRouteTables of the CBN API. Like the other lists it answers parameters that are
// out of range with an empty list. A route table is always Active.
func (e *Estate) listRouteTables(c call) (reply, string) {
	var entries []entry
	router := e.router(c.get("TransitRouterId"))
	if router == nil {
		router = &TransitRouter{}
	}
	ids, names := c.list("TransitRouterRouteTableIds"), c.list("TransitRouterRouteTableNames")
	tags, _ := c.tags()
	for i, t := range router.RouteTables {
		if len(ids) > 0 && !slices.Contains(ids, t.ID) || len(names) > 0 && !slices.Contains(names, t.Name) ||
			!hasTags(t.Tags, tags, true) || !c.matches("TransitRouterRouteTableType", t.Type,
			"TransitRouterRouteTableStatus", statusActive) {
			continue
		}
		entries = append(entries, entry{i + 1, map[string]any{
			"TransitRouterRouteTableId": t.ID, "TransitRouterRouteTableName": t.Name,
			"TransitRouterRouteTableDescription": "", "TransitRouterRouteTableType": t.Type,
			"TransitRouterRouteTableStatus": statusActive, "TransitRouterId": router.ID, "RegionId": router.Region,
			"CreateTime": "2021-03-15T09:39Z", "Tags": wireTags(t.Tags),
		}})
	}
	return c.paged("TransitRouterRouteTables", 20, entries), ""
}

// listAssociations is ListTransitRouterRouteTableAssociations of the CBN API.
func (e *Estate) listAssociations(c call) (reply, string) {
	return c.paged("TransitRouterAssociations", 50, e.wireBindings(c, KindAssociate)), ""
}

// listPropagations is ListTransitRouterRouteTablePropagations of the CBN API, which requires a route table.
func (e *Estate) listPropagations(c call) (reply, string) {
	if c.get("TransitRouterRouteTableId") == "" {
		return nil, codeMissingParameter
	}
	return c.paged("TransitRouterPropagations", 50, e.wireBindings(c, KindPropagate)), ""
}

// wireBindings lists the bindings of one kind by creation. The resource behind each attachment is a VPN connection.
func (e *Estate) wireBindings(c call, kind string) (entries []entry) {
	for i, b := range e.bindings {
		if b.Kind != kind || !c.matches("TransitRouterRouteTableId", b.Table, "TransitRouterAttachmentId", b.Attachment,
			"Status", b.Status, "TransitRouterAttachmentResourceType", "VPN") {
			continue
		}
		if a := e.liveByID(b.Attachment); a != nil && c.matches("TransitRouterAttachmentResourceId", a.Connection) {
			entries = append(entries, entry{i + 1, map[string]any{
				"TransitRouterRouteTableId": b.Table, "TransitRouterAttachmentId": b.Attachment, "Status": b.Status,
				"ResourceId": a.Connection, "ResourceType": "VPN",
			}})
		}
	}
	return entries
}

// entry is what a list shows of one resource. Its number grows along the list and is never given to another.
type entry struct {
	number int
	wire   map[string]any
}

// paged answers the page of entries that NextToken and MaxResults ask for, as those CBN lists do that page by token. A
// token stays valid while resources come and go between pages. Parameters out of range, including a token of another
// list, give an empty list, and so does a call that is to be answered so; MaxResults of 1 to 100 is assumed.
func (c call) paged(name string, preset int, entries []entry) reply {
	size, legalSize := c.integer("MaxResults", preset, 1, 100)
	after, legalToken := readToken(c.get("NextToken"))
	if _, legalTags := c.tags(); !legalSize || !legalToken || !legalTags || c.empty {
		entries = nil
	}
	page, last := []map[string]any{}, 0
	answer := reply{"MaxResults": size, "TotalCount": len(entries)}
	for _, next := range entries {
		switch {
		case next.number <= after:
		case len(page) < size:
			page, last = append(page, next.wire), next.number
		default:
			answer["NextToken"] = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "after:%d", last))
		}
	}
	answer[name] = page
	return answer
}

// readToken returns the number of the last entry of the page before.
func readToken(token string) (number int, ok bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	digits, ok := strings.CutPrefix(string(text), "after:")
	number, err = strconv.Atoi(digits)
	return number, ok && err == nil && number > 0
}
