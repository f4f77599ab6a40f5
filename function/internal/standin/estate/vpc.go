package estate

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// describeVPNConnection is DescribeVpnConnection of the VPC API, secrets included.
// A connection of another region or another account does not exist for the caller.
func (e *Estate) describeVPNConnection(c call) (reply, string) {
	id, region := c.get("VpnConnectionId"), c.get("RegionId")
	if id == "" || region == "" {
		return nil, codeMissingParameter
	}
	connection := e.connections[id]
	if connection == nil || connection.Region != region || connection.Owner != c.account {
		return nil, codeConnectionNotFound
	}
	return e.describe(connection, c.age), ""
}

// describeVPNConnections is DescribeVpnConnections of the VPC API: the caller's connections with all the tags that are
// asked for.
func (e *Estate) describeVPNConnections(c call) (reply, string) {
	var found []*VPNConnection
	wanted := c.wanted("VpnConnectionId")
	ofGateway := c.get("VpnGatewayId")+c.get("CustomerGatewayId") != ""
	number, size, code := e.eachConnection(c, func(v *VPNConnection) {
		if wanted.match(v.ID) && (!ofGateway ||
			c.matches("VpnGatewayId", v.gateway(), "CustomerGatewayId", v.customerGateway())) {
			found = append(found, v)
		}
	})
	page := []reply{}
	for _, v := range pageOf(found, number, size) {
		page = append(page, listed(e.describe(v, c.age)))
	}
	return reply{
		"TotalCount": len(found), "PageNumber": number, "PageSize": size,
		"VpnConnections": reply{"VpnConnection": page},
	}, code
}

// describeVPNAttachments is DescribeVpnAttachments of the VPC API: the caller's connections that are associated with a
// transit router, without their secrets. That it takes tags is assumed, since it has codes for them.
func (e *Estate) describeVPNAttachments(c call) (reply, string) {
	var found []reply
	number, size, code := e.eachConnection(c, func(v *VPNConnection) {
		answer := e.describe(v, c.age)
		if answer["AttachType"] != attachCEN || !c.matches("VpnConnectionId", v.ID, "AttachType", attachCEN) {
			return
		}
		found = append(found, reply{
			"InstanceId": v.ID, "Name": v.Name, "Description": "", "AttachType": attachCEN,
			"TransitRouterId": answer["TransitRouterId"], "TransitRouterName": answer["TransitRouterName"],
			"CrossAccountAuthorized": v.CrossAccountAuthorized, "Tags": wireTags(v.Tags),
			"Tag": `{"VisuallySsl":"true","PbrPriority":"true","BGPSupport":"true"}`,
		})
	})
	return reply{
		"TotalCount": len(found), "PageNumber": number, "PageSize": size,
		"VpnAttachments": pageOf(found, number, size),
	}, code
}

// eachConnection visits the caller's connections of a region that have the tags that are asked for, by id. It gives the
// page that is asked for, or the code of what is wrong with the request.
func (e *Estate) eachConnection(c call, visit func(*VPNConnection)) (number, size int, code string) {
	tags, badTags := c.tags(connectionTagCodes())
	number, size, badPage := c.numberedPage()
	switch {
	case c.get("RegionId") == "":
		return 0, 0, codeMissingParameter
	case badPage+badTags != "":
		return 0, 0, cmp.Or(badPage, badTags)
	}
	if c.empty {
		return number, size, ""
	}
	region := c.get("RegionId")
	for _, v := range e.inOrder() {
		if v.Region == region && v.Owner == c.account && hasTags(v.Tags, tags, false) {
			visit(v)
		}
	}
	return number, size, ""
}

// listed is a connection as DescribeVpnConnections shows it. Against DescribeVpnConnection it has another name for the
// tags and another word for a BGP session that is down, and neither the zone nor whether BGP is enabled.
func listed(answer reply) reply {
	answer["Tag"] = answer["Tags"]
	delete(answer, "Tags")
	delete(answer, "ZoneNo")
	bgp := answer["VpnBgpConfig"].(reply)
	if bgp["Status"] != "success" {
		bgp["Status"] = "false"
	}
	delete(bgp, "EnableBgp")
	return answer
}

// describe is a connection as VPC knows it. VPC may learn of a create later than CBN, by the age of its state.
func (e *Estate) describe(connection *VPNConnection, age time.Duration) reply {
	answer := connection.wire()
	a := e.live[connection.ID]
	if a == nil || a.ClientToken != "" && time.Now().Before(a.Created.Add(age)) {
		return answer
	}
	maps.Copy(answer, reply{
		"State":      strings.ToLower(a.Status),
		"AttachType": attachCEN, "AttachInstanceId": a.CEN,
		"TransitRouterId": a.Router, "TransitRouterName": e.router(a.Router).Name,
	})
	e.healthOf(connection, age).shows(answer)
	return answer
}

// gateway is the VPN gateway of a connection that has one.
func (v *VPNConnection) gateway() string {
	if v.AttachType == attachGateway {
		return "vpn-" + v.suffix()
	}
	return ""
}

func (v *VPNConnection) suffix() string { return v.ID[len("vco-"):] }

// customerGateway is the gateway of the connection, which is that of the first tunnel if it has two.
func (v *VPNConnection) customerGateway() string { return v.tunnelGateway(1) }

// ownGateway is empty if the tunnels were made with a gateway each: Terraform finds no difference to a configuration
// that names only those.
func (v *VPNConnection) ownGateway() string {
	if v.Settings[tunnel(1, "CustomerGatewayId")] != "" {
		return v.Settings["CustomerGatewayId"]
	}
	return v.customerGateway()
}

func (v *VPNConnection) tunnelGateway(n int) string {
	return v.Settings.or("cgw-"+v.suffix(), tunnel(n, "CustomerGatewayId"), "CustomerGatewayId")
}

// wire is the connection without an attachment, in the service's form.
func (v *VPNConnection) wire() reply {
	s := v.Settings
	return reply{
		"VpnConnectionId": v.ID, "Name": v.Name, "State": v.State, "AttachType": v.AttachType,
		"AttachInstanceId": "", "TransitRouterId": "", "TransitRouterName": "",
		"Status": negotiation, "CreateTime": v.CreateTime, "InternetIp": tunnelAddress(1),
		"CustomerGatewayId": v.ownGateway(), "VpnGatewayId": v.gateway(),
		"LocalSubnet": s.or("0.0.0.0/0", "LocalSubnet"), "RemoteSubnet": s.or("0.0.0.0/0", "RemoteSubnet"),
		"EffectImmediately": s.or("false", "EffectImmediately") == "true",
		"EnableDpd":         s.or("true", "EnableDpd", tunnel(1, "EnableDpd")) == "true",
		"EnableNatTraversal": s.or("true", "EnableNatTraversal",
			tunnel(1, "EnableNatTraversal")) == "true",
		"EnableTunnelsBgp": !bool(v.SingleTunnel) && s.hasBGP(), "NetworkType": v.NetworkType,
		"ZoneNo": v.Zone, "Spec": "1000M",
		"ResourceGroupId":        s.or("rg-default", "ResourceGroupId"),
		"CrossAccountAuthorized": v.CrossAccountAuthorized,
		"IkeConfig":              v.ikeConfig(), "IpsecConfig": v.ipsecConfig(), "VcoHealthCheck": v.healthCheck(),
		"VpnBgpConfig": v.bgpConfig(), "Tags": reply{"Tag": wireTags(v.Tags)},

		"TunnelOptionsSpecification": reply{"TunnelOptions": v.tunnels()},
	}
}

// wireTags lists tags as both APIs do. The service promises no order; here it is by key.
func wireTags(tags map[string]string) []map[string]string {
	list := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	return list
}
