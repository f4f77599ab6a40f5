package plan

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/usage"
)

// TestThePlanIsWhatTheSweepThenDoes plans for an estate, has the function as it is deployed sweep it in earnest, on a
// cloud at its own speed, and compares connection by connection. With PLAN_CONNECTIONS=10000 it has an estate of that
// size, too, which takes minutes.
func TestThePlanIsWhatTheSweepThenDoes(t *testing.T) {
	many, _ := strconv.Atoi(os.Getenv("PLAN_CONNECTIONS"))
	for name, c := range map[string]struct {
		connections int
		environment map[string]string
	}{
		"nothing, or as many as are asked for": {connections: many}, "twelve connections": {connections: 12},
		"every kind several times": {connections: 220},
		"every kind, under another configuration": {connections: 26, environment: map[string]string{
			"DEFAULT_TRANSIT_ROUTER": "cen-branch", "REQUIRE_CONSENT": "false",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				n := c.connections
				spec, want := mixed(t, n)
				spec.Function.Environment = c.environment
				planned, err := Run(t.Context(), spec, Options{Places: DefaultPlaces})
				if err != nil {
					t.Fatal(err)
				}
				if slices.ContainsFunc(planned.Routers, func(r Router) bool { return r.ID == "tr-far" }) {
					t.Error("it counts the places of a transit router in another region")
				}
				swept := sweepInEarnest(t, spec)
				if len(planned.Connections) != n || planned.Changes() != (n > 0) {
					t.Errorf("%d connections are planned: %v", len(planned.Connections), planned.Totals)
				}
				for _, one := range planned.Connections {
					is := want[one.ID]
					for _, missing := range []string{"dead letter", "invoke the function"} {
						if strings.Contains(one.Advice, missing) {
							t.Errorf("%s: a plan has nothing of the kind: %s", one.ID, one.Advice)
						}
					}
					if len(c.environment) == 0 && (one.Action != is.action || one.Code != is.code) {
						t.Errorf("%s is planned as %s %s, not %s %s", one.ID, one.Action, one.Code, is.action, is.code)
					}
					isUp := is.TransitRouter != "" && is.State != "attaching"
					if isUp != (one.Health == decide.HealthUp) {
						t.Errorf("%s: the health is %q", one.ID, one.Health)
					}
					if became := swept.of(one); became != shortly(one) {
						t.Errorf("%s is planned as\n%s; it became\n%s", one.ID, shortly(one), became)
					}
				}
				if codes := codesOf(planned); !maps.Equal(codes, swept.codes) {
					t.Errorf("the codes that are planned are %v; a sweep counts %v", codes, swept.codes)
				}
				time.Sleep(time.Minute) // in which the queue SDK's cleaner of idle connections ends
			})
		})
	}
}

// TestManyConnectionsArePlannedInTime is run by hand: PLAN_CONNECTIONS=10000 go test -run ManyConnections -v.
func TestManyConnectionsArePlannedInTime(t *testing.T) {
	n, _ := strconv.Atoi(os.Getenv("PLAN_CONNECTIONS"))
	if n == 0 {
		t.Skip("PLAN_CONNECTIONS does not say how many")
	}
	spec, want := mixed(t, n)
	began := time.Now()
	last := ""
	said := func(p Progress) {
		if p.What != last {
			t.Log(p)
		}
		last = p.What
	}
	planned, err := Run(t.Context(), spec, Options{Places: DefaultPlaces, Progress: said})
	if err != nil {
		t.Fatal(err)
	}
	used, err := usage.Read(os.Getpid())
	t.Logf("planned in %s, %d MB at most, %v: %v", time.Since(began), used.Peak>>10, err, planned.Totals)
	for _, one := range planned.Connections {
		if is := want[one.ID]; one.Action != is.action || one.Code != is.code {
			t.Errorf("%s is planned as %s %s, not %s %s", one.ID, one.Action, one.Code, is.action, is.code)
		}
	}
}

// sweeps are what came of sweeps in earnest, by the records of the cloud.
type sweeps struct {
	before map[string]string // the transit router of a connection, before
	after  map[string]local.Attachment
	said   map[string]string // the code of the final outcome, by connection
	codes  map[string]int    // how many connections the last sweep counts for each code
	named  map[string]int    // how many of those it names
}

// sweepInEarnest sweeps every ten minutes, as the timer of the template does, until nothing more becomes of it.
func sweepInEarnest(t *testing.T, spec local.Spec) sweeps {
	t.Helper()
	environment := map[string]string{"SWEEP": "attach"}
	if len(spec.Connections) > 1000 {
		environment["SWEEP_MAX"] = "1000"
		// Else each request lists thousands of attachments of one transit router, and it takes many sweeps more.
		spec.Connections = marked(spec.Connections, defaultPrefix)
	}
	maps.Copy(environment, spec.Function.Environment)
	spec.Function.Environment = environment
	cloud, err := local.StartInProcess(spec, local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer cloud.Close()
	s := sweeps{before: map[string]string{}, after: map[string]local.Attachment{}, said: map[string]string{}}
	var end local.Document
	for done := -1; done < bindings(end.Attachments); {
		done = bindings(end.Attachments)
		input := local.Input{Name: "sweep", Bytes: []byte(`{"sweep":{}}`), Payload: true}
		if end, err = cloud.Replay(t.Context(), []local.Input{input}, 30*time.Hour, nil); err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Minute)
	}
	s.read(t, end)
	for _, a := range end.Attachments {
		s.after[a.ConnectionID] = a
	}
	for _, v := range spec.Connections {
		s.before[v.ID] = fmt.Sprint(v.TransitRouter, v.Associated, v.Propagated)
	}
	return s
}

// bindings counts what stands: attachments, and the route tables to which they are bound. What a sweep asks for is
// tried until the next one, so that for many connections the quotas leave some of it to later ones.
func bindings(all []local.Attachment) (n int) {
	for _, a := range all {
		n += 1 + len(a.Associated) + len(a.Propagated)
	}
	return n
}

// read takes the codes of the final outcomes, and of the last sweep.
func (s *sweeps) read(t *testing.T, end local.Document) {
	t.Helper()
	for _, text := range end.Outcomes {
		var o struct {
			Subject string
			Data    struct {
				Status           string
				Final            bool
				Error            struct{ Code string }
				Skipped, Refused map[string]decide.Tally
			}
		}
		if err := json.Unmarshal(text, &o); err != nil {
			t.Fatal(err)
		}
		if o.Subject != "" && o.Data.Final {
			s.said[o.Subject] = o.Data.Error.Code
		}
		if o.Subject != "" {
			continue
		}
		s.codes, s.named = map[string]int{}, map[string]int{}
		for _, tallies := range []map[string]decide.Tally{o.Data.Refused, o.Data.Skipped} {
			for code, tally := range tallies {
				s.codes[code], s.named[code] = tally.Count, len(tally.IDs)
				for _, id := range tally.IDs {
					s.said[id] = code
				}
			}
		}
	}
}

// of says in a line what became of a connection. A sweep names the first connections of each code, and counts the rest:
// of one that is not named, the code may be the one that is planned.
func (s sweeps) of(c Connection) string {
	id := c.ID
	a, change := s.after[id], "nothing"
	if _, isSaid := s.said[id]; !isSaid && s.codes[c.Code] > s.named[c.Code] {
		s.said[id] = c.Code
	}
	now := fmt.Sprint(a.RouterID, first(a.Associated), a.Propagated)
	switch {
	case s.before[id] == "[]" && a.ID != "":
		change = "attached"
	case a.ID != "" && now != s.before[id]:
		change = "bound"
	}
	if change != "nothing" {
		change += " to " + a.RouterID
	}
	slices.Sort(a.Propagated)
	return line(change, Tables{first(a.Associated), a.Propagated}, s.said[id])
}

// shortly says the same of the plan.
func shortly(c Connection) string {
	change, code := "nothing", c.Code
	switch c.Action {
	case Attach:
		change = "attached to " + c.RouterID
	case Bind:
		change = "bound to " + c.RouterID
	}
	if code == "NoTarget" { // without the tag a sweep does not even list it
		code = ""
	}
	return line(change, *cmp.Or(c.RouteTables, &Tables{}), code)
}

// codesOf counts the connections of each code that a sweep tells. Without the tag it does not even list them.
func codesOf(d Document) map[string]int {
	codes := map[string]int{}
	for _, c := range d.Connections {
		if c.Code != "" && c.Code != "NoTarget" {
			codes[c.Code]++
		}
	}
	return codes
}

func line(change string, t Tables, code string) string {
	return fmt.Sprintf("%s, associated %q, propagated %q, code %q", change, t.Associated, t.Propagated, code)
}
