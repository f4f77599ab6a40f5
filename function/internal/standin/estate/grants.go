package estate

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Who pays for an attachment to another account's transit router.
const (
	payByCEN      = "PayByCenOwner"
	payByResource = "PayByResourceOwner"
)

// Grant says that the transit routers of a CEN may attach a VPN connection of another account.
type Grant struct {
	CEN        string `yaml:"cen"`
	CENOwner   string `yaml:"cenOwner"`
	OrderType  string `yaml:"orderType"`  // PayByCenOwner (default) or PayByResourceOwner
	CreateTime int64  `yaml:"createTime"` // in milliseconds since 1970
}

func checkGrants(grants []Grant) error {
	for _, g := range grants {
		if !strings.HasPrefix(g.CEN, "cen-") || !isAccount(g.CENOwner) || !isOrderType(cmp.Or(g.OrderType, payByCEN)) {
			return fmt.Errorf("the grant to cen %q, cenOwner %q, orderType %q has a wrong value",
				g.CEN, g.CENOwner, g.OrderType)
		}
	}
	return nil
}

func isOrderType(name string) bool { return name == payByCEN || name == payByResource }

// grantTo is the grant of a connection to a CEN. One that does not say to whom it is granted is granted to every CEN.
func (v *VPNConnection) grantTo(cen string) Grant {
	for _, g := range v.Grants {
		if g.CEN == cen {
			g.OrderType, g.CreateTime = cmp.Or(g.OrderType, payByCEN), cmp.Or(g.CreateTime, v.CreateTime)
			return g
		}
	}
	return Grant{CEN: cen, OrderType: payByCEN, CreateTime: v.CreateTime}
}

func (v *VPNConnection) isGranted(cen string) bool {
	isNamed := slices.ContainsFunc(v.Grants, func(g Grant) bool { return g.CEN == cen })
	return isNamed || v.CrossAccountAuthorized && len(v.Grants) == 0
}

// grantsOf are the grants of a connection, each by name: those to every CEN are to the CENs of the estate. The lock is
// held.
func (e *Estate) grantsOf(v *VPNConnection) (grants []Grant) {
	var cens []string
	for _, g := range v.Grants {
		cens = append(cens, g.CEN)
	}
	for _, r := range e.routers {
		if !slices.Contains(cens, r.CEN) && v.isGranted(r.CEN) {
			cens = append(cens, r.CEN)
		}
	}
	for _, cen := range cens {
		g := v.grantTo(cen)
		g.CENOwner = cmp.Or(g.CENOwner, e.options.Account)
		grants = append(grants, g)
	}
	return grants
}

// grant is GrantInstanceToTransitRouter of the CBN API: the owner of a VPN connection grants it to another account's
// CEN.
func (e *Estate) grant(c call) (reply, string) {
	v, wanted, code := e.examineGrant(c)
	switch {
	case code != "":
		return nil, code
	case !isOrderType(wanted.OrderType):
		return nil, codeInvalidParameter
	case v.isGranted(wanted.CEN):
		return nil, "OperationFailed.GrantCrossAccountExist"
	}
	v.Grants, v.CrossAccountAuthorized = append(v.Grants, wanted), true
	return reply{}, ""
}

// revoke is RevokeInstanceFromTransitRouter of the CBN API. Its page demands that the connection is detached before.
// No definition of it is at hand: all its codes are assumed.
func (e *Estate) revoke(c call) (reply, string) {
	v, named, code := e.examineGrant(c)
	switch {
	case code != "":
		return nil, code
	case !v.isGranted(named.CEN):
		return nil, codeGrantMissing
	case e.live[v.ID] != nil && e.live[v.ID].CEN == named.CEN:
		return nil, "IncorrectStatus.ResourceStatus"
	}
	v.Grants = slices.DeleteFunc(e.grantsOf(v), func(g Grant) bool { return g.CEN == named.CEN })
	v.CrossAccountAuthorized = len(v.Grants) > 0
	return reply{}, ""
}

// examineGrant makes the checks that both have in common. Their order is assumed, and so are the codes of instances of
// which there are none.
func (e *Estate) examineGrant(c call) (v *VPNConnection, named Grant, code string) {
	v = e.connections[c.get("InstanceId")]
	named = Grant{
		CEN: c.get("CenId"), CENOwner: c.get("CenOwnerId"), OrderType: cmp.Or(c.get("OrderType"), payByCEN),
		CreateTime: time.Now().UnixMilli(),
	}
	isKnown := slices.ContainsFunc(e.routers, func(r *TransitRouter) bool { return r.CEN == named.CEN })
	kind := c.get("InstanceType")
	switch {
	case named.CEN == "" || named.CENOwner == "" || kind == "" || c.get("InstanceId") == "":
		return nil, named, codeMissingParameter
	case !isAccount(named.CENOwner) || !slices.Contains([]string{"VPN", "VPC", "ExpressConnect", "ECR"}, kind):
		return nil, named, codeInvalidParameter
	case !strings.HasPrefix(named.CEN, "cen-") || named.CENOwner == e.options.Account && !isKnown:
		return nil, named, "IllegalParam.CenId"
	case kind == "ExpressConnect":
		return nil, named, "InvalidVbr.NotFound"
	case kind != "VPN" || v == nil || v.Owner != c.account || !c.matches("RegionId", v.Region):
		return nil, named, codeInstanceNotFound
	case v.Owner == named.CENOwner:
		return nil, named, codeInvalidParameter
	}
	return v, named, ""
}

// describeGrants is DescribeGrantRulesToCen of the CBN API: the connections that their owners granted to a CEN. Without
// MaxResults all are answered at once.
func (e *Estate) describeGrants(c call) (reply, string) {
	cen, region := c.get("CenId"), c.get("RegionId")
	switch {
	case region == "":
		return nil, "MissingParameter.RegionId"
	case !isRegion(region):
		return nil, "InvalidParameter.RegionId"
	case cen == "" || c.get("ProductType") == "":
		return nil, codeMissingParameter
	}
	entries, isVPN := []entry{}, c.get("ProductType") == "VPN"
	wanted := c.wanted("ChildInstanceId", "ChildInstanceOwnerId")
	for i, v := range e.inOrder() {
		if v.Region == region && isVPN && wanted.match(v.ID, v.Owner) && v.isGranted(cen) {
			g := v.grantTo(cen)
			entries = append(entries, entry{i + 1, fixed(reply{
				"CenId": cen, "CenOwnerId": json.Number(cmp.Or(g.CENOwner, e.options.Account)),
				"ChildInstanceId": v.ID, "ChildInstanceOwnerId": json.Number(v.Owner),
				"ChildInstanceRegionId": v.Region, "ChildInstanceType": "VPN",
				"OrderType": g.OrderType, "CreateTime": g.CreateTime,
			})})
		}
	}
	pages := paging{max(len(entries), 1), 100, codeInvalidParameter, maxResults}
	answer, code := c.paged("GrantRule", pages, entries)
	if code != "" {
		return nil, code
	}
	answer["GrantRules"] = reply{"GrantRule": answer["GrantRule"]}
	delete(answer, "GrantRule")
	return answer, ""
}

// describeAuthorizations is DescribeVpnCrossAccountAuthorizations of the VPC API, for the owner of the connection. Its
// definition has no codes: they are those of DescribeVpnConnection (assumed).
func (e *Estate) describeAuthorizations(c call) (reply, string) {
	number, size, code := c.numberedPage()
	v := e.connections[c.get("VpnConnectionId")]
	switch {
	case c.get("RegionId") == "" || c.get("VpnConnectionId") == "":
		return nil, codeMissingParameter
	case code != "":
		return nil, code
	case v == nil || v.Region != c.get("RegionId") || v.Owner != c.account:
		return nil, codeConnectionNotFound
	}
	found := []reply{}
	for _, g := range e.grantsOf(v) {
		found = append(found, reply{
			"VpnConnectionId": v.ID, "AliUid": json.Number(v.Owner), "BindUid": json.Number(g.CENOwner),
			"BindProduct": attachCEN, "BindInstance": g.CEN, "CreationTime": g.CreateTime,
		})
	}
	return reply{
		"TotalCount": len(found), "PageNumber": number, "PageSize": size,
		"CrossAccountAuthorizations": pageOf(found, number, size),
	}, ""
}
