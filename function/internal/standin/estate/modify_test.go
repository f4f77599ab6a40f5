package estate_test

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/estate"
)

func (c *cloud) modify(id, query string) (answer map[string]any) {
	c.t.Helper()
	c.get("vpc ModifyVpnAttachmentAttribute", "RegionId=cn-hangzhou&VpnConnectionId="+id+query, &answer)
	return answer
}

func TestAChangeLeavesTheOtherSettings(t *testing.T) {
	var sent trails
	c := open(t, core(), sent.options)
	const one, two = "&TunnelOptionsSpecification.1.", "&TunnelOptionsSpecification.2."
	id := c.made(one + "CustomerGatewayId=cgw-1" + one + "TunnelIkeConfig.Psk=first" +
		two + "CustomerGatewayId=cgw-2" + two + "TunnelIkeConfig.Psk=second")["VpnConnectionId"].(string)
	// The tunnels come in the other order, as Terraform may send them.
	answer := c.modify(id, "&Name=new&LocalSubnet=10.9.0.0/16"+
		one+"TunnelIndex=2"+one+"CustomerGatewayId=cgw-3"+one+"TunnelIkeConfig.IkeLifetime=3600"+
		two+"TunnelIndex=1"+two+"EnableDpd=false")
	tunnels := answer["TunnelOptionsSpecification"].([]any)
	wants(t, "the answer's first tunnel", tunnels[0], `{"CustomerGatewayId": "cgw-1", "EnableDpd": false}`)
	wants(t, "the answer's second tunnel", tunnels[1], `{"CustomerGatewayId": "cgw-3", "EnableDpd": true}`)
	var got map[string]any
	c.get("vpc DescribeVpnConnection", "RegionId=cn-hangzhou&VpnConnectionId="+id, &got)
	wants(t, "the connection", got, `{"Name": "new", "LocalSubnet": "10.9.0.0/16",
		"RemoteSubnet": "10.1.0.0/16,10.2.0.0/16", "CustomerGatewayId": ""}`)
	second := tunnelsOf(t, got)[1].(map[string]any)
	wants(t, "the second tunnel", second["TunnelIkeConfig"], `{"Psk": "second", "IkeLifetime": "3600"}`)
	if len(sent) != 2 || !strings.Contains(sent[1], "ModifyVpnAttachmentAttribute") {
		t.Errorf("sent %q", sent)
	}
}

func TestAHealthCheckIsWrittenInEitherCase(t *testing.T) {
	c := open(t, core(), nil)
	answer := c.modify("vco-1", `&HealthCheckConfig={"Enable":true,"Dip":"10.0.0.1","Policy":"reserve_route"}`)
	wants(t, "the answer", answer["VcoHealthCheck"], `{"Enable": "true", "Dip": "10.0.0.1", "Policy": "reserve_route"}`)
	answer = c.modify("vco-1", `&HealthCheckConfig={"enable":"false","retry":"5"}`)
	wants(t, "the answer", answer["VcoHealthCheck"], `{"Enable": "false", "Dip": "10.0.0.1", "Retry": 5}`)
}

func TestOnlyAttachedConnectionsAreVPNAttachments(t *testing.T) {
	seed := bound()
	seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: "vco-3"})
	c := open(t, seed, nil)
	for query, want := range map[string]string{
		"": "{2 [{vco-1 tr-core} {vco-2 tr-core}]}", "&VpnConnectionId=vco-2": "{1 [{vco-2 tr-core}]}",
		"&VpnConnectionId=vco-3": "{0 []}", "&PageSize=1&PageNumber=2": "{2 [{vco-2 tr-core}]}",
	} {
		var got struct {
			TotalCount     int
			VpnAttachments []struct{ InstanceId, TransitRouterId string }
		}
		c.get("vpc DescribeVpnAttachments", "RegionId=cn-hangzhou"+query, &got)
		if fmt.Sprint(got) != want {
			t.Errorf("%q: got %+v, want %s", query, got, want)
		}
	}
}

func TestTagsAreListedByResourceAndByTag(t *testing.T) {
	seed := bound()
	seed.TransitRouters[0].Tags = map[string]string{"a": "1", "b": "2"}
	seed.VPNConnections[0].Tags = map[string]string{"a": "1"}
	seed.VPNConnections[1].AttachmentTags = map[string]string{"t": ""}
	c := open(t, seed, nil)
	for call, want := range map[string]string{
		"cbn ResourceType=TransitRouter&ResourceId.1=tr-core":                    "tr-core a=1, tr-core b=2",
		"cbn ResourceType=transitrouter&Tag.1.Key=b":                             "tr-core a=1, tr-core b=2",
		"cbn ResourceType=TransitRouter&Tag.1.Key=b&Tag.1.Value=3":               "",
		"cbn ResourceType=TRANSITROUTERVPNATTACHMENT&Tag.1.Key=t":                secondAttachment + " t=",
		"cbn ResourceType=TransitRouterRouteTable&ResourceId.1=vtb-sys":          "vtb-sys k=v",
		"cbn ResourceType=Flowlog&Tag.1.Key=a":                                   "",
		"vpc RegionId=cn-hangzhou&ResourceType=VPNATTACHMENT&Tag.1.Key=a":        "vco-1 a=1",
		"vpc RegionId=cn-hangzhou&ResourceType=VPC&Tag.1.Key=a":                  "",
		"vpc RegionId=cn-beijing&ResourceType=VPNATTACHMENT&Tag.1.Key=a":         "",
		"vpc RegionId=cn-hangzhou&ResourceType=VPNATTACHMENT&ResourceId.1=vco-2": "",
	} {
		if got := c.listedTags(call); got != want {
			t.Errorf("%s: got %q, want %q", call, got, want)
		}
	}
}

// listedTags reads all pages of a list of tags, a tag a page, as "resource key=value, …".
func (c *cloud) listedTags(call string) string {
	c.t.Helper()
	product, query, _ := strings.Cut(call, " ")
	size := map[string]string{"cbn": "&PageSize=1", "vpc": "&MaxResults=1"}[product]
	var all []string
	for next := ""; ; {
		var page struct {
			NextToken    string
			TagResources struct {
				TagResource []struct{ ResourceId, TagKey, TagValue string }
			}
		}
		c.get(product+" ListTagResources", query+size+"&NextToken="+next, &page)
		for _, tag := range page.TagResources.TagResource {
			all = append(all, tag.ResourceId+" "+tag.TagKey+"="+tag.TagValue)
		}
		if next = page.NextToken; next == "" {
			return strings.Join(all, ", ")
		}
	}
}
