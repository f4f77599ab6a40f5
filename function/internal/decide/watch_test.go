package decide

import (
	"reflect"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// Every fourth look re-reads the attachment even if the connection still says attaching.
func TestAWatchedAttachmentIsReadOnlyWhenThatCanTellSomething(t *testing.T) {
	unnamed := watching(0, 5)
	unnamed.Watch.AttachmentID = ""
	cases := map[string]struct {
		event event.Event
		state string
		want  bool
	}{
		"an event that is not watched":         {anEvent(), cloud.StateAttaching, true},
		"a watch that knows no attachment":     {unnamed, cloud.StateAttaching, true},
		"a connection that says attaching":     {watching(0, 5), cloud.StateAttaching, false},
		"the same at every fourth look":        {watching(0, 8), cloud.StateAttaching, true},
		"a connection that says attached":      {watching(0, 5), cloud.StateAttached, true},
		"a connection that says it is unbound": {watching(0, 5), cloud.StateUnbound, true},
	}
	for name, c := range cases {
		if got := NeedsLook(c.event, cloud.Connection{State: c.state}); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestTheConnectionSaysWhatItsAttachmentIs(t *testing.T) {
	watched := watching(0, 3)
	watched.Watch.RouterID = "tr-a"
	for name, c := range map[string]struct {
		event event.Event
		state string
		want  cloud.Attachment
	}{
		"none":               {anEvent(), cloud.StateUnbound, cloud.Attachment{}},
		"none that is known": {anEvent(), cloud.StateGateway, cloud.Attachment{}},
		"one that stands":    {anEvent(), cloud.StateAttached, cloud.Attachment{Status: cloud.Attached}},
		"one that comes":     {anEvent(), cloud.StateAttaching, cloud.Attachment{Status: cloud.Attaching}},
		"one that goes":      {anEvent(), cloud.StateDetaching, cloud.Attachment{Status: cloud.Detaching}},
		"the watched one": {
			watched, cloud.StateAttached, cloud.Attachment{ID: "tr-attach-1", Status: cloud.Attached},
		},
		"the watched one not": {watched, cloud.StateUnbound, cloud.Attachment{}},
	} {
		if c.want.Status != "" {
			c.want.ConnectionID, c.want.RouterID = "vco-1", "tr-a"
		}
		got := AttachmentOf(c.event, cloud.Connection{ID: "vco-1", TransitRouterID: "tr-a", State: c.state})
		if !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAWatchBeginsOnceAndKeepsItsBeginning(t *testing.T) {
	a := cloud.Attachment{ID: "tr-attach-1", Status: cloud.Attaching}
	v := Watching(anEvent(), Subject{Attachment: a}, moment())
	if v.Status != StatusAttaching ||
		*v.Watch != (event.Watch{AttachmentID: "tr-attach-1", Seen: cloud.Attaching, Since: moment()}) {
		t.Errorf("it begins as %+v", v)
	}
	a.Status = cloud.Attached
	if v := Watching(anEvent(), Subject{Attachment: a}, moment()); !v.Watch.Stood {
		t.Error("that it was Attached before the event is not noted")
	}
	e := watching(time.Hour, 7)
	e.Watch.AbsentSince, e.Watch.Slow = moment(), true
	want := *e.Watch
	want.AbsentSince, want.AttachmentID, want.RouterID = time.Time{}, "tr-attach-2", "tr-a"
	a = cloud.Attachment{ID: "tr-attach-2", Status: cloud.Attached}
	v = Watching(e, Subject{Router: cloud.Router{ID: "tr-a"}, Attachment: a}, moment())
	if *v.Watch != want || e.Watch.AttachmentID != "tr-attach-1" {
		t.Errorf("it goes on as %+v, want %+v; the event has %+v", *v.Watch, want, *e.Watch)
	}
	if v := Watching(e, Subject{}, moment()); *v.Watch != *e.Watch {
		t.Errorf("an attachment without an id changes it to %+v", *v.Watch)
	}
}

func TestADetachIsWatchedFromItsAcceptance(t *testing.T) {
	a, router := cloud.Attachment{ID: "tr-attach-1"}, cloud.Router{ID: "tr-a"}
	e := anEvent()
	e.Detach = true
	v := Watching(e, Subject{Router: router, Attachment: a}, moment())
	if v.Status != StatusDetaching || *v.Watch != (event.Watch{AttachmentID: "tr-attach-1", RouterID: "tr-a",
		Since: moment()}) {
		t.Errorf("it begins as %+v", v)
	}
	e = watching(time.Hour, 7)
	e.Detach, e.Watch.RouterID = true, "tr-a"
	s := Subject{Router: cloud.Router{ID: "tr-b"}, Attachment: a}
	if v := Watching(e, s, moment()); *v.Watch != *e.Watch || v.Watch == e.Watch {
		t.Errorf("it goes on as %+v", *v.Watch)
	}
}

// One reading that shows no attachment is no proof that it is gone; after half a minute it is.
func TestAnAttachmentIsGoneOnlyAfterAWhile(t *testing.T) {
	e := watching(10*time.Minute, 7)
	v, gone := schedule().Absent(e, moment())
	if gone || !v.Watch.AbsentSince.Equal(moment()) || !e.Watch.AbsentSince.IsZero() {
		t.Fatalf("the first time: gone %v, %+v", gone, *v.Watch)
	}
	e.Watch = v.Watch
	if v, gone := schedule().Absent(e, moment().Add(30*time.Second-1)); gone || !v.Watch.AbsentSince.Equal(moment()) {
		t.Errorf("before half a minute: gone %v, %+v", gone, *v.Watch)
	}
	if _, gone := schedule().Absent(e, moment().Add(30*time.Second)); !gone {
		t.Error("after half a minute it is not gone")
	}
}

func TestAnAttachmentIsStuckAfterAThirdOfTheConfirmTimeout(t *testing.T) {
	for name, c := range map[string]struct {
		created time.Time
		want    bool
	}{
		"young":                        {moment().Add(-20 * time.Minute), false},
		"old":                          {moment().Add(-20*time.Minute - 1), true},
		"the service does not say how": {time.Time{}, false},
	} {
		if got := schedule().Stuck(cloud.Attachment{Created: c.created}, moment()); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestWhatStandsIsAttachedOrUnchangedByWhoseWorkItIs(t *testing.T) {
	ours := cloud.Attachment{Tags: planned(t, production(), anEvent(), tagged()).Tags}
	watched, stood := watching(0, 3), watching(0, 3)
	stood.Watch.Stood = true
	for name, c := range map[string]struct {
		event      event.Event
		attachment cloud.Attachment
		want       Status
	}{
		"this event created it":                      {anEvent(), ours, StatusAttached},
		"another event did":                          {anEvent(), cloud.Attachment{}, StatusUnchanged},
		"it was watched to its end":                  {watched, cloud.Attachment{}, StatusAttached},
		"it stood, and its tables were watched":      {stood, cloud.Attachment{}, StatusUnchanged},
		"this event created it, and it was Attached": {stood, ours, StatusAttached},
	} {
		if got := production().Standing(c.event, c.attachment); got.Status != c.want {
			t.Errorf("%s: %s", name, got.Status)
		}
	}
}

func TestAVanishedAttachmentSaysWhatWasSeen(t *testing.T) {
	c := tagged()
	c.State = "init\x1b"
	end := Vanished(c, cloud.Router{ID: "tr-a"}, "no longer listed")
	want := `the attachment of VPN connection vco-1 to transit router tr-a is no longer listed; ` +
		`the connection is "init?"`
	if end.Code != CodeVanished || end.Message != want {
		t.Errorf("got %+v", end)
	}
}

func TestAConnectionStandsOnTheRouterThatItNames(t *testing.T) {
	for state, want := range map[string]bool{
		cloud.StateAttached: true, cloud.StateAttaching: true, cloud.StateDetaching: false, cloud.StateUnbound: false,
	} {
		c := cloud.Connection{State: state, TransitRouterID: "tr-a"}
		if StandsOn(c, cloud.Router{ID: "tr-a"}) != want || StandsOn(c, cloud.Router{ID: "tr-b"}) {
			t.Errorf("%s", state)
		}
	}
}

func TestWhatWasLastSeenIsWhatIsWatched(t *testing.T) {
	if got := LastSeen(anEvent()); !reflect.DeepEqual(got, cloud.Attachment{}) {
		t.Errorf("without a watch it is %+v", got)
	}
	e := watching(0, 1)
	e.Watch.RouterID, e.Watch.Seen = "tr-a", cloud.Attaching
	want := cloud.Attachment{ID: "tr-attach-1", ConnectionID: "vco-1", RouterID: "tr-a", Status: cloud.Attaching}
	if got := LastSeen(e); !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v", got)
	}
}

func TestReadingsAreBelievedAfterAWhile(t *testing.T) {
	s := schedule()
	if s.ReadAgain() != 30*time.Second || (Schedule{Horizon: time.Hour}).ReadAgain() != time.Hour/2880 {
		t.Errorf("no such connection is believed after %s", s.ReadAgain())
	}
	for _, c := range []struct {
		since time.Time
		want  bool
	}{{time.Time{}, false}, {moment(), true}, {moment().Add(-5*time.Minute + 1), true},
		{moment().Add(-5 * time.Minute), false}} {
		e := anEvent()
		e.UnsureSince = c.since
		if got := s.IsUnsure(e, moment()); got != c.want {
			t.Errorf("unsure since %s: %v", c.since, got)
		}
	}
}
