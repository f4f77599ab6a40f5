package decide

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

func TestOnlyWhatIsOursAndMayEndIsDetached(t *testing.T) {
	ours := cloud.Attachment{ID: "tr-attach-1", Tags: production().ConnectionTag("vco-1")}
	strange, anothers := ours, ours
	strange.Tags, anothers.Tags = nil, production().ConnectionTag("vco-2")
	cases := map[string]struct {
		force      bool
		connection cloud.Connection
		attachment cloud.Attachment
		rule, code string
	}{
		"the connection opted out":         {false, to(" none "), ours, "tag vpn-attach:transit-router=none", ""},
		"the request says force":           {true, to("tr-a"), ours, "request force", ""},
		"both do":                          {true, to("none"), ours, "tag vpn-attach:transit-router=none", ""},
		"nobody says so":                   {false, to("tr-a"), ours, "", CodeNotOptedOut},
		"the connection has no tag":        {false, tagged(), ours, "", CodeNotOptedOut},
		"somebody else attached it":        {true, to("none"), strange, "", CodeNotOurs},
		"it is of another connection":      {true, to("none"), anothers, "", CodeNotOurs},
		"a word that only contains no one": {false, to("nonet"), ours, "", CodeNotOptedOut},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := anEvent()
			e.Detach, e.Force = true, c.force
			rule, err := production().MayDetach(e, c.connection, c.attachment)
			if rule != c.rule || codeOf(t, err) != c.code {
				t.Errorf("got %q, %v", rule, err)
			}
		})
	}
	_, err := production().MayDetach(anEvent(), tagged(), strange)
	want := "attachment tr-attach-1 lacks the tag vpn-attach:vpn-connection=vco-1"
	if end := endOf(t, err); end.Message != want {
		t.Errorf("it says %q", end.Message)
	}
	_, err = production().MayDetach(anEvent(), tagged(), ours)
	want = "Tag VPN connection vco-1 with vpn-attach:transit-router=none"
	if end := endOf(t, err); !strings.HasPrefix(end.Advice, want) {
		t.Errorf("it advises %q", end.Advice)
	}
}

func TestTheLastRouterIsTheConnectionsOrTheWatchedOne(t *testing.T) {
	on := tagged()
	on.TransitRouterID, on.CenID = "tr-a", "cen-a"
	watched := watching(0, 1)
	watched.Watch.RouterID = "tr-b"
	for name, c := range map[string]struct {
		event      event.Event
		connection cloud.Connection
		want       string
	}{
		"it is on one":                     {anEvent(), on, "tr-a"},
		"it is on one that is not watched": {watched, on, "tr-a"},
		"it was watched on one":            {watched, tagged(), "tr-b"},
		"it is on none":                    {anEvent(), tagged(), ""},
	} {
		got := LastRouter(c.event, c.connection)
		if got.ID != c.want || got.RegionID != "cn-hangzhou" || got.CenID != c.connection.CenID {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAnotherAttachmentIsToldFromTheOneThatIsDetached(t *testing.T) {
	same, another := cloud.Attachment{ID: "tr-attach-1"}, cloud.Attachment{ID: "tr-attach-2"}
	if IsAnother(watching(0, 1), same) || !IsAnother(watching(0, 1), another) || IsAnother(anEvent(), another) {
		t.Error("they are not told apart by the watched id")
	}
}

func TestAllTriesOfADetachHaveOneClientToken(t *testing.T) {
	e, retry, dryRun, other := anEvent(), anEvent(), anEvent(), anEvent()
	retry.Attempt, dryRun.DryRun, other.ID = 5, true, "e-2"
	base := DeleteRequest(e, "cn-hangzhou", "tr-attach-1")
	if base.RegionID != "cn-hangzhou" || base.AttachmentID != "tr-attach-1" || base.DryRun ||
		len(base.ClientToken) != 64 {
		t.Errorf("got %+v", base)
	}
	if DeleteRequest(retry, "cn-hangzhou", "tr-attach-1") != base {
		t.Error("a retry asks for something else")
	}
	tokens := map[string]bool{
		base.ClientToken: true,
		DeleteRequest(dryRun, "cn-hangzhou", "tr-attach-1").ClientToken: true,
		DeleteRequest(other, "cn-hangzhou", "tr-attach-1").ClientToken:  true,
		DeleteRequest(e, "cn-hangzhou", "tr-attach-2").ClientToken:      true,
		DeleteRequest(e, "eu-central-1", "tr-attach-1").ClientToken:     true,
		planned(t, production(), e, tagged()).ClientToken:               true,
	}
	if len(tokens) != 6 || !DeleteRequest(dryRun, "r", "a").DryRun {
		t.Errorf("six requests have %d tokens", len(tokens))
	}
}
