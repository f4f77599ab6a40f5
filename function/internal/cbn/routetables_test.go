package cbn_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

// tableCall is a call of one of the operations on route tables, and what it sends.
type tableCall struct {
	do   func(*cbn.Client, context.Context) (string, string, error) // what was read, and the next cursor
	sent url.Values
	body string // a success, as the service words it
	read string
	next string
}

func tableCalls() map[string]tableCall {
	asked := cloud.BindingRequest{RegionID: "cn-hangzhou", AttachmentID: "tr-attach-1", TableID: "vtb-1",
		ClientToken: "token-1"}
	list := func(kind cloud.BindingKind, asked cloud.BindingRequest) func(*cbn.Client, context.Context) (string,
		string, error) {
		return func(c *cbn.Client, ctx context.Context) (string, string, error) {
			page, next, err := items(c.ListBindings(ctx, of(kind, asked), "cursor+/="))
			return fmt.Sprint(page), next, err
		}
	}
	bind := func(kind cloud.BindingKind) func(*cbn.Client, context.Context) (string, string, error) {
		return func(c *cbn.Client, ctx context.Context) (string, string, error) {
			return "", "", c.Bind(ctx, of(kind, asked))
		}
	}
	page := url.Values{"TransitRouterAttachmentId": {"tr-attach-1"}, "TransitRouterRouteTableId": {"vtb-1"},
		"NextToken": {"cursor+/="}, "MaxResults": {"50"}}
	anyTable := asked
	anyTable.TableID = ""
	made := url.Values{"TransitRouterAttachmentId": {"tr-attach-1"}, "TransitRouterRouteTableId": {"vtb-1"},
		"ClientToken": {"token-1"}}
	return map[string]tableCall{
		"ListTransitRouterRouteTables": {
			do: func(c *cbn.Client, ctx context.Context) (string, string, error) {
				page, next, err := items(c.ListRouteTables(ctx,
					cloud.RouteTableFilter{RegionID: "cn-hangzhou", RouterID: "tr-1"}, "cursor+/="))
				return fmt.Sprint(page), next, err
			},
			sent: url.Values{"TransitRouterId": {"tr-1"}, "NextToken": {"cursor+/="}, "MaxResults": {"100"}},
			body: `{"RequestId":"R","TotalCount":1,"MaxResults":100,"NextToken":"dd20",` +
				`"TransitRouterRouteTables":[{"TransitRouterRouteTableId":"vtb-1",` +
				`"TransitRouterRouteTableName":"main","TransitRouterRouteTableDescription":"",` +
				`"TransitRouterRouteTableType":"System","TransitRouterRouteTableStatus":"Active",` +
				`"TransitRouterId":"tr-1","RegionId":"cn-hangzhou","CreateTime":"2021-03-15T09:39Z",` +
				`"Tags":[{"Key":"vpn-attach:accept","Value":"associate"}]}]}`,
			read: "[{vtb-1 main System Active map[vpn-attach:accept:associate]}]", next: "dd20",
		},
		"ListTransitRouterRouteTableAssociations": {
			do: list(cloud.Association, asked), sent: page,
			body: `{"RequestId":"R","TotalCount":1,"MaxResults":50,"NextToken":"dd20",` +
				`"TransitRouterAssociations":[{"TransitRouterRouteTableId":"vtb-1",` +
				`"TransitRouterAttachmentId":"tr-attach-1","ResourceId":"vco-1","ResourceType":"VPN",` +
				`"Status":"Dissociating"}]}`,
			read: "[{vtb-1 tr-attach-1 Dissociating}]", next: "dd20",
		},
		"ListTransitRouterRouteTableAssociations of any route table": {
			do: list(cloud.Association, anyTable),
			sent: url.Values{"TransitRouterAttachmentId": {"tr-attach-1"}, "NextToken": {"cursor+/="},
				"MaxResults": {"50"}},
			body: `{"RequestId":"R","TotalCount":0,"MaxResults":50,"TransitRouterAssociations":[]}`, read: "[]",
		},
		"ListTransitRouterRouteTablePropagations": {
			do: list(cloud.Propagation, asked), sent: page,
			body: `{"RequestId":"R","TotalCount":1,"MaxResults":50,"NextToken":"dd20",` +
				`"TransitRouterPropagations":[{"TransitRouterRouteTableId":"vtb-1",` +
				`"TransitRouterAttachmentId":"tr-attach-1","ResourceId":"vco-1","ResourceType":"VPN",` +
				`"Status":"Enabling"}]}`,
			read: "[{vtb-1 tr-attach-1 Enabling}]", next: "dd20",
		},
		"AssociateTransitRouterAttachmentWithRouteTable": {do: bind(cloud.Association), sent: made,
			body: `{"RequestId":"R"}`},
		"EnableTransitRouterRouteTablePropagation": {do: bind(cloud.Propagation), sent: made,
			body: `{"RequestId":"R"}`},
	}
}

func TestEveryCallSendsItsParametersAndReadsItsAnswer(t *testing.T) {
	for name, call := range tableCalls() {
		t.Run(name, func(t *testing.T) {
			action, _, _ := strings.Cut(name, " ")
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("x-acs-action") != action || r.URL.Query().Encode() != call.sent.Encode() {
					t.Errorf("sent %s %v, want %v", r.Header.Get("x-acs-action"), r.URL.Query(), call.sent)
				}
				w.Header().Set("Content-Type", "application/json;charset=utf-8")
				_, _ = w.Write([]byte(call.body))
			}))
			defer server.Close()
			read, next, err := call.do(dial(t, server.URL), t.Context())
			if err != nil || read != call.read || next != call.next {
				t.Errorf("read %s, next %q, %v", read, next, err)
			}
		})
	}
}

func TestEveryCallSaysHowItsAnswerIsBroken(t *testing.T) {
	answers := map[string]struct {
		serve http.HandlerFunc
		want  cloud.APIError // Message is a part of it
	}{
		"a refusal": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Type", "application/json;charset=utf-8")
			w.WriteHeader(400)
			_, _ = w.Write([]byte(`{"RequestId":"REQ-1","HostId":"h","Code":"Operation.Blocking","Message":"try ` +
				`later","Recommend":"https://x"}`))
		}, cloud.APIError{Code: "Operation.Blocking", Status: 400, RequestID: "REQ-1", Message: "try later"}},
		"an empty 200": {func(http.ResponseWriter, *http.Request) {}, cloud.APIError{Message: "empty"}},
		"a page with 200": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
			cloud.APIError{Message: "not JSON"}},
		"a closed connection": {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
			cloud.APIError{Message: "broke"}},
	}
	for broken, answer := range answers {
		server := httptest.NewServer(answer.serve)
		defer server.Close()
		for name, call := range tableCalls() {
			t.Run(name+" gets "+broken, func(t *testing.T) {
				_, next, err := call.do(dial(t, server.URL), t.Context())
				var got *cloud.APIError
				if !errors.As(err, &got) || next != "" {
					t.Fatalf("got %v, next %q", err, next)
				}
				if action, _, _ := strings.Cut(name, " "); got.Action != action || got.Code != answer.want.Code ||
					got.Status != answer.want.Status || got.RequestID != answer.want.RequestID ||
					!strings.Contains(got.Message, answer.want.Message) {
					t.Errorf("got %+v", *got)
				}
			})
		}
	}
}

// tables is an estate with two connections attached to a transit router of more route tables than a page holds.
func tables(t *testing.T) (*cbn.Client, *estate.Estate) {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "token")
	router := estate.TransitRouter{ID: "tr-1", CEN: "cen-1"}
	for n := range 101 {
		router.RouteTables = append(router.RouteTables,
			estate.RouteTable{ID: fmt.Sprintf("vtb-%d", n), Tags: map[string]string{"n": fmt.Sprint(n)}})
	}
	seed := estate.Seed{
		TransitRouters: []estate.TransitRouter{router},
		VPNConnections: []estate.VPNConnection{{ID: "vco-1", TransitRouter: "tr-1"},
			{ID: "vco-2", TransitRouter: "tr-1", Associated: "vtb-7", Propagated: []string{"vtb-1", "vtb-7"}}},
	}
	e, err := estate.New(estate.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys,
		RouteTableSeconds: 60}, seed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(e.Close)
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return dial(t, server.URL), e
}

func TestRouteTablesAreReadToTheLastPage(t *testing.T) {
	client, _ := tables(t)
	first, next, err := items(client.ListRouteTables(t.Context(),
		cloud.RouteTableFilter{RegionID: "cn-hangzhou", RouterID: "tr-1"}, ""))
	if err != nil || len(first) != 100 || next == "" || first[7].ID != "vtb-7" || first[7].Type != "Custom" ||
		first[7].Status != "Active" || first[7].Tags["n"] != "7" {
		t.Fatalf("got %d of %+v, next %q, %v", len(first), first, next, err)
	}
	rest, end, err := items(client.ListRouteTables(t.Context(),
		cloud.RouteTableFilter{RegionID: "cn-hangzhou", RouterID: "tr-1"}, next))
	if err != nil || len(rest) != 1 || end != "" || rest[0].ID != "vtb-100" {
		t.Errorf("then %+v, next %q, %v", rest, end, err)
	}
}

func TestABindingThatIsMadeIsFoundUnderWay(t *testing.T) {
	const free, bound = "tr-attach-000000000000000001", "tr-attach-000000000000000002"
	for kind, status := range map[cloud.BindingKind]string{cloud.Association: "Associating",
		cloud.Propagation: "Enabling"} {
		client, service := tables(t)
		wanted := cloud.BindingRequest{RegionID: "cn-hangzhou", AttachmentID: free, TableID: "vtb-1",
			ClientToken: "token-1"}
		if before, _, err := items(client.ListBindings(t.Context(), of(kind, wanted), "")); err != nil ||
			len(before) != 0 {
			t.Errorf("%s: before it is made: %v, %v", kind, before, err)
		}
		for range 2 { // the second is a replay
			if err := client.Bind(t.Context(), of(kind, wanted)); err != nil {
				t.Fatalf("%s: %v", kind, err)
			}
		}
		after, next, err := items(client.ListBindings(t.Context(), of(kind, wanted), ""))
		if err != nil || next != "" || len(after) != 1 ||
			after[0] != (cloud.Binding{TableID: "vtb-1", AttachmentID: free, Status: status}) {
			t.Errorf("%s: got %+v, next %q, %v", kind, after, next, err)
		}
		if binds := service.Binds(); len(binds) != 2 || binds[0].Kind != string(kind) ||
			binds[0].ClientToken != "token-1" || !binds[0].Effect || !binds[1].Replay {
			t.Errorf("%s: recorded as %+v", kind, binds)
		}
		elsewhere := cloud.BindingRequest{RegionID: "cn-hangzhou", AttachmentID: bound, TableID: "vtb-7",
			ClientToken: "token-2"}
		var refused *cloud.APIError
		if err := client.Bind(t.Context(), of(kind, elsewhere)); !errors.As(err, &refused) || refused.Status != 400 ||
			refused.Code == "" || refused.RequestID == "" {
			t.Errorf("%s: what is bound already: %v", kind, err)
		}
	}
}

func TestAssociationsAreFoundWhereverTheyAre(t *testing.T) {
	client, _ := tables(t)
	got, _, err := items(client.ListBindings(t.Context(),
		cloud.BindingRequest{Kind: cloud.Association, RegionID: "cn-hangzhou",
			AttachmentID: "tr-attach-000000000000000002"}, ""))
	if err != nil || len(got) != 1 || got[0].TableID != "vtb-7" || got[0].Status != "Active" {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestOneAttachmentIsFoundByItsID(t *testing.T) {
	client, _ := tables(t)
	for id, connection := range map[string]string{"tr-attach-000000000000000001": "vco-1",
		"tr-attach-000000000000000002": "vco-2"} {
		got, _, err := items(client.ListAttachments(t.Context(),
			cloud.AttachmentFilter{RegionID: "cn-hangzhou", AttachmentID: id}, ""))
		if err != nil || len(got) != 1 || got[0].ID != id || got[0].ConnectionID != connection {
			t.Errorf("%s: got %+v, %v", id, got, err)
		}
	}
	if got, _, err := items(client.ListAttachments(t.Context(),
		cloud.AttachmentFilter{RegionID: "cn-hangzhou", AttachmentID: "tr-attach-9"}, "")); err != nil ||
		len(got) != 0 {
		t.Errorf("got %+v, %v", got, err)
	}
}

// of is the request for a binding of a kind.
func of(kind cloud.BindingKind, request cloud.BindingRequest) cloud.BindingRequest {
	request.Kind = kind
	return request
}
