package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

func TestWhoAsksTheSameAtTheSameTimeWaitsForOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var m memo[int, int]
		var asked atomic.Int32
		var wait sync.WaitGroup
		began := time.Now()
		for i := range 50 {
			wait.Go(func() {
				got, err := m.get(i%2, func() (int, error) {
					time.Sleep(time.Second)
					asked.Add(1)
					return 10 + i%2, nil
				})
				if got != 10+i%2 || err != nil {
					t.Errorf("got %d, %v", got, err)
				}
			})
		}
		wait.Wait()
		if took := time.Since(began); asked.Load() != 2 || took != time.Second {
			t.Errorf("asked %d times in %s for two answers", asked.Load(), took)
		}
	})
}

func TestAFailureIsRememberedLikeAnAnswer(t *testing.T) {
	var m memo[string, int]
	broken := errors.New("broken")
	if _, err := m.get("a", func() (int, error) { return 0, broken }); !errors.Is(err, broken) {
		t.Errorf("got %v", err)
	}
	ask := func() (int, error) { return 1, nil }
	if _, err := m.get("a", ask); !errors.Is(err, broken) {
		t.Errorf("the same question got %v", err)
	}
	if got, err := m.get("b", ask); got != 1 || err != nil {
		t.Errorf("another question got %d, %v", got, err)
	}
}

// Whoever waits for a call that panics gets an error, and nobody waits for ever.
func TestAPanicOfTheOneWhoAsksIsAnErrorForTheOthers(t *testing.T) {
	var m memo[string, int]
	func() {
		defer func() { _ = recover() }()
		_, _ = m.get("a", func() (int, error) { panic("canary") })
	}()
	got, err := m.get("a", func() (int, error) { return 1, nil })
	if err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("got %d, %v", got, err)
	}
}

func TestFiltersThatDifferInAnythingAreDifferentQuestions(t *testing.T) {
	tags := func(pairs ...string) cloud.RouterFilter {
		f := cloud.RouterFilter{Tags: map[string]string{}}
		for i := 0; i < len(pairs); i += 2 {
			f.Tags[pairs[i]] = pairs[i+1]
		}
		return f
	}
	seen := map[key]string{}
	for pass := range 2 {
		for _, f := range []cloud.RouterFilter{
			{}, {RegionID: "a"}, {RouterID: "a"}, {CenID: "a"}, {RegionID: "a", RouterID: "a"}, tags("a", "b"),
			tags("a", "c"),
			tags("a", "b", "c", "d"), tags("a", "x", "b", "y b=z"), tags("a", "x b=y", "b", "z"), tags("a",
				"\x01"), tags("a", "\x02"),
		} {
			asked, name := keyOf(pass, f), fmt.Sprintf("%d %+v", pass, f)
			if twin, found := seen[asked]; found {
				t.Errorf("%s and %s are taken for the same", name, twin)
			}
			seen[asked] = name
		}
	}
	if keyOf(1, tags("a", "b", "c", "d")) != keyOf(1, tags("c", "d", "a", "b")) {
		t.Error("the order of tags makes another question")
	}
}

func TestEventsOfAnInvocationShareTheirRouterAndItsTables(t *testing.T) {
	var connections []estate.VPNConnection
	var elements []string
	for i := range 9 {
		id := fmt.Sprint("vco-", i)
		c := tag(id, "transit-router", "tr-core", "propagate", "sites")
		c.TransitRouter = "tr-core"
		connections, elements = append(connections, c), append(elements, created(id))
	}
	b := newBench(t, connections)
	b.handle(elements...)
	counts := b.faults.Counts()
	if counts[cloud.ActionRouters] != 1 || counts[cloud.ActionTables] != 1 || counts[cloud.ActionDescribe] != 9 ||
		counts[cloud.ActionInventory] != 0 {
		t.Errorf("it called %v", counts)
	}
	b.goOn()
	if again := b.faults.Counts(); again[cloud.ActionRouters] != 2 || again[cloud.ActionTables] != 2 {
		t.Errorf("another invocation must ask again: %v", again)
	}
	// Watched attachments of one router share the first page of its list.
	if shared := b.faults.Counts()[cloud.ActionAttachments] - counts[cloud.ActionAttachments]; shared != 1 {
		t.Errorf("nine looks listed attachments %d times", shared)
	}
}

// manyEvents of one region are read by pages, where that is fewer calls.
func TestManyConnectionsAreReadByPages(t *testing.T) {
	ids, elements := make([]string, manyEvents), make([]string, manyEvents)
	for i := range ids {
		ids[i] = fmt.Sprint("vco-", i)
		elements[i] = created(ids[i])
	}
	missing := append(elements[1:manyEvents:manyEvents], retried("vco-missing"))
	page := fault.Fault{Action: cloud.ActionInventory, Status: 403, Code: "Forbidden.RAM"}
	cases := map[string]struct {
		others             int // connections of nobody's interest
		elements           []string
		faults             []fault.Fault
		listed, described  int
		attached, notFound int
	}{
		"enough of them":                        {0, elements, nil, 1, 0, manyEvents, 0},
		"too few of them":                       {0, elements[1:], nil, 0, manyEvents - 1, manyEvents - 1, 0},
		"what the pages lack is read by itself": {0, missing, nil, 1, 1, manyEvents - 1, 1},
		"too many pages":                        {50 * manyEvents / 2, elements, nil, 1, manyEvents, manyEvents, 0},
		"pages that fail are no reason to fail": {0, elements, []fault.Fault{page}, 1, manyEvents, manyEvents, 0},
		"events of a region that is not served": {
			0, append(elements[1:manyEvents:manyEvents], ask("vco-0", `,"regionId":"eu-central-1"`)), nil, 0,
			manyEvents - 1, manyEvents - 1, 1,
		},
		"events of another account": {
			0, append(elements[1:manyEvents:manyEvents], retried("vco-0", `,"ownerId":"`+foreign+`"`)), nil, 0,
			manyEvents, manyEvents - 1, 1,
		},
		"half as many pages as events":           {240, elements, nil, 5, 0, manyEvents, 0},
		"as many pages as save calls are listed": {50, elements, nil, 2, 0, manyEvents, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			connections := sites(ids...)
			for i := range c.others {
				connections = append(connections, tag(fmt.Sprint("vco-other", i)))
			}
			b := newBench(t, connections, c.faults...)
			b.Rules.Accounts = []string{account, foreign}
			b.handle(c.elements...)
			counts := b.faults.Counts()
			if counts[cloud.ActionInventory] != c.listed || counts[cloud.ActionDescribe] != c.described {
				t.Errorf("it called %v", counts)
			}
			if attached := len(strings.Fields(b.attached())); attached != c.attached ||
				len(b.outcomes())-attached != c.notFound {
				t.Errorf("attached %d, told %s", attached, b.told())
			}
		})
	}
}

func TestWhatIsReadAgainIsReadByItself(t *testing.T) {
	ids, elements := make([]string, manyEvents), make([]string, manyEvents)
	for i := range ids {
		ids[i] = fmt.Sprint("vco-", i)
		elements[i] = created(ids[i])
	}
	connections := sites(ids...)
	connections[0].State = "updating"
	b := newBench(t, connections)
	b.handle(elements...)
	if counts := b.faults.Counts(); counts[cloud.ActionInventory] != 1 || counts[cloud.ActionDescribe] != b.Rereads-1 {
		t.Errorf("it called %v", counts)
	}
}

func TestAllPagesAreRead(t *testing.T) {
	type page = cloud.Page[int]
	read := func(pages map[string]page, broken map[string]error) ([]int, error) {
		r := &reading{pace: attacher(&strings.Builder{}).Pace, event: event.Event{}}
		got, err := list(t.Context(), r, "List", func(_ context.Context, filter, cursor string) (page, error) {
			if filter != "filter" {
				t.Errorf("it filters by %q", filter)
			}
			return pages[cursor], broken[cursor]
		}, "filter")
		if r.calls == 0 {
			t.Error("its calls are not counted")
		}
		return got, err
	}
	three := map[string]page{"": {Items: []int{1, 2}, Next: "b"}, "b": {Items: []int{3}, Next: "c"}, "c": {}}
	if got, err := read(three, nil); fmt.Sprint(got) != "[1 2 3]" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	broken := &cloud.APIError{Code: "AccessDenied", Status: 403}
	if got, err := read(three, map[string]error{"b": broken}); got != nil || !errors.Is(err, broken) {
		t.Errorf("got %v, %v", got, err)
	}
	same := page{Items: []int{1}, Next: "same"}
	if got, err := read(map[string]page{"": same, "same": same}, nil); len(got) != 2 || err != nil {
		t.Errorf("a service that repeats its cursor gave %v, %v", got, err)
	}
}
