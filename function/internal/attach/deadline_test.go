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

	"vpn-attach/function/internal/cloud"
)

func TestAFifthOfTheTimeIsKeptForDeliveryButNotMoreThanItTakes(t *testing.T) {
	for limit, reserve := range map[time.Duration]time.Duration{10 * time.Second: 2 * time.Second,
		300 * time.Second: maxReserve} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), limit)
			defer cancel()
			b, whole := budgetOf(ctx), time.Now().Add(limit)
			for stage, left := range map[float64]time.Duration{
				forWork: reserve, forFollowUp: reserve * 6 / 10, forPublish: reserve * 3 / 10,
				forUnpublished: reserve / 20,
			} {
				part, end := b.until(stage)
				if deadline, _ := part.Deadline(); whole.Sub(deadline) != left {
					t.Errorf("of %s a stage leaves %s, not %s", limit, whole.Sub(deadline), left)
				}
				end()
			}
		})
	}
	work, end := budgetOf(context.Background()).until(forWork)
	defer end()
	if _, limited := work.Deadline(); limited {
		t.Error("a deadline came from nowhere")
	}
}

// busyQueue refuses for so long, and notes when it was asked.
type busyQueue struct {
	until time.Time
	mu    sync.Mutex
	asked []time.Time
	taken []cloud.Message
}

func (q *busyQueue) Send(_ context.Context, messages []cloud.Message) ([]cloud.Message, error) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.asked = append(q.asked, time.Now())
	if time.Now().Before(q.until) {
		q.taken = append(q.taken, messages[0]) // one a call is taken
		return messages[1:], &cloud.APIError{Action: cloud.ActionSend, Code: "InternalServerError", Status: 500}
	}
	q.taken = append(q.taken, messages...)
	return nil, nil
}

// toldTopic notes what is published, and when.
type toldTopic struct {
	mu   sync.Mutex
	told []string
	last time.Time
}

func (p *toldTopic) Publish(_ context.Context, _ []byte, tag string) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.told, p.last = append(p.told, tag), time.Now()
	return nil
}

// TestAQueueThatIsBusyIsAskedForAsLongAsThereIsTime: only what it has not taken is sent again.
func TestAQueueThatIsBusyIsAskedForAsLongAsThereIsTime(t *testing.T) {
	cases := map[string]struct {
		busy      time.Duration
		delivered bool
	}{"which is enough": {5 * time.Second, true}, "which is not enough": {time.Hour, false}}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
				defer cancel()
				queue := &busyQueue{until: time.Now().Add(c.busy)}
				a := attacher(&strings.Builder{})
				a.Pace.LongestWait = time.Second
				a.Pace.FirstWait = time.Second
				messages := make([]cloud.Message, 100)
				for i := range messages {
					messages[i].Body = fmt.Append(nil, i)
				}
				a.Queue, a.Paused = queue, true
				began := time.Now()
				_, err := a.Handle(ctx, invocation("r-1"), []byte("["+strings.Join(texts(messages), ",")+"]"))
				took := time.Since(began)
				if (err == nil) != c.delivered || c.delivered && took > 7*time.Second {
					t.Fatalf("after %s: %v", took, err)
				}
				if !c.delivered {
					if took > 54*time.Second || took < 50*time.Second { // six of the ten seconds of reserve are left
						t.Errorf("it gave up after %s", took)
					}
					return
				}
				seen := map[string]int{}
				for _, m := range queue.taken {
					seen[string(m.Body)]++
				}
				if len(seen) != 100 || len(queue.taken) != 100 || len(queue.asked) < 5 {
					t.Errorf("%d messages were taken, %d different ones", len(queue.taken), len(seen))
				}
			})
		})
	}
}

// hangingReader answers nothing before the caller gives up.
type hangingReader struct{ cloud.Reader }

func (hangingReader) DescribeConnection(ctx context.Context, _, _, _ string) (cloud.Connection, error) {
	<-ctx.Done()
	return cloud.Connection{}, ctx.Err()
}

// TestWorkThatHangsLeavesTimeToQueueAndTell: the deadline of the work is not that of the
// invocation.
func TestWorkThatHangsLeavesTimeToQueueAndTell(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 60*time.Second)
		defer cancel()
		a, queue, topic := attacher(&strings.Builder{}), &busyQueue{}, &toldTopic{}
		a.Reader, a.Queue, a.Topic, a.Pace.CallTimeout, a.Concurrency = hangingReader{}, queue, topic, time.Hour, 1
		began := time.Now()
		answer, err := a.Handle(ctx, invocation("r-1"), []byte("["+created("vco-1")+","+created("vco-2")+"]"))
		if took := time.Since(began); err != nil || took != 50*time.Second {
			t.Fatalf("after %s: %v", took, err)
		}
		// The first one had no answer; the second one never began, which is no news.
		if len(queue.taken) != 2 || !slices.Equal(topic.told, []string{"retrying"}) || answer.Queued != 1 {
			t.Errorf("queued %q, told %q, answered %+v", texts(queue.taken), topic.told, answer)
		}
	})
}
