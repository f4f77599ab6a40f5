package estatetest

import (
	"fmt"
	"slices"
)

// listRouteTables is ListTransitRouterRouteTables of the CBN API. Like the other lists it answers parameters that are
// out of range with an empty list.
func (e *Estate) listRouteTables(c call) (reply, string) {
	tags, legalTags := c.tags()
	ids, names := c.list("TransitRouterRouteTableIds"), c.list("TransitRouterRouteTableNames")
	var entries []map[string]any
	if router := e.router(c.get("TransitRouterId")); router != nil && legalTags {
		for _, t := range router.RouteTables {
			if len(ids) > 0 && !slices.Contains(ids, t.ID) || len(names) > 0 && !slices.Contains(names, t.Name) ||
				!filtered(c, "TransitRouterRouteTableType", t.Type) || !filtered(c, "TransitRouterRouteTableStatus", statusActive) || !hasTags(t.Tags, tags) {
				continue
			}
			entries = append(entries, map[string]any{
				"TransitRouterRouteTableId": t.ID, "TransitRouterRouteTableName": t.Name, "TransitRouterRouteTableDescription": "",
				"TransitRouterRouteTableType": t.Type, "TransitRouterRouteTableStatus": statusActive, "TransitRouterId": router.ID,
				"RegionId": router.Region, "CreateTime": "2021-03-15T09:39Z", "Tags": wireTags(t.Tags),
			})
		}
	}
	return c.paged("TransitRouterRouteTables", 20, entries), ""
}

// listAssociations is ListTransitRouterRouteTableAssociations of the CBN API.
func (e *Estate) listAssociations(c call) (reply, string) {
	return c.paged("TransitRouterAssociations", 50, e.wireBindings(c, KindAssociate)), ""
}

// listPropagations is ListTransitRouterRouteTablePropagations of the CBN API, which wants a route table.
func (e *Estate) listPropagations(c call) (reply, string) {
	if c.get("TransitRouterRouteTableId") == "" {
		return nil, codeMissingParameter
	}
	return c.paged("TransitRouterPropagations", 50, e.wireBindings(c, KindPropagate)), ""
}

func (e *Estate) wireBindings(c call, kind string) (entries []map[string]any) {
	for _, b := range e.bindings {
		connection := ""
		for _, a := range e.live {
			if a.ID == b.Attachment {
				connection = a.Connection
			}
		}
		if b.Kind != kind || b.Status == StatusDeleted || !filtered(c, "TransitRouterRouteTableId", b.Table) ||
			!filtered(c, "TransitRouterAttachmentId", b.Attachment) || !filtered(c, "Status", b.Status) ||
			!filtered(c, "TransitRouterAttachmentResourceId", connection) || !filtered(c, "TransitRouterAttachmentResourceType", "VPN") {
			continue
		}
		entries = append(entries, map[string]any{
			"TransitRouterRouteTableId": b.Table, "TransitRouterAttachmentId": b.Attachment, "Status": b.Status,
			"ResourceId": connection, "ResourceType": "VPN",
		})
	}
	return entries
}

// list reads Name.1, Name.2 …
func (c call) list(name string) (values []string) {
	for n := 1; c.parameters.Has(fmt.Sprintf("%s.%d", name, n)); n++ {
		values = append(values, c.get(fmt.Sprintf("%s.%d", name, n)))
	}
	return values
}

// paged answers one page of entries, whose order does not change.
func (c call) paged(name string, preset int, entries []map[string]any) reply {
	size, legalSize := c.integer("MaxResults", preset, 1, 100)
	after, legalToken := readToken(c.get("NextToken"))
	page, answer := []map[string]any{}, reply{"MaxResults": size, "TotalCount": len(entries)}
	if legalSize && legalToken && after < len(entries) {
		last := min(after+size, len(entries))
		if page = entries[after:last]; last < len(entries) {
			answer["NextToken"] = writeToken(last)
		}
	}
	answer[name] = page
	return answer
}
