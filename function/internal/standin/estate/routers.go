package estate

import (
	"encoding/json"
	"fmt"
	"slices"
)

// The editions of a transit router, and the one status in which it can be changed (CBN API ListTransitRouters).
const (
	routerEnterprise = "Enterprise"
	routerBasic      = "Basic"
	routerActive     = "Active"
)

func routerStatuses() []string {
	return []string{"Creating", routerActive, "Modifying", "Deleting", "Upgrading"}
}

// router finds a transit router, or nil. The lock is held.
func (e *Estate) router(id string) *TransitRouter {
	for _, r := range e.routers {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// SetRouterStatus moves a transit router to another status of ListTransitRouters.
func (e *Estate) SetRouterStatus(id, status string) (err error) {
	if !slices.Contains(routerStatuses(), status) {
		return fmt.Errorf("setting %q to %q: the status is unknown", id, status)
	}
	e.locked(func() {
		if r := e.router(id); r != nil {
			r.Status = status
		} else {
			err = fmt.Errorf("setting %q to %q: the transit router does not exist", id, status)
		}
	})
	return err
}

// listTransitRouters is ListTransitRouters of the CBN API. Like the service it answers parameters that are out of
// range with an empty list, not with an error: an empty answer proves nothing.
func (e *Estate) listTransitRouters(c call) (reply, string) {
	number, legalNumber := c.integer("PageNumber", 1, 1, 1<<20)
	size, legalSize := c.integer("PageSize", 10, 1, 50)
	tags, legalTags := c.tags()
	legal := legalNumber && legalSize && legalTags && !c.empty
	found := []reply{}
	for _, r := range e.routers {
		if legal && hasTags(r.Tags, tags, true) && c.matches("TransitRouterId", r.ID, "TransitRouterName", r.Name,
			"CenId", r.CEN, "RegionId", r.Region, "Status", r.Status, "Type", r.Type) {
			found = append(found, r.wire(e.options.Account))
		}
	}
	answer := reply{"TotalCount": len(found), "PageNumber": number, "PageSize": size}
	answer["TransitRouters"] = pageOf(found, number, size)
	return answer, ""
}

// pageOf is a page of all entries. If there are any, number and size are 1 or more.
func pageOf(all []reply, number, size int) []reply {
	if len(all) == 0 {
		return all
	}
	from := min((number-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

func (r *TransitRouter) wire(account string) reply {
	cidrs := []map[string]any{}
	for _, cidr := range r.CIDRs {
		cidrs = append(cidrs, map[string]any{"Cidr": cidr, "Name": "", "Description": "", "PublishCidrRoute": true})
	}
	return reply{
		"AliUid": json.Number(account), "CenId": r.CEN, "RegionId": r.Region, "Status": r.Status, "Type": r.Type,
		"TransitRouterId": r.ID, "TransitRouterName": r.Name, "TransitRouterDescription": "",
		"CreationTime": "2021-03-15T09:39Z", "SupportMulticast": false, "Tags": wireTags(r.Tags),
		"TransitRouterCidrList": cidrs,
	}
}

// describeGrants is DescribeGrantRulesToCen of the CBN API: the connection of another account, if its owner granted it.
// To which CEN is not kept: it is the one that is asked about.
func (e *Estate) describeGrants(c call) (reply, string) {
	cen, id, region := c.get("CenId"), c.get("ChildInstanceId"), c.get("RegionId")
	rules := []reply{}
	v := e.connections[id]
	switch {
	case cen == "" || c.get("ProductType") == "" || region == "":
		return nil, codeMissingParameter
	case c.empty:
	case v != nil && v.Region == region && v.CrossAccountAuthorized && c.matches("ChildInstanceOwnerId", v.Owner):
		rules = append(rules, reply{
			"CenId": cen, "CenOwnerId": json.Number(e.options.Account), "ChildInstanceId": v.ID,
			"ChildInstanceOwnerId": json.Number(v.Owner), "ChildInstanceRegionId": v.Region,
			"ChildInstanceType": "VPN", "OrderType": "PayByCenOwner",
		})
	}
	return reply{"GrantRules": reply{"GrantRule": rules}, "TotalCount": len(rules)}, ""
}
