package decide

import (
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestPreflightReadsBothEndsBeforeAnyWrite(t *testing.T) {
	good := cloud.Router{ID: "tr-a", Type: cloud.TypeEnterprise, Status: cloud.StatusActive,
		CIDRs: []string{"10.255.0.0/24"}}
	basic, changing, bare := good, good, good
	basic.Type, changing.Status, bare.CIDRs = "Basic", "Modifying", nil
	on := func(state, router string) cloud.Connection {
		return cloud.Connection{ID: "vco-1", State: state, TransitRouterID: router}
	}
	cases := map[string]struct {
		connection cloud.Connection
		router     cloud.Router
		status     Status // "" = go on
		code       string
		reread     bool
		stands     bool
	}{
		"an unbound connection and a ready router go on":  {on("init", ""), good, "", "", false, false},
		"a connection that is attached here stands":       {on("attached", "tr-a"), good, "", "", false, true},
		"a connection that is attaching here stands":      {on("attaching", "tr-a"), good, "", "", false, true},
		"it stands even when the router is being changed": {on("attached", "tr-a"), changing, "", "", false, true},
		"a connection that is attached elsewhere is left": {
			on("attached", "tr-b"), good, StatusConflict, CodeAttachedElsewhere, false, false,
		},
		"a connection that is attaching elsewhere is left": {
			on("attaching", "tr-b"), good, StatusConflict, CodeAttachedElsewhere, false, false,
		},
		"a connection of a VPN gateway is left": {
			on("active", ""), good, StatusConflict, CodeBoundToGateway, false, false,
		},
		"a locked connection needs its owner": {
			on("financialLocked", ""), good, StatusFailed, CodeConnectionLocked, false, false,
		},
		"a deleted connection needs nothing": {on("deleted", ""), good, StatusSkipped, CodeGone, false, false},
		"a connection that is detaching is read again": {
			on("detaching", "tr-a"), good, StatusFailed, CodeConnectionBusy, true, false,
		},
		"a connection that is made ready is read again": {
			on("provisioning", ""), good, StatusFailed, CodeConnectionBusy, true, false,
		},
		"a connection in an unknown state is read again": {
			on("quantum\x1b", ""), good, StatusFailed, CodeConnectionBusy, true, false,
		},
		"a Basic Edition router is refused": {
			on("init", ""), basic, StatusFailed, CodeRouterNotEnterprise, false, false,
		},
		"a router that is being changed is read again": {
			on("init", ""), changing, StatusFailed, CodeRouterNotActive, true, false,
		},
		"a router without a CIDR block is refused": {
			on("init", ""), bare, StatusFailed, CodeRouterWithoutCIDR, false, false,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			stands, err := Preflight(c.connection, c.router)
			if stands != c.stands || codeOf(t, err) != c.code {
				t.Fatalf("stands %v, %v", stands, err)
			}
			if err == nil {
				return
			}
			verdict, reread := codes().Verdict(err), rereads(err)
			if verdict.Status != c.status || reread != c.reread {
				t.Errorf("got %+v, reread %v", verdict, reread)
			}
			if Ends(err, CodeConnectionBusy) != (c.code == CodeConnectionBusy) ||
				Ends(err, CodeGone) != (c.code == CodeGone) || Ends(err, CodeTargetNotFound) {
				t.Errorf("it is taken for another end: %v", err)
			}
		})
	}
}
