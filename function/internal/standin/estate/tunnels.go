package estate

import (
	"cmp"
	"fmt"
	"net/netip"
	"strconv"
)

// negotiation is what IKE says before anything negotiates.
const negotiation = "ike_sa_not_established"

// tunnelAddress is the service's end of a tunnel, from the addresses for documentation.
func tunnelAddress(n int) string { return fmt.Sprintf("203.0.113.%d", n) }

// peerAddress and peerASN are those of every customer gateway, which the estate does not keep.
const (
	peerAddress = "198.51.100.1"
	peerASN     = "65530"
)

// tunnels is empty for a connection in single-tunnel mode, which is how a client tells the modes apart.
func (v *VPNConnection) tunnels() []reply {
	tunnels := []reply{}
	if v.SingleTunnel {
		return tunnels
	}
	for i, role := range []string{"master", "slave"} {
		n := i + 1
		made := reply{
			"TunnelId": v.tunnelID(n), "Role": v.Settings.or(role, tunnel(n, "Role")),
			"State": "active", "Status": negotiation,
			"CustomerGatewayId": v.tunnelGateway(n), "InternetIp": tunnelAddress(n), "ZoneNo": v.tunnelZone(n),
			"EnableDpd":          v.Settings.or("true", tunnel(n, "EnableDpd"), "EnableDpd"),
			"EnableNatTraversal": v.Settings.or("true", tunnel(n, "EnableNatTraversal"), "EnableNatTraversal"),
			"TunnelIkeConfig":    v.config(n, "IkeConfig", v.ikeDefaults(n)),
			"TunnelIpsecConfig":  v.config(n, "IpsecConfig", v.ipsecDefaults()), "TunnelBgpConfig": v.tunnelBGP(n),
		}
		if v.AttachType != attachGateway { // it is documented for connections of transit routers alone
			made["TunnelIndex"] = n
		}
		tunnels = append(tunnels, made)
	}
	return tunnels
}

// tunnelZone puts the second tunnel into another zone than the first.
func (v *VPNConnection) tunnelZone(n int) string {
	first, second := v.Zone, v.Region+"-i"
	if first == second {
		second = v.Region + "-h"
	}
	return []string{first, second}[n-1]
}

// ikeDefaults are the settings of the first phase that nobody named. A connection in the older form has others.
func (v *VPNConnection) ikeDefaults(n int) map[string]string {
	preset := map[string]string{
		"Psk": v.PSK, "IkeVersion": "ikev2", "IkeMode": "main", "IkeEncAlg": "aes", "IkeAuthAlg": "sha1",
		"IkePfs": "group2", "IkeLifetime": "86400", "LocalId": tunnelAddress(n), "RemoteId": peerAddress,
	}
	if v.SingleTunnel {
		preset["IkeVersion"], preset["IkeAuthAlg"], preset["LocalId"] = "ikev1", "md5", ""
	}
	return preset
}

func (v *VPNConnection) ipsecDefaults() map[string]string {
	preset := map[string]string{
		"IpsecEncAlg": "aes", "IpsecAuthAlg": "sha1", "IpsecPfs": "group2", "IpsecLifetime": "86400",
	}
	if v.SingleTunnel {
		preset["IpsecAuthAlg"] = "md5"
	}
	return preset
}

// config has the settings of a tunnel's IkeConfig or IpsecConfig, as text.
func (v *VPNConnection) config(n int, name string, preset map[string]string) reply {
	found := reply{}
	for field, otherwise := range preset {
		found[field] = v.Settings.or(otherwise, tunnel(n, "Tunnel"+name+"."+field), name+"."+field)
	}
	return found
}

// ikeConfig is the first phase as the connection shows it, which is that of the first tunnel if there are two
// (assumed). Its lifetime is a number, where a tunnel's is text.
func (v *VPNConnection) ikeConfig() reply {
	return withNumbers(v.config(1, "IkeConfig", v.ikeDefaults(1)), "IkeLifetime")
}

func (v *VPNConnection) ipsecConfig() reply {
	return withNumbers(v.config(1, "IpsecConfig", v.ipsecDefaults()), "IpsecLifetime")
}

// withNumbers turns the named fields into numbers; one that is none becomes 0.
func withNumbers(answer reply, names ...string) reply {
	for _, name := range names {
		number, _ := strconv.Atoi(answer[name].(string))
		answer[name] = number
	}
	return answer
}

// bgp is the BGP session of a tunnel, as text, while it is down.
func (v *VPNConnection) bgp(n int) reply {
	block := v.Settings.or("", bgpNames(n, "TunnelCidr")...)
	local := v.Settings.or("", bgpNames(n, "LocalBgpIp")...)
	peer := ""
	if prefix, err := netip.ParsePrefix(block); err == nil { // a /30 has two addresses for hosts
		first := prefix.Masked().Addr().Next()
		second := first.Next()
		if peer = second.String(); local == peer {
			peer = first.String()
		}
		local = cmp.Or(local, first.String())
	}
	return reply{
		"TunnelCidr": block, "LocalBgpIp": local, "PeerBgpIp": peer, "PeerAsn": peerASN,
		"LocalAsn": v.Settings.or("45104", bgpNames(n, "LocalAsn")...),
	}
}

func (v *VPNConnection) tunnelBGP(n int) reply {
	answer := v.bgp(n)
	answer["BgpStatus"] = "false"
	return answer
}

// bgpConfig is BGP as the connection shows it, with numbers where a tunnel has text.
func (v *VPNConnection) bgpConfig() reply {
	answer := withNumbers(v.bgp(1), "LocalAsn", "PeerAsn")
	answer["EnableBgp"], answer["Status"] = strconv.FormatBool(v.Settings.hasBGP()), "failed"
	answer["AuthKey"] = v.PSK
	return answer
}

func (v *VPNConnection) healthCheck() reply {
	const name = "HealthCheckConfig."
	s := v.Settings
	return withNumbers(reply{
		"Enable": s.or("false", name+"enable"), "Dip": s.or("", name+"dip"), "Sip": s.or("", name+"sip"),
		"Interval": s.or("3", name+"interval"), "Retry": s.or("3", name+"retry"), "Status": "failed",
		"Policy": s.or("revoke_route", name+"Policy"),
	}, "Interval", "Retry")
}

// AtStart is what the services show of a tunnel, in their words, when an estate begins with the connection attached. A
// BGP session and the connection's health check are there if they are enabled.
type AtStart struct{ Negotiation, BGP, HealthCheck string }

// AtStart is that of each tunnel of the connection, which has its place on a transit router from the start.
func (v *VPNConnection) AtStart() (all []AtStart) {
	h := health{v: v, attached: true}
	word := func(enabled, up bool) string {
		switch {
		case !enabled:
			return ""
		case up:
			return "success"
		}
		return "failed"
	}
	for n := 1; n <= v.tunnelCount(); n++ {
		all = append(all, AtStart{
			Negotiation: h.negotiation(n), BGP: word(v.Settings.hasBGP(), h.bgp(n)),
			HealthCheck: word(v.Settings["HealthCheckConfig.enable"] == "true", h.check()),
		})
	}
	return all
}
