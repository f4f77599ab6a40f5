package decide

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

func TestANoteSaysThatTheTagsNameAnotherRouterByNow(t *testing.T) {
	onA := routers()[0]
	unlisted := cloud.Router{ID: "tr-a", RegionID: "cn-hangzhou"}
	cases := map[string]struct {
		connection cloud.Connection
		router     cloud.Router
		note       string // a part of it
	}{
		"they name it by id":                   {to("tr-a"), onA, ""},
		"they name it by label":                {to("core"), onA, ""},
		"they name it by its CEN":              {to("cen-a"), onA, ""},
		"they name another":                    {to("tr-b"), onA, "=tr-b does not name transit router tr-a"},
		"they name a label that it lacks":      {to("branch"), onA, "=branch does not name"},
		"they opt out":                         {to("none"), onA, "=none says that the connection must not"},
		"they name none":                       {tagged(), onA, "no tag names a transit router"},
		"it is not listed, and named by id":    {to("tr-a"), unlisted, ""},
		"it is not listed, and another named":  {to("tr-b"), unlisted, "=tr-b does not name"},
		"it is not listed, and a label may do": {to("core"), unlisted, ""},
		"it is not listed, and none is named":  {tagged(), unlisted, "no tag names"},
	}
	for name, c := range cases {
		target, none := production().Target(event.Event{}, c.connection)
		got := target.Strayed(none, c.router, c.router.Type != "")
		if !strings.Contains(got, c.note) || (got == "") != (c.note == "") {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestAWatchKnowsItsRouterWhateverTheTagsSay(t *testing.T) {
	e := watching(0, 3)
	c := cloud.Connection{RegionID: "cn-hangzhou", TransitRouterID: "tr-b", CenID: "cen-b"}
	if got := WatchedRouter(e, c); got.ID != "tr-b" || got.CenID != "cen-b" || got.RegionID != "cn-hangzhou" {
		t.Errorf("a watch that names none has %+v", got)
	}
	e.Watch.RouterID = "tr-a"
	if got := WatchedRouter(e, c); got.ID != "tr-a" || got.CenID != "" {
		t.Errorf("it has %+v", got)
	}
}

// An answer to a create is no reading: a service may repeat an old one.
func TestOnlyWhatNoReadingShowedIsCreatedOnceMore(t *testing.T) {
	accepted := anEvent()
	answered := cloud.Attachment{ID: "tr-attach-1", Status: cloud.Attaching}
	accepted.Watch = Accepted(accepted, Subject{Attachment: answered}, moment()).Watch
	again, ok := Again(accepted)
	if !ok || again.Unseen != "tr-attach-1" || again.Watch != nil || accepted.Watch == nil {
		t.Fatalf("%v, %+v", ok, again.Progress)
	}
	plain, other := planned(t, production(), anEvent(), tagged()), planned(t, production(), again, tagged())
	if plain.ClientToken == other.ClientToken {
		t.Error("it has the same client token")
	}
	if v := Accepted(again, Subject{}, moment()); v.Reason != ReasonAgain {
		t.Errorf("it is told as %q", v.Reason)
	}
	notes := History(again)
	if len(notes) != 1 || !strings.Contains(notes[0], "tr-attach-1") || History(accepted) != nil {
		t.Errorf("it is noted as %q", notes)
	}
	seen := Sighted(accepted, cloud.Attachment{Status: cloud.Attaching})
	if _, ok := Again(seen); ok || accepted.Watch.Seen != "" || LastSeen(seen).Status != cloud.Attaching {
		t.Errorf("what was seen is created again: %+v", seen.Watch)
	}
	again.Watch = accepted.Watch
	if _, ok := Again(again); ok {
		t.Error("it is created a third time")
	}
}
