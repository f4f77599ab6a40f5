package cbn_test

import (
	"net/http"
	"net/http/httptest"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestANullInAListSaysNothing(t *testing.T) {
	const body = `{"TotalCount":2,"TransitRouters":[null,` +
		`{"TransitRouterId":"tr-1","Tags":[null,{"Key":"k","Value":"v"}]}]}`
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write([]byte(body))
	}))
	defer server.Close()
	page, err := dial(t, server.URL).ListRouters(t.Context(), cloud.RouterFilter{RegionID: "cn-hangzhou"}, "")
	if err != nil || len(page.Items) != 2 {
		t.Fatalf("got %+v, %v", page, err)
	}
	if first, second := page.Items[0], page.Items[1]; first.ID != "" || second.ID != "tr-1" || len(second.Tags) != 1 {
		t.Errorf("got %+v", page.Items)
	}
}
