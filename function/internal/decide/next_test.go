package decide

import (
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
)

// comesBack takes a follow-up over the wire, as it is queued and received.
func comesBack(t *testing.T, n Next, now time.Time) event.Event {
	t.Helper()
	if n.FollowUp == nil {
		t.Fatalf("nothing comes back: %+v", n)
	}
	f := *n.FollowUp
	body, err := signer().EncodeFollowUp(f.Event, home().HeaderOf(f.Kind, f.Event, now), nil)
	if err != nil {
		t.Fatal(err)
	}
	batch, err := event.Decoder{RequestID: "R", Signer: signer()}.Decode(body)
	if err != nil || len(batch.Items) != 1 {
		t.Fatalf("it is not one item: %s, %v", body, err)
	}
	e, is := batch.Items[0].(event.Event)
	if !is {
		t.Fatalf("it is not a follow-up: %s", body)
	}
	return e
}

// failure is the verdict about a call that failed.
func failure(code string, status int) Verdict {
	verdict := codes().Verdict(answered(code, status))
	return verdict
}

// TestATransientErrorIsRetriedForAsLongAsItIsWorth follows one event through its retries by the
// clock of its own messages.
func TestATransientErrorIsRetriedForAsLongAsItIsWorth(t *testing.T) {
	cases := map[string]struct {
		code   string
		status int
		within time.Duration // it is given up between this and a longest wait later
		class  Class
		tries  int // at least
	}{
		"a throttle, for the horizon":              {"Throttling.User", 400, 24 * time.Hour, ClassRetry, 90},
		"a status that settles, for the horizon":   {"IncorrectStatus.Cen", 400, 24 * time.Hour, ClassRetry, 90},
		"a busy resource, for the horizon":         {"Operation.Blocking", 400, 24 * time.Hour, ClassRetry, 90},
		"no answer, for the horizon":               {"", 0, 24 * time.Hour, ClassRetry, 90},
		"an unknown code, for half an hour":        {"Something.New", 400, 30 * time.Minute, ClassOperator, 7},
		"an unknown server error, for the horizon": {"Something.New", 500, 24 * time.Hour, ClassRetry, 90},
		"a router without addresses": {
			"OperationFailed.AllocateCidrFailed", 400, 5 * time.Minute, ClassOperator, 4,
		},
		"a connection that CBN does not see": {"InvalidVpnId.NotFound", 400, 30 * time.Second, ClassPermanent, 2},
		"a state that nothing explains":      {"QuotaFull.ChildInstanceRelatedCen", 400, 0, ClassOperator, 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e, now, last := anEvent(), moment(), time.Duration(0)
			for tries := 1; ; tries++ {
				n := schedule().Next(e, failure(c.code, c.status), now)
				if n.Status == StatusFailed {
					took, transient := now.Sub(moment()), c.within > 0
					if took < c.within || took > c.within+longestRetry || tries < c.tries {
						t.Errorf("given up after %s and %d tries", took, tries)
					}
					if n.Fault.Exhausted != transient || n.Fault.Class != c.class || n.DeadLetter != transient ||
						n.FollowUp != nil {
						t.Errorf("it ends as %+v, dead letter %v", *n.Fault, n.DeadLetter)
					}
					return
				}
				if n.Status != StatusRetrying || n.DeadLetter || n.Silent ||
					!n.RetryAt.Equal(now.Add(n.FollowUp.Delay)) {
					t.Fatalf("try %d: %+v", tries, n)
				}
				delay := n.FollowUp.Delay
				if delay > longestRetry || delay < min(last, longestRetry/2) || delay != delay.Round(time.Second) {
					t.Errorf("try %d waits %s after %s", tries, delay, last)
				}
				want := "No action needed; next try at " + now.Add(delay).Format("15:04:05") + " UTC."
				if n.Fault.Advice != want {
					t.Errorf("try %d advises %q, want %q", tries, n.Fault.Advice, want)
				}
				last, now = delay, now.Add(delay)
				if e = comesBack(t, n, now); e.Attempt != tries+1 || !e.FirstSeen.Equal(moment()) ||
					e.Until.Sub(moment()) != 24*time.Hour {
					t.Fatalf("it comes back as %+v", e)
				}
			}
		})
	}
}

func TestAnotherErrorHasItsOwnPatience(t *testing.T) {
	e := anEvent()
	e.Attempt, e.FirstSeen = 9, moment().Add(-time.Hour)
	e.Failing = event.Failing{Code: "Operation.Blocking", Since: e.FirstSeen}
	if n := schedule().Next(e, failure("InvalidVpnId.NotFound", 400), moment()); n.Status != StatusRetrying {
		t.Errorf("its time was counted from another error: %+v", n)
	}
	corrected := schedule()
	corrected.Codes = NewCodes(map[string]Class{"Something.New": ClassRetry})
	e.Failing = event.Failing{Code: "Something.New", Since: e.FirstSeen}
	known := corrected.Codes.Verdict(answered("Something.New", 400))
	if n := corrected.Next(e, known, moment()); n.Status != StatusRetrying {
		t.Error("a code that the operator classified is still taken for unknown")
	}
	e.Failing.Since = moment().Add(time.Hour)
	n := schedule().Next(e, failure("Something.New", 400), moment())
	if !n.FollowUp.Event.Failing.Since.Equal(moment()) {
		t.Errorf("a message that failed in the future is believed: %+v", n.FollowUp.Event.Failing)
	}
}

func TestWhatTheServiceAsksToWaitIsWaitedInTheQueue(t *testing.T) {
	waits := map[time.Duration]time.Duration{90 * time.Second: 90 * time.Second, 3 * time.Hour: longestRetry}
	for asked, want := range waits {
		v := failure("Throttling.User", 400)
		v.Wait = asked
		if n := schedule().Next(anEvent(), v, moment()); n.FollowUp.Delay != want {
			t.Errorf("asked for %s, waits %s", asked, n.FollowUp.Delay)
		}
	}
}

func TestWorkThatNeverBeginsIsGivenUpAtItsBound(t *testing.T) {
	e := anEvent()
	e.Attempt, e.FirstSeen = 3, moment().Add(-time.Hour)
	for wait, delay := range map[time.Duration]time.Duration{0: 0, 1500 * time.Millisecond: 2 * time.Second} {
		n := schedule().Next(e, Verdict{Postponed: true, Wait: wait}, moment())
		if back := comesBack(t, n, moment()); !n.Silent || n.FollowUp.Delay != delay || back.Attempt != 3 ||
			n.FollowUp.Kind != event.TypeRetry {
			t.Errorf("it goes back as %+v", n)
		}
	}
	e.FirstSeen = moment().Add(-25 * time.Hour)
	n := schedule().Next(e, Verdict{Postponed: true}, moment())
	if !n.DeadLetter || !n.Fault.Exhausted || n.Fault.Code != CodeNoAnswer || n.Silent || n.Status != StatusFailed {
		t.Errorf("past its bound: %+v", n)
	}
	e.Failing = event.Failing{Code: "Operation.Blocking", Since: e.FirstSeen}
	n = schedule().Next(e, Verdict{Postponed: true}, moment())
	if !n.DeadLetter || !n.Fault.Exhausted || n.Fault.Code != "Operation.Blocking" || n.Fault.Advice == "" {
		t.Errorf("past its bound, after failures: %+v", n)
	}
	e.UnsureSince = e.FirstSeen
	if n := schedule().Next(e, Verdict{Postponed: true}, moment()); n.Fault.Code != CodeNoAnswer {
		t.Errorf("past its bound, while nobody knows whether a create had its effect: %+v", n)
	}
	lies := anEvent()
	lies.FirstSeen, lies.Until = moment().Add(-25*time.Hour), moment().Add(1000*time.Hour)
	if n := schedule().Next(lies, failure("Operation.Blocking", 400), moment()); !n.DeadLetter {
		t.Error("a message's own bound was believed")
	}
	early := anEvent()
	early.Until = moment().Add(-time.Second)
	if n := schedule().Next(early, failure("Operation.Blocking", 400), moment()); !n.DeadLetter {
		t.Error("a message's own bound was not kept")
	}
}

func TestAnEndIsPublishedAndNothingFollows(t *testing.T) {
	for name, v := range map[string]Verdict{
		"attached": {Status: StatusAttached},
		"skipped":  {Status: StatusSkipped, Reason: CodeOptedOut},
		"failed":   failure("InvalidParameter", 400),
	} {
		n := schedule().Next(anEvent(), v, moment())
		if n.Silent || n.FollowUp != nil || n.DeadLetter || n.RetryAt != nil || n.Status != v.Status ||
			n.Reason != v.Reason {
			t.Errorf("%s: %+v", name, n)
		}
	}
}

// What a sweep asked for, the next sweep finds again: only news of it is published.
func TestOfWhatASweepAskedForOnlyNewsIsPublished(t *testing.T) {
	watch := event.Watch{Since: moment()}
	cases := map[string]struct {
		verdict Verdict
		now     time.Time
		silent  bool
	}{
		"attaching":             {Verdict{Status: StatusAttaching, Watch: &watch}, moment(), false},
		"attached":              {Verdict{Status: StatusAttached}, moment(), false},
		"unchanged":             {Verdict{Status: StatusUnchanged}, moment(), false},
		"skipped":               {Verdict{Status: StatusSkipped}, moment(), true},
		"a lasting failure":     {failure("AccessDenied", 403), moment(), true},
		"a retry":               {failure("Throttling.User", 400), moment(), true},
		"given up":              {failure("Throttling.User", 400), moment().Add(25 * time.Hour), true},
		"never begun, given up": {Verdict{Postponed: true}, moment().Add(25 * time.Hour), true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := anEvent()
			e.Swept = true
			if n := schedule().Next(e, c.verdict, c.now); n.Silent != c.silent || n.DeadLetter {
				t.Errorf("got %+v", n)
			}
		})
	}
}

func signer() event.Signer { return event.NewSigner(strings.Repeat("k", event.MinKey), "") }
