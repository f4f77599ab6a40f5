package estate

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// paging is how a list that pages by token is cut into pages: the size of one if none is asked for, the largest, the
// code of one that is too large, and the parameter that asks.
type paging struct {
	preset, most    int
	tooLarge, asked string
}

// maxResults is how most lists are asked for the size of a page.
const maxResults = "MaxResults"

// The pages of the lists. That attachments and bindings come by at most 50 is assumed from what is observed of them.
func attachmentPages() paging { return paging{20, 50, codeIllegalMaxResults, maxResults} }
func bindingPages() paging    { return paging{50, 50, codeIllegalMaxResults, maxResults} }
func routeTablePages() paging { return paging{20, 100, codeInvalidParameter, maxResults} }

// listAttachments is ListTransitRouterVpnAttachments of the CBN API, by creation. It has no filter by VPN connection
// and none by status, like the service.
func (e *Estate) listAttachments(c call) (reply, string) {
	tags, code := c.tags(plainTagCodes())
	if code = cmp.Or(e.checkAttachmentFilter(c), code); code != "" {
		return nil, code
	}
	var entries []entry
	wanted := c.wanted("CenId", "RegionId", "TransitRouterId", "TransitRouterAttachmentId")
	for _, a := range e.candidates(tags) {
		if a.Status != StatusDeleted && wanted.match(a.CEN, a.Region, a.Router, a.ID) && hasTags(a.Tags, tags, true) {
			entries = append(entries, entry{a.number, a.wire})
		}
	}
	return c.paged("TransitRouterAttachments", attachmentPages(), entries)
}

// checkAttachmentFilter checks what the page of the list has codes for. Which code means which is assumed.
func (e *Estate) checkAttachmentFilter(c call) (code string) {
	cen, region, id := c.get("CenId"), c.get("RegionId"), c.get("TransitRouterId")
	router := e.router(id)
	switch {
	case region != "" && !isRegion(region):
		return "IllegalParam.Region"
	case cen != "" && !strings.HasPrefix(cen, "cen-"):
		return "IllegalParam.CenId"
	case id != "" && !strings.HasPrefix(id, "tr-"):
		return "IllegalParam.TransitRouterId"
	case id != "" && router == nil:
		return "IllegalParam.TrInstance"
	case router != nil && !c.matches("CenId", router.CEN, "RegionId", router.Region):
		return "IllegalParam.CenIdOrRegionId"
	}
	return ""
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
		"ResourceType": "VPN", "ChargeType": "POSTPAY", "OrderType": a.OrderType,
		"AutoPublishRouteEnabled": a.AutoPublish, "CreationTime": a.Created.UTC().Format("2006-01-02T15:04Z"),
		"Tags": wireTags(a.Tags), "Zones": zones,
	}
}

// listRouteTables is ListTransitRouterRouteTables of the CBN API. A route table is always Active.
func (e *Estate) listRouteTables(c call) (reply, string) {
	ids, names := c.list("TransitRouterRouteTableIds"), c.list("TransitRouterRouteTableNames")
	tags, badTags := c.tags(listTagCodes())
	switch {
	case c.get("TransitRouterId") == "" && len(ids) == 0:
		return nil, "MissingParam.TransitRouterIdOrTransitRouterRouteTables"
	case c.get("TransitRouterId") != "" && e.router(c.get("TransitRouterId")) == nil:
		return nil, codeRouterNotFound
	case badTags != "":
		return nil, badTags
	case slices.ContainsFunc(names, func(name string) bool { return name == "" || !isText(name, 128) }):
		return nil, codeInvalidName
	case len(ids) > maxFilters || len(names) > maxFilters:
		return nil, codeInvalidParameter
	}
	var entries []entry
	number := 0
	for _, router := range e.routers {
		for _, t := range router.RouteTables {
			number++
			if (len(ids) == 0 || slices.Contains(ids, t.ID)) && (len(names) == 0 || slices.Contains(names, t.Name)) &&
				hasTags(t.Tags, tags, true) && c.matches("TransitRouterId", router.ID,
				"TransitRouterRouteTableType", t.Type, "TransitRouterRouteTableStatus", statusActive) {
				entries = append(entries, entry{number, func() map[string]any { return t.wire(router) }})
			}
		}
	}
	return c.paged("TransitRouterRouteTables", routeTablePages(), entries)
}

func (t RouteTable) wire(router *TransitRouter) map[string]any {
	return map[string]any{
		"TransitRouterRouteTableId": t.ID, "TransitRouterRouteTableName": t.Name,
		"TransitRouterRouteTableDescription": "", "TransitRouterRouteTableType": t.Type,
		"TransitRouterRouteTableStatus": statusActive, "TransitRouterId": router.ID, "RegionId": router.Region,
		"CreateTime": longAgo, "Tags": wireTags(t.Tags), "RouteTableOptions": reply{"MultiRegionECMP": "disable"},
	}
}

// listAssociations is ListTransitRouterRouteTableAssociations of the CBN API.
func (e *Estate) listAssociations(c call) (reply, string) {
	return e.listBindings(c, "TransitRouterAssociations", KindAssociate,
		statusAssociating, statusReplacing, statusDissociating)
}

// listPropagations is ListTransitRouterRouteTablePropagations of the CBN API, which requires a route table.
func (e *Estate) listPropagations(c call) (reply, string) {
	if c.get("TransitRouterRouteTableId") == "" {
		return nil, codeMissingParameter // the gateway's code for what is mandatory
	}
	return e.listBindings(c, "TransitRouterPropagations", KindPropagate, statusEnabling, statusDisabling)
}

// listBindings lists the bindings of one kind, which has statuses of its own beside Active. The code of a filter that
// is none of the documented words is assumed.
func (e *Estate) listBindings(c call, name, kind string, statuses ...string) (reply, string) {
	status, of := c.get("Status"), c.get("TransitRouterAttachmentResourceType")
	if status != "" && status != statusActive && !slices.Contains(statuses, status) ||
		of != "" && !slices.Contains([]string{"VPC", "VBR", "TR", "VPN"}, of) {
		return nil, codeInvalidParameter
	}
	return c.paged(name, bindingPages(), e.wireBindings(c, kind))
}

// wireBindings lists the bindings of one kind by creation. A seed may have associations in the documented status
// Deleted, which are listed; what a call has ended is not. The resource behind each attachment is a VPN connection.
func (e *Estate) wireBindings(c call, kind string) (entries []entry) {
	candidates := e.bindings
	if attachment := c.get("TransitRouterAttachmentId"); attachment != "" {
		candidates = e.bindingsOf[attachment]
	}
	for _, b := range candidates {
		listed := !b.ended && b.Kind == kind && (kind == KindAssociate || b.Status != StatusDeleted)
		if !listed || !c.matches("TransitRouterRouteTableId", b.Table, "Status", b.Status,
			"TransitRouterAttachmentResourceType", "VPN") {
			continue
		}
		if a := e.liveByID(b.Attachment); a != nil && c.matches("TransitRouterAttachmentResourceId", a.Connection) {
			entries = append(entries, entry{b.number, func() map[string]any {
				return map[string]any{
					"TransitRouterRouteTableId": b.Table, "TransitRouterAttachmentId": b.Attachment, "Status": b.Status,
					"ResourceId": a.Connection, "ResourceType": "VPN",
				}
			}})
		}
	}
	return entries
}

// entry is what a list shows of one resource. Its number grows along the list and is never given to another.
type entry struct {
	number int
	wire   func() map[string]any // called for those on the page alone
}

// fixed is a wire that is written down already.
func fixed(wire map[string]any) func() map[string]any { return func() map[string]any { return wire } }

// paged answers the page of entries that NextToken and MaxResults ask for, as those CBN lists do that page by token. A
// token stays valid while resources come and go between pages, and is valid for one list alone. A call that is to be
// answered so gets an empty list.
func (c call) paged(name string, p paging, entries []entry) (reply, string) {
	size, legalSize := c.integer(p.asked, p.preset, 1, p.most)
	after, legalToken := readToken(c.get("NextToken"), name)
	switch {
	case !legalSize:
		return nil, p.tooLarge
	case !legalToken:
		return nil, "IllegalParam.NextToken"
	case c.empty:
		entries = nil
	}
	page, last := []map[string]any{}, 0
	answer := reply{maxResults: size, "TotalCount": len(entries)}
	for _, next := range entries {
		if next.number <= after {
			continue
		}
		if len(page) == size {
			answer["NextToken"] = base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "%s:%d", name, last))
			break
		}
		page, last = append(page, next.wire()), next.number
	}
	answer[name] = page
	return answer, ""
}

// readToken returns the number of the last entry of the page before, of the list of that name.
func readToken(token, list string) (number int, ok bool) {
	if token == "" {
		return 0, true
	}
	text, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return 0, false
	}
	digits, ok := strings.CutPrefix(string(text), list+":")
	number, err = strconv.Atoi(digits)
	return number, ok && err == nil && number > 0
}
