package decide

import (
	"maps"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
)

func TestOnlyTagsThatDecideSomethingAreKeptOfAnEvent(t *testing.T) {
	rules := ruled(func(r *Rules) { r.MatchTags = []string{"site"} })
	e := anEvent()
	e.Tags = map[string]string{"vpn-attach:zone": "h", "site": "hz", "env": "prod"}
	admitted, err := rules.Admit(e, home(), moment())
	want := map[string]string{"vpn-attach:zone": "h", "site": "hz"}
	if err != nil || !maps.Equal(admitted.Tags, want) {
		t.Errorf("got %q, %v", admitted.Tags, err)
	}
	e.Tags = map[string]string{"env": "prod"}
	if admitted, _ := rules.Admit(e, home(), moment()); admitted.Tags != nil || len(e.Tags) != 1 {
		t.Errorf("got %q", admitted.Tags)
	}
}

func TestTagsThatAnEventNamesAreWaitedForAMinute(t *testing.T) {
	const key = "vpn-attach:transit-router"
	cases := map[string]struct {
		shown []string
		age   time.Duration
		waits bool
	}{
		"they are shown":                        {[]string{key, "tr-a", "env", "prod"}, 0, false},
		"they are shown with white space":       {[]string{key, " tr-a "}, 0, false},
		"they are not":                          {nil, 0, true},
		"another value is":                      {[]string{key, "none"}, 59 * time.Second, true},
		"they are not after a minute":           {nil, time.Minute, false},
		"another value is, and a minute passed": {[]string{key, "none"}, time.Minute, false},
	}
	for name, c := range cases {
		e := anEvent()
		e.Tags, e.FirstSeen = map[string]string{key: "tr-a"}, moment().Add(-c.age)
		err := schedule().Shown(e, tagged(c.shown...), moment())
		isNamed := err != nil && strings.Contains(err.Error(), key+"=tr-a")
		if (err != nil) != c.waits || c.waits && (!Ends(err, CodeTagsNotShown) || !isNamed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := schedule().Shown(event.Event{}, tagged(), moment()); err != nil {
		t.Errorf("an event that names none: %v", err)
	}
}

func TestARetrySaysWhatItWaitsFor(t *testing.T) {
	for code, want := range map[string]string{
		CodeTargetNotFound: "m; a list may not show it yet, so it is read again",
		CodeTagsNotShown:   "m; a reading may lag behind, so it is read again",
		CodeConnectionBusy: "m",
	} {
		n := schedule().Next(anEvent(), codes().Verdict(Fail(code, "m")), moment())
		if n.Status != StatusRetrying || n.Fault.Message != want {
			t.Errorf("%s: %s, %q", code, n.Status, n.Fault.Message)
		}
	}
}
