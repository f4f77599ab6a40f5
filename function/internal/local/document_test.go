package local

import (
	"encoding/json"
	"net/url"
	"testing"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/cloud"
)

func TestTheDocumentNamesTheRouteTablesOfEveryAttachment(t *testing.T) {
	spec, err := ReadSpec([]byte(`
routeTableSeconds: 3600
transitRouters: [{id: tr-1, cen: cen-1, routeTables: [{id: vtb-1}, {id: vtb-2}]}]
vpnConnections:
  - {id: vco-1, transitRouter: tr-1}
  - {id: vco-2, transitRouter: tr-1, associated: vtb-1, propagated: [vtb-2, vtb-1]}
`))
	if err != nil {
		t.Fatal(err)
	}
	running, err := Start(spec, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer running.Close()
	client := &cbn.Client{Endpoint: &url.URL{Scheme: "http", Host: running.Address},
		Credentials: aliyun.NewCredentials("local", "local", ""), HTTP: aliyun.NewHTTPClient(1, nil)}
	underWay := cloud.BindingRequest{Kind: cloud.Association, RegionID: spec.Region,
		AttachmentID: "tr-attach-000000000000000001", TableID: "vtb-2"}
	if err := client.Bind(t.Context(), underWay); err != nil || running.Estate.Pending() != 1 {
		t.Errorf("binding: %v, %d under way", err, running.Estate.Pending())
	}
	got, err := json.Marshal(running.document(0).Attachments)
	want := `[{"transitRouterAttachmentId":"tr-attach-000000000000000001","vpnConnectionId":"vco-1",` +
		`"transitRouterId":"tr-1","status":"Attached","associated":[],"propagated":[]},` +
		`{"transitRouterAttachmentId":"tr-attach-000000000000000002","vpnConnectionId":"vco-2",` +
		`"transitRouterId":"tr-1","status":"Attached","associated":["vtb-1"],"propagated":["vtb-2","vtb-1"]}]`
	if err != nil || string(got) != want {
		t.Errorf("got  %s (%v)\nwant %s", got, err, want)
	}
	if err := running.Estate.Detach("tr-attach-000000000000000002"); err != nil {
		t.Fatal(err)
	}
	if a := running.document(0).Attachments[1]; len(a.Associated)+len(a.Propagated) != 0 {
		t.Errorf("a deleted attachment is bound to %v, %v", a.Associated, a.Propagated)
	}
}

func TestRouteTablesTakeFiveSecondsUnlessTheCloudFileSaysOtherwise(t *testing.T) {
	for text, want := range map[string]float64{"attachSeconds: 1": 5, "routeTableSeconds: 0": 0,
		"routeTableSeconds: 0.5": 0.5} {
		if spec, err := ReadSpec([]byte(text)); err != nil || spec.RouteTableSeconds != want {
			t.Errorf("%s: got %g, %v", text, spec.RouteTableSeconds, err)
		}
	}
	if _, err := ReadSpec([]byte("routeTableSeconds: -1")); err == nil {
		t.Error("a negative time is taken")
	}
}
