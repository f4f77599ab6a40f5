package main_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/decide"
)

// sites are so many unattached connections of one transit router.
func sites(count int) string {
	var b strings.Builder
	b.WriteString("\nvpnConnections:\n")
	for i := range count {
		fmt.Fprintf(&b, "  - {id: vco-%04d, name: site-%d, tags: {\"vpn-attach:transit-router\": tr-core}, psk: canary-psk}\n", i, i)
	}
	return b.String()
}

// sweeps are what sweeps published.
func (e *evidence) sweeps(t *testing.T) (all []decide.SweepOutcome) {
	t.Helper()
	for _, raw := range e.Outcomes {
		var o decide.SweepOutcome
		if err := json.Unmarshal(raw, &o); err != nil {
			t.Fatal(err)
		}
		if o.Type == "vpn-attach.sweep.v1" {
			all = append(all, o)
		}
	}
	return all
}

func TestASweepReadsAllPagesAndAsksForSoManyAtMost(t *testing.T) {
	e := run(t, aRouterAnd(sites(120))+"function: {environment: {SWEEP: attach, SWEEP_MAX: \"30\"}}\n", direct(`{"sweep":{}}`))
	all := e.sweeps(t)
	if len(all) != 1 {
		t.Fatalf("%d sweeps were published", len(all))
	}
	d := all[0].Data
	if d.Connections != 120 || d.Pages != 3 || d.Wanted.Count != 120 || len(d.Wanted.IDs) != 20 || d.Queued != 30 || e.effects() != 30 || e.Calls["DescribeVpnConnections"] < 3 {
		t.Errorf("%+v, %d attached, calls %v", d, e.effects(), e.Calls)
	}
}

func TestASweepThatOnlyReportsMakesNothing(t *testing.T) {
	for name, c := range map[string]struct{ environment, request string }{
		"by its mode":    {"", `{"sweep":{}}`},
		"as it is asked": {"function: {environment: {SWEEP: attach}}\n", `{"sweep":{"dryRun":true}}`},
		"in a dry run":   {"function: {environment: {SWEEP: attach, DRY_RUN: \"true\"}}\n", `{"sweep":{}}`},
		"of nowhere":     {"function: {environment: {SWEEP: attach}}\n", `{"sweep":{"regions":["eu-central-1"]}}`},
	} {
		t.Run(name, func(t *testing.T) {
			e := run(t, aRouterAnd(oneConnection)+c.environment, direct(c.request))
			if len(e.sweeps(t)) != 1 || e.effects() != 0 || e.Calls["BatchSendMessage"] != 0 {
				t.Errorf("%d sweeps, %d effects, calls %v", len(e.sweeps(t)), e.effects(), e.Calls)
			}
		})
	}
	e := run(t, aRouterAnd(oneConnection)+"function: {environment: {SWEEP: \"off\"}}\n", direct(`{"sweep":{}}`))
	if len(e.Outcomes) != 0 || len(e.Calls) != 0 {
		t.Errorf("off, it published %d and called %v", len(e.Outcomes), e.Calls)
	}
}

// What the deadline cuts off goes on from the queue, and nothing is counted twice.
func TestASweepThatRunsOutOfTimeGoesOn(t *testing.T) {
	e := run(t, "function: {timeout: 2, environment: {SWEEP: attach, SWEEP_MAX: \"1000\"}}\n"+aRouterAnd(sites(120)+`
faults:
  - {action: DescribeVpnConnections, times: 3, delay: 900ms}
`), direct(`{"sweep":{}}`))
	all := e.sweeps(t)
	if len(all) != 1 {
		t.Fatalf("%d sweeps were published", len(all))
	}
	if d := all[0].Data; d.Parts < 2 || d.Connections != 120 || d.Wanted.Count != 120 || d.Queued != 120 || e.effects() != 120 {
		t.Errorf("%d parts, %d connections, %d wanted, %d queued, %d effects", d.Parts, d.Connections, d.Wanted.Count, d.Queued, e.effects())
	}
}

// A stuck connection is told by its sweep, not by an outcome or a dead letter of its own each time.
func TestWhatASweepAskedForFailsInSilence(t *testing.T) {
	e := run(t, aRouterAnd(oneConnection+`
faults:
  - {action: CreateTransitRouterVpnAttachment, times: 100, status: 400, code: QuotaExceeded.CenQuotaVpnAttachPerTransitRouter}
`)+"function: {environment: {SWEEP: attach}}\n", direct(`{"sweep":{}}`))
	if len(e.Outcomes) != 1 || len(e.sweeps(t)) != 1 || len(e.DeadLetters) != 0 || e.Calls["CreateTransitRouterVpnAttachment"] == 0 {
		t.Errorf("%d outcomes, %d dead letters, calls %v", len(e.Outcomes), len(e.DeadLetters), e.Calls)
	}
}

func TestASweepWhoseListIsRefusedSaysSo(t *testing.T) {
	e := run(t, aRouterAnd(oneConnection+`
faults:
  - {action: DescribeVpnConnections, times: 100, status: 403, code: Forbidden.RAM}
`), direct(`{"sweep":{}}`))
	all := e.sweeps(t)
	if len(all) != 1 || all[0].Data.Unread["Forbidden.RAM"] != 1 || all[0].Data.Connections != 0 {
		t.Errorf("published %+v", all)
	}
}

// Events, and sweeps in the middle of them, make one attachment.
func TestASweepWhileEventsFlowMakesNoSecondAttachment(t *testing.T) {
	for _, behind := range []string{"", "\nfaults:\n  - {action: \"*\", for: 1m, staleDescribe: 20s}\n"} {
		e := run(t, aRouterAnd(sites(10)+behind)+"function: {environment: {SWEEP: attach}}\n",
			queued(created("e-0", "vco-0000")), queued(`{"sweep":{}}`), queued(created("e-1", "vco-0001")), queued(`{"sweep":{}}`), queued(created("e-2", "vco-0002")))
		if e.effects() != 10 || len(e.Attachments) != 10 || len(e.DeadLetters) != 0 {
			t.Errorf("%d effects, %d attachments, %d dead letters", e.effects(), len(e.Attachments), len(e.DeadLetters))
		}
	}
}

// An attachment of ours that nobody follows any more is taken up; who is on the way is let be.
func TestASweepTakesUpWhatHasBeenAttachingForTooLong(t *testing.T) {
	site := `
vpnConnections:
  - {id: vco-1, name: site-1, psk: canary, tags: {"vpn-attach:transit-router": tr-core}, transitRouter: tr-core, state: attaching, attachmentTags: {%s}}
attachSeconds: 200
`
	for name, c := range map[string]struct {
		tags, confirm string
		amiss, under  int
	}{
		"it is ours":         {`"vpn-attach:vpn-connection": vco-1`, "10s", 1, 0},
		"it is not ours":     {``, "10s", 0, 1},
		"it is young enough": {`"vpn-attach:vpn-connection": vco-1`, "24h", 0, 1},
	} {
		t.Run(name, func(t *testing.T) {
			e := run(t, aRouterAnd(fmt.Sprintf(site, c.tags))+"function: {environment: {SWEEP: attach, CONFIRM_TIMEOUT: "+c.confirm+"}}\n", direct(`{"sweep":{}}`))
			all := e.sweeps(t)
			if len(all) != 1 || all[0].Data.Amiss.Count != c.amiss || all[0].Data.UnderWay != c.under || all[0].Data.Queued != c.amiss || e.effects() != 0 {
				t.Errorf("got %+v", all)
			}
		})
	}
}
