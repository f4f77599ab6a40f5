package estate

import (
	"fmt"
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
	return e.describe(connection, c.stale), ""
}

// describeVPNConnections is DescribeVpnConnections of the VPC API: pages of up to 50, by their
// number, of the caller's connections with all the tags that are asked for. It writes the tags
// under another name than DescribeVpnConnection.
func (e *Estate) describeVPNConnections(c call) (reply, string) {
	number, legalNumber := c.integer("PageNumber", 1, 1, 1_000_000)
	size, legalSize := c.integer("PageSize", 10, 1, 50)
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
		if v.Region != c.get("RegionId") || v.Owner != c.account || !c.hasTags(v.Tags) || c.empty {
			continue
		}
		if count++; count > (number-1)*size && count <= number*size {
			answer := e.describe(v, c.stale)
			answer["Tag"] = answer["Tags"]
			delete(answer, "Tags")
			page = append(page, answer)
		}
	}
	return reply{"TotalCount": count, "PageNumber": number, "PageSize": size, "VpnConnections": map[string]any{"VpnConnection": page}}, ""
}

// hasTags tells whether a resource has every tag of Tag.N: its key, and its value where one is given.
func (c call) hasTags(tags map[string]string) bool {
	for n := 1; c.get(fmt.Sprintf("Tag.%d.Key", n)) != ""; n++ {
		value, found := tags[c.get(fmt.Sprintf("Tag.%d.Key", n))]
		if wanted := c.get(fmt.Sprintf("Tag.%d.Value", n)); !found || wanted != "" && wanted != value {
			return false
		}
	}
	return true
}

// describe is a connection as VPC knows it by a reading that may be stale.
func (e *Estate) describe(connection *VPNConnection, stale time.Duration) reply {
	answer := connection.describe()
	if a := e.described(connection.ID, stale); a != nil {
		answer["State"] = stateAttaching
		if a.Status == StatusAttached {
			answer["State"] = stateAttached
		}
		if a.Status == StatusDetaching {
			answer["State"] = "detaching"
		}
		answer["AttachType"] = attachCEN
		answer["AttachInstanceId"] = a.CEN
		answer["TransitRouterId"] = a.Router
		answer["TransitRouterName"] = e.router(a.Router).Name
	}
	return answer
}

// described is the attachment of a connection as far as VPC knows of it: it may learn of a create later than CBN, by
// the time that the reading is stale.
func (e *Estate) described(connectionID string, stale time.Duration) *attachment {
	a := e.live[connectionID]
	if a == nil || a.ClientToken != "" && e.options.Now().Before(a.Created.Add(stale)) {
		return nil
	}
	return a
}

// SetStaleDescribe changes Options.StaleDescribe, for creates of the past as well.
func (e *Estate) SetStaleDescribe(d time.Duration) {
	e.locked(func() { e.options.StaleDescribe = d })
}

// describe is the connection without an attachment, in the service's form.
func (v *VPNConnection) describe() reply {
	return reply{
		"VpnConnectionId": v.ID, "Name": v.Name, "State": v.State, "AttachType": v.AttachType,
		"Status": "ike_sa_not_established", "CreateTime": 1658201810000,
		"CustomerGatewayId": "cgw-" + v.ID[len("vco-"):], "VpnGatewayId": v.gateway(),
		"LocalSubnet": "0.0.0.0/0", "RemoteSubnet": "0.0.0.0/0", "EffectImmediately": true,
		"EnableDpd": true, "EnableNatTraversal": true, "EnableTunnelsBgp": false,
		"NetworkType": v.NetworkType, "ZoneNo": v.Zone, "Spec": "1000M", "CrossAccountAuthorized": v.CrossAccountAuthorized,
		"IkeConfig":                  ikeConfig(v.PSK),
		"IpsecConfig":                ipsecConfig(),
		"VpnBgpConfig":               map[string]any{"EnableBgp": "true", "LocalAsn": 65530, "AuthKey": v.PSK, "Status": "false"},
		"VcoHealthCheck":             map[string]any{"Enable": "false"},
		"TunnelOptionsSpecification": map[string]any{"TunnelOptions": v.tunnels()},
		"Tags":                       map[string]any{"Tag": wireTags(v.Tags)},
	}
}

func (v *VPNConnection) gateway() string {
	if v.AttachType == attachGateway {
		return "vpn-" + v.ID[len("vco-"):]
	}
	return ""
}

// tunnels is empty for a connection in single-tunnel mode, which is how a client tells the modes apart.
func (v *VPNConnection) tunnels() []map[string]any {
	tunnels := []map[string]any{}
	if !v.DualTunnel {
		return tunnels
	}
	for _, role := range []string{"master", "slave"} {
		tunnels = append(tunnels, map[string]any{
			"TunnelId": "tun-" + role + "-" + v.ID[len("vco-"):], "Role": role, "State": "active", "Status": "ike_sa_not_established",
			"TunnelIkeConfig": ikeConfig(v.PSK), "TunnelIpsecConfig": ipsecConfig(),
		})
	}
	return tunnels
}

func ikeConfig(psk string) map[string]any {
	return map[string]any{
		"Psk": psk, "IkeVersion": "ikev2", "IkeMode": "main", "IkeEncAlg": "aes", "IkeAuthAlg": "sha256", "IkePfs": "group14", "IkeLifetime": 86400,
	}
}

func ipsecConfig() map[string]any {
	return map[string]any{"IpsecEncAlg": "aes", "IpsecAuthAlg": "sha256", "IpsecPfs": "group14", "IpsecLifetime": 86400}
}

// wireTags lists tags as both APIs do. The service promises no order; here it is by key.
func wireTags(tags map[string]string) []map[string]string {
	list := []map[string]string{}
	for key, value := range tags {
		list = append(list, map[string]string{"Key": key, "Value": value})
	}
	slices.SortFunc(list, func(a, b map[string]string) int { return strings.Compare(a["Key"], b["Key"]) })
	return list
}
