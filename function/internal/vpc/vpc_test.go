package vpc

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
	"vpn-attach/function/internal/standin/sts"
)

func dial(t *testing.T, handler http.Handler) *Client {
	t.Helper()
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	endpoint, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return &Client{Endpoint: endpoint, Roles: &aliyun.Roles{Own: aliyun.NewCredentials("ak", "sk", "")},
		HTTP: aliyun.NewHTTPClient(2, nil)}
}

func TestAConnectionIsReadWithoutItsKeys(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	estate, err := estate.New(estate.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys},
		estate.Seed{
			TransitRouters: []estate.TransitRouter{{ID: "tr-1", CEN: "cen-1", CIDRs: []string{"10.0.0.0/24"}}},
			VPNConnections: []estate.VPNConnection{
				{ID: "vco-1", Name: "site", TransitRouter: "tr-1", PSK: "canary",
					Tags: map[string]string{"k": "v"}},
				{ID: "vco-2", PSK: "canary", SingleTunnel: true},
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
	if got.ID != "vco-1" || got.Name != "site" || got.State != "attached" || got.TransitRouterID != "tr-1" ||
		got.CenID != "cen-1" || !got.DualTunnel || got.Tags["k"] != "v" || got.RegionID != "cn-hangzhou" {
		t.Errorf("got %+v", got)
	}
	if got, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-2"); err != nil ||
		got.State != "init" || got.DualTunnel || len(got.Tags) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
	var api *cloud.APIError
	if _, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-3"); !errors.As(err, &api) ||
		api.Code != "InvalidVpnConnectionInstanceId.NotFound" || api.RequestID == "" {
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
			client := dial(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				_, _ = w.Write([]byte(body))
			}))
			_, err := client.DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-1")
			var api *cloud.APIError
			if !errors.As(err, &api) || api.Status != 0 || api.Code != "" || strings.Contains(err.Error(), "canary") {
				t.Errorf("got %v", err)
			}
		})
	}
}

// answering gives a client whose every call has this answer.
func answering(t *testing.T, body string) *Client {
	t.Helper()
	return dial(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(body)) }))
}

// What stands in the place of a value is read for what it means. Only what decides and is not understood is no answer.
func TestAConnectionIsReadLeniently(t *testing.T) {
	const plain, tunnels = `"VpnConnectionId":"vco-1","State":"init"`, `,"TunnelOptionsSpecification":`
	for name, c := range map[string]struct {
		fields   string
		tag      string
		dual     bool
		name     string
		noAnswer bool
	}{
		"an empty text for its tags": {fields: plain + `,"Tags":""`},
		"null for its tags":          {fields: plain + `,"Tags":null,"Tag":{}`},
		"an empty text in its tags":  {fields: plain + `,"Tags":{"Tag":""}`},
		"bare tags":                  {fields: plain + `,"Tags":[{"Key":"k","Value":"v"}]`, tag: "v"},
		"one tag for a list of them": {fields: plain + `,"Tags":{"Tag":{"Key":"k","Value":7}}`, tag: "7"},
		"a number for its tags":      {fields: plain + `,"Tags":7`, noAnswer: true},
		"a text in its tags":         {fields: plain + `,"Tags":{"Tag":"k=v"}`, noAnswer: true},
		"texts for its tags":         {fields: plain + `,"Tags":["k=v"]`, noAnswer: true},
		"an empty text for tunnels":  {fields: plain + tunnels + `""`},
		"no list of tunnels":         {fields: plain + tunnels + `{"Bgp":"true"}`},
		"one tunnel":                 {fields: plain + tunnels + `{"TunnelOptions":{"A":1}}`, dual: true},
		"bare tunnels":               {fields: plain + tunnels + `[{},{}]`, dual: true},
		"a number for its name":      {fields: plain + `,"Name":12.50`, name: "12.50"},
		"a truth value for its name": {fields: plain + `,"Name":true`, name: "true"},
		"an object for its name":     {fields: plain + `,"Name":{"Text":"x"}`},
		"unknown fields":             {fields: plain + `,"IkeConfig":"","VpnBgpConfig":[1],"New":{"State":"x"}`},
		"a number for its id":        {fields: `"VpnConnectionId":1,"State":"init"`, noAnswer: true},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := answering(t, "{"+c.fields+"}").DescribeConnection(t.Context(), "", "cn-hangzhou", "vco-1")
			if (err != nil) != c.noAnswer {
				t.Fatalf("got %v", err)
			}
			if !c.noAnswer && (got.State != "init" || got.Tags["k"] != c.tag || got.DualTunnel != c.dual ||
				got.Name != c.name) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestAListIsReadLeniently(t *testing.T) {
	const one = `{"VpnConnectionId":"vco-1","State":"init"}`
	full := strings.Repeat(one+",", pageSize-1) + one
	all := cloud.ConnectionFilter{RegionID: "cn-hangzhou"}
	for body, want := range map[string]int{
		`{"TotalCount":"51","VpnConnections":{"VpnConnection":[` + one + `]}}`: 1,
		`{"TotalCount":"51","VpnConnections":[` + one + `]}`:                   1,
		`{"TotalCount":51,"VpnConnections":{"VpnConnection":` + one + `}}`:     1,
		`{"VpnConnections":[` + full + `]}`:                                    pageSize,
		`{"TotalCount":"","VpnConnections":""}`:                                0,
		`{"TotalCount":"many","VpnConnections":""}`:                            -1,
		`{"TotalCount":1,"VpnConnections":"vco-1"}`:                            -1,
	} {
		page, err := answering(t, body).ListConnections(t.Context(), all, "")
		if (err != nil) != (want < 0) || len(page.Items) != max(want, 0) || (page.Next == "2") != (want > 0) {
			t.Errorf("%s: got %+v, %v", body, page, err)
		}
	}
}

func TestEachRegionHasItsEndpoint(t *testing.T) {
	for region, want := range map[string]string{
		"cn-hangzhou":    "https://vpc.cn-hangzhou.aliyuncs.com",
		"ap-southeast-1": "https://vpc.ap-southeast-1.aliyuncs.com",
		"eu-central-1":   "https://vpc.eu-central-1.aliyuncs.com",
		"cn-wulanchabu":  "https://vpc.cn-wulanchabu.aliyuncs.com",
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

func TestConnectionsAreListedByAccountRegionAndTag(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	seed := estate.Seed{VPNConnections: []estate.VPNConnection{
		{ID: "vco-tagged", Name: "site", PSK: "canary", Tags: map[string]string{"k": "v"}},
		{ID: "vco-elsewhere", Region: "eu-central-1"},
		{ID: "vco-foreign", Owner: "6543210987654321"},
	}}
	for i := range 60 {
		seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: fmt.Sprintf("vco-%d", i)})
	}
	service, err := estate.New(estate.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys}, seed)
	if err != nil {
		t.Fatal(err)
	}
	defer service.Close()
	client := dial(t, service)
	first, err := client.ListConnections(t.Context(), cloud.ConnectionFilter{RegionID: "cn-hangzhou"}, "")
	if err != nil || len(first.Items) != 50 || first.Pages != 2 || first.Next == "" {
		t.Fatalf("got %d connections, next %q of %d pages, %v", len(first.Items), first.Next, first.Pages, err)
	}
	second, err := client.ListConnections(t.Context(), cloud.ConnectionFilter{RegionID: "cn-hangzhou"}, first.Next)
	if err != nil || len(second.Items) != 11 || second.Next != "" {
		t.Errorf("then %d connections, next %q, %v", len(second.Items), second.Next, err)
	}
	tagged, err := client.ListConnections(t.Context(), cloud.ConnectionFilter{RegionID: "cn-hangzhou", TagKey: "k"}, "")
	if err != nil || len(tagged.Items) != 1 || tagged.Items[0].ID != "vco-tagged" ||
		tagged.Items[0].Tags["k"] != "v" || tagged.Items[0].RegionID != "cn-hangzhou" {
		t.Errorf("by tag: %+v, %v", tagged, err)
	}
	elsewhere, err := client.ListConnections(t.Context(), cloud.ConnectionFilter{RegionID: "eu-central-1"}, "")
	if err != nil || len(elsewhere.Items) != 1 || elsewhere.Items[0].ID != "vco-elsewhere" {
		t.Errorf("of another region: %+v, %v", elsewhere, err)
	}
	if none, err := client.ListConnections(t.Context(), cloud.ConnectionFilter{RegionID: "us-west-1"},
		""); err != nil || len(none.Items) != 0 || none.Next != "" {
		t.Errorf("of a region without any: %+v, %v", none, err)
	}
}

func TestAnotherAccountIsReadWithItsOwnSession(t *testing.T) {
	const owner = "6543210987654321"
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	vpc, err := estate.New(estate.Options{
		Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys,
		AccountOf: func(key string) string { return map[string]string{"STS.owner": owner}[key] },
	}, estate.Seed{VPNConnections: []estate.VPNConnection{{ID: "vco-foreign", Owner: owner}}})
	if err != nil {
		t.Fatal(err)
	}
	defer vpc.Close()
	issued := 0
	roles := sts.New(sts.Options{
		Roles: []sts.Role{{Account: owner, Name: "reader", ExternalID: "xx"}}, Keys: keys,
		Issue: func(sts.Role) sts.Key {
			issued++
			keys.Add("STS.owner", "secret", fmt.Sprint("token", issued))
			return sts.Key{ID: "STS.owner", Secret: "secret", Token: fmt.Sprint("token", issued)}
		},
	})
	client := dial(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("x-acs-action") == cloud.ActionAssumeRole {
			roles.ServeHTTP(w, r)
			return
		}
		vpc.ServeHTTP(w, r)
	}))
	client.Roles.Endpoint, client.Roles.HTTP = client.Endpoint, client.HTTP
	client.Roles.ARN, client.Roles.ExternalID = "acs:ram::{account}:role/reader", "xx"
	got, err := client.DescribeConnection(t.Context(), owner, "cn-hangzhou", "vco-foreign")
	if err != nil || got.ID != "vco-foreign" {
		t.Errorf("got %+v, %v", got, err)
	}
	keys.Expire("STS.owner")
	listed, err := client.ListConnections(t.Context(),
		cloud.ConnectionFilter{OwnerID: owner, RegionID: "cn-hangzhou"}, "")
	if err != nil || len(listed.Items) != 1 || issued != 2 {
		t.Errorf("after the session was revoked: got %+v, %v, with %d sessions", listed, err, issued)
	}
	var api *cloud.APIError
	if _, err := client.DescribeConnection(t.Context(), "1111222233334444", "cn-hangzhou",
		"vco-foreign"); !errors.As(err, &api) || api.Action != cloud.ActionAssumeRole || api.Status != 404 {
		t.Errorf("an account without a role: %v", err)
	}
}
