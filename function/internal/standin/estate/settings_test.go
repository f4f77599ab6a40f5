package estate_test

import (
	"encoding/json"
	"net/url"
	"testing"
	"time"
)

// made creates a connection and reads it. The answer of the create is the part of it that both have.
func (c *cloud) made(query string) (described map[string]any) {
	c.t.Helper()
	const always = "RegionId=cn-hangzhou&LocalSubnet=10.0.0.0/8&RemoteSubnet=10.1.0.0/16,10.2.0.0/16"
	var made struct {
		VpnConnectionId, Code string
		CreateTime            int64
		Success               bool
	}
	c.get("vpc CreateVpnAttachment", always+query, &made)
	c.get("vpc DescribeVpnConnection", "RegionId=cn-hangzhou&VpnConnectionId="+made.VpnConnectionId, &described)
	if created := time.UnixMilli(made.CreateTime); time.Since(created).Abs() > time.Minute || !made.Success ||
		made.Code != "200" || described["CreateTime"] != float64(made.CreateTime) {
		c.t.Errorf("made %+v, described as of %v", made, described["CreateTime"])
	}
	return described
}

// wants compares a part of an answer, which is an object in JSON.
func wants(t *testing.T, what string, got any, want string) {
	t.Helper()
	var parsed map[string]any
	if err := json.Unmarshal([]byte(want), &parsed); err != nil {
		t.Fatal(err)
	}
	object, _ := got.(map[string]any)
	for name, value := range parsed {
		if object[name] != value {
			t.Errorf("%s: %s is %v; want %v", what, name, object[name], value)
		}
	}
}

func tunnelsOf(t *testing.T, described map[string]any) (tunnels []any) {
	t.Helper()
	specification, _ := described["TunnelOptionsSpecification"].(map[string]any)
	if tunnels, _ = specification["TunnelOptions"].([]any); len(tunnels) != 2 {
		t.Fatalf("the tunnels are %v; want two", tunnels)
	}
	return tunnels
}

func TestTwoTunnelsAreDescribedAsTheyWereCreated(t *testing.T) {
	const one, two = "&TunnelOptionsSpecification.1.", "&TunnelOptionsSpecification.2."
	got := open(t, core(), nil).made("&EnableTunnelsBgp=true&EffectImmediately=true&ResourceGroupId=rg-1" +
		one + "CustomerGatewayId=cgw-1" + one + "TunnelIkeConfig.Psk=first" + one + "TunnelIkeConfig.IkeLifetime=3600" +
		one + "TunnelBgpConfig.TunnelCidr=169.254.9.0/30" + one + "TunnelBgpConfig.LocalAsn=65010" +
		two + "CustomerGatewayId=cgw-2" + two + "EnableDpd=false" + two + "TunnelIpsecConfig.IpsecPfs=group14" +
		two + "TunnelBgpConfig.TunnelCidr=169.254.10.0/30" + two + "TunnelBgpConfig.LocalBgpIp=169.254.10.2")
	wants(t, "the connection", got, `{"CustomerGatewayId": "", "LocalSubnet": "10.0.0.0/8",
		"RemoteSubnet": "10.1.0.0/16,10.2.0.0/16", "EnableTunnelsBgp": true, "EffectImmediately": true,
		"ResourceGroupId": "rg-1"}`)
	tunnels := tunnelsOf(t, got)
	first, second := tunnels[0].(map[string]any), tunnels[1].(map[string]any)
	wants(t, "the first", first, `{"CustomerGatewayId": "cgw-1", "TunnelIndex": 1, "Role": "master",
		"EnableDpd": "true", "ZoneNo": "cn-hangzhou-h"}`)
	wants(t, "its IKE", first["TunnelIkeConfig"], `{"Psk": "first", "IkeLifetime": "3600", "IkeVersion": "ikev2"}`)
	wants(t, "its BGP", first["TunnelBgpConfig"], `{"TunnelCidr": "169.254.9.0/30", "LocalBgpIp": "169.254.9.1",
		"PeerBgpIp": "169.254.9.2", "LocalAsn": "65010", "BgpStatus": "false"}`)
	wants(t, "the second", second, `{"CustomerGatewayId": "cgw-2", "TunnelIndex": 2, "Role": "slave",
		"EnableDpd": "false", "ZoneNo": "cn-hangzhou-i"}`)
	wants(t, "its IPsec", second["TunnelIpsecConfig"], `{"IpsecPfs": "group14", "IpsecLifetime": "86400"}`)
	wants(t, "its BGP", second["TunnelBgpConfig"], `{"LocalBgpIp": "169.254.10.2", "PeerBgpIp": "169.254.10.1"}`)
}

func TestTheOlderFormOfACreateMakesTwoTunnelsAlike(t *testing.T) {
	got := open(t, core(), nil).made("&CustomerGatewayId=cgw-1&IkeConfig=" +
		url.QueryEscape(`{"Psk":"p","IkeVersion":"ikev1","IkeLifetime":600}`) + "&BgpConfig=" +
		url.QueryEscape(`{"EnableBgp":"true","LocalAsn":"65010","TunnelCidr":"169.254.9.0/30"}`) +
		"&HealthCheckConfig=" + url.QueryEscape(`{"enable":"true","dip":"192.168.1.1","retry":"5"}`))
	wants(t, "the IKE", got["IkeConfig"], `{"Psk": "p", "IkeVersion": "ikev1", "IkeLifetime": 600}`)
	wants(t, "the BGP", got["VpnBgpConfig"], `{"EnableBgp": "true", "LocalAsn": 65010, "Status": "failed"}`)
	wants(t, "the check", got["VcoHealthCheck"], `{"Enable": "true", "Dip": "192.168.1.1", "Retry": 5, "Interval": 3}`)
	for _, tunnel := range tunnelsOf(t, got) {
		tunnel := tunnel.(map[string]any)
		wants(t, "a tunnel", tunnel, `{"CustomerGatewayId": "cgw-1"}`)
		wants(t, "its IKE", tunnel["TunnelIkeConfig"], `{"Psk": "p", "IkeVersion": "ikev1", "IkeLifetime": "600"}`)
	}
}

func TestAPreSharedKeyThatIsNotSentIsMadeUp(t *testing.T) {
	c := open(t, core(), nil)
	var keys []any
	for range 2 {
		for _, tunnel := range tunnelsOf(t, c.made("")) {
			ike, _ := tunnel.(map[string]any)["TunnelIkeConfig"].(map[string]any)
			keys = append(keys, ike["Psk"])
		}
	}
	if len(keys[0].(string)) != 16 || keys[0] != keys[1] || keys[0] == keys[2] {
		t.Errorf("the keys are %q; want 16 characters, others for another connection", keys)
	}
}
