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

// router finds a transit router; nil is none. The lock is held.
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
		return fmt.Errorf("setting %q to %q: no such status", id, status)
	}
	e.locked(func() {
		if r := e.router(id); r != nil {
			r.Status = status
		} else {
			err = fmt.Errorf("setting %q to %q: there is no such transit router", id, status)
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
	page, total := []map[string]any{}, 0
	for _, r := range e.routers {
		if !legal || !r.matches(c) || !hasTags(r.Tags, tags) {
			continue
		}
		if total >= (number-1)*size && len(page) < size {
			page = append(page, r.wire(e.options.Account))
		}
		total++
	}
	return reply{"TotalCount": total, "PageNumber": number, "PageSize": size, "TransitRouters": page}, ""
}

// matches says whether the router has the value of every filter that is given.
func (r *TransitRouter) matches(c call) bool {
	return filtered(c, "TransitRouterId", r.ID) && filtered(c, "TransitRouterName", r.Name) && filtered(c, "CenId", r.CEN) &&
		filtered(c, "RegionId", r.Region) && filtered(c, "Status", r.Status) && filtered(c, "Type", r.Type)
}

func (r *TransitRouter) wire(account string) map[string]any {
	cidrs := []map[string]any{}
	for _, cidr := range r.CIDRs {
		cidrs = append(cidrs, map[string]any{"Cidr": cidr, "Name": "", "Description": "", "PublishCidrRoute": true})
	}
	return map[string]any{
		"AliUid": json.Number(account), "CenId": r.CEN, "RegionId": r.Region, "Status": r.Status, "Type": r.Type,
		"TransitRouterId": r.ID, "TransitRouterName": r.Name, "TransitRouterDescription": "", "CreationTime": "2021-03-15T09:39Z",
		"SupportMulticast": false, "Tags": wireTags(r.Tags), "TransitRouterCidrList": cidrs,
	}
}

// filtered says whether a filter is absent or equal to the value.
func filtered(c call, name, value string) bool {
	want := c.get(name)
	return want == "" || want == value
}

// hasTags says whether a resource has all the tags of a filter.
func hasTags(have, want map[string]string) bool {
	for key, value := range want {
		if got, ok := have[key]; !ok || got != value {
			return false
		}
	}
	return true
}
