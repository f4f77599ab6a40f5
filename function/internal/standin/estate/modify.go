package estate

import (
	"cmp"
	"maps"
	"strconv"
	"strings"
)

// modifyVPNAttachment is ModifyVpnAttachmentAttribute of the VPC API. What is sent replaces what was, setting by
// setting; a change is done at once.
func (e *Estate) modifyVPNAttachment(c call) (reply, string) {
	v := e.connections[c.get("VpnConnectionId")]
	settings, code := e.examineModification(c, v)
	if code != "" {
		return nil, code
	}
	v.Settings = settings
	if c.parameters.Has("Name") {
		v.Name = c.get("Name")
	}
	v.NetworkType = cmp.Or(c.get("NetworkType"), v.NetworkType)
	answer := e.modified(v)
	e.trail(c, "ModifyVpnAttachmentAttribute", answer, []string{v.ID})
	return answer, ""
}

// examineModification makes the checks of the definition, and returns the settings after the change. Their order is
// assumed. The connection is nil if there is none; one of a gateway is not found (assumed).
func (e *Estate) examineModification(c call, v *VPNConnection) (s Settings, code string) {
	switch {
	case c.get("RegionId") == "" || c.get("VpnConnectionId") == "":
		return nil, codeMissingParameter
	case v == nil || v.Region != c.get("RegionId") || v.Owner != c.account || v.AttachType == attachGateway:
		return nil, codeConnectionNotFound
	case v.State == "financialLocked":
		return nil, "VpnConnection.FinancialLocked"
	case v.isConfiguring():
		return nil, codeConfiguring
	case !isText(c.get("Name"), 100):
		return nil, codeInvalidName
	}
	switch c.get("NetworkType") {
	case "", "public", "private":
	default:
		return nil, "IllegalParam.NetworkType"
	}
	sent, code := c.sentSettings()
	if code != "" {
		return nil, strings.Replace(code, "InvalidParameter.Bgp", "IllegalParam.Bgp", 1)
	}
	s = Settings{}
	maps.Copy(s, v.Settings)
	maps.Copy(s, sent)
	for _, check := range []func() string{s.checkSubnets, s.checkBGP, s.checkIPsec, s.checkVersion} {
		if code := check(); code != "" {
			return nil, code
		}
	}
	return s, ""
}

// checkVersion refuses more than one block for IKEv1. That only a version that was named counts is assumed.
func (s Settings) checkVersion() (code string) {
	isOld := s["IkeConfig.IkeVersion"] == "ikev1"
	for n := 1; n <= 2; n++ {
		isOld = isOld || s[tunnel(n, "TunnelIkeConfig.IkeVersion")] == "ikev1"
	}
	if isOld && strings.Contains(s["LocalSubnet"]+s["RemoteSubnet"], ",") {
		return "ModifyIkeV1WithMultiRoutes.Invalid"
	}
	return ""
}

// modified is a connection as the answer to a change shows it: the settings of a connection in single-tunnel mode, or
// those of the two tunnels, which have other types than in DescribeVpnConnection.
func (e *Estate) modified(v *VPNConnection) reply {
	all := e.describe(v, 0)
	answer := reply{"Description": "", "VpnGatewayId": "vpn-not-exist"}
	shown := []string{
		"VpnConnectionId", "CustomerGatewayId", "Name", "LocalSubnet", "RemoteSubnet", "CreateTime",
		"EffectImmediately", "Status", "AttachType", "NetworkType", "AttachInstanceId", "Spec", "ResourceGroupId",
	}
	if v.SingleTunnel {
		health, bgp := all["VcoHealthCheck"].(reply), all["VpnBgpConfig"].(reply)
		delete(health, "Status")
		delete(bgp, "AuthKey")
		bgp["Status"] = "false"
		shown = append(shown, "IkeConfig", "IpsecConfig", "VcoHealthCheck", "VpnBgpConfig", "EnableDpd",
			"EnableNatTraversal")
	} else {
		shown = append(shown, "EnableTunnelsBgp")
		answer["TunnelOptionsSpecification"] = v.modifiedTunnels()
	}
	for _, name := range shown {
		answer[name] = all[name]
	}
	return answer
}

func (v *VPNConnection) modifiedTunnels() []reply {
	tunnels := v.tunnels()
	for _, t := range tunnels {
		delete(t, "Status")
		delete(t, "ZoneNo")
		delete(t["TunnelBgpConfig"].(reply), "BgpStatus")
		for _, name := range []string{"EnableDpd", "EnableNatTraversal"} {
			t[name], _ = strconv.ParseBool(t[name].(string))
		}
		withNumbers(t["TunnelBgpConfig"].(reply), "LocalAsn", "PeerAsn")
		withNumbers(t["TunnelIkeConfig"].(reply), "IkeLifetime")
		withNumbers(t["TunnelIpsecConfig"].(reply), "IpsecLifetime")
	}
	return tunnels
}
