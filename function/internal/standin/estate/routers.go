package estate

import (
	"cmp"
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

// longAgo is when everything was made of which the estate does not know when.
const longAgo = "2021-03-15T09:39Z"

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

// listTransitRouters is ListTransitRouters of the CBN API.
func (e *Estate) listTransitRouters(c call) (reply, string) {
	number, size, badPage := c.numberedPage()
	tags, badTags := c.tags(listTagCodes())
	switch {
	case c.get("RegionId")+c.get("TransitRouterId")+c.get("CenId") == "":
		return nil, "InvalidParameterCombination.TransitRouter"
	case badTags+badPage != "":
		return nil, cmp.Or(badTags, badPage)
	}
	multicast, code := c.multicast()
	if code != "" {
		return nil, code
	}
	found := []reply{}
	for _, r := range e.routers {
		if !multicast && !c.empty && hasTags(r.Tags, tags, true) && c.matches("TransitRouterId", r.ID,
			"TransitRouterName", r.Name, "CenId", r.CEN, "RegionId", r.Region, "Status", r.Status, "Type", r.Type) {
			found = append(found, r.wire(e.options.Account))
		}
	}
	answer := reply{"TotalCount": len(found), "PageNumber": number, "PageSize": size}
	answer["TransitRouters"] = pageOf(found, number, size)
	return answer, ""
}

// multicast says whether only transit routers with multicast are asked for, of which there are none.
func (c call) multicast() (only bool, code string) {
	key, value := c.get("FeatureFilter.1.Key"), c.get("FeatureFilter.1.Value.1")
	switch {
	case key == "":
		return false, ""
	case key != "Multicast":
		return false, "InvalidOperation.UnsupportFilter"
	case value != "Enabled" && value != "Disabled":
		return false, "InvalidOperation.UnsupportFilterValue"
	}
	return value == "Enabled", ""
}

// numberedPage is which page is asked for, of up to 50 entries. The code of one that is out of range is assumed.
func (c call) numberedPage() (number, size int, code string) {
	number, legalNumber := c.integer("PageNumber", 1, 1, 1_000_000)
	size, legalSize := c.integer("PageSize", 10, 1, 50)
	if !legalNumber || !legalSize {
		return 0, 0, codeInvalidParameter
	}
	return number, size, ""
}

// pageOf is a page of all entries. If there are any, number and size are 1 or more.
func pageOf[T any](all []T, number, size int) []T {
	if len(all) == 0 {
		return []T{}
	}
	from := min((number-1)*size, len(all))
	return all[from:min(from+size, len(all))]
}

// cidrID is the id of the n-th CIDR block.
func (r *TransitRouter) cidrID(n int) string { return fmt.Sprintf("cidr-%s-%d", r.ID, n) }

func (r *TransitRouter) wire(account string) reply {
	cidrs := []map[string]any{}
	for i, cidr := range r.CIDRs {
		cidrs = append(cidrs, map[string]any{
			"Cidr": cidr, "Name": "", "Description": "", "PublishCidrRoute": true,
			"TransitRouterCidrId": r.cidrID(i + 1),
		})
	}
	return reply{
		"AliUid": json.Number(account), "CenId": r.CEN, "RegionId": r.Region, "Status": r.Status, "Type": r.Type,
		"TransitRouterId": r.ID, "TransitRouterName": r.Name, "TransitRouterDescription": "",
		"CreationTime": longAgo, "SupportMulticast": false, "Tags": wireTags(r.Tags),
		"TransitRouterCidrList": cidrs,
	}
}
