package estate

import "slices"

// listRouteTables is ListTransitRouterRouteTables of the CBN API. Like the other lists it answers parameters that are
// out of range with an empty list.
func (e *Estate) listRouteTables(c call) (reply, string) {
	var entries []entry
	tags, legalTags := c.tags()
	if router := e.router(c.get("TransitRouterId")); router != nil && legalTags {
		for i, t := range router.RouteTables {
			if t.matches(c) && hasTags(t.Tags, tags) {
				entries = append(entries, entry{i + 1, t.wire(router)})
			}
		}
	}
	return c.paged("TransitRouterRouteTables", 20, entries), ""
}

// matches says whether the route table has one of the values of every filter that is given. It is always Active.
func (t RouteTable) matches(c call) bool {
	ids, names := c.list("TransitRouterRouteTableIds"), c.list("TransitRouterRouteTableNames")
	return (len(ids) == 0 || slices.Contains(ids, t.ID)) && (len(names) == 0 || slices.Contains(names, t.Name)) &&
		filtered(c, "TransitRouterRouteTableType", t.Type) && filtered(c, "TransitRouterRouteTableStatus", statusActive)
}

func (t RouteTable) wire(router *TransitRouter) map[string]any {
	return map[string]any{
		"TransitRouterRouteTableId": t.ID, "TransitRouterRouteTableName": t.Name, "TransitRouterRouteTableDescription": "",
		"TransitRouterRouteTableType": t.Type, "TransitRouterRouteTableStatus": statusActive, "TransitRouterId": router.ID,
		"RegionId": router.Region, "CreateTime": "2021-03-15T09:39Z", "Tags": wireTags(t.Tags),
	}
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

// wireBindings lists the bindings of one kind by creation. The resource at the far end of each is a VPN connection.
func (e *Estate) wireBindings(c call, kind string) (entries []entry) {
	for i, b := range e.bindings {
		if b.Kind != kind || b.Status == StatusDeleted || !b.matches(c) {
			continue
		}
		if a := e.liveByID(b.Attachment); a != nil && filtered(c, "TransitRouterAttachmentResourceId", a.Connection) {
			entries = append(entries, entry{i + 1, map[string]any{
				"TransitRouterRouteTableId": b.Table, "TransitRouterAttachmentId": b.Attachment, "Status": b.Status,
				"ResourceId": a.Connection, "ResourceType": "VPN",
			}})
		}
	}
	return entries
}

func (b *Binding) matches(c call) bool {
	return filtered(c, "TransitRouterRouteTableId", b.Table) && filtered(c, "TransitRouterAttachmentId", b.Attachment) &&
		filtered(c, "Status", b.Status) && filtered(c, "TransitRouterAttachmentResourceType", "VPN")
}
