package cbn_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

// dial gives a client of whatever answers at the address.
func dial(t *testing.T, address string) *cbn.Client {
	t.Helper()
	endpoint, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return &cbn.Client{Endpoint: endpoint, Credentials: aliyun.NewCredentials("ak", "sk", "token"),
		HTTP: aliyun.NewHTTPClient(2, nil)}
}

func TestEveryKindOfBrokenAnswerIsReadAsWhatItIs(t *testing.T) {
	refusal := `{"RequestId":"REQ-1","HostId":"h","Code":"Operation.Blocking","Message":"try later",` +
		`"Recommend":"https://x"}`
	cases := map[string]struct {
		serve http.HandlerFunc
		want  cloud.APIError // Message is a part of it
	}{
		"a refusal keeps its code, text and request id": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(400)
			_, _ = w.Write([]byte(refusal))
		}, cloud.APIError{Code: "Operation.Blocking", Status: 400, Message: "try later", RequestID: "REQ-1"}},
		"a server error keeps its status": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(503)
			_, _ = w.Write([]byte(strings.Replace(refusal, "Operation.Blocking", "ServiceUnavailable", 1)))
		}, cloud.APIError{Code: "ServiceUnavailable", Status: 503, Message: "try later", RequestID: "REQ-1"}},
		"a throttle says how long to wait": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-RateLimit-User-API", "Limit:60,Remain:0,TimeLeft:12")
			w.WriteHeader(429)
			_, _ = w.Write([]byte(strings.Replace(refusal, "Operation.Blocking", "Throttling.User", 1)))
		}, cloud.APIError{Code: "Throttling.User", Status: 429, Message: "try later", RequestID: "REQ-1",
			RetryAfter: 12 * time.Second}},
		"a throttle's own header wins": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-acs-retry-after", "1500")
			w.Header().Set("X-RateLimit-User", "Limit:60,Remain:0,TimeLeft:12")
			w.WriteHeader(400)
			_, _ = w.Write([]byte(strings.Replace(refusal, "Operation.Blocking", "Throttling.User", 1)))
		}, cloud.APIError{Code: "Throttling.User", Status: 400, Message: "try later", RequestID: "REQ-1",
			RetryAfter: 1500 * time.Millisecond}},
		"an error without a body has its status alone": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(500)
		}, cloud.APIError{Status: 500, Message: "no reason"}},
		"a proxy's page is no answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(502)
			_, _ = w.Write([]byte("<html>Bad Gateway psk-secret</html>"))
		}, cloud.APIError{Message: "not JSON"}},
		"a page with 200 is no answer": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("<html>login psk-secret</html>"))
		}, cloud.APIError{Message: "not JSON"}},
		"an empty 200 is no answer": {func(http.ResponseWriter, *http.Request) {}, cloud.APIError{Message: "empty"}},
		"a 200 without the id is no answer": {func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(`{"RequestId":"REQ-1"}`))
		}, cloud.APIError{Message: "empty"}},
		"an answer that breaks off is no answer": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "200")
			_, _ = w.Write([]byte(`{"RequestId":"psk-secret`))
		}, cloud.APIError{Message: "broke"}},
		"a connection that is closed is no answer": {func(http.ResponseWriter, *http.Request) {
			panic(http.ErrAbortHandler)
		}, cloud.APIError{Message: "broke"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			server := httptest.NewServer(c.serve)
			defer server.Close()
			_, err := dial(t, server.URL).CreateAttachment(t.Context(),
				cloud.CreateRequest{ConnectionID: "vco-1", RouterID: "tr-1", RegionID: "cn-hangzhou", ClientToken: "t"})
			var got *cloud.APIError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want an APIError", err)
			}
			if got.Code != c.want.Code || got.Status != c.want.Status || got.RequestID != c.want.RequestID ||
				got.RetryAfter != c.want.RetryAfter || !strings.Contains(got.Message, c.want.Message) {
				t.Errorf("got %+v", *got)
			}
			if strings.Contains(err.Error(), "psk-secret") || strings.Contains(err.Error(), "127.0.0.1") {
				t.Errorf("the text repeats what went over the wire: %v", err)
			}
		})
	}
}

func TestACallWithoutAnswerIsUnknownAndSaysWhy(t *testing.T) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed := "http://" + listener.Addr().String()
	listener.Close()
	slow := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	defer slow.Close()
	for address, want := range map[string]string{closed: "connection refused", slow.URL: "no answer in time"} {
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		_, _, err := items(dial(t, address).ListRouters(ctx, cloud.RouterFilter{RegionID: "cn-hangzhou"}, ""))
		cancel()
		var got *cloud.APIError
		if !errors.As(err, &got) || got.Status != 0 || got.Code != "" || got.Message != want {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// service is CBN itself, with enough routers for two pages.
func service(t *testing.T) (*cbn.Client, *estate.Estate) {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "token")
	seed := estate.Seed{}
	for i := range 60 {
		id := strings.Repeat("x", i+1)
		seed.TransitRouters = append(seed.TransitRouters,
			estate.TransitRouter{ID: "tr-" + id, CEN: "cen-" + id, CIDRs: []string{"10.0.0.0/24"},
				Tags: map[string]string{"label": "all", "even": map[bool]string{true: "yes", false: "no"}[i%2 == 0]}})
	}
	for _, id := range []string{"vco-1", "vco-2", "vco-3"} {
		seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: id})
	}
	e, err := estate.New(estate.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys,
		AttachSeconds: 60}, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return dial(t, server.URL), e
}

func TestListsArePagedAndFiltered(t *testing.T) {
	client, _ := service(t)
	var pages []int
	cursor := ""
	for {
		page, next, err := items(client.ListRouters(t.Context(),
			cloud.RouterFilter{RegionID: "cn-hangzhou", Tags: map[string]string{"label": "all"}}, cursor))
		if err != nil {
			t.Fatal(err)
		}
		pages = append(pages, len(page))
		if cursor = next; cursor == "" {
			break
		}
	}
	if len(pages) != 2 || pages[0] != 50 || pages[1] != 10 {
		t.Errorf("pages of %v, want 50 and 10", pages)
	}
	byTwo, _, err := items(client.ListRouters(t.Context(),
		cloud.RouterFilter{RegionID: "cn-hangzhou", RouterID: "tr-x",
			Tags: map[string]string{"label": "all", "even": "yes"}}, ""))
	if err != nil || len(byTwo) != 1 || byTwo[0].CenID != "cen-x" || byTwo[0].CIDRs[0] != "10.0.0.0/24" ||
		byTwo[0].Type != "Enterprise" || byTwo[0].Status != "Active" {
		t.Errorf("got %+v, %v", byTwo, err)
	}
}

func TestEveryParameterArrives(t *testing.T) {
	client, service := service(t)
	id, err := client.CreateAttachment(t.Context(), cloud.CreateRequest{
		ClientToken: "token-1", RegionID: "cn-hangzhou", RouterID: "tr-x", ConnectionID: "vco-1",
		Name: "näme +*~/?&=% 杭州", Description: "d",
		Zone: "cn-hangzhou-h", AutoPublish: true, Tags: map[string]string{"b": "2", "a": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := service.Attachments()[0]
	if got.ID != id || got.Name != "näme +*~/?&=% 杭州" || got.Description != "d" || !got.AutoPublish ||
		got.ClientToken != "token-1" || got.Tags["a"] != "1" || got.Tags["b"] != "2" ||
		got.Zones[0] != "cn-hangzhou-h" {
		t.Errorf("got %+v", got)
	}
	listed, next, err := items(client.ListAttachments(t.Context(),
		cloud.AttachmentFilter{RegionID: "cn-hangzhou", RouterID: "tr-x", Tags: map[string]string{"a": "1"}}, ""))
	if err != nil || next != "" || len(listed) != 1 || listed[0].ID != id || listed[0].ConnectionID != "vco-1" ||
		listed[0].Status != "Attaching" || listed[0].Tags["b"] != "2" {
		t.Errorf("got %+v, next %q, %v", listed, next, err)
	}
}

func TestAnOwnerThatIsNoNumberIsNotSent(t *testing.T) {
	client, service := service(t)
	if _, err := client.CreateAttachment(t.Context(), cloud.CreateRequest{OwnerID: "12/34"}); err == nil ||
		len(service.Creates()) != 0 {
		t.Errorf("got %v, %d creates", err, len(service.Creates()))
	}
}

func TestAnAttachmentIsDeletedUnlessItIsADryRun(t *testing.T) {
	client, service := tables(t)
	const id = "tr-attach-000000000000000001"
	dry := cloud.DeleteRequest{ClientToken: "token-2", RegionID: "cn-hangzhou", AttachmentID: id, DryRun: true}
	if err := client.DeleteAttachment(t.Context(), dry); !cloud.HasCode(err, "DryRunOperation") {
		t.Errorf("a dry run: %v", err)
	}
	unknown := cloud.DeleteRequest{ClientToken: "token-3", RegionID: "cn-hangzhou", AttachmentID: "tr-attach-9"}
	var api *cloud.APIError
	if err := client.DeleteAttachment(t.Context(), unknown); !errors.As(err, &api) || api.Code == "" ||
		api.Action != cloud.ActionDelete {
		t.Errorf("of an attachment that does not exist: %v", err)
	}
	if got := service.Attachments(); len(got) != 2 || got[0].Status != cloud.Attached {
		t.Errorf("before it is deleted there are %+v", got)
	}
	wanted := cloud.DeleteRequest{ClientToken: "token-4", RegionID: "cn-hangzhou", AttachmentID: id}
	if err := client.DeleteAttachment(t.Context(), wanted); err != nil {
		t.Error(err)
	}
	if got := service.Attachments(); got[0].ID != id || got[0].Status == cloud.Attached ||
		got[1].Status != cloud.Attached {
		t.Errorf("afterwards there are %+v", got)
	}
}

func TestADeleteSendsWhatItIsAskedTo(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := url.Values{"ClientToken": {"t"}, "TransitRouterAttachmentId": {"tr-attach-1"}, "DryRun": {"false"},
			"Force": {"true"}}
		if r.Header.Get("x-acs-action") != cloud.ActionDelete || r.URL.Query().Encode() != want.Encode() {
			t.Errorf("sent %s %v", r.Header.Get("x-acs-action"), r.URL.Query())
		}
		_, _ = w.Write([]byte(`{"RequestId":"R"}`))
	}))
	defer server.Close()
	if err := dial(t, server.URL).DeleteAttachment(t.Context(),
		cloud.DeleteRequest{ClientToken: "t", AttachmentID: "tr-attach-1"}); err != nil {
		t.Error(err)
	}
}

// The grants of a connection may be on several pages, each of which is a call.
func TestGrantsAreReadAPageACall(t *testing.T) {
	filter := cloud.GrantFilter{RegionID: "cn-hangzhou", CenID: "cen-1", OwnerID: "6543210987654321",
		ConnectionID: "vco-1"}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		want := url.Values{
			"RegionId": {"cn-hangzhou"}, "CenId": {"cen-1"}, "ProductType": {"VPN"}, "ChildInstanceId": {"vco-1"},
			"ChildInstanceOwnerId": {"6543210987654321"},
		}
		answer := `{"RequestId":"R","NextToken":"two","GrantRules":{"GrantRule":[]}}`
		if token := r.URL.Query().Get("NextToken"); token != "" {
			want.Set("NextToken", "two")
			answer = `{"RequestId":"R","GrantRules":{"GrantRule":[{"ChildInstanceId":"vco-1",` +
				`"ChildInstanceOwnerId":6543210987654321,"CenId":"cen-1"}]}}`
		}
		if r.Header.Get("x-acs-action") != cloud.ActionGrants || r.URL.Query().Encode() != want.Encode() {
			t.Errorf("sent %s %v", r.Header.Get("x-acs-action"), r.URL.Query())
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	client := dial(t, server.URL)
	first, next, err := items(client.ListGrants(t.Context(), filter, ""))
	if err != nil || len(first) != 0 || next != "two" {
		t.Fatalf("got %v, next %q, %v", first, next, err)
	}
	second, next, err := items(client.ListGrants(t.Context(), filter, next))
	if err != nil || next != "" || len(second) != 1 ||
		second[0] != (cloud.Grant{ConnectionID: "vco-1", OwnerID: "6543210987654321"}) {
		t.Errorf("then %v, next %q, %v", second, next, err)
	}
}

func TestGrantsThatCannotBeReadAreAnError(t *testing.T) {
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	filter := cloud.GrantFilter{RegionID: "cn-hangzhou", CenID: "cen-1", OwnerID: "6543210987654321",
		ConnectionID: "vco-1"}
	for body, want := range map[string]string{"": "empty", `{"RequestId":"R"}`: "empty", "<html>": "not JSON"} {
		answer = body
		var api *cloud.APIError
		if _, next, err := items(dial(t, server.URL).ListGrants(t.Context(), filter, "")); !errors.As(err, &api) ||
			api.Action != cloud.ActionGrants || !strings.Contains(api.Message, want) || next != "" {
			t.Errorf("%q: got %v", body, err)
		}
	}
	filter.OwnerID = "12/34"
	if _, _, err := items(dial(t, server.URL).ListGrants(t.Context(), filter, "")); err == nil ||
		strings.Contains(err.Error(), "calling") {
		t.Errorf("an owner that is no number was sent: %v", err)
	}
}

func TestAConnectionOfAnotherAccountIsAttachedInItsOwnersName(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Get("VpnOwnerId"); got != "6543210987654321" {
			t.Errorf("sent the owner %q", got)
		}
		_, _ = w.Write([]byte(`{"RequestId":"R","TransitRouterAttachmentId":"tr-attach-1"}`))
	}))
	defer server.Close()
	id, err := dial(t, server.URL).CreateAttachment(t.Context(),
		cloud.CreateRequest{ConnectionID: "vco-1", RouterID: "tr-1", OwnerID: "6543210987654321"})
	if err != nil || id != "tr-attach-1" {
		t.Errorf("got %q, %v", id, err)
	}
}

// items takes a page apart.
func items[T any](page cloud.Page[T], err error) ([]T, string, error) {
	return page.Items, page.Next, err
}

func TestAnEmptyTextForAListOrAnObjectIsNone(t *testing.T) {
	const router = `"TransitRouterId":"tr-1","Status":"Active","TransitRouterName":17`
	for body, want := range map[string]string{
		`{"TotalCount":"1","TransitRouters":[{` + router + `,"Tags":"","TransitRouterCidrList":""}]}`: "tr-1 Active 17",
		`{"TotalCount":1,"TransitRouters":[{` + router + `,"New":{"Tags":""}}]}`:                      "tr-1 Active 17",
		`{"TotalCount":0,"TransitRouters":""}`:                                                        "",
		`{"TotalCount":1,"TransitRouters":"tr-1"}`:                                                    "no answer",
		`{"TotalCount":1,"TransitRouters":[{"Tags":[{"Key":"Tags","Value":"\"Tags\":\"\""}]}]}`:       `"Tags":""`,
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		page, err := dial(t, server.URL).ListRouters(t.Context(), cloud.RouterFilter{RegionID: "cn-hangzhou"}, "")
		server.Close()
		got := ""
		for _, r := range page.Items {
			got += strings.TrimSpace(r.ID + " " + r.Status + " " + r.Name + r.Tags["Tags"])
		}
		if err != nil {
			got = "no answer"
		}
		if got != want {
			t.Errorf("%s: got %q, %v", body, got, err)
		}
	}
}

func TestEmptyTextForGrantsMeansThatThereAreNone(t *testing.T) {
	for _, body := range []string{`{"GrantRules":""}`, `{"GrantRules":{"GrantRule":""}}`} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte(body))
		}))
		filter := cloud.GrantFilter{RegionID: "cn-hangzhou", OwnerID: "6543210987654321"}
		page, err := dial(t, server.URL).ListGrants(t.Context(), filter, "")
		server.Close()
		if err != nil || len(page.Items) != 0 {
			t.Errorf("%s: got %+v, %v", body, page, err)
		}
	}
}
