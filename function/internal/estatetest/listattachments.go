package estatetest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// listAttachments is ListTransitRouterVpnAttachments of the CBN API, by creation. It has no filter by VPN connection and
// none by status, as the service has none; a page's token stays good though attachments come and go between pages.
// Parameters out of range, a foreign token among them, give an empty list; MaxResults of 1 to 100 is assumed.
func (e *Estate) listAttachments(c call) (reply, string) {
	size, legalSize := c.integer("MaxResults", 20, 1, 100)
	after, legalToken := readToken(c.get("NextToken"))
	tags, legalTags := c.tags()
	page, total, last := []map[string]any{}, 0, 0
	answer, legal := reply{"MaxResults": size}, legalSize && legalToken && legalTags && !c.empty
	for _, a := range e.attachments {
		if !legal || a.Status == StatusDeleted || !a.matches(c) || !hasTags(a.Tags, tags) {
			continue
		}
		total++
		switch {
		case a.number <= after:
		case len(page) < size:
			page, last = append(page, a.wire()), a.number
		default:
			answer["NextToken"] = writeToken(last)
		}
	}
	answer["TotalCount"], answer["TransitRouterAttachments"] = total, page
	return answer, ""
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

// A token names the last attachment of the page before, in a form that nobody is tempted to count with.
func writeToken(number int) string {
	return base64.RawURLEncoding.EncodeToString(fmt.Appendf(nil, "after:%d", number))
}

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
