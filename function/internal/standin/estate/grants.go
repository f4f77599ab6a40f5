package estate

import "encoding/json"

// describeGrants is DescribeGrantRulesToCen of the CBN API: the connection of another account, when its owner granted it.
// To which CEN is not kept: it is the one that is asked about.
func (e *Estate) describeGrants(c call) (reply, string) {
	cen, id := c.get("CenId"), c.get("ChildInstanceId")
	rules := []reply{}
	v := e.connections[id]
	switch {
	case cen == "" || c.get("ProductType") == "" || c.get("RegionId") == "":
		return nil, codeMissingParameter
	case c.empty:
	case v != nil && v.Region == c.get("RegionId") && v.CrossAccountAuthorized && filtered(c, "ChildInstanceOwnerId", v.Owner):
		rules = append(rules, reply{
			"CenId": cen, "CenOwnerId": json.Number(e.options.Account), "ChildInstanceId": v.ID, "ChildInstanceOwnerId": json.Number(v.Owner),
			"ChildInstanceRegionId": v.Region, "ChildInstanceType": "VPN", "OrderType": "PayByCenOwner",
		})
	}
	return reply{"GrantRules": reply{"GrantRule": rules}, "TotalCount": len(rules)}, ""
}
