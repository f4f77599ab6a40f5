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
	return &cbn.Client{Endpoint: endpoint, Credentials: aliyun.NewCredentials("ak", "sk", "token"), HTTP: aliyun.NewHTTPClient(2, nil)}
}

func TestEveryKindOfBrokenAnswerIsReadAsWhatItIs(t *testing.T) {
	refusal := `{"RequestId":"REQ-1","HostId":"h","Code":"Operation.Blocking","Message":"try later","Recommend":"https://x"}`
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
		}, cloud.APIError{Code: "Throttling.User", Status: 429, Message: "try later", RequestID: "REQ-1", RetryAfter: 12 * time.Second}},
		"a throttle's own header wins": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("x-acs-retry-after", "1500")
			w.Header().Set("X-RateLimit-User", "Limit:60,Remain:0,TimeLeft:12")
			w.WriteHeader(400)
			_, _ = w.Write([]byte(strings.Replace(refusal, "Operation.Blocking", "Throttling.User", 1)))
		}, cloud.APIError{Code: "Throttling.User", Status: 400, Message: "try later", RequestID: "REQ-1", RetryAfter: 1500 * time.Millisecond}},
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
			_, err := dial(t, server.URL).CreateAttachment(t.Context(), cloud.CreateRequest{ConnectionID: "vco-1", RouterID: "tr-1", RegionID: "cn-hangzhou", ClientToken: "t"})
			var got *cloud.APIError
			if !errors.As(err, &got) {
				t.Fatalf("got %v, want an APIError", err)
			}
			if got.Code != c.want.Code || got.Status != c.want.Status || got.RequestID != c.want.RequestID || got.RetryAfter != c.want.RetryAfter || !strings.Contains(got.Message, c.want.Message) {
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
		_, _, err := dial(t, address).ListRouters(ctx, cloud.RouterFilter{RegionID: "cn-hangzhou"}, "")
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
		seed.TransitRouters = append(seed.TransitRouters, estate.TransitRouter{ID: "tr-" + id, CEN: "cen-" + id, CIDRs: []string{"10.0.0.0/24"}, Tags: map[string]string{"label": "all", "even": map[bool]string{true: "yes", false: "no"}[i%2 == 0]}})
	}
	for _, id := range []string{"vco-1", "vco-2", "vco-3"} {
		seed.VPNConnections = append(seed.VPNConnections, estate.VPNConnection{ID: id})
	}
	e, err := estate.New(estate.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys, Now: time.Now, AttachSeconds: 60}, seed)
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
		page, next, err := client.ListRouters(t.Context(), cloud.RouterFilter{RegionID: "cn-hangzhou", Tags: map[string]string{"label": "all"}}, cursor)
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
	byTwo, _, err := client.ListRouters(t.Context(), cloud.RouterFilter{RegionID: "cn-hangzhou", RouterID: "tr-x", Tags: map[string]string{"label": "all", "even": "yes"}}, "")
	if err != nil || len(byTwo) != 1 || byTwo[0].CenID != "cen-x" || byTwo[0].CIDRs[0] != "10.0.0.0/24" || byTwo[0].Type != "Enterprise" || byTwo[0].Status != "Active" {
		t.Errorf("got %+v, %v", byTwo, err)
	}
}

func TestEveryParameterArrives(t *testing.T) {
	client, service := service(t)
	id, err := client.CreateAttachment(t.Context(), cloud.CreateRequest{
		ClientToken: "token-1", RegionID: "cn-hangzhou", RouterID: "tr-x", ConnectionID: "vco-1", Name: "näme +*~/?&=% 杭州", Description: "d",
		Zone: "cn-hangzhou-h", AutoPublish: true, Tags: map[string]string{"b": "2", "a": "1"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := service.Attachments()[0]
	if got.ID != id || got.Name != "näme +*~/?&=% 杭州" || got.Description != "d" || !got.AutoPublish || got.ClientToken != "token-1" || got.Tags["a"] != "1" || got.Tags["b"] != "2" || got.Zones[0] != "cn-hangzhou-h" {
		t.Errorf("got %+v", got)
	}
	listed, next, err := client.ListAttachments(t.Context(), cloud.AttachmentFilter{RegionID: "cn-hangzhou", RouterID: "tr-x", Tags: map[string]string{"a": "1"}}, "")
	if err != nil || next != "" || len(listed) != 1 || listed[0].ID != id || listed[0].ConnectionID != "vco-1" || listed[0].Status != "Attaching" || listed[0].Tags["b"] != "2" {
		t.Errorf("got %+v, next %q, %v", listed, next, err)
	}
}

func TestAnOwnerThatIsNoNumberIsNotSent(t *testing.T) {
	client, service := service(t)
	if _, err := client.CreateAttachment(t.Context(), cloud.CreateRequest{OwnerID: "12/34"}); err == nil || len(service.Creates()) != 0 {
		t.Errorf("got %v, %d creates", err, len(service.Creates()))
	}
}
