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
