package vpc

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
)

// hidden are the places of an answer beside the states where keys are.
const hidden = `"IkeConfig":{"Psk":"canary"},"RemoteCaCertificate":"canary"`

func TestStatesAreReadAndKeysAreNot(t *testing.T) {
	const id = `"VpnConnectionId":"vco-1","State":"attached",`
	for name, c := range map[string]struct{ fields, want string }{
		"two tunnels": {`"Status":"ike_sa_not_established","EnableTunnelsBgp":false,"TunnelOptionsSpecification":{
			"TunnelOptions":[{"TunnelId":"tun-1","Status":"ipsec_sa_established","TunnelIkeConfig":{"Psk":"canary"},
			"TunnelBgpConfig":{"BgpStatus":"success"}},{"TunnelId":"tun-2","Status":"ike_sa_established"}]}`,
			"[{tun-1 ipsec_sa_established } {tun-2 ike_sa_established }] "},
		"with BGP": {`"EnableTunnelsBgp":true,"TunnelOptionsSpecification":{"TunnelOptions":[
			{"TunnelId":"tun-1","Status":"ipsec_sa_established","TunnelBgpConfig":{"BgpStatus":"success","AuthKey":
			"canary"}},
			{"TunnelId":"tun-2","Status":"ipsec_sa_established","TunnelBgpConfig":""}]}`,
			"[{tun-1 ipsec_sa_established success} {tun-2 ipsec_sa_established unknown}] "},
		"one tunnel": {`"Status":"ipsec_sa_established","VpnBgpConfig":{"EnableBgp":"false","Status":"false"}`,
			"[{ ipsec_sa_established }] "},
		"one with BGP": {`"Status":"x","VpnBgpConfig":{"EnableBgp":"true","Status":"failed","AuthKey":"canary"}`,
			"[{ x failed}] "},
		"BGP in a list": {`"VpnBgpConfig":{"Status":"success","TunnelCidr":"169.254.1.0/30","AuthKey":"canary"}`,
			"[{  success}] "},
		"no BGP in a list": {`"VpnBgpConfig":{"Status":"false"}`, "[{  }] "},
		"a health check":   {`"VcoHealthCheck":{"Enable":"true","Status":"success"}`, "[{  }] success"},
		"a silent one":     {`"VcoHealthCheck":{"Enable":true}`, "[{  }] unknown"},
		"none":             {`"VcoHealthCheck":{"Enable":"false","Status":"failed"}`, "[{  }] "},
		"something else":   {`"VcoHealthCheck":[1],"VpnBgpConfig":"x","EnableTunnelsBgp":{}`, "[{  }] "},
	} {
		t.Run(name, func(t *testing.T) {
			body := "{" + id + hidden + "," + c.fields + "}"
			got, err := answering(t, body).DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-1")
			if text := fmt.Sprint(got.Tunnels, " ", got.HealthCheck); err != nil || text != c.want {
				t.Errorf("got %s, %v, want %s", text, err, c.want)
			}
			if kept, _ := json.Marshal(got); strings.Contains(string(kept), "canary") {
				t.Errorf("a key is kept: %s", kept)
			}
		})
	}
}

func TestADiagnosisIsAskedForByTunnelsOrByTheConnection(t *testing.T) {
	const answer = `{"TotalCount":1,"VpnConnections":[{"VpnConnectionId":"vco-1","TunnelId":"tun-2",` +
		`"FailedReasonCode":"NoResponse","MismatchLocalParam":"here","MismatchRemoteParam":"there",` +
		`"SourceLog":"canary","FailedReason":"canary"}]}`
	for query, f := range map[string]cloud.DiagnosisFilter{
		"TunnelIds.1=tun-1&TunnelIds.2=tun-2": {RegionID: "cn-hangzhou", ConnectionID: "vco-1",
			TunnelIDs: []string{"tun-1", "tun-2"}},
		"VpnConnectionIds.1=vco-1": {RegionID: "cn-hangzhou", ConnectionID: "vco-1"},
	} {
		asked := ""
		client := dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			asked = r.Header.Get("x-acs-action") + "?" + r.URL.RawQuery
			_, _ = w.Write([]byte(answer))
		}))
		got, err := client.Diagnose(t.Context(), f)
		want := cloud.Finding{TunnelID: "tun-2", Reason: "NoResponse", Here: "here", There: "there"}
		if err != nil || len(got) != 1 || got[0] != want || strings.Contains(fmt.Sprint(got), "canary") {
			t.Errorf("got %+v, %v", got, err)
		}
		if !strings.HasPrefix(asked, cloud.ActionDiagnose+"?") || !strings.Contains(asked, query) {
			t.Errorf("asked for %s, want %s", asked, query)
		}
	}
	for body, findings := range map[string]int{
		`{"VpnConnections":{"VpnConnection":[{},{}]}}`: 2, `{"VpnConnections":""}`: 0, `{"VpnConnections":7}`: -1,
		`<html>`: -1,
	} {
		got, err := answering(t, body).Diagnose(t.Context(), cloud.DiagnosisFilter{})
		if len(got) != max(findings, 0) || (err != nil) != (findings < 0) {
			t.Errorf("%s: got %+v, %v", body, got, err)
		}
	}
}
