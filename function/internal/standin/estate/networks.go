package estate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// Network is a network instance that is attached to the CEN of a transit router, beside the VPN connections.
type Network struct {
	ID     string `yaml:"id"`
	Type   string `yaml:"type"`   // VPC, VBR or CCN
	Region string `yaml:"region"` // default: that of the transit router
	Status string `yaml:"status"` // Attaching, Attached (default) or Detaching
}

func networkTypes() []string { return []string{"VPC", "VBR", "CCN"} }

// checkNetworks fills in what is not said, and says what is wrong.
func checkNetworks(r *TransitRouter) error {
	r.Networks = slices.Clone(r.Networks)
	for i := range r.Networks {
		n := &r.Networks[i]
		n.Region, n.Status = cmp.Or(n.Region, r.Region), cmp.Or(n.Status, StatusAttached)
		switch {
		case !slices.Contains(networkTypes(), n.Type) || !strings.HasPrefix(n.ID, strings.ToLower(n.Type)+"-"):
			return fmt.Errorf("network %q: type %q is none of VPC, VBR and CCN, or the id does not begin with it",
				n.ID, n.Type)
		case !slices.Contains([]string{StatusAttaching, StatusAttached, StatusDetaching}, n.Status):
			return fmt.Errorf("network %q: status %q is unknown", n.ID, n.Status)
		}
	}
	return nil
}

// describeNetworks is DescribeCenAttachedChildInstances of the CBN API. Its page has no codes: those of a CEN that
// there is not, and of filters with other values, are assumed. VPN connections are no network instances.
func (e *Estate) describeNetworks(c call) (reply, string) {
	number, size, badPage := c.numberedPage()
	cen, kind := c.get("CenId"), c.get("ChildInstanceType")
	isKnown := slices.ContainsFunc(e.routers, func(r *TransitRouter) bool { return r.CEN == cen })
	switch {
	case cen == "":
		return nil, codeMissingParameter
	case badPage != "", kind != "" && !slices.Contains(networkTypes(), kind):
		return nil, codeInvalidParameter
	case !isKnown:
		return nil, "ParameterCenInstanceId"
	}
	found := []reply{}
	for _, r := range e.routers {
		for _, n := range r.Networks {
			if r.CEN == cen && !c.empty && c.matches("ChildInstanceType", n.Type, "ChildInstanceRegionId", n.Region) {
				found = append(found, n.wire(r, e.options.Account))
			}
		}
	}
	return reply{
		"TotalCount": len(found), "PageNumber": number, "PageSize": size,
		"ChildInstances": reply{"ChildInstance": pageOf(found, number, size)},
	}, ""
}

func (n Network) wire(r *TransitRouter, account string) reply {
	return reply{
		"CenId": r.CEN, "ChildInstanceId": n.ID, "ChildInstanceType": n.Type, "ChildInstanceRegionId": n.Region,
		"ChildInstanceOwnerId": json.Number(account), "ChildInstanceAttachTime": longAgo, "Status": n.Status,
		"ManagedService": "",
	}
}
