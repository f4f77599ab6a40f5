package main_test

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/fault"
)

// once lets something happen in the cloud when an action is first called, after its effect.
func once(t *testing.T, action string, do func(*local.Cloud) error) func(*local.Cloud, fault.Exchange) {
	done := false
	return func(c *local.Cloud, x fault.Exchange) {
		if x.Action != action || done {
			return
		}
		done = true
		if err := do(c); err != nil {
			t.Error(err)
		}
	}
}

func tagged(router string) map[string]string {
	return map[string]string{"vpn-attach:transit-router": router}
}

// TestAnEventActsOnTodaysState changes the cloud while an attachment is followed.
func TestAnEventActsOnTodaysState(t *testing.T) {
	const cloud = `
transitRouters:
  - {id: tr-core, cen: cen-core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any}}
  - {id: tr-other, cen: cen-other, cidrs: [10.254.0.0/24], tags: {"vpn-attach:accept": any}}
` + oneConnection
	cases := map[string]struct {
		change func(*local.Cloud) error
		ending string // status and code
		status string // of the attachment at the end
	}{
		"nothing happens":           {func(*local.Cloud) error { return nil }, "attached", "Attached"},
		"the connection is deleted": {func(c *local.Cloud) error { return c.Estate.DeleteConnection("vco-1") }, "skipped Gone", "Deleted"},
		"it is opted out, which stops the following": {
			func(c *local.Cloud) error { return c.Estate.Tag("vco-1", tagged("none")) }, "skipped OptedOut", "Attached"},
		"it is tagged for another router": {
			func(c *local.Cloud) error { return c.Estate.Tag("vco-1", tagged("tr-other")) }, "conflict AttachedElsewhere", "Attached"},
		"its tag is taken away": {
			func(c *local.Cloud) error { return c.Estate.Untag("vco-1", "vpn-attach:transit-router") }, "skipped NoTarget", "Attached"},
		"consent is withdrawn, which moves nothing": {
			func(c *local.Cloud) error { return c.Estate.Untag("tr-core", "vpn-attach:accept") }, "attached", "Attached"},
		"somebody detaches it, and it is not attached again": {
			func(c *local.Cloud) error { return c.Estate.Detach("tr-attach-000000000000000001") }, "failed Vanished", "Deleted"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			e := runWhile(t, cloud, once(t, create, c.change), queued(created("e-1", "vco-1")))
			var endings []string
			for _, o := range e.outcomes(t) {
				if o.Data.Final {
					ending := string(o.Data.Status) + " " + o.Data.Reason
					if o.Data.Error != nil {
						ending += o.Data.Error.Code
					}
					endings = append(endings, strings.TrimSpace(ending))
				}
			}
			if fmt.Sprint(endings) != "["+c.ending+"]" || e.effects() != 1 || len(e.DeadLetters) != 0 {
				t.Errorf("endings %q, %d effects, %d dead letters", endings, e.effects(), len(e.DeadLetters))
			}
			if got := e.cloud.Estate.Attachments()[0].Status; got != c.status {
				t.Errorf("the attachment is %s", got)
			}
		})
	}
}

func TestAnEventThatGoesRoundFindsItsConnectionGone(t *testing.T) {
	gone := once(t, create, func(c *local.Cloud) error { return c.Estate.DeleteConnection("vco-1") })
	e := runWhile(t, aRouterAnd(oneConnection+`
faults:
  - {action: `+create+`, for: 10h, status: 400, code: Operation.Blocking}
`), gone, queued(created("e-1", "vco-1")))
	last := e.outcomes(t)[len(e.Outcomes)-1].Data
	if e.effects() != 0 || last.Status != "skipped" || last.Reason != "Gone" || last.Event.Attempt < 2 {
		t.Errorf("%d effects, %s", e.effects(), e.Outcomes)
	}
}

// A router that settles while the function is at it is found settled.
func TestABusyRouterIsLookedUpAgain(t *testing.T) {
	cloud := strings.Replace(aRouterAnd(oneConnection), "name: core", "status: Modifying", 1)
	settle := once(t, "ListTransitRouters", func(c *local.Cloud) error { return c.Estate.SetRouterStatus("tr-core", "Active") })
	e := runWhile(t, cloud, settle, queued(created("e-1", "vco-1")))
	if len(e.Attachments) != 1 || e.Calls["ListTransitRouters"] != e.Invocations+1 || e.outcomes(t)[0].Data.Status != "attaching" {
		t.Errorf("attachments %v, calls %v", e.Attachments, e.Calls)
	}
}
