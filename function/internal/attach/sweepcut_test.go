package attach

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/pace"
	"vpn-attach/function/internal/standin/estate"
)

// Who waits beside a sweep waits for one page of it.
func TestASweepWithNeighboursDoesOnePageAtATime(t *testing.T) {
	var connections []estate.VPNConnection
	for i := range 120 { // three pages
		connections = append(connections, tag(fmt.Sprintf("vco-%03d", i), "transit-router", "none"))
	}
	b := newBench(t, append(connections, sites("vco-site")...))
	answer := b.handle(sweepAll, created("vco-site"))
	queued := b.queue.drain()
	if answer.Queued != 1 || b.faults.Counts()[cloud.ActionInventory] != 1 || len(queued) != 2 {
		t.Fatalf("it answers %+v after %v", answer, b.faults.Counts())
	}
	rest := slices.DeleteFunc(texts(queued), func(body string) bool {
		return !strings.Contains(body, event.TypeSweeping)
	})
	if len(rest) != 1 || queued[0].Delay < 0 {
		t.Fatalf("queued %q", rest)
	}
	b.handle(rest[0], rest[0], created("vco-site")) // a redelivery: the copies collapse
	again := slices.DeleteFunc(texts(b.queue.drain()), func(body string) bool {
		return !strings.Contains(body, event.TypeSweeping)
	})
	if len(again) != 1 {
		t.Fatalf("two copies go on as %q", again)
	}
	b.handle(again[0])
	data := b.swept()
	if data.Parts != 3 || data.Connections != 121 || data.Pages != 3 ||
		data.Skipped[decide.CodeOptedOut].Count != 120 ||
		len(data.Skipped[decide.CodeOptedOut].IDs) != 20 {
		t.Errorf("it counts %+v", data)
	}
}

// TestProgressOutOfRangeIsRefusedByItself: what cannot be a sweep's progress indexes no list and lifts no limit. Its
// neighbour is attached, and the sweep of the next timer looks at everything.
func TestProgressOutOfRangeIsRefusedByItself(t *testing.T) {
	for _, progress := range []string{
		`{"place":"x"}`, `[]`, `{"place":1e99}`, `{"place":-1}`, `{"place":1.5}`, `{"parts":-1}`, `{"place":2000000}`,
		`{"counts":{"queued":-1000000}}`, `{"counts":{"wanted":{"count":-1}}}`, `{"counts":{"pages":2000000000}}`,
		`{"counts":{"wanted":{"count":1,"vpnConnectionIds":["vco-1","vco-2"]}}}`,
		`{"counts":{"refused":{"x":{"count":1,"vpnConnectionIds":["<b>"]}}}}`,
		`{"counts":{"skipped":{"a\u0007":{"count":1}}}}`, `{"counts":{"unread":{"a\u202e":1}}}`,
		`{"counts":{"wanted":{"count":30,"vpnConnectionIds":[` + strings.Repeat(`"vco-1",`, 20) + `"vco-1"]}}}`,
		`{"cursor":"\u0000"}`, `{"cursor":"` + strings.Repeat("x", 2000) + `"}`, `{"started":"soon"}`,
	} {
		b := newBench(t, sites("vco-1"))
		b.Sweep = decide.SweepAttach
		b.handle(sweeping(progress), created("vco-1"))
		if told := b.told(); told != "failed Malformed, vco-1 attaching" {
			t.Errorf("%s: told %q", progress, told)
		}
	}
}

func TestASweepFromTheFutureBeganNow(t *testing.T) {
	b := newBench(t, mixed())
	b.handle(sweeping(`{"started":"9000-01-01T00:00:00Z"}`))
	if data := b.swept(); data.Connections != 9 || time.Since(data.Event.FirstSeen).Abs() > time.Hour {
		t.Errorf("it counts %+v", data)
	}
}

// A sweep whose calls are held back rests as long as they, and begins its page again: nothing
// is counted, or asked for, twice.
func TestASweepThatIsHeldBackRestsAndLosesNothing(t *testing.T) {
	for name, action := range map[string]string{
		"at a page": cloud.ActionInventory, "at a transit router": cloud.ActionRouters,
		"at a route table": cloud.ActionTables,
		"at an attachment": cloud.ActionAttachments,
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, mixed())
			b.Sweep = decide.SweepAttach
			b.Pace = &pace.Pace{Quotas: map[string]cloud.Quota{action: cloud.PerMinute(1)}, Share: 1}
			_ = b.Pace.Do(t.Context(), pace.Call{Region: "cn-hangzhou", Action: action},
				func(context.Context) error { return nil })
			b.handle(sweepAll)
			queued := b.queue.drain()
			if len(queued) != 1 || queued[0].Delay < 55*time.Second || queued[0].Delay > 70*time.Second ||
				b.told() != "" {
				t.Fatalf("queued %q, told %s", texts(queued), b.told())
			}
			b.Pace = nil
			b.handle(texts(queued)...)
			if data := b.swept(); data.Parts != 2 || data.Connections != 9 || data.Queued != 3 ||
				data.Pages != 1 || len(b.queue.drain()) != 3 {
				t.Errorf("it counts %+v", data)
			}
		})
	}
}

// The same for a connection that is attaching, whose attachment is looked for.
func TestASweepThatIsHeldBackAtAnAttachingConnectionRests(t *testing.T) {
	attaching := attachedSite()
	attaching.State = "attaching"
	b := newBenchIn(t, slow(), []estate.VPNConnection{attaching})
	b.Pace = &pace.Pace{Quotas: map[string]cloud.Quota{cloud.ActionAttachments: cloud.PerMinute(1)}, Share: 1}
	first := pace.Call{Region: "cn-hangzhou", Action: cloud.ActionAttachments}
	_ = b.Pace.Do(t.Context(), first, func(context.Context) error { return nil })
	b.handle(sweepAll)
	queued := b.queue.drain()
	if len(queued) != 1 || queued[0].Delay < 55*time.Second || b.told() != "" {
		t.Errorf("queued %q, told %s", texts(queued), b.told())
	}
}

// endlessReader has pages of connections without end, each a second's work.
type endlessReader struct{ cloud.Reader }

func (endlessReader) ListConnections(ctx context.Context, _ cloud.ConnectionFilter, cursor string) (
	page cloud.Page[cloud.Connection], err error) {
	if err := pace.Sleep(ctx, time.Second); err != nil {
		return page, err
	}
	page.Next = cursor + "i"
	page.Items = []cloud.Connection{{ID: "vco-" + page.Next, RegionID: "cn-hangzhou", Tags: map[string]string{}}}
	return page, nil
}

func TestASweepThatIsCutOffGoesOnWhereItsLastWholePageEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, queue := attacher(&strings.Builder{}), &busyQueue{}
		a.Reader, a.Queue, a.Topic = endlessReader{}, queue, &toldTopic{}
		sweep := sweepAll
		for part := 1; part <= 3; part++ {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
			if answer, err := a.Handle(ctx, invocation("r-1"), []byte(sweep)); err != nil || answer.Queued != 1 {
				t.Fatalf("got %+v, %v", answer, err)
			}
			cancel()
			last := queue.taken[len(queue.taken)-1].Body
			var message struct{ Data struct{ Progress position } }
			if err := json.Unmarshal(last, &message); err != nil {
				t.Fatal(err)
			}
			at := message.Data.Progress // eight seconds are for work: seven or eight pages
			if pages := at.Counts.Pages; at.Parts != part || pages < 7*part || pages > 8*part ||
				len(at.Cursor) != pages || at.Counts.Connections != pages || at.Area != 0 {
				t.Errorf("part %d is at %+v", part, at)
			}
			sweep = string(last)
		}
	})
}
