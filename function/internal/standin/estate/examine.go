package estate

import (
	"cmp"
	"strconv"
	"strings"
	"unicode/utf8"
)

// examine makes the checks of the page of CreateTransitRouterVpnAttachment and returns the attachment to be made, or
// the code of the first check that fails. The order is assumed: first the request itself, then what it names.
func (e *Estate) examine(c call) (made Attachment, code string) {
	made, code = readAttachment(c)
	if code != "" {
		return made, code
	}
	router, code := e.findRouter(c)
	if code != "" {
		return made, code
	}
	made.Owner = cmp.Or(c.get("VpnOwnerId"), e.options.Account)
	made.Router, made.CEN, made.Region = router.ID, router.CEN, router.Region
	if code = e.checkAttachable(made); code != "" {
		return made, code
	}
	made.OrderType = e.connections[made.Connection].grantTo(made.CEN).OrderType
	// Without a block there are no addresses to allocate: the service finds out only when it allocates them.
	if len(router.CIDRs) == 0 {
		return made, "OperationFailed.AllocateCidrFailed"
	}
	return made, ""
}

// readAttachment checks the parameters by themselves.
func readAttachment(c call) (made Attachment, code string) {
	publish, legalPublish := c.boolean("AutoPublishRouteEnabled", true)
	_, legalDryRun := c.boolean("DryRun", false)
	tags, badTags := c.tags(plainTagCodes())
	zones, legalZones := c.zones()
	made = Attachment{
		Connection: c.get("VpnId"), AutoPublish: publish, Tags: tags, Zones: zones,
		Name: c.get("TransitRouterAttachmentName"), Description: c.get("TransitRouterAttachmentDescription"),
	}
	switch {
	case made.Connection == "":
		return made, "InvalidParameter.VpnId"
	case c.get("RegionId") == "", c.get("CenId") == "" && c.get("TransitRouterId") == "":
		return made, "MissingParam.CenIdOrRegionId"
	case !isRegion(c.get("RegionId")):
		return made, codeIllegalRegion
	case cmp.Or(c.get("ChargeType"), "POSTPAY") != "POSTPAY":
		return made, "IllegalParam.ChargeType"
	case !legalZones:
		return made, "IllegalParam.ZoneMappings"
	case !legalPublish, !legalDryRun, badTags != "", !isClientToken(c.get("ClientToken")),
		!isOwner(c.get("VpnOwnerId")), !isText(made.Name, 128), !isText(made.Description, 256):
		return made, codeInvalidParameter
	}
	return made, ""
}

// zones reads Zone.1.ZoneId, of which there is at most one; ok is false if it is empty.
func (c call) zones() (zones []string, ok bool) {
	if !c.parameters.Has("Zone.1.ZoneId") {
		return nil, true
	}
	zone := c.get("Zone.1.ZoneId")
	return []string{zone}, zone != "" && !c.parameters.Has("Zone.2.ZoneId")
}

// findRouter finds the transit router by its id, or by the CEN instance and the region, in which a CEN has at most one.
func (e *Estate) findRouter(c call) (*TransitRouter, string) {
	cen, id, region := c.get("CenId"), c.get("TransitRouterId"), c.get("RegionId")
	var found *TransitRouter
	cenExists := false
	for _, r := range e.routers {
		cenExists = cenExists || r.CEN == cen
		if r.ID == id || id == "" && r.CEN == cen && r.Region == region {
			found = r
		}
	}
	switch {
	case cen != "" && !cenExists:
		return nil, "InvalidCenId.NotFound"
	case found == nil, cen != "" && found.CEN != cen:
		return nil, codeRouterNotFound
	case found.Region != region:
		return nil, "IllegalParam.TransitRouterRegionId"
	case found.Type != routerEnterprise:
		return nil, "OperationUnsupported.TransitRouterType"
	case found.Status != routerActive:
		return nil, "IncorrectStatus.TransitRouter"
	}
	return found, ""
}

// checkAttachable says whether the connection may get this attachment. A connection of another account that was not
// granted with GrantInstanceToTransitRouter is assumed not to exist for the caller.
func (e *Estate) checkAttachable(made Attachment) (code string) {
	c := e.connections[made.Connection]
	switch {
	case c == nil, c.Region != made.Region, c.Owner != made.Owner:
		return codeVPNNotFound
	case c.Owner != e.options.Account && !c.isGranted(made.CEN):
		return codeVPNNotFound
	case c.NetworkType != "public" && c.NetworkType != "private":
		return "InvalidOperation.VpnNetworkTypeInvalid"
	case e.live[c.ID] != nil:
		return e.options.AttachedCode
	case c.State != stateInit:
		return codeResourceStatus
	case !bool(c.SingleTunnel) && len(made.Zones) > 0:
		return "OperationUnsupported.VcoTunnelNotMatchZoneParam"
	}
	for _, zone := range made.Zones {
		if !strings.HasPrefix(zone, made.Region) || zone == made.Region {
			return "OperationUnsupported.ZoneId"
		}
	}
	return ""
}

// isRegion checks the form of a region id, such as cn-hangzhou, not a list of regions.
func isRegion(id string) bool {
	return strings.Contains(id, "-") && strings.Trim(id, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// isClientToken allows the ASCII characters that the page allows, and the 64 that sibling APIs allow.
func isClientToken(token string) bool {
	for _, r := range token {
		if r < ' ' || r > '~' {
			return false
		}
	}
	return len(token) <= 64
}

func isOwner(id string) bool {
	_, err := strconv.ParseUint(id, 10, 63)
	return id == "" || err == nil
}

// isText checks the page's limits of a name or description, which may be empty.
func isText(text string, most int) bool {
	return utf8.RuneCountInString(text) <= most &&
		!strings.HasPrefix(text, "http://") && !strings.HasPrefix(text, "https://")
}
