package scale

import (
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
)

func TestTheBoundIsWhatTheShareOfTheQuotaAllows(t *testing.T) {
	o := Options{Connections: 9000, Factor: 20, Share: 0.5}
	if got := o.bound(); got != 470*time.Second { // so long to start, 30 creates a second, half a minute to attach
		t.Errorf("got %s", got)
	}
}

func TestOnlyCallsBeforeAnAttachmentBelongToItsPath(t *testing.T) {
	r := &run{Options: Options{Connections: 1, Factor: 60, Share: 0.5}}
	at := time.Now()
	for i, c := range []call{
		{action: cloud.ActionInventory, key: "a"},
		{action: cloud.ActionDescribe, key: "a", connection: "vco-1"},
		{action: cloud.ActionRouters, key: "a"},
		{action: cloud.ActionCreate, key: "a", connection: "vco-1", throttled: true},
		{action: cloud.ActionCreate, key: "a", connection: "vco-1", made: true},
		{action: cloud.ActionDescribe, key: "b", connection: "vco-1"},
		{action: cloud.ActionRouters, key: "b"},
		{action: cloud.ActionAttachments, key: "b"},
	} {
		c.at = at.Add(time.Duration(i) * time.Second)
		r.calls = append(r.calls, c)
	}
	if got := r.attachPath(); got != 5 {
		t.Errorf("%d calls", got)
	}
}

func TestCreatesAreCountedInEveryMinute(t *testing.T) {
	r := &run{Options: Options{Connections: 1, Factor: 1, Share: 1}, started: time.Now()}
	for i := range 360 { // every second one, and in one minute twice as many
		at := r.started.Add(time.Duration(i) * time.Second)
		r.calls = append(r.calls, call{at: at, action: cloud.ActionCreate}, call{at: at, action: cloud.ActionRouters})
		if i >= 240 && i < 300 {
			r.calls = append(r.calls, call{at: at, action: cloud.ActionCreate})
		}
	}
	most, median := r.minutes()
	if share := 180.0; most != 120/share || median < 60/share || median > 90/share {
		t.Errorf("the most are %g, the median is %g", most, median)
	}
}

func TestEachBarCanBeMissed(t *testing.T) {
	o := Options{Connections: 10, Factor: 1, Share: 1, Instances: 1}
	good := Result{Options: o, Attached: 10, Took: o.bound(), Attaching: 3, Peak: 50 << 10, Most: 1, Usual: 0.92}
	if !good.Met() {
		t.Fatal("the good result does not meet its bars")
	}
	for name, spoil := range map[string]func(*Result){
		"one is not attached":    func(r *Result) { r.Attached = 9 },
		"it takes too long":      func(r *Result) { r.Took = o.bound()*5/4 + 1 },
		"a minute has too many":  func(r *Result) { r.Most = 1.11 },
		"the share is not used":  func(r *Result) { r.Usual = 0.89 },
		"too many are throttled": func(r *Result) { r.Throttled = 0.02 },
		"too many calls":         func(r *Result) { r.Attaching = 3.3 },
		"too much memory":        func(r *Result) { r.Peak = 97 << 10 },
		"the memory is unknown":  func(r *Result) { r.Peak = 0 },
	} {
		bad := good
		spoil(&bad)
		var out strings.Builder
		bad.Table(&out)
		if bad.Met() || strings.Count(out.String(), "FAIL") == 0 {
			t.Errorf("%s: every bar is met", name)
		}
	}
}

func TestLooksAreCountedBesideWhatAttaches(t *testing.T) {
	r := &run{Options: Options{Connections: 4, Factor: 60, Share: 0.5}}
	page := call{action: cloud.ActionInventory, answered: true}
	of := func(c call, key, connection string) call {
		c.key, c.connection = key, connection
		return c
	}
	r.calls = []call{
		of(page, "a", ""), // of an invocation that attaches
		of(call{action: cloud.ActionCreate, made: true}, "a", "vco-1"),
		of(page, "a", "vco-0"), of(page, "b", ""), of(page, "b", "vco-0"),
		of(call{action: cloud.ActionInventory, throttled: true}, "c", "vco-0"),
		of(call{action: cloud.ActionDescribe, answered: true}, "d", "vco-0"),
	}
	if each, most := r.looks(); each != 1 || most != 2 {
		t.Errorf("%g calls a connection, the most are %d", each, most)
	}
	if got := r.attachPath(); got != 3 {
		t.Errorf("%d calls lead to attachments", got)
	}
}

func TestTheSitesThatStayDarkAreSpread(t *testing.T) {
	for share, want := range map[float64]string{0: "....", 0.5: ".#.#", 1: "####"} {
		got := ""
		for i := range 4 {
			got += map[bool]string{true: "#", false: "."}[len(Options{Dark: share}.site(i).Tunnels) == 2]
		}
		if got != want {
			t.Errorf("%g: %s", share, got)
		}
	}
}

func TestTheBarsOfHealthCanBeMissed(t *testing.T) {
	o := Options{Connections: 10, Factor: 1, Share: 1, Instances: 1, Without: 100 * time.Second}
	good := Result{Options: o, Took: 105 * time.Second, Looks: 6, MostLooks: 6}
	off := good
	off.Health = decide.HealthOff
	if len(off.healthBars()) != 0 {
		t.Errorf("with HEALTH=off there are %+v", off.healthBars())
	}
	for name, spoil := range map[string]func(*Result){
		"":                        func(*Result) {},
		"looks at the health":     func(r *Result) { r.Looks = 6.1 },
		"the most at one":         func(r *Result) { r.MostLooks = 7 },
		"of that with HEALTH=off": func(r *Result) { r.Took = 106 * time.Second },
	} {
		r, missed := good, ""
		spoil(&r)
		for _, b := range r.healthBars() {
			if !b.met {
				missed += b.what
			}
		}
		if !strings.Contains(missed, name) || name == "" && missed != "" {
			t.Errorf("%s: missed are %q", name, missed)
		}
	}
}
