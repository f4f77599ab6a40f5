package vpc

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"

	"vpn-attach/function/internal/cloud"
)

// object is an object of an answer. Anything else in its place counts as one without fields.
type object[T any] struct{ value T }

// UnmarshalJSON reads the object, whatever stands for it.
func (o *object[T]) UnmarshalJSON(data []byte) error {
	if data[0] != '{' {
		return nil
	}
	return json.Unmarshal(data, &o.value)
}

// The parts of an answer that say whether a connection carries traffic. Their neighbours are its keys.
type (
	tunnel struct {
		ID     text `json:"TunnelId"`
		Status text
		BGP    object[struct{ BgpStatus text }] `json:"TunnelBgpConfig"`
	}
	bgp struct {
		Enable     *text `json:"EnableBgp"` // DescribeVpnConnections leaves it out
		Status     text
		TunnelCidr text
	}
	healthCheck struct{ Enable, Status text }
)

// silent is the state of a check that is enabled and of which the answer does not say how it is.
const silent = "unknown"

func (h healthCheck) state() string {
	if h.Enable != "true" {
		return ""
	}
	return string(cmp.Or(h.Status, silent))
}

// state is that of the BGP session of a connection in single-tunnel mode. Where the answer does not say whether BGP is
// enabled, the block of addresses does, which BGP cannot do without.
func (b bgp) state() string {
	if b.Enable != nil && *b.Enable != "true" || b.Enable == nil && b.TunnelCidr == "" {
		return ""
	}
	return string(cmp.Or(b.Status, silent))
}

// tunnels are those of a connection in dual-tunnel mode, else the connection's own negotiation.
func (c connection) tunnels() (all []cloud.Tunnel) {
	if len(c.Tunnels) == 0 {
		return []cloud.Tunnel{{Negotiation: string(c.Status), BGP: c.BGP.value.state()}}
	}
	for _, t := range c.Tunnels {
		one := cloud.Tunnel{ID: string(t.ID), Negotiation: string(t.Status)}
		if c.TunnelsBGP == "true" {
			one.BGP = string(cmp.Or(t.BGP.value.BgpStatus, silent))
		}
		all = append(all, one)
	}
	return all
}

// Diagnose asks why tunnels are not up: VPC API DiagnoseVpnConnections. Of its answer the log is not decoded. Errors
// are *cloud.APIError.
func (c *Client) Diagnose(ctx context.Context, f cloud.DiagnosisFilter) (all []cloud.Finding, err error) {
	query := map[string]string{"PageSize": "10"} // of two tunnels at most
	if len(f.TunnelIDs) == 0 {
		query["VpnConnectionIds.1"] = f.ConnectionID
	}
	for i, id := range f.TunnelIDs {
		query[fmt.Sprintf("TunnelIds.%d", i+1)] = id
	}
	var answer struct{ VpnConnections diagnoses }
	if err := c.call(ctx, cloud.ActionDiagnose, f.OwnerID, f.RegionID, query, &answer); err != nil {
		return nil, err
	}
	for _, d := range answer.VpnConnections {
		all = append(all, cloud.Finding{
			TunnelID: string(d.TunnelID), Reason: string(d.FailedReasonCode),
			Here: string(d.MismatchLocalParam), There: string(d.MismatchRemoteParam),
		})
	}
	return all, nil
}

type (
	diagnoses []diagnosis
	diagnosis struct {
		TunnelID text `json:"TunnelId"`

		FailedReasonCode, MismatchLocalParam, MismatchRemoteParam text
	}
)

// UnmarshalJSON reads a bare list or what stands for it.
func (d *diagnoses) UnmarshalJSON(data []byte) (err error) {
	*d, err = readList[diagnosis](data, "VpnConnection")
	return err
}
