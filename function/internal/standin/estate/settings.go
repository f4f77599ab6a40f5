package estate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
)

// Settings are the parameters of IPsec and BGP with which a connection was made, by their names on the wire. One that
// is JSON text is kept field by field: IkeConfig.Psk, BgpConfig.LocalAsn and so on. What is not named has the
// service's default.
type Settings map[string]string

// The prefix of a tunnel's parameters, and the parameters of CreateVpnAttachment that are JSON text.
const tunnelPrefix = "TunnelOptionsSpecification."

func textSettings() []string {
	return []string{"IkeConfig", "IpsecConfig", "BgpConfig", "HealthCheckConfig"}
}

func plainSettings() []string {
	return []string{
		"CustomerGatewayId", "LocalSubnet", "RemoteSubnet", "EffectImmediately", "EnableDpd", "EnableNatTraversal",
		"EnableTunnelsBgp", "ResourceGroupId",
	}
}

// settings reads and checks the settings of a new connection. The order of the checks is assumed.
func (c call) settings() (s Settings, code string) {
	if s, code = c.sentSettings(); code != "" {
		return nil, code
	}
	for _, check := range []func() string{s.checkSubnets, s.checkTunnels, s.checkBGP, s.checkIPsec} {
		if code = check(); code != "" {
			return nil, code
		}
	}
	return s, ""
}

// sentSettings are the settings that are sent, or the code of JSON text that cannot be read.
func (c call) sentSettings() (s Settings, code string) {
	s = Settings{}
	for name, values := range c.parameters {
		if rest, isTunnel := strings.CutPrefix(name, tunnelPrefix); isTunnel {
			place, field, _ := strings.Cut(rest, ".")
			s[tunnelPrefix+c.tunnelNumber(place)+"."+field] = values[0]
		} else if slices.Contains(plainSettings(), name) {
			s[name] = values[0]
		}
	}
	for _, name := range textSettings() {
		if code = s.add(name, c.get(name)); code != "" {
			return nil, code
		}
	}
	return s, ""
}

// tunnelNumber is which tunnel a place of the list is about: the one that its id or its index names, else the one of
// that place. Terraform sends the tunnels in any order.
func (c call) tunnelNumber(place string) string {
	id := c.get(tunnelPrefix + place + ".TunnelId")
	switch {
	case strings.HasPrefix(id, "tun-master-"):
		return "1"
	case strings.HasPrefix(id, "tun-slave-"):
		return "2"
	}
	return cmp.Or(c.get(tunnelPrefix+place+".TunnelIndex"), place)
}

// add reads a parameter that is JSON text, or gives the code of one that is no object. Clients write the fields of the
// health check in either case.
func (s Settings) add(name, text string) (code string) {
	if text == "" {
		return ""
	}
	var fields map[string]any
	decoder := json.NewDecoder(bytes.NewReader([]byte(text)))
	decoder.UseNumber()
	if err := decoder.Decode(&fields); err != nil && name == "BgpConfig" {
		return "InvalidParameter.BgpConfig"
	} else if err != nil {
		return codeInvalidParameter
	}
	for field, value := range fields {
		if name == "HealthCheckConfig" && field != "Policy" {
			field = strings.ToLower(field)
		}
		s[name+"."+field] = fmt.Sprint(value)
	}
	return ""
}

// or is the first of the settings that was named, else the default.
func (s Settings) or(otherwise string, names ...string) string {
	for _, name := range names {
		if s[name] != "" {
			return s[name]
		}
	}
	return otherwise
}

func (s Settings) checkSubnets() (code string) {
	for _, name := range []string{"LocalSubnet", "RemoteSubnet"} {
		if s[name] == "" {
			continue
		}
		for block := range strings.SplitSeq(s[name], ",") {
			if _, err := netip.ParsePrefix(block); err != nil {
				return "IllegalParam." + name
			}
		}
	}
	return ""
}

// tunnel is a parameter of one of the two tunnels.
func tunnel(n int, name string) string { return tunnelPrefix + strconv.Itoa(n) + "." + name }

// checkTunnels checks that there are both tunnels, each with a gateway, or none: then both have the settings of the
// connection (assumed, for callers that speak the older form).
func (s Settings) checkTunnels() (code string) {
	numbers := map[string]bool{}
	for name := range s {
		if rest, ok := strings.CutPrefix(name, tunnelPrefix); ok {
			number, _, _ := strings.Cut(rest, ".")
			numbers[number] = true
		}
	}
	switch {
	case len(numbers) == 0:
		return ""
	case len(numbers) != 2 || !numbers["1"] || !numbers["2"]:
		return "VpnConnection.InvalidCreateTunnelOptions"
	case s[tunnel(1, "CustomerGatewayId")] == "" || s[tunnel(2, "CustomerGatewayId")] == "":
		return "MissingParameter.TunnelOptionsSpecification"
	}
	return ""
}

// bgpNames are the two places of a tunnel's BGP setting: its own, and the connection's in the older form.
func bgpNames(n int, name string) []string {
	return []string{tunnel(n, "TunnelBgpConfig."+name), "BgpConfig." + name}
}

func (s Settings) hasBGP() bool {
	return s["EnableTunnelsBgp"] == "true" || s["BgpConfig.EnableBgp"] == "true"
}

func (s Settings) checkBGP() (code string) {
	for n := 1; n <= 2 && s.hasBGP(); n++ {
		block, address := s.or("", bgpNames(n, "TunnelCidr")...), s.or("", bgpNames(n, "LocalBgpIp")...)
		prefix, malformed := netip.ParsePrefix(block)
		local, malformedAddress := netip.ParseAddr(address)
		asn, notNumber := strconv.ParseUint(s.or("45104", bgpNames(n, "LocalAsn")...), 10, 32)
		switch {
		case block == "":
			return "MissingParameter.TunnelCidr"
		case malformed != nil:
			return "InvalidTunnelCidr.Malformed"
		case prefix.Bits() != 30 || !netip.MustParsePrefix("169.254.0.0/16").Contains(prefix.Addr()):
			return "IllegalParam.TunnelCidr"
		case address != "" && malformedAddress != nil:
			return "InvalidLocalBgpIp.Malformed"
		case address != "" && !prefix.Contains(local):
			return "IllegalParam.LocalBgpIp"
		case notNumber != nil || asn == 0:
			return "IllegalParam.LocalAsn"
		}
	}
	return ""
}

func (s Settings) checkIPsec() (code string) {
	const unsupported = "NotSupportVpnConnectionParameter."
	groups := []string{"", "disabled", "group1", "group2", "group5", "group14"}
	hashes := []string{"", "md5", "sha1", "sha256", "sha384", "sha512"}
	for _, config := range []string{"IpsecConfig", tunnel(1, "TunnelIpsecConfig"), tunnel(2, "TunnelIpsecConfig")} {
		switch {
		case !slices.Contains(groups, s[config+".IpsecPfs"]):
			return unsupported + "IpsecPfs"
		case !slices.Contains(hashes, s[config+".IpsecAuthAlg"]):
			return unsupported + "IpsecAuthAlg"
		}
	}
	return ""
}
