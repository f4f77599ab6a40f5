package decide

import (
	"fmt"
	"testing"
	"time"
)

func TestCopiesOfAMessageWaitEquallyLong(t *testing.T) {
	different := map[time.Duration]bool{}
	for i := range 50 {
		id := fmt.Sprint("e-", i)
		a, b := backoff(time.Minute, time.Hour, 3, id, "vco-1"), backoff(time.Minute, time.Hour, 3, id, "vco-1")
		if a != b || a < 3*time.Minute || a > 5*time.Minute {
			t.Errorf("%s waits four minutes for %s and %s", id, a, b)
		}
		different[a] = true
	}
	if len(different) < 20 {
		t.Errorf("50 events wait for %d different times", len(different))
	}
	if got := backoff(time.Second, time.Minute, 1<<30, "e"); got > time.Minute || got < 45*time.Second {
		t.Errorf("after many tries it waits %s", got)
	}
	if got := backoff(time.Minute, time.Hour, -1, "e"); got > 75*time.Second || got < 45*time.Second {
		t.Errorf("after less than one try it waits %s", got)
	}
}

func TestCopiesOfAFollowUpAreKnownAndTellHowFarTheyAre(t *testing.T) {
	retry := schedule().Next(anEvent(), failure("Throttling.User", 400), moment()).FollowUp
	later := *retry
	later.Event.Attempt = 7
	look := schedule().Next(watching(time.Minute, 5), failure("Throttling.User", 400), moment()).FollowUp
	another := *retry
	another.Event.ConnectionID = "vco-2"
	if retry.CopyOf() != later.CopyOf() || retry.Progress() != 2 || later.Progress() != 7 {
		t.Errorf("two retries of one event: %d and %d", retry.Progress(), later.Progress())
	}
	if retry.CopyOf() == look.CopyOf() || retry.CopyOf() == another.CopyOf() || look.Progress() != 6 {
		t.Errorf("a retry, a look and another connection are not told apart; the look is at %d", look.Progress())
	}
	names := map[string]bool{}
	for _, f := range []*FollowUp{retry, &later, look, &another} {
		names[home().HeaderOf(f.Kind, f.Event, moment()).ID] = true
	}
	if len(names) != 4 {
		t.Errorf("four messages have %d ids", len(names))
	}
}

func TestAnUnpublishedOutcomeIsPublishedLaterUntilTheHorizon(t *testing.T) {
	id := Digest("outcome")
	first, expired := schedule().RepublishDelay(id, moment(), moment(), 1)
	if expired || first < 7*time.Second || first > 13*time.Second {
		t.Errorf("the first time it waits %s, expired %v", first, expired)
	}
	if again, _ := schedule().RepublishDelay(id, moment(), moment(), 1); again != first {
		t.Error("copies wait differently")
	}
	if late, expired := schedule().RepublishDelay(id, moment(), moment().Add(24*time.Hour), 90); expired ||
		late > longestRetry {
		t.Errorf("at the horizon: %s, %v", late, expired)
	}
	if _, expired := schedule().RepublishDelay(id, moment(), moment().Add(24*time.Hour+1), 90); !expired {
		t.Error("it goes on after the horizon")
	}
}

// A local cloud whose time passes faster shortens the horizon, and not the waits.
func TestAnUnpublishedOutcomeIsAsOldAsItsDateUnlessThatIsStillToCome(t *testing.T) {
	hour := Schedule{Horizon: time.Hour}
	for _, test := range []struct {
		name    string
		age     time.Duration
		attempt int
		expired bool
	}{
		{"made a minute ago, with waits beyond the horizon", time.Minute, 90, false},
		{"made before the horizon, with few waits", time.Hour + 1, 1, true},
		{"made in an hour, with few waits", -time.Hour, 3, false},
		{"made in an hour, with waits beyond the horizon", -time.Hour, 90, true},
	} {
		_, expired := hour.RepublishDelay(Digest("outcome"), moment().Add(-test.age), moment(), test.attempt)
		if expired != test.expired {
			t.Errorf("%s: expired is %v", test.name, expired)
		}
	}
}

// What is deployed keeps messages for longer than the longest delay and a day's outage: the
// contract tests know it as 15 minutes.
func TestNoDelayIsLongerThanAQuarterOfAnHour(t *testing.T) {
	if longestRetry > 15*time.Minute || longestLook > 15*time.Minute {
		t.Errorf("retries wait up to %s, looks up to %s", longestRetry, longestLook)
	}
}
