package local

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/events"
	"vpn-attach/function/internal/standin/fault"
)

const toExport = `
transitRouters:
  - {id: tr-core, cen: cen-core, cidrs: [10.255.0.0/24], tags: {"vpn-attach:accept": any}}
vpnConnections:
  - {id: vco-1, name: one, psk: do-not-show, dualTunnel: false, tags: {env: prod},
     settings: {LocalSubnet: 10.1.0.0/16, IkeConfig.Psk: do-not-show}}
`

// TestWhatHappenedBecomesACase plays what people did, writes it down, and plays what was written.
func TestWhatHappenedBecomesACase(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		spec, err := ReadSpec([]byte(toExport))
		if err != nil {
			t.Fatal(err)
		}
		c, err := StartInProcess(spec, Options{Record: true})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if _, err := c.AsCase(); err == nil {
			t.Error("nothing happened, and there is a case")
		}
		if _, err := c.Play(t.Context(), people(c), time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		byHand(c)
		text, err := c.AsCase()
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "do-not-show") {
			t.Errorf("a key was written down:\n%s", text)
		}
		cases, err := ReadCase("what-happened.yaml", text, events.Files, events.Files)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		_, differences := cases[0].Run(t.Context(), StartInProcess, Options{}, time.Hour, nil)
		for _, difference := range differences {
			t.Error(difference)
		}
		for _, want := range []string{
			"attached", "checked", "ConsentMissing", "untag:", "invoke:", "after:", "times: 2",
			"LocalSubnet: 10.1.0.0/16", "CreateTransitRouterVpnAttachment vco-9\n",
		} {
			if !strings.Contains(string(text), want) {
				t.Errorf("the case does not say %s", want)
			}
		}
		if strings.Contains(string(text), "ListTransitRouters") || strings.Count(string(text), "vco-9") != 1 {
			t.Error("the case tells of calls that changed nothing, or are steps")
		}
		if t.Failed() {
			t.Logf("%s", text)
		}
		time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
	})
}

// byHand tells of calls of a person's tool: one that no step makes, a reading, a refusal, and one with a trail.
func byHand(c *Cloud) {
	for _, x := range []fault.Exchange{
		{Action: "CreateTransitRouterVpnAttachment", URL: "/?VpnId=vco-9", Status: 200},
		{Action: "ListTransitRouters", URL: "/?TransitRouterId=vco-9", Status: 200},
		{Action: "DeleteTransitRouterRouteTable", URL: "/?VpnId=vco-9", Status: 404},
		{Action: "CreateVpnAttachment", URL: "/?VpnId=vco-9", Status: 200},
	} {
		x.Service, x.AccessKeyID, x.Arrived = openAPI, "local", time.Now()
		c.noteExchange(x)
	}
}

// people create, tag, ask and add a fault.
func people(c *Cloud) func(context.Context) error {
	return func(ctx context.Context) error {
		if err := c.Faults.Add(fault.Fault{
			Action: "CreateTransitRouterVpnAttachment", Times: 2, Status: 400, Code: "Operation.Blocking",
		}); err != nil {
			return err
		}
		for _, do := range []struct {
			path, body string
		}{
			{"connections", `{"name":"new","tags":{"vpn-attach:transit-router":"tr-core"}}`},
			{"invocations", `{"vpnConnectionId":"vco-1","transitRouterId":"tr-core","dryRun":true}`},
			{"invocations", "\n{\"vpnConnectionId\":\t\"vco-1\",\r\n\"dryRun\": true} "},
			{"tags", `{"id":"tr-core","remove":["vpn-attach:accept"]}`},
			{"tags", `{"id":"vco-1","set":{"vpn-attach:transit-router":"tr-core"}}`},
		} {
			if status := inProcess(c, do.path, do.body); status >= 300 {
				return &TimeoutError{Left: do.path}
			}
			time.Sleep(time.Minute)
		}
		return nil
	}
}
