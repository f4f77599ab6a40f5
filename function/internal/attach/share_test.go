package attach

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

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
		if twin, found := seen[f.key()]; found {
			t.Errorf("%+v and %+v are taken for the same", f, twin)
		}
		seen[f.key()] = f
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

func TestAFifthOfTheTimeIsKeptForPublishingButNotMoreThanItTakes(t *testing.T) {
	for limit, reserve := range map[time.Duration]time.Duration{10 * time.Second: 2 * time.Second, 300 * time.Second: maxReserve} {
		ctx, cancel := context.WithTimeout(t.Context(), limit)
		work, end := withReserve(ctx)
		whole, _ := ctx.Deadline()
		part, _ := work.Deadline()
		if got := whole.Sub(part); got > reserve || got < reserve-time.Second/2 {
			t.Errorf("of %s, %s are kept; want %s", limit, got, reserve)
		}
		end()
		cancel()
	}
	work, end := withReserve(context.Background())
	defer end()
	if _, limited := work.Deadline(); limited {
		t.Error("a deadline came from nowhere")
	}
}

func TestDeliveryErrorsSayHowMuchIsMissingAndWhy(t *testing.T) {
	done := result{outcome: Outcome{}}
	ignored := result{item: event.Item{Ignored: "x"}}
	lost := result{err: &APIError{Action: "PublishMessage", Code: "TopicNotExist", Status: 404, Message: "no topic"}}
	late := result{verdict: Verdict{unfinished: true}}
	cases := map[string]struct {
		results []result
		want    string
	}{
		"nothing is missing":          {[]result{done, ignored}, "<nil>"},
		"an outcome is not published": {[]result{done, lost, ignored}, "publishing 1 of 2 outcomes: calling PublishMessage: TopicNotExist (HTTP 404): no topic; the payload must be delivered again"},
		"an event is not finished":    {[]result{done, late}, "1 of 2 events were not finished: the deadline came first, or nobody knows whether a create had its effect; the payload must be delivered again"},
		"an unpublished one is worse": {[]result{late, lost, done}, "publishing 1 of 3 outcomes: calling PublishMessage: TopicNotExist (HTTP 404): no topic; the payload must be delivered again"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := fmt.Sprint(deliveryError(c.results)); got != c.want {
				t.Errorf("got  %s\nwant %s", got, c.want)
			}
		})
	}
}
