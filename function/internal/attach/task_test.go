package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/estate"
	standin "vpn-attach/function/internal/standin/mns"
)

func TestEventsOfOneConnectionKeepTheirOrderByTime(t *testing.T) {
	at := func(connection string, second int64) event.Item {
		return event.Event{Origin: event.Origin{Time: time.Unix(second, 0)}, Ask: event.Ask{ConnectionID: connection}}
	}
	items := []event.Item{
		at("vco-1", 30), at("vco-2", 20), event.Ignored{Reason: "x"}, at("vco-1", 10), event.Malformed{}, at("vco-1", 20), at("vco-2", 20),
	}
	tasks := attacher(&strings.Builder{}).tasksOf(invocation("r-1"), items)
	var got [][]int
	for _, group := range perConnection(tasks) {
		var places []int
		for _, t := range group {
			places = append(places, slices.Index(tasks, t))
		}
		got = append(got, places)
	}
	if fmt.Sprint(got) != "[[3 5 0] [1 6] [2] [4]]" {
		t.Errorf("got %v", got)
	}
}

// slowJob takes a second, and notes when it begins and ends.
type slowJob struct {
	name  string
	mu    *sync.Mutex
	notes *[]string
}

func (s slowJob) note(what string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	*s.notes = append(*s.notes, what+" "+s.name)
}

func (s slowJob) work(context.Context) (effects, error) {
	s.note("begin")
	time.Sleep(time.Second)
	s.note("end")
	return effects{}, nil
}

func (slowJob) log(zerolog.Logger, effects, error) {}

// TestGroupsGoAtOnceAndTheirTasksInTurn holds the bound of CONCURRENCY too.
func TestGroupsGoAtOnceAndTheirTasksInTurn(t *testing.T) {
	for concurrency, seconds := range map[int]int{1: 5, 2: 3, 8: 2} {
		synctest.Test(t, func(t *testing.T) {
			var mu sync.Mutex
			var notes []string
			group := func(names ...string) (tasks []*task) {
				for _, name := range names {
					tasks = append(tasks, &task{job: slowJob{name, &mu, &notes}})
				}
				return tasks
			}
			a := attacher(&strings.Builder{})
			a.Concurrency = concurrency
			began := time.Now()
			a.each([][]*task{group("a1", "a2"), group("b1", "b2"), group("c")}, func(task *task) {
				a.work(t.Context(), invocation("r-1"), task, a.Log)
			})
			if took := time.Since(began); took != time.Duration(seconds)*time.Second {
				t.Errorf("%d at once took %s", concurrency, took)
			}
			for _, name := range []string{"a", "b"} {
				if slices.Index(notes, "end "+name+"1") > slices.Index(notes, "begin "+name+"2") {
					t.Errorf("tasks of one group were done at once: %q", notes)
				}
			}
		})
	}
}

// TestOutcomesOfOneConnectionAreToldInTheOrderOfItsEvents whatever the order of the payload.
func TestOutcomesOfOneConnectionAreToldInTheOrderOfItsEvents(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	later := strings.NewReplacer("03:00:05", "03:00:09", "e-vco-1", "e-later").Replace(created("vco-1"))
	b.handle(later, created("vco-1"))
	all := b.outcomes()
	if len(all) != 2 || all[0].Event.ID != "e-vco-1" || all[1].Event.ID != "e-later" ||
		all[0].Status != decide.StatusAttaching || all[1].Status != decide.StatusUnchanged {
		t.Errorf("told %+v", all)
	}
}

func TestADirectCallerGetsTheDocumentsAndATriggerCounts(t *testing.T) {
	other := strings.ReplaceAll(sites("vco-1")[0].ID, "1", "2")
	cases := map[string]struct {
		elements []string
		want     string // the answer, without its documents
		outcomes int
		sweeps   int
	}{
		"requests": {[]string{ask("vco-1", ""), ask(other, "")}, `{"events":2,"ignored":0}`, 2, 0},
		"a sweep":  {[]string{`{"sweep":{}}`}, `{"events":1,"ignored":0}`, 0, 1},
		"a trigger's batch": {
			[]string{created("vco-1"), created(other), created("vco-3"), `{"type":"x","id":"1","specversion":"1.0","data":{}}`},
			`{"events":3,"ignored":1,"statuses":{"attaching":1,"skipped":2}}`, 0, 0,
		},
		"what another version queued": {
			[]string{strings.ReplaceAll(otherVersion, "2026-01", "2999-01")}, `{"events":1,"ignored":0,"statuses":{"failed":1}}`, 0, 0,
		},
		"nothing": {nil, `{"events":0,"ignored":0}`, 0, 0},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, sites("vco-1"))
			answer := b.handle(c.elements...)
			published := b.topic.Published("outcomes")
			for i, document := range append(answer.Outcomes, answer.Sweeps...) {
				if !slices.ContainsFunc(published, func(p standin.Published) bool { return p.Body == string(document) }) {
					t.Errorf("document %d was not published as it is: %s", i, document)
				}
			}
			if len(answer.Outcomes) != c.outcomes || len(answer.Sweeps) != c.sweeps {
				t.Errorf("it has %d outcomes and %d sweeps", len(answer.Outcomes), len(answer.Sweeps))
			}
			answer.Outcomes, answer.Sweeps = nil, nil
			if text, err := json.Marshal(answer); err != nil || string(text) != c.want {
				t.Errorf("it answers %s, %v", text, err)
			}
		})
	}
}

func TestWhatGoesOnWithoutNewsIsCountedAsQueued(t *testing.T) {
	b := newBenchIn(t, slow(), sites("vco-1"))
	b.handle(created("vco-1"))
	if answer := b.goOn(); answer.Queued != 1 || answer.Events != 0 || answer.Statuses != nil {
		t.Errorf("got %+v", answer)
	}
}

func TestElementsBeyondWhatOneInvocationTakesGoBackAsTheyCame(t *testing.T) {
	b := newBench(t, sites("vco-1", "vco-2"))
	elements := make([]string, event.MaxElements, event.MaxElements+2)
	for i := range elements {
		elements[i] = `{"specversion":"1.0","type":"x:y","id":"1","data":{}}`
	}
	surplus := []string{created("vco-1"), ` {"vpnConnectionId" : "vco-2"}`}
	answer := b.handle(append(elements, surplus...)...)
	queued := b.queue.drain()
	surplus[1] = strings.TrimSpace(surplus[1])
	if !slices.Equal(texts(queued), surplus) || queued[0].Delay != 0 || answer.Ignored != event.MaxElements || answer.Queued != 2 {
		t.Errorf("queued %q, answered %+v", texts(queued), answer)
	}
	if !strings.Contains(b.log.String(), "more than one invocation takes") {
		t.Error("the log does not say so")
	}
}

func TestAMessageOfAnotherVersionIsNeverDropped(t *testing.T) {
	now, stamp := time.Now(), func(t time.Time) string { return t.UTC().Format(time.RFC3339) }
	message := func(queued, until time.Time) string {
		return strings.NewReplacer("2026-01-01T00:00:00Z", stamp(queued), "2026-01-02T00:00:00Z", stamp(until)).Replace(otherVersion)
	}
	young, over := message(now, now.Add(time.Hour)), message(now.Add(-time.Hour), now.Add(-time.Minute))
	eternal := message(now.Add(-25*time.Hour), now.Add(1000*time.Hour))
	cases := map[string]struct {
		message  string
		homeless bool // there is no dead-letter queue
		delay    time.Duration
		told     string
	}{
		"one that is young goes back":          {young, false, otherVersionDelay, ""},
		"one that is over becomes a letter":    {over, false, 0, "failed UnknownVersion"},
		"its own bound does not pass ours":     {eternal, false, 0, "failed UnknownVersion"},
		"without dead letters it rests longer": {over, true, homelessDelay, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, nil)
			if c.homeless {
				b.DeadLetters = nil
			}
			b.handle(c.message)
			queued, dead := b.queue.drain(), b.dead.drain()
			if c.delay > 0 && (len(queued) != 1 || queued[0].Delay != c.delay || string(queued[0].Body) != c.message) {
				t.Errorf("queued %+v", queued)
			}
			if c.delay == 0 && (len(queued) != 0 || !slices.Equal(texts(dead), []string{c.message})) {
				t.Errorf("queued %q, dead letters %q", texts(queued), texts(dead))
			}
			if b.told() != c.told {
				t.Errorf("told %q", b.told())
			}
		})
	}
}

// What is deployed keeps messages for longer than the longest delay and a day's outage: the
// contract tests know it as 15 minutes.
func TestNoDelayIsLongerThanAQuarterOfAnHour(t *testing.T) {
	for name, delay := range map[string]time.Duration{
		"without a dead-letter queue": homelessDelay, "of another version": otherVersionDelay, "while paused": pausedDelay,
	} {
		if delay > 15*time.Minute {
			t.Errorf("the delay %s is %s", name, delay)
		}
	}
}

// TestEventsWhoseCreateIsNotDueAreNotBegun: they go back to the queue in the order in which
// their creates are due, and nothing is asked about them.
func TestEventsWhoseCreateIsNotDueAreNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		a, queue, topic := attacher(&strings.Builder{}), &busyQueue{}, &toldTopic{}
		a.Queue, a.Topic = queue, topic // there is no Reader: asking one would be a fault that is told
		a.Pace = &pace.Pace{Quotas: map[string]int{cloud.ActionCreate: 1}, Share: 1}
		entered, _ := a.Pace.Enter(ctx, "cn-hangzhou", cloud.ActionCreate) // somebody else
		defer entered.Leave()
		answer, err := a.Handle(ctx, invocation("r-1"), []byte("["+created("vco-1")+","+created("vco-2")+"]"))
		if err != nil || answer.Queued != 2 || len(topic.told) != 0 || len(queue.taken) != 2 {
			t.Fatalf("got %+v, %v, queued %q", answer, err, texts(queue.taken))
		}
		delays := []time.Duration{queue.taken[0].Delay, queue.taken[1].Delay}
		if slices.Sort(delays); delays[0] < time.Minute || delays[1]-delays[0] != time.Minute {
			t.Errorf("they come back after %s", delays)
		}
	})
}

func TestAConnectionOfAnotherAccountIsReadWithItsRoleAndNeedsItsGrant(t *testing.T) {
	member := sites("vco-1")[0]
	member.Owner = foreign
	granted := member
	granted.CrossAccountAuthorized = true
	for name, c := range map[string]struct {
		connection estate.VPNConnection
		told       string
	}{
		"granted":     {granted, "vco-1 attaching"},
		"not granted": {member, "vco-1 failed GrantMissing"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, []estate.VPNConnection{c.connection})
			b.Rules.Accounts = []string{account, foreign}
			b.handle(ask("vco-1", `,"ownerId":"`+foreign+`"`))
			if b.told() != c.told {
				t.Errorf("told %s", b.told())
			}
			for _, call := range b.faults.Calls() {
				if call.Action == cloud.ActionDescribe && call.AccessKeyID != "other" {
					t.Errorf("it was read with the key %s", call.AccessKeyID)
				}
			}
		})
	}
}

func TestATransitRouterOfAnotherRegionIsToldApart(t *testing.T) {
	far := tag("vco-1", "transit-router", "tr-core")
	far.Region = "eu-central-1"
	b := newBench(t, []estate.VPNConnection{far})
	b.Rules.Regions = []string{"cn-hangzhou", "eu-central-1"}
	b.handle(ask("vco-1", `,"regionId":"eu-central-1"`))
	if b.told() != "vco-1 failed OtherRegion" {
		t.Errorf("told %s", b.told())
	}
}
