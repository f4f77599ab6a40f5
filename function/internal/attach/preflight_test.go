package attach

import "testing"

func TestPreflightReadsBothEndsBeforeAnyWrite(t *testing.T) {
	good := Router{ID: "tr-a", Type: "Enterprise", Status: "Active", CIDRs: []string{"10.255.0.0/24"}}
	basic, resting, bare := good, good, good
	basic.Type, resting.Status, bare.CIDRs = "Basic", "Modifying", nil
	on := func(state, router string) Connection {
		return Connection{ID: "vco-1", State: state, TransitRouterID: router}
	}
	cases := map[string]struct {
		connection Connection
		router     Router
		status     Status // "" = go on
		code       string
		again      bool
		standing   bool
	}{
		"an unbound connection and a ready router go on":    {on("init", ""), good, "", "", false, false},
		"a connection that is attached here stands":         {on("attached", "tr-a"), good, "", "", false, true},
		"a connection that is attaching here stands":        {on("attaching", "tr-a"), good, "", "", false, true},
		"it stands even when the router is being changed":   {on("attached", "tr-a"), resting, "", "", false, true},
		"a connection that is attached elsewhere is left":   {on("attached", "tr-b"), good, StatusConflict, CodeAttachedElsewhere, false, false},
		"a connection that is attaching elsewhere is left":  {on("attaching", "tr-b"), good, StatusConflict, CodeAttachedElsewhere, false, false},
		"a connection of a VPN gateway is left":             {on("active", ""), good, StatusConflict, CodeBoundToGateway, false, false},
		"a locked connection needs its owner":               {on("financialLocked", ""), good, StatusFailed, CodeConnectionLocked, false, false},
		"a deleted connection needs nothing":                {on("deleted", ""), good, StatusSkipped, CodeGone, false, false},
		"a connection that is detaching is read again":      {on("detaching", "tr-a"), good, StatusFailed, CodeConnectionBusy, true, false},
		"a connection that is made ready is read again":     {on("provisioning", ""), good, StatusFailed, CodeConnectionBusy, true, false},
		"a connection in an unheard-of state is read again": {on("quantum", ""), good, StatusFailed, CodeConnectionBusy, true, false},
		"a Basic Edition router is refused":                 {on("init", ""), basic, StatusFailed, CodeRouterNotEnterprise, false, false},
		"a router that is being changed is read again":      {on("init", ""), resting, StatusFailed, CodeRouterNotActive, true, false},
		"a router without a CIDR block is refused":          {on("init", ""), bare, StatusFailed, CodeRouterWithoutCIDR, false, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			standing, end := preflight(c.connection, c.router)
			if standing != c.standing {
				t.Errorf("standing: got %v", standing)
			}
			if end == nil {
				if c.status != "" {
					t.Errorf("went on, want %s %s", c.status, c.code)
				}
				return
			}
			code := end.Reason
			if end.Fault != nil {
				code = end.Fault.Code
			}
			if end.Status != c.status || code != c.code || end.again != c.again {
				t.Errorf("got %+v with code %q", *end, code)
			}
		})
	}
}

func TestEveryRefusalOfOursHasAClassAndAdvice(t *testing.T) {
	table := NewErrorTable(nil)
	for _, code := range []string{
		CodeTargetNotFound, CodeTargetAmbiguous, CodeRouterNotEnterprise, CodeRouterNotActive, CodeRouterWithoutCIDR, CodeOtherRegion,
		CodeBoundToGateway, CodeAttachedElsewhere, CodeConnectionBusy, CodeConnectionLocked, CodeNameInvalid, CodeMalformed, CodeOversize,
		CodeNotAllowed, CodeNoAnswer, CodeInternal, CodeConfirmTimeout, CodeVanished, CodeTableElsewhere,
	} {
		v := failed("", Fault{Code: code}).completed(table)
		if v.Fault.Class == "" || v.Fault.Advice == "" || v.Fault.Exhausted {
			t.Errorf("%s: got %+v", code, *v.Fault)
		}
	}
	own := failed("", Fault{Code: CodeConsentMissing, Advice: "add the tag"}).completed(table)
	if own.Fault.Advice != "add the tag" || own.Fault.Class != ClassOperator {
		t.Errorf("the stage's own advice was lost: %+v", *own.Fault)
	}
}
