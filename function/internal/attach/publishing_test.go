package attach

import (
	"context"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
)

// unevenTopic takes as long for a document as its text says, and notes the order in which it has them.
type unevenTopic struct {
	mu   sync.Mutex
	told []string
}

func (u *unevenTopic) Publish(_ context.Context, body []byte, _ string) error {
	name, takes, _ := strings.Cut(string(body), " ")
	d, err := time.ParseDuration(takes)
	time.Sleep(d)
	u.mu.Lock()
	defer u.mu.Unlock()
	u.told = append(u.told, name)
	return err
}

// TestOutcomesOfOneConnectionKeepTheirOrderOverRounds: a later round waits for an earlier one where both have outcomes
// of the same connection, and nowhere else.
func TestOutcomesOfOneConnectionKeepTheirOrderOverRounds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		topic := &unevenTopic{}
		a := attacher(io.Discard)
		a.Topic, a.Pace = topic, nil
		round := func(documents ...string) (all []*task) {
			for _, document := range documents {
				connection, _, _ := strings.Cut(document, "-")
				outcome := &publication{body: []byte(document)}
				all = append(all, &task{turn: connection, effects: effects{outcome: outcome}})
			}
			return all
		}
		telling := &publishing{attacher: a}
		for _, documents := range [][]string{
			{"a-1 9s", "b-1 1s", "-1 8s"}, {"b-2 4s"}, {"a-2 1s", "b-3 1s", "-2 2s"},
		} {
			telling.begin(t.Context(), func() {}, round(documents...))
		}
		telling.rounds.Wait()
		if got := fmt.Sprint(topic.told); got != "[b-1 -2 b-2 b-3 -1 a-1 a-2]" {
			t.Errorf("told in the order %s", got)
		}
	})
}

// waiting is a job that takes its time.
type waiting struct {
	refusal
	takes time.Duration
	done  effects
}

func (w waiting) work(context.Context) (effects, error) {
	time.Sleep(w.takes)
	return w.done, nil
}

// deadQueue takes nothing, for a reason that a person must fix.
type deadQueue struct{}

func (deadQueue) Send(_ context.Context, all []cloud.Message) ([]cloud.Message, error) {
	return all, &cloud.APIError{Action: cloud.ActionSend, Status: 403, Code: "AccessDenied"}
}

// An earlier round was told although a later one could not be delivered, and its outcome that the topic refuses waits
// nowhere.
func TestEveryTaskKnowsWhetherItWasDelivered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := attacher(io.Discard)
		a.Topic, a.Queue, a.Pace = &unevenTopic{}, deadQueue{}, nil
		told := effects{outcome: &publication{body: []byte("a 0s")}}
		refused := effects{outcome: &publication{body: []byte("b soon"), keep: true}}
		late := effects{outcome: &publication{body: []byte("c 0s")}, requeue: []requeued{{}}}
		for name, c := range map[string]struct {
			tasks     []*task
			published []bool
			fails     []bool
		}{
			"a later round": {[]*task{{job: waiting{done: told}}, {job: waiting{takes: time.Minute, done: late}}},
				[]bool{true, false}, []bool{false, true}},
			"what was not published": {[]*task{{job: waiting{done: told}}, {job: waiting{done: refused}}},
				[]bool{true, false}, []bool{false, false}},
		} {
			if a.workAndDeliver(budgetOf(t.Context()), Invocation{}, c.tasks, a.Log) == nil {
				t.Errorf("%s: the invocation does not fail", name)
			}
			for i, task := range c.tasks {
				if task.effects.published(task.undelivered) != c.published[i] ||
					(task.undelivered != nil) != c.fails[i] || task.effects.outcome.queued {
					t.Errorf("%s: task %d: %+v, %v", name, i, task.effects.outcome, task.undelivered)
				}
			}
		}
	})
}
