package attach

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
)

func TestEventsOfOneConnectionKeepTheirOrderByTime(t *testing.T) {
	at := func(connection string, second int64) event.Item {
		return event.Event{Origin: event.Origin{Time: time.Unix(second, 0)}, Ask: event.Ask{ConnectionID: connection}}
	}
	items := []event.Item{
		at("vco-1", 30), at("vco-2", 20), event.Ignored{Reason: "x"}, at("vco-1", 10), event.Malformed{},
		at("vco-1", 20), at("vco-2", 20),
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
				a.guarded(t.Context(), invocation("r-1"), task, a.Log)
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
