package fault_test

import (
	"fmt"
	"maps"
	"math"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

// blocked is a fault that strikes with a code by which it can be told from others.
func blocked(action, code string) fault.Fault {
	return fault.Fault{Action: action, Status: 400, Code: code}
}

func TestFaultsAreUsedUpInOrder(t *testing.T) {
	skipping, twice := blocked("A", "skipping"), blocked("A", "twice")
	skipping.Skip, twice.Times = 2, 2
	for title, test := range map[string]struct {
		faults    []fault.Fault
		calls     string // actions
		want      string // the code each of them is answered, "ok" for none
		remaining string // the codes, and how often each is left
	}{
		"one call is struck unless times says otherwise": {[]fault.Fault{blocked("A", "x")}, "A A", "x ok", ""},
		"times counts the calls that are struck":         {[]fault.Fault{twice}, "A A A", "twice twice ok", ""},
		"other actions pass":                             {[]fault.Fault{blocked("A", "x")}, "B A", "ok x", ""},
		"a star strikes any action":                      {[]fault.Fault{blocked("*", "x")}, "B A", "x ok", ""},
		"a list of actions is a fault for each of them": {[]fault.Fault{blocked("A,B", "x"),
			blocked("A, B", "y")}, "B C A B B A", "x ok x y ok y", ""},
		"an action is no prefix": {[]fault.Fault{blocked("A", "x")}, "AB a A",
			"ok ok x", ""},
		"the first of the list strikes first": {[]fault.Fault{blocked("A", "x"), blocked("A", "y")},
			"A A A", "x y ok", ""},
		"one call is struck by one fault only": {[]fault.Fault{blocked("*", "x"), blocked("A", "y")},
			"A", "x", "y:1"},
		"what is used up makes room for the next": {[]fault.Fault{twice, blocked("*", "x")}, "B A A A",
			"x twice twice ok", ""},
		"skip lets calls pass first": {[]fault.Fault{skipping}, "A A A A",
			"ok ok skipping ok", ""},
		"a call that is skipped can be struck by a later fault": {[]fault.Fault{skipping, blocked("A", "x")}, "A A A",
			"x ok skipping", ""},
		"skip does not count what an earlier fault struck": {[]fault.Fault{twice, skipping}, "A A A A A",
			"twice twice ok ok skipping", ""},
		"skip does not count other actions": {[]fault.Fault{skipping}, "B B A", "ok ok ok", "skipping:1"},
		"what is left of a fault is told":   {[]fault.Fault{blocked("B", "x"), twice}, "A", "twice", "x:1 twice:1"},
		"a fault that never struck is told": {[]fault.Fault{blocked("C", "x")}, "A B", "ok ok", "x:1"},
	} {
		t.Run(title, func(t *testing.T) {
			b := newBench(t, fault.Options{Faults: test.faults})
			if got := codes(b.Injector, b.send(t), strings.Fields(test.calls)); got != test.want {
				t.Errorf("answered %q; want %q", got, test.want)
			}
			var remaining []string
			for _, f := range b.Remaining() {
				remaining = append(remaining, fmt.Sprintf("%s:%d", f.Code, f.Times))
			}
			if got := strings.Join(remaining, " "); got != test.remaining {
				t.Errorf("remaining %q; want %q", got, test.remaining)
			}
		})
	}
}

// send calls actions over the bench's listener.
func (b bench) send(t *testing.T) func(action string) {
	return func(action string) { post(t.Context(), b.url, action) }
}

// codes makes the calls one after another and gives the code that each was answered.
func codes(b *fault.Injector, send func(action string), actions []string) string {
	var codes []string
	for _, action := range actions {
		send(action)
		calls := b.Calls()
		last := calls[len(calls)-1]
		if last.Code == "" && last.Status == http.StatusOK {
			last.Code = "ok"
		}
		codes = append(codes, last.Code)
	}
	return strings.Join(codes, " ")
}

func TestWindowOpensWithTheFirstCallAndIsDividedBySpeed(t *testing.T) {
	for speed, window := range map[float64]time.Duration{0: 10 * time.Second, 1: 10 * time.Second, 10: time.Second} {
		t.Run(fmt.Sprint("speed ", speed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				strike := blocked("A", "x")
				strike.For = 10 * time.Second
				injector, err := fault.New(fault.Options{Faults: []fault.Fault{strike}, Speed: speed})
				if err != nil {
					t.Fatal(err)
				}
				handler := injector.Wrap("openapi", &service{})
				send := func(action string) {
					r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader("body"))
					r.Header.Set("x-acs-action", action)
					handler.ServeHTTP(httptest.NewRecorder(), r)
				}
				time.Sleep(time.Hour) // a window does not open by itself
				if len(injector.Remaining()) != 1 {
					t.Errorf("remaining %v; want the window that never opened", injector.Remaining())
				}
				before := codes(injector, send, []string{"B", "A", "A", "B"})
				time.Sleep(window - 1)
				late := codes(injector, send, []string{"A"})
				time.Sleep(time.Nanosecond)
				after := codes(injector, send, []string{"A"})
				if got, want := before+", "+late+", "+after, "ok x x ok, x, ok"; got != want {
					t.Errorf("answered %q; want %q", got, want)
				}
				if len(injector.Remaining()) != 0 {
					t.Errorf("remaining %v; want none", injector.Remaining())
				}
			})
		})
	}
}

func TestConcurrentCallsUseUpTimesExactly(t *testing.T) {
	three, four := blocked("A", "three"), fault.Fault{Action: "*", Drop: fault.Before}
	three.Times, four.Times = 3, 4
	b := newBench(t, fault.Options{Faults: []fault.Fault{three, four}})
	var all sync.WaitGroup
	for range 40 {
		all.Go(func() { post(t.Context(), b.url, "A") })
	}
	all.Wait()
	answered := make(map[int]int)
	for _, call := range b.Calls() {
		answered[call.Status]++
	}
	if want := map[int]int{0: 4, 400: 3, 200: 33}; !maps.Equal(answered, want) || len(b.service.record()) != 33 {
		t.Errorf("answered %v with %d effects; want %v with 33", answered, len(b.service.record()), want)
	}
	if b.Counts()["A"] != 40 || len(b.Remaining()) != 0 {
		t.Errorf("counts %v, remaining %v; want 40 of A, none", b.Counts(), b.Remaining())
	}
}

func TestAFaultIsSharedByAllServices(t *testing.T) {
	injector, err := fault.New(fault.Options{Faults: []fault.Fault{{Action: "*", Times: 2, Drop: fault.Before}}})
	if err != nil {
		t.Fatal(err)
	}
	var services []string
	for _, name := range []string{"openapi", "mns", "openapi"} {
		server := httptest.NewServer(injector.Wrap(name, &service{}))
		post(t.Context(), server.URL, "A")
		server.Close()
	}
	for _, call := range injector.Calls() {
		services = append(services, fmt.Sprint(call.Service, " ", call.Struck))
	}
	if want := []string{"openapi true", "mns true", "openapi false"}; !slices.Equal(services, want) {
		t.Errorf("record %v; want %v", services, want)
	}
}

func TestNewNamesWhatIsWrong(t *testing.T) {
	good := fault.Fault{Action: "*", Drop: fault.After}
	kill := fault.Fault{Action: "A", Kill: fault.After}
	never := func(string) bool { return false }
	for title, test := range map[string]struct {
		options fault.Options
		want    string
	}{
		"a negative speed":          {fault.Options{Speed: -1}, "option Speed: -1 is not more than 0"},
		"a speed that is no number": {fault.Options{Speed: math.NaN()}, "option Speed: NaN is not more than 0"},
		"a bad fault by its place": {fault.Options{Faults: []fault.Fault{good, {Action: "A", Drop: "later"}}},
			`faults[1]: fault on action "A": drop must be before or after`},
		"a kill without a killer": {fault.Options{Faults: []fault.Fault{kill}, Caller: caller},
			`faults[0]: fault on action "A": kill needs the options Kill and Caller`},
		"a kill without known callers": {fault.Options{Faults: []fault.Fault{kill}, Kill: never},
			`faults[0]: fault on action "A": kill needs the options Kill and Caller`},
		"nothing with all it needs": {fault.Options{Faults: []fault.Fault{good, kill}, Kill: never, Caller: caller},
			"<nil>"},
	} {
		t.Run(title, func(t *testing.T) {
			if _, err := fault.New(test.options); fmt.Sprint(err) != test.want {
				t.Errorf("New: %v; want %s", err, test.want)
			}
		})
	}
}

func TestADrawnFaultStrikesWhatTheListLeaves(t *testing.T) {
	var drawn []string
	b := newBench(t, fault.Options{
		Faults: []fault.Fault{blocked("A", "listed")},
		Draw: func(action string, n int) *fault.Fault {
			drawn = append(drawn, fmt.Sprintf("%s%d", action, n))
			if n != 2 {
				return nil
			}
			fault := blocked(action, "drawn")
			return &fault
		},
	})
	if got := codes(b.Injector, b.send(t), []string{"A", "A", "B", "A", "B"}); got != "listed drawn ok ok drawn" ||
		strings.Join(drawn, " ") != "A2 B1 A3 B2" {
		t.Errorf("answered %q, drawn for %q", got, drawn)
	}
}
