package estate

import (
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

// describeVPNConnections is DescribeVpnConnections of the VPC API: pages of up to 50, by their number, of the caller's
// connections with all the tags that are asked for. It has another name for the tags than DescribeVpnConnection.
func (e *Estate) describeVPNConnections(c call) (reply, string) {
	number, legalNumber := c.integer("PageNumber", 1, 1, 1_000_000)
	size, legalSize := c.integer("PageSize", 10, 1, 50)
	tags, _ := c.tags()
	switch {
	case c.get("RegionId") == "":
		return nil, codeMissingParameter
	case !legalNumber || !legalSize:
		return nil, codeInvalidParameter
	}
	page := []reply{}
	count := 0
	for _, id := range slices.Sorted(maps.Keys(e.connections)) {
		v := e.connections[id]
		if v.Region != c.get("RegionId") || v.Owner != c.account || !hasTags(v.Tags, tags, false) || c.empty {
			continue
		}
		if count++; count > (number-1)*size && count <= number*size {
			answer := e.describe(v, c.age)
			answer["Tag"] = answer["Tags"]
			delete(answer, "Tags")
			page = append(page, answer)
		}
	}
	return reply{
		"TotalCount": count, "PageNumber": number, "PageSize": size, "VpnConnections": reply{"VpnConnection": page},
	}, ""
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
	return answer
}

// wire is the connection without an attachment, in the service's form.
func (v *VPNConnection) wire() reply {
	suffix, gateway := v.ID[len("vco-"):], ""
	if v.AttachType == attachGateway {
		gateway = "vpn-" + suffix
	}
	return reply{
		"VpnConnectionId": v.ID, "Name": v.Name, "State": v.State, "AttachType": v.AttachType,
		"Status": "ike_sa_not_established", "CreateTime": 1658201810000,
		"CustomerGatewayId": "cgw-" + suffix, "VpnGatewayId": gateway,
		"LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0", "EffectImmediately": true,
		"EnableDpd": true, "EnableNatTraversal": true, "EnableTunnelsBgp": false, "NetworkType": v.NetworkType,
		"ZoneNo": v.Zone, "Spec": "1000M", "CrossAccountAuthorized": v.CrossAccountAuthorized,
		"IkeConfig": ikeConfig(v.PSK), "IpsecConfig": ipsecConfig(), "VcoHealthCheck": reply{"Enable": "false"},
		"VpnBgpConfig": reply{"EnableBgp": "true", "LocalAsn": 65530, "AuthKey": v.PSK, "Status": "false"},
		"Tags":         reply{"Tag": wireTags(v.Tags)},

		"TunnelOptionsSpecification": reply{"TunnelOptions": v.tunnels()},
	}
}

// tunnels is empty for a connection in single-tunnel mode, which is how a client tells the modes apart.
func (v *VPNConnection) tunnels() []reply {
	tunnels := []reply{}
	if !v.DualTunnel {
		return tunnels
	}
	for _, role := range []string{"master", "slave"} {
		tunnels = append(tunnels, reply{
			"TunnelId": "tun-" + role + "-" + v.ID[len("vco-"):], "Role": role, "State": "active",
			"Status": "ike_sa_not_established", "TunnelIkeConfig": ikeConfig(v.PSK), "TunnelIpsecConfig": ipsecConfig(),
		})
	}
	return tunnels
}

func ikeConfig(psk string) reply {
	return reply{
		"Psk": psk, "IkeVersion": "ikev2", "IkeMode": "main", "IkeEncAlg": "aes", "IkeAuthAlg": "sha256",
		"IkePfs": "group14", "IkeLifetime": 86400,
	}
}

func ipsecConfig() reply {
	return reply{"IpsecEncAlg": "aes", "IpsecAuthAlg": "sha256", "IpsecPfs": "group14", "IpsecLifetime": 86400}
}

// wireTags lists tags as both APIs do. The service promises no order; here it is by key.
func wireTags(tags map[string]string) []map[string]string {
	list := []map[string]string{}
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, map[string]string{"Key": key, "Value": tags[key]})
	}
	return list
}
