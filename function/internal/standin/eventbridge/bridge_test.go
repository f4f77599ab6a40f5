package eventbridge

import (
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// queues note what they take, and refuse as often as they are told.
type queues struct {
	mu      sync.Mutex
	refuse  int
	took    []string
	tries   []time.Duration // since the start
	started time.Time
}

func (q *queues) send(queue, body string) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if queue == "events" {
		q.tries = append(q.tries, time.Since(q.started))
		if q.refuse > 0 {
			q.refuse--
			return errors.New("refused")
		}
	}
	q.took = append(q.took, queue+" "+body)
	return nil
}

// bridge makes one over the queues.
func bridge(t *testing.T, q *queues, rules ...Rule) *Bridge {
	t.Helper()
	q.started = time.Now()
	b, err := New(Options{Account: "1234567890123456", Region: "cn-hangzhou", Send: q.send}, rules)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestAnEventReachesTheQueuesOfTheRulesThatTakeIt(t *testing.T) {
	t.Parallel()
	off, other := toQueue(nil), toQueue(nil)
	off.Status, other.EventBusName = "DISABLE", "members"
	inBase64 := toQueue(func(to *Target) { to.ParamList[2].Value = "true" })
	var q queues
	b := bridge(t, &q, toQueue(nil), off, other, inBase64)
	defer b.Close()
	const event = `{"source":"acs.vpc"}`
	for _, put := range [][2]string{{DefaultBus, event}, {DefaultBus, `{"source":"acs.ecs"}`}, {"nobody's", event}} {
		if err := b.Put(put[0], []byte(put[1])); err != nil {
			t.Error(err)
		}
	}
	want := []string{"events " + event, "events " + base64.StdEncoding.EncodeToString([]byte(event))}
	if !slices.Equal(q.took, want) {
		t.Errorf("got %q", q.took)
	}
	if err := b.Put(DefaultBus, []byte("{")); err == nil {
		t.Error("half an event was taken")
	}
}

func TestWhatAQueueRefusesIsTriedAgainAndThenADeadLetter(t *testing.T) {
	t.Parallel()
	const event = `{"source":"acs.vpc"}`
	for name, c := range map[string]struct {
		strategy string
		refuse   int
		tries    int
		last     time.Duration // of the tries
		took     string
	}{
		"a short refusal": {"BACKOFF_RETRY", 2, 3, 30 * time.Second, "events " + event},
		"a long one":      {"BACKOFF_RETRY", 9, 4, 45 * time.Second, "letters " + event},
		"doubling pauses": {"EXPONENTIAL_DECAY_RETRY", 4, 5, 15 * time.Second, "events " + event},
		"pauses of at most 512 s": {"EXPONENTIAL_DECAY_RETRY", 11, 12, (1023 + 512) * time.Second,
			"events " + event},
		"a day of doubling pauses": {"EXPONENTIAL_DECAY_RETRY", 999, 177, (1023 + 166*512) * time.Second,
			"letters " + event},
		"no refusal, no second try": {"BACKOFF_RETRY", 0, 1, 0, "events " + event},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := queues{refuse: c.refuse}
				b := bridge(t, &q, toQueue(func(to *Target) { to.PushRetryStrategy = c.strategy }))
				defer b.Close()
				if err := b.Put(DefaultBus, []byte(event)); err != nil {
					t.Fatal(err)
				}
				if pending := b.Pending(); (pending == 1) != (c.refuse > 0) {
					t.Errorf("%d pending", pending)
				}
				time.Sleep(48 * time.Hour)
				synctest.Wait()
				if len(q.tries) != c.tries || q.tries[len(q.tries)-1] != c.last || b.Pending() != 0 ||
					fmt.Sprint(q.took) != "["+c.took+"]" {
					t.Errorf("%d tries, the last after %s; %q", len(q.tries), q.tries[len(q.tries)-1], q.took)
				}
			})
		})
	}
}

func TestARuleWithoutDeadLettersLosesWhatNobodyTakes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queues{refuse: 9}
		b := bridge(t, &q, toQueue(func(to *Target) { to.DeadLetterQueue = "" }))
		defer b.Close()
		if err := b.Put(DefaultBus, []byte(`{"source":"acs.vpc"}`)); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		if len(q.tries) != 4 || len(q.took) != 0 {
			t.Errorf("%d tries, %q", len(q.tries), q.took)
		}
	})
}

func TestClosingGivesUpWhatIsToBeTriedAgain(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		q := queues{refuse: 9}
		b := bridge(t, &q, toQueue(nil))
		if err := b.Put(DefaultBus, []byte(`{"source":"acs.vpc"}`)); err != nil {
			t.Fatal(err)
		}
		b.Close()
		if len(q.tries) != 1 || len(q.took) != 0 {
			t.Errorf("%d tries, %q", len(q.tries), q.took)
		}
	})
}
