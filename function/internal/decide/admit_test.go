package decide

import (
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
)

func TestADryRunIsAskedForByTheEventOrTheOperator(t *testing.T) {
	dry := production()
	dry.DryRun = true
	for name, c := range map[string]struct {
		rules Rules
		asked bool
		want  bool
	}{
		"nobody":       {production(), false, false},
		"the event":    {production(), true, true},
		"the operator": {dry, false, true},
	} {
		e := anEvent()
		e.DryRun = c.asked
		if got, err := c.rules.Admit(e, home(), moment()); err != nil || got.DryRun != c.want {
			t.Errorf("asked for by %s: %v, %v", name, got.DryRun, err)
		}
	}
}

func TestARegionIsRepeatedOnlyWhenItLooksLikeOne(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "eu-central-1", "us-east-1": "us-east-1", "Psk=hunter2": "", "hunter2secret": "",
		"cn-hangzhou.evil.example/": "", "cn-" + strings.Repeat("a", 30): "", "cn-": "", "cn-HANGZHOU": "",
		"cn-" + strings.Repeat("b", 29): "cn-" + strings.Repeat("b", 29),
	} {
		e := anEvent()
		e.RegionID = region
		got, err := production().Admit(e, home(), moment())
		if codeOf(t, err) != CodeNotAllowed || got.RegionID != want {
			t.Errorf("%q: repeated as %q, %v", region, got.RegionID, err)
		}
	}
}

func TestOnlyServedRegionsAndAccountsAreAdmitted(t *testing.T) {
	wide, abroad := production(), production()
	wide.Regions, wide.Accounts = []string{"cn-hangzhou", "eu-central-1"}, []string{account, foreign}
	abroad.Regions, abroad.Accounts = []string{"eu-central-1"}, []string{foreign}
	cases := map[string]struct {
		rules         Rules
		region, owner string
		code, advice  string
	}{
		"the function's own, when the event says nothing": {production(), "", "", "", ""},
		"the function's own, by name":                     {production(), "cn-hangzhou", account, "", ""},
		"another region": {
			production(), "eu-central-1", "", CodeNotAllowed, "REGIONS",
		},
		"another region that is served":        {wide, "eu-central-1", "", "", ""},
		"a region that would leave the domain": {wide, "evil.example/", "", CodeNotAllowed, "REGIONS"},
		"another account": {
			production(), "", foreign, CodeNotAllowed, "ALLOWED_ACCOUNTS",
		},
		"another account that is served":                 {wide, "", foreign, "", ""},
		"the function's own region, which is not served": {abroad, "", foreign, CodeNotAllowed, "REGIONS"},
		"the function's own account, which is not served": {
			abroad, "eu-central-1", "", CodeNotAllowed, "ALLOWED_ACCOUNTS",
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := anEvent()
			e.RegionID, e.OwnerID = c.region, c.owner
			admitted, err := c.rules.Admit(e, home(), moment())
			if codeOf(t, err) != c.code {
				t.Fatalf("got %v, want code %q", err, c.code)
			}
			if c.code == "" {
				if admitted.RegionID == "" || admitted.OwnerID == "" {
					t.Errorf("left open: %+v", admitted)
				}
				return
			}
			fault, reread := codes().Fault(err), rereads(err)
			if fault.Class != ClassMalformed || reread || !strings.Contains(fault.Advice, c.advice) ||
				strings.Contains(fault.Message, "evil") {
				t.Errorf("got %+v", fault)
			}
		})
	}
}

func TestWhatAMessageSaysOfItsOwnHistoryIsBounded(t *testing.T) {
	now, soon := moment(), moment().Add(time.Second)
	hourAgo, longAgo := moment().Add(-time.Hour), moment().Add(-maxAge-1)
	cases := map[string]struct{ said, want event.Progress }{
		"nothing": {event.Progress{}, event.Progress{Attempt: 1, FirstSeen: now}},
		"an honest history": {
			event.Progress{Attempt: 7, FirstSeen: hourAgo}, event.Progress{Attempt: 7, FirstSeen: hourAgo},
		},
		"a negative attempt": {
			event.Progress{Attempt: -5, FirstSeen: now}, event.Progress{Attempt: 1, FirstSeen: now},
		},
		"too many attempts": {
			event.Progress{Attempt: 1 << 40}, event.Progress{Attempt: MaxAttempt, FirstSeen: now},
		},
		"seen in the future": {
			event.Progress{Attempt: 1, FirstSeen: soon}, event.Progress{Attempt: 1, FirstSeen: now},
		},
		"seen too long ago": {
			event.Progress{Attempt: 1, FirstSeen: longAgo}, event.Progress{Attempt: 1, FirstSeen: now},
		},
		"an honest watch":        {watch(hourAgo, 7), watch(hourAgo, 7)},
		"watched in the future":  {watch(soon, 7), watch(now, 0)},
		"watched since long ago": {watch(longAgo, 7), watch(now, 0)},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := anEvent()
			e.Progress = c.said
			got, err := production().Admit(e, home(), now)
			if err != nil || got.Attempt != c.want.Attempt || !got.FirstSeen.Equal(c.want.FirstSeen) {
				t.Fatalf("got %+v, %v", got.Progress, err)
			}
			if c.want.Watch != nil && *got.Watch != *c.want.Watch {
				t.Errorf("got the watch %+v, want %+v", *got.Watch, *c.want.Watch)
			}
		})
	}
}

// watch is the progress of an event whose attachment has been watched since a time.
func watch(since time.Time, looks int) event.Progress {
	w := event.Watch{AttachmentID: "tr-attach-1", Since: since, Looks: looks}
	return event.Progress{Attempt: 1, FirstSeen: moment(), Watch: &w}
}
