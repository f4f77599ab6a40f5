package attach

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/rs/zerolog"

	"vpn-attach/function/internal/event"
)

// at gives an Attacher whose clock stands still.
func at(now time.Time) *Attacher {
	return &Attacher{
		DeadLetters: nowhere{}, Errors: NewErrorTable(nil), Horizon: 24 * time.Hour, ConfirmTimeout: time.Hour,
		Log: zerolog.Nop(), Now: func() time.Time { return now },
	}
}

// nowhere is a queue that nothing is sent to.
type nowhere struct{ Queue }

// read gives back what a message says.
func read(t *testing.T, m *Message) event.Event {
	t.Helper()
	if m == nil {
		t.Fatal("there is no message")
	}
	batch, err := event.Decode(m.Body, "R")
	if err != nil || len(batch.Items) != 1 || batch.Items[0].Event == nil {
		t.Fatalf("it is not a follow-up: %s, %v", m.Body, err)
	}
	return *batch.Items[0].Event
}

func passingVerdict(code string, status int) Verdict {
	return Verdict{Status: StatusFailed, Fault: &Fault{Code: code, Class: ClassRetry, HTTPStatus: status}}
}

// TestAPassingFailureIsTriedAgainForAsLongAsItIsWorth follows one event through its retries
// by the clock of its own messages.
func TestAPassingFailureIsTriedAgainForAsLongAsItIsWorth(t *testing.T) {
	cases := map[string]struct {
		code   string
		status int
		within time.Duration // it is given up between this and a longest wait later
		class  Class
		tries  int // at least
	}{
		"a busy resource, for the horizon":         {"Operation.Blocking", 400, 24 * time.Hour, ClassRetry, 90},
		"no answer, for the horizon":               {CodeNoAnswer, 0, 24 * time.Hour, ClassRetry, 90},
		"an unknown code, for half an hour":        {"Something.New", 400, 30 * time.Minute, ClassOperator, 7},
		"an unknown server error, for the horizon": {"Something.New", 500, 24 * time.Hour, ClassRetry, 90},
		"a router without addresses":               {"OperationFailed.AllocateCidrFailed", 400, 5 * time.Minute, ClassOperator, 4},
		"a connection that CBN does not see":       {"InvalidVpnId.NotFound", 400, 30 * time.Second, ClassPermanent, 2},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
			e := event.Event{ID: "e-1", ConnectionID: "vco-1", Attempt: 1, FirstSeen: start}
			now, last := start, time.Duration(0)
			for tries := 1; ; tries++ {
				r := at(now).conclude(Invocation{Started: now}, e, passingVerdict(c.code, c.status))
				if r.verdict.Status == StatusFailed {
					if took := now.Sub(start); took < c.within || took > c.within+longestRetry || tries < c.tries {
						t.Errorf("given up after %s and %d tries", took, tries)
					}
					if fault := r.verdict.Fault; !fault.Exhausted || fault.Class != c.class || r.letter == nil || r.later != nil {
						t.Errorf("it ends as %+v, letter %v", *fault, r.letter)
					}
					return
				}
				if r.verdict.Status != StatusRetrying || r.letter != nil || r.silent || !r.retryAt.Equal(now.Add(r.later.Delay)) {
					t.Fatalf("try %d: %+v", tries, r)
				}
				if delay := r.later.Delay; delay > longestRetry || delay < min(last, longestRetry/2) || delay != delay.Round(time.Second) {
					t.Errorf("try %d waits %s after %s", tries, delay, last)
				}
				last, now = r.later.Delay, now.Add(r.later.Delay)
				if e = read(t, r.later); e.Attempt != tries+1 || !e.FirstSeen.Equal(start) || e.Until.Sub(start) != 24*time.Hour {
					t.Fatalf("it comes back as %+v", e)
				}
			}
		})
	}
}

func TestAnotherFailureHasItsOwnPatience(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	e := event.Event{ID: "e", ConnectionID: "vco-1", Attempt: 9, FirstSeen: now.Add(-time.Hour), Failing: event.Failing{Code: "Operation.Blocking", Since: now.Add(-time.Hour)}}
	if r := at(now).conclude(Invocation{}, e, passingVerdict("InvalidVpnId.NotFound", 400)); r.verdict.Status != StatusRetrying {
		t.Errorf("its time was counted from another failure: %+v", r.verdict)
	}
	a := at(now)
	a.Errors = NewErrorTable(map[string]Class{"Something.New": ClassRetry})
	e.Failing = event.Failing{Code: "Something.New", Since: now.Add(-time.Hour)}
	if r := a.conclude(Invocation{}, e, passingVerdict("Something.New", 400)); r.verdict.Status != StatusRetrying {
		t.Error("a code that the operator classified is still taken for unknown")
	}
}

func TestWhatTheServiceAsksToWaitIsWaitedInTheQueue(t *testing.T) {
	for asked, want := range map[time.Duration]time.Duration{90 * time.Second: 90 * time.Second, 3 * time.Hour: longestRetry} {
		v := passingVerdict("Throttling.User", 400)
		v.wait = asked
		if r := at(time.Unix(1e9, 0)).conclude(Invocation{}, event.Event{ID: "e", Attempt: 1, FirstSeen: time.Unix(1e9, 0)}, v); r.later.Delay != want {
			t.Errorf("asked for %s, waits %s", asked, r.later.Delay)
		}
	}
}

func TestAFollowedAttachmentIsLookedAtUntilItTakesTooLong(t *testing.T) {
	start := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	e := event.Event{ID: "e-1", ConnectionID: "vco-1", Attempt: 1, FirstSeen: start}
	now, spoken := start, []string{}
	f := event.Following{Since: start, AttachmentID: "tr-attach-1"}
	for looks := 0; ; looks++ {
		v := Verdict{Status: StatusAttaching, Attachment: Attachment{ID: "tr-attach-1"}, following: &f}
		r := at(now).conclude(Invocation{Started: now}, e, v)
		if !r.silent {
			spoken = append(spoken, fmt.Sprintf("%s %s %.0f", r.verdict.Status, r.verdict.Reason, now.Sub(start).Minutes()))
		}
		if r.later == nil {
			if r.verdict.Fault.Code != CodeConfirmTimeout || !r.verdict.Fault.Exhausted || r.letter == nil || looks < 60 || looks > 80 {
				t.Errorf("after %d looks: %+v", looks, r.verdict)
			}
			break
		}
		if r.later.Delay > longestLook || r.later.Delay < 11*time.Second {
			t.Errorf("look %d comes after %s", looks+1, r.later.Delay)
		}
		now = now.Add(r.later.Delay)
		e = read(t, r.later)
		f = *e.Following
	}
	if got := strings.Join(spoken, ", "); got != "attaching  0, attaching Slow 20, failed  60" && got != "attaching  0, attaching Slow 21, failed  61" && got != "attaching  0, attaching Slow 20, failed  61" && got != "attaching  0, attaching Slow 21, failed  60" {
		t.Errorf("it said %s", got)
	}
}

func TestAFailedLookIsAnotherLookAndNoNews(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	e := event.Event{ID: "e", ConnectionID: "vco-1", FirstSeen: now, Following: &event.Following{AttachmentID: "tr-attach-1", Since: now.Add(-30 * time.Minute), Looks: 5}}
	r := at(now).conclude(Invocation{}, e, passingVerdict("Throttling.User", 400))
	if !r.silent || r.letter != nil || read(t, r.later).Following.Looks != 6 || read(t, r.later).Failing.Code != "Throttling.User" {
		t.Errorf("got %+v", r)
	}
	e.Following.Since = now.Add(-2 * time.Hour)
	r = at(now).conclude(Invocation{}, e, passingVerdict("Throttling.User", 400))
	if r.verdict.Fault.Code != CodeConfirmTimeout || !strings.Contains(r.verdict.Fault.Message, "Throttling.User") {
		t.Errorf("got %+v", r.verdict)
	}
}

func TestCopiesOfAMessageWaitEquallyLong(t *testing.T) {
	different := map[time.Duration]bool{}
	for i := range 50 {
		id := fmt.Sprint("e-", i)
		if a, b := backoff(time.Minute, time.Hour, 3, id, "vco-1"), backoff(time.Minute, time.Hour, 3, id, "vco-1"); a != b {
			t.Errorf("%s waits %s and %s", id, a, b)
		} else if a < 3*time.Minute || a > 5*time.Minute {
			t.Errorf("four minutes became %s", a)
		} else {
			different[a] = true
		}
	}
	if len(different) < 20 {
		t.Errorf("50 events wait for %d different times", len(different))
	}
	if got := backoff(time.Second, time.Minute, 1<<30, "e"); got > time.Minute || got < 45*time.Second {
		t.Errorf("after many tries it waits %s", got)
	}
}

func TestADeadLetterSaysWhoseItIsWhatWasWrongAndHowToGoOn(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	e := event.Event{ID: "e-1", ConnectionID: "vco-1", RegionID: "cn-hangzhou", Wishes: map[string]string{"name": "n"}, Attempt: 7, FirstSeen: now.Add(-25 * time.Hour)}
	v := passingVerdict("Operation.Blocking", 400)
	v.Fault.Message = "busy"
	r := at(now).conclude(Invocation{}, e, v)
	again := read(t, r.letter)
	if again.ID != "e-1" || again.ConnectionID != "vco-1" || again.Wishes["name"] != "n" || again.Attempt != 0 || !again.Until.IsZero() {
		t.Errorf("replayed it is %+v", again)
	}
	var letter struct {
		Type string
		Data struct {
			Error  Fault
			Replay string
		}
	}
	if json.Unmarshal(r.letter.Body, &letter) != nil || letter.Type != event.TypeDeadLetter || letter.Data.Error.Message != "busy" || letter.Data.Replay == "" {
		t.Errorf("got %s", r.letter.Body)
	}
	homeless := at(now)
	homeless.DeadLetters = nil
	if r := homeless.conclude(Invocation{}, e, v); r.letter != nil || r.verdict.Status != StatusFailed {
		t.Errorf("without a dead-letter queue: %+v", r)
	}
}

func TestWorkThatIsNeverBegunIsGivenUpAtItsBound(t *testing.T) {
	now := time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC)
	e := event.Event{ID: "e", ConnectionID: "vco-1", Attempt: 3, FirstSeen: now.Add(-time.Hour)}
	r := at(now).conclude(Invocation{}, e, Verdict{postponed: true})
	if back := read(t, r.later); !r.silent || r.later.Delay != 0 || back.Attempt != 3 {
		t.Errorf("it goes back as %+v", r)
	}
	e.FirstSeen = now.Add(-25 * time.Hour)
	if r := at(now).conclude(Invocation{}, e, Verdict{postponed: true}); r.letter == nil || !r.verdict.Fault.Exhausted {
		t.Errorf("past its bound: %+v", r)
	}
	lies := event.Event{ID: "e", ConnectionID: "vco-1", FirstSeen: now.Add(-25 * time.Hour), Until: now.Add(1000 * time.Hour)}
	if r := at(now).conclude(Invocation{}, lies, passingVerdict("Operation.Blocking", 400)); r.letter == nil {
		t.Error("a message's own bound was believed")
	}
}
