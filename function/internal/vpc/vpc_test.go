package vpc

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

func dial(t *testing.T, handler http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{Endpoint: endpoint, Roles: &aliyun.Roles{Own: aliyun.NewCredentials("ak", "sk", "")}, HTTP: aliyun.NewHTTPClient(2, nil)}
}

func TestAConnectionIsReadWithoutItsKeys(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	estate, err := estate.New(estate.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys, Now: time.Now}, estate.Seed{
		TransitRouters: []estate.TransitRouter{{ID: "tr-1", CEN: "cen-1", CIDRs: []string{"10.0.0.0/24"}}},
		VPNConnections: []estate.VPNConnection{
			{ID: "vco-1", Name: "site", TransitRouter: "tr-1", DualTunnel: true, PSK: "canary", Tags: map[string]string{"k": "v"}},
			{ID: "vco-2", PSK: "canary"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	defer estate.Close()
	client := dial(t, estate)
	got, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-1")
	if err != nil {
		t.Fatal(err)
	}
	if got.ID != "vco-1" || got.Name != "site" || got.State != "attached" || got.AttachType != "CEN" || got.TransitRouterID != "tr-1" || got.CenID != "cen-1" || !got.DualTunnel || got.Tags["k"] != "v" || got.RegionID != "cn-hangzhou" {
		t.Errorf("got %+v", got)
	}
	if got, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-2"); err != nil || got.State != "init" || got.DualTunnel || len(got.Tags) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	var api *cloud.APIError
	if _, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-3"); !errors.As(err, &api) || api.Code != "InvalidVpnConnectionInstanceId.NotFound" || api.RequestID == "" {
		t.Errorf("got %v", err)
	}
}

func TestAnAnswerAboutSomethingElseIsNoAnswer(t *testing.T) {
	for name, body := range map[string]string{
		"another connection": `{"VpnConnectionId":"vco-other","State":"init","IkeConfig":{"Psk":"canary"}}`,
		"no connection":      `{"RequestId":"R"}`,
		"a page":             `<html>canary</html>`,
		"nothing":            ``,
		"a broken object":    `{"VpnConnectionId":"vco-1","IkeConfig":{"Psk":"canary`,
	} {
		t.Run(name, func(t *testing.T) {
			client := dial(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
			_, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-1")
			var api *cloud.APIError
			if !errors.As(err, &api) || api.Status != 0 || api.Code != "" || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestEachRegionHasItsEndpoint(t *testing.T) {
	for region, want := range map[string]string{
		"cn-hangzhou": "https://vpc.aliyuncs.com", "ap-southeast-1": "https://vpc.aliyuncs.com",
		"eu-central-1": "https://vpc.eu-central-1.aliyuncs.com", "cn-wulanchabu": "https://vpc.cn-wulanchabu.aliyuncs.com",
	} {
		if got := (&Client{}).endpoint(region).String(); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
	own := &url.URL{Scheme: "http", Host: "127.0.0.1:1"}
	if got := (&Client{Endpoint: own}).endpoint("cn-hangzhou"); got != own {
		t.Errorf("a given endpoint was not used: %s", got)
	}
}
