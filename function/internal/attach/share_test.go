package attach

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	"vpn-attach/function/internal/cloud"

	"vpn-attach/function/internal/event"
)

func TestTheSameQuestionIsAskedOnce(t *testing.T) {
	var m memo[int]
	var asked atomic.Int32
	var wait sync.WaitGroup
	for i := range 50 {
		wait.Go(func() {
			got, err := m.get(fmt.Sprint(i%2), func() (int, error) { asked.Add(1); return i % 2, nil })
			if got != i%2 || err != nil {
				t.Errorf("got %d, %v", got, err)
			}
		})
	}
	wait.Wait()
	if asked.Load() != 2 {
		t.Errorf("asked %d times for two answers", asked.Load())
	}
}

func TestFiltersThatDifferInAnythingAreDifferentQuestions(t *testing.T) {
	seen := map[string]RouterFilter{}
	for _, f := range []RouterFilter{
		{}, {RegionID: "a"}, {RouterID: "a"}, {CenID: "a"}, {Tags: map[string]string{"a": "b"}}, {Tags: map[string]string{"a": "c"}},
		{Tags: map[string]string{"a": "b", "c": "d"}}, {Tags: map[string]string{"a": "x", "b": "y b=z"}}, {Tags: map[string]string{"a": "x b=y", "b": "z"}}, {Tags: map[string]string{"a": "\x01"}}, {Tags: map[string]string{"a": "\x02"}}, {RegionID: "a", RouterID: "a"},
	} {
		if twin, found := seen[filterKey(f)]; found {
			t.Errorf("%+v and %+v are taken for the same", f, twin)
		}
		seen[filterKey(f)] = f
	}
}

func TestOneRouterHasOnlySoManyPlacesAndOthersHaveTheirOwn(t *testing.T) {
	s := &shared{limit: 2}
	first, second := s.reserve(t.Context(), "tr-1"), s.reserve(t.Context(), "tr-1")
	other := s.reserve(t.Context(), "tr-2") // does not wait
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
	defer cancel()
	s.reserve(ctx, "tr-1")() // no place: it comes back when its time is over
	if ctx.Err() == nil {
		t.Error("a third place was given")
	}
	first()
	third := s.reserve(t.Context(), "tr-1") // does not wait any more
	for _, release := range []func(){second, third, other} {
		release()
	}
}

func TestAllPagesAreRead(t *testing.T) {
	pages := map[string][]int{"": {1, 2}, "b": {3}, "c": {}}
	next := map[string]string{"": "b", "b": "c", "c": ""}
	got, err := listAll(func(cursor string) ([]int, string, error) { return pages[cursor], next[cursor], nil })
	if fmt.Sprint(got) != "[1 2 3]" || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	broken := errors.New("broken")
	if _, err := listAll(func(cursor string) ([]int, string, error) { return nil, "b", map[string]error{"b": broken}[cursor] }); err != broken {
		t.Errorf("got %v", err)
	}
	if got, err := listAll(func(string) ([]int, string, error) { return []int{1}, "same", nil }); len(got) != 2 || err != nil {
		t.Errorf("a service that repeats its cursor gave %v, %v", got, err)
	}
}

func TestEventsOfOneConnectionKeepTheirOrderByTime(t *testing.T) {
	at := func(connection string, second int64) event.Item {
		return event.Item{Event: &event.Event{ConnectionID: connection, Time: time.Unix(second, 0)}}
	}
	items := []event.Item{at("vco-1", 30), at("vco-2", 20), {Ignored: "x"}, at("vco-1", 10), {Malformed: &event.Malformed{}}, at("vco-1", 20), at("vco-2", 20)}
	if got := fmt.Sprint(lanesOf(items)); got != "[[3 5 0] [1 6] [4]]" {
		t.Errorf("got %s", got)
	}
}

func TestAFifthOfTheTimeIsKeptForDeliveryButNotMoreThanItTakes(t *testing.T) {
	for limit, reserve := range map[time.Duration]time.Duration{10 * time.Second: 2 * time.Second, 300 * time.Second: maxReserve} {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		b, last := budgetOf(ctx), time.Time{}
		whole, _ := ctx.Deadline()
		for _, left := range []float64{forWork, forFollowUp, forPublish, forReports} {
			stage, end := b.until(left)
			part, _ := stage.Deadline()
			if got := whole.Sub(part); got > reserve || left == forWork && got < reserve-time.Second/2 || !part.After(last) {
				t.Errorf("of %s a stage leaves %s", limit, got)
			}
			last = part
			end()
		}
		cancel()
	}
	work, end := budgetOf(context.Background()).until(forWork)
	defer end()
	if _, limited := work.Deadline(); limited {
		t.Error("a deadline came from nowhere")
	}
}

func TestCopiesOfAFollowUpCollapseToTheOneThatHasComeFurthest(t *testing.T) {
	m := func(copyOf string, progress int) Message {
		return Message{Message: cloud.Message{Body: fmt.Appendf(nil, "%s%d", copyOf, progress)}, copyOf: copyOf, progress: progress}
	}
	var got []string
	for _, kept := range collapse([]Message{m("a", 1), m("b", 1), m("", 1), m("a", 3), m("a", 2), m("", 2)}) {
		got = append(got, string(kept.Body))
	}
	if strings.Join(got, " ") != "a3 b1 1 2" {
		t.Errorf("kept %q", got)
	}
}

func TestDeliveryErrorsSayWhatIsMissingAndWhy(t *testing.T) {
	err := &DeliveryError{Unqueued: 3, What: "follow-ups", Cause: &APIError{Action: "BatchSendMessage", Code: "QueueNotExist", Status: 404, Message: "no queue"}}
	if got := err.Error(); got != "queueing 3 follow-ups: calling BatchSendMessage: QueueNotExist (HTTP 404): no queue; the payload must be delivered again" {
		t.Errorf("got %s", got)
	}
}

// What is deployed keeps messages for longer than the longest delay and a day's outage: the
// contract tests know it as 15 minutes.
func TestNoDelayIsLongerThanAQuarterOfAnHour(t *testing.T) {
	for name, delay := range map[string]time.Duration{"of a retry": longestRetry, "without a dead-letter queue": homelessDelay, "of another version": newerDelay, "while paused": pausedDelay} {
		if delay > 15*time.Minute {
			t.Errorf("the delay %s is %s", name, delay)
		}
	}
}
