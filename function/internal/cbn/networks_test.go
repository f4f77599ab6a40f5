package cbn_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestTheNetworksOfACENComeInOneCallWithoutAType(t *testing.T) {
	answer := ""
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if got := r.URL.Query().Encode(); r.Header.Get("x-acs-action") != cloud.ActionNetworks ||
			got != "CenId=cen-1&PageNumber=1&PageSize=50" {
			t.Errorf("sent %s %s", r.Header.Get("x-acs-action"), got)
		}
		_, _ = w.Write([]byte(answer))
	}))
	defer server.Close()
	filter := cloud.NetworkFilter{RegionID: "cn-hangzhou", CenID: "cen-1"}
	vbr := cloud.Network{Type: cloud.NetworkVBR, Status: cloud.Attached}
	for body, want := range map[string][]cloud.Network{
		`{"TotalCount":60,"ChildInstances":{"ChildInstance":[{"ChildInstanceType":"VBR","Status":"Attached",` +
			`"ChildInstanceOwnerId":1234567890123456}]}}`: {vbr},
		`{"TotalCount":1,"ChildInstances":{"ChildInstance":[null]}}`: {{}},
		`{"TotalCount":0,"ChildInstances":""}`:                       nil,
		`{"TotalCount":0,"ChildInstances":{"ChildInstance":""}}`:     nil,
	} {
		answer = body
		page, err := dial(t, server.URL).ListNetworks(t.Context(), filter)
		if err != nil || !slices.Equal(page.Items, want) {
			t.Errorf("%s: got %+v, %v", body, page, err)
		}
	}
	for _, body := range []string{"", `{"RequestId":"R"}`, "<html>"} {
		answer = body
		var api *cloud.APIError
		if _, err := dial(t, server.URL).ListNetworks(t.Context(), filter); !errors.As(err, &api) {
			t.Errorf("%q: got %v", body, err)
		}
	}
}
