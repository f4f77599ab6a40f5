package vpc

import (
	"cmp"
	"context"
	"fmt"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

// silent is the state of a check that is enabled and of which the answer does not say how it is.
const silent = "unknown"

func healthCheck(check aliyun.Object) string {
	if check.Text("Enable") != "true" {
		return ""
	}
	return cmp.Or(check.Text("Status"), silent)
}

// session is the state of the BGP session of a connection in single-tunnel mode. Where the answer does not say whether
// BGP is enabled, as that of DescribeVpnConnections, the block of addresses does, which BGP cannot do without.
func session(bgp aliyun.Object) string {
	isOn := bgp.Text("EnableBgp") == "true"
	if bgp["EnableBgp"] == nil {
		isOn = bgp.Text("TunnelCidr") != ""
	}
	if !isOn {
		return ""
	}
	return cmp.Or(bgp.Text("Status"), silent)
}

// tunnels are those of a connection in dual-tunnel mode, else the connection's own negotiation.
func tunnels(answer aliyun.Object, options []aliyun.Object) (all []cloud.Tunnel) {
	if len(options) == 0 {
		return []cloud.Tunnel{{Negotiation: answer.Text("Status"), BGP: session(answer.Within("VpnBgpConfig"))}}
	}
	for _, t := range options {
		one := cloud.Tunnel{ID: t.Text("TunnelId"), Negotiation: t.Text("Status")}
		if answer.Text("EnableTunnelsBgp") == "true" {
			one.BGP = cmp.Or(t.Within("TunnelBgpConfig").Text("BgpStatus"), silent)
		}
		all = append(all, one)
	}
	return all
}

// Diagnose asks why tunnels are not up: VPC API DiagnoseVpnConnections. Of its answer the log is not read. Errors are
// *cloud.APIError.
func (c *Client) Diagnose(ctx context.Context, f cloud.DiagnosisFilter) (all []cloud.Finding, err error) {
	query := map[string]string{"PageSize": "10"} // of two tunnels at most
	if len(f.TunnelIDs) == 0 {
		query["VpnConnectionIds.1"] = f.ConnectionID
	}
	for i, id := range f.TunnelIDs {
		query[fmt.Sprintf("TunnelIds.%d", i+1)] = id
	}
	answer, err := c.call(ctx, cloud.ActionDiagnose, f.OwnerID, f.RegionID, query)
	if err != nil {
		return nil, err
	}
	diagnoses, err := answer.List("VpnConnections", "VpnConnection")
	if err != nil {
		return nil, aliyun.Unreadable(cloud.ActionDiagnose)
	}
	for _, d := range diagnoses {
		all = append(all, cloud.Finding{
			TunnelID: d.Text("TunnelId"), Reason: d.Text("FailedReasonCode"),
			Here: d.Text("MismatchLocalParam"), There: d.Text("MismatchRemoteParam"),
		})
	}
	return all, nil
}
