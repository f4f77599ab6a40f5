package estate

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// tagged is a resource as ListTagResources finds it.
type tagged struct {
	id   string
	tags map[string]string
}

// resourceTypes are the documented types of resources of either API, as answers name them, and two that the page of VPC
// leaves out and its clients use: of connections to transit routers and of those to gateways.
func resourceTypes(version string) []string {
	if version == versionCBN {
		return []string{
			"Cen", "BandwidthPackage", "TransitRouter", "TransitRouterVpcAttachment", "TransitRouterVbrAttachment",
			"TransitRouterPeerAttachment", "TransitRouterVpnAttachment", "TransitRouterRouteTable", "Flowlog",
			"TransitRouterMulticastDomain",
		}
	}
	return []string{
		"VPC", "VSWITCH", "ROUTETABLE", "EIP", "VpnGateway", "NATGATEWAY", "COMMONBANDWIDTHPACKAGE",
		"VPNATTACHMENT", "VPNCONNECTION",
	}
}

// taggedOf are the caller's resources of a type, by id. Of most types there are none. The lock is held.
func (e *Estate) taggedOf(c call, kind string) (all []tagged) {
	switch kind {
	case "TransitRouter", "TransitRouterRouteTable":
		for _, r := range e.routers {
			if kind == "TransitRouter" {
				all = append(all, tagged{r.ID, r.Tags})
				continue
			}
			for _, t := range r.RouteTables {
				all = append(all, tagged{t.ID, t.Tags})
			}
		}
	case "TransitRouterVpnAttachment":
		for _, a := range e.live {
			all = append(all, tagged{a.ID, a.Tags})
		}
	case "VPNATTACHMENT", "VPNCONNECTION":
		for _, v := range e.connections {
			ofGateway := v.AttachType == attachGateway
			if v.Owner == c.account && v.Region == c.get("RegionId") && ofGateway == (kind == "VPNCONNECTION") {
				all = append(all, tagged{v.ID, v.Tags})
			}
		}
	}
	slices.SortFunc(all, func(a, b tagged) int { return cmp.Compare(a.id, b.id) })
	return all
}

// listTags is ListTagResources of either API: a row for each tag of each resource that is named, or that has the tags
// that are named. A type is told by its letters, large or small, as clients write them in both ways.
func (e *Estate) listTags(c call) (reply, string) {
	types := resourceTypes(c.version)
	i := slices.IndexFunc(types, func(name string) bool { return strings.EqualFold(name, c.get("ResourceType")) })
	ids, wanted, code := c.examineTagList(i >= 0)
	if code != "" {
		return nil, code
	}
	all, known := e.taggedOf(c, types[i]), map[string]bool{}
	var entries []entry
	for _, resource := range all {
		known[resource.id] = true
		if len(ids) > 0 && !slices.Contains(ids, resource.id) || !hasTags(resource.tags, wanted, false) {
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(resource.tags)) {
			entries = append(entries, entry{len(entries) + 1, fixed(reply{
				"ResourceType": types[i], "ResourceId": resource.id, "TagKey": key, "TagValue": resource.tags[key],
			})})
		}
	}
	if slices.ContainsFunc(ids, func(id string) bool { return !known[id] }) {
		return nil, codeInstancesNotFound
	}
	return c.pageOfTags(entries)
}

// examineTagList makes the checks of the two pages. Their order is assumed.
func (c call) examineTagList(isType bool) (ids []string, wanted map[string]string, code string) {
	const many, key, value = "SizeLimitExceeded.TagNum", "InvalidTagKey", "InvalidTagValue"
	codes := tagCodes{many: many, twice: "Forbidden.TagKey.Duplicated", key: key, value: value}
	noType := "MissingParam.ResourceType"
	if c.version == versionCBN {
		codes, noType = tagCodes{many: codeTagQuota, key: key, value: value}, codeMissingParam
	}
	ids = c.list("ResourceId")
	wanted, badTags := c.tags(codes)
	region := c.get("RegionId")
	switch {
	case c.get("ResourceType") == "":
		return nil, nil, noType
	case c.version == versionVPC && region == "":
		return nil, nil, codeMissingParam
	case c.version == versionCBN && region != "" && !isRegion(region):
		return nil, nil, "IllegalParam.Region"
	case !isType:
		return nil, nil, "InvalidInstanceType.NotFound"
	case badTags != "":
		return nil, nil, badTags
	case len(ids) > maxTags:
		return nil, nil, taggingCodesOf(c.version).resources
	case len(ids) == 0 && len(wanted) == 0:
		return nil, nil, "BothEmpty.TagsAndResources"
	}
	return ids, wanted, ""
}

// pageOfTags is the page that is asked for, by the names that either API has. The code of a page of VPC that is too
// large is assumed, and so is that of its token.
func (c call) pageOfTags(entries []entry) (reply, string) {
	pages := paging{50, 50, codeInvalidParameter, maxResults}
	if c.version == versionCBN {
		pages = paging{10, 50, codeInvalidParameter, "PageSize"}
	}
	page, code := c.paged("TagResource", pages, entries)
	if code != "" {
		return nil, code
	}
	answer := reply{"TagResources": reply{"TagResource": page["TagResource"]}}
	if next, more := page["NextToken"]; more {
		answer["NextToken"] = next
	}
	return answer, ""
}
