package estate

import "encoding/json"

// listAttachments is ListTransitRouterVpnAttachments of the CBN API, by creation. It has no filter by VPN connection and
// none by status, as the service has none.
func (e *Estate) listAttachments(c call) (reply, string) {
	var entries []entry
	tags, legalTags := c.tags()
	for _, a := range e.attachments {
		if legalTags && a.Status != StatusDeleted && a.matches(c) && hasTags(a.Tags, tags) {
			entries = append(entries, entry{a.number, a.wire()})
		}
	}
	return c.paged("TransitRouterAttachments", 20, entries), ""
}

func (a *attachment) matches(c call) bool {
	return filtered(c, "CenId", a.CEN) && filtered(c, "RegionId", a.Region) &&
		filtered(c, "TransitRouterId", a.Router) && filtered(c, "TransitRouterAttachmentId", a.ID)
}

func (a *attachment) wire() map[string]any {
	zones := []map[string]string{}
	for _, zone := range a.Zones {
		zones = append(zones, map[string]string{"ZoneId": zone})
	}
	return map[string]any{
		"TransitRouterAttachmentId": a.ID, "TransitRouterAttachmentName": a.Name, "TransitRouterAttachmentDescription": a.Description,
		"Status": a.Status, "VpnId": a.Connection, "VpnOwnerId": json.Number(a.Owner), "VpnRegionId": a.Region,
		"TransitRouterId": a.Router, "CenId": a.CEN, "ResourceType": "VPN", "ChargeType": "POSTPAY", "OrderType": "PayByCenOwner",
		"AutoPublishRouteEnabled": a.AutoPublish, "CreationTime": a.Created.UTC().Format("2006-01-02T15:04Z"),
		"Tags": wireTags(a.Tags), "Zones": zones,
	}
}
