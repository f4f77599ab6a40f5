package decide

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

func TestASweepCountsWhatAConnectionCarries(t *testing.T) {
	for name, c := range map[string]struct {
		tunnels []cloud.Tunnel
		isNew   bool
		want    string // up, degraded, down, not yet
	}{
		"one that is up":                  {[]cloud.Tunnel{upTunnel("a"), upTunnel("b")}, false, "1 0 0 0"},
		"one that is up and new":          {[]cloud.Tunnel{upTunnel("a")}, true, "1 0 0 0"},
		"one with one tunnel up":          {[]cloud.Tunnel{upTunnel("a"), downTunnel("b")}, false, "0 1 0 0"},
		"one with one tunnel up, and new": {[]cloud.Tunnel{upTunnel("a"), downTunnel("b")}, true, "0 0 0 1"},
		"one that is down":                {[]cloud.Tunnel{downTunnel("a")}, false, "0 0 1 0"},
		"one that is down and new":        {[]cloud.Tunnel{downTunnel("a")}, true, "0 0 0 1"},
		"one without tunnels":             {nil, false, "0 0 1 0"},
	} {
		var h SweepHealth
		h.Count(attachedWith(c.tunnels...), c.isNew)
		if got := fmt.Sprint(h.Up.Count, h.Degraded.Count, h.Down.Count, h.NotYet.Count); got != c.want {
			t.Errorf("%s: %s, want %s", name, got, c.want)
		}
	}
}

func TestASweepListsTheRoutersWithTheFewestPlacesLeft(t *testing.T) {
	var h SweepHealth
	for i := range 30 {
		h.Place(fmt.Sprintf("tr-%02d", i), i)
	}
	h.Place("tr-full", cloud.MaxAttachments+3)
	if len(h.Routers) != maxNamed || h.Routers[0] != (RouterPlaces{"tr-full", 53, 0}) ||
		h.Routers[1] != (RouterPlaces{"tr-29", 29, 21}) {
		t.Errorf("got %v", h.Routers)
	}
	if !h.Has("tr-29") || h.Has("tr-00") || h.Has("tr-99") {
		t.Error("it does not know which it has")
	}
	if !(SweepCounts{SweepHealth: &h}).Sound() {
		t.Error("its own counts are not sound")
	}
}

func TestTheHealthOfAPageThatIsCutOffLeavesNoTrace(t *testing.T) {
	counts := SweepCounts{SweepHealth: &SweepHealth{}}.Clone()
	counts.SweepHealth.Place("tr-a", 10)
	clone := counts.Clone()
	clone.SweepHealth.Place("tr-b", 20)
	clone.SweepHealth.Count(attachedWith(upTunnel("a")), false)
	if len(counts.SweepHealth.Routers) != 1 || counts.SweepHealth.Up.Count != 0 {
		t.Errorf("the counts became %+v", counts.SweepHealth)
	}
	if (SweepCounts{}).Clone().SweepHealth != nil {
		t.Error("a sweep that does not look at health counts it")
	}
}

func TestCountsThatNoSweepCanHaveComeToAreRefused(t *testing.T) {
	ids := strings.Split(strings.TrimSuffix(strings.Repeat("vco-1,", maxNamed+1), ","), ",")
	for name, change := range map[string]func(*SweepCounts){
		"connections below zero":         func(c *SweepCounts) { c.Connections = -1 },
		"more pages than there can be":   func(c *SweepCounts) { c.Pages = maxCount + 1 },
		"unread pages below zero":        func(c *SweepCounts) { c.Unread["AccessDenied"] = -1 },
		"a code that cannot be printed":  func(c *SweepCounts) { c.Unread["a\nb"] = 1 },
		"an advice that cannot be":       func(c *SweepCounts) { c.Advice = "a\x1b[2J" },
		"a skipped code that cannot be":  func(c *SweepCounts) { c.Skipped["a\nb"] = Tally{} },
		"a refused code that is endless": func(c *SweepCounts) { c.Refused[strings.Repeat("x", maxCode+1)] = Tally{} },
		"more ids than they are":         func(c *SweepCounts) { c.Wanted = Tally{Count: 0, IDs: ids[:1]} },
		"more ids than are named":        func(c *SweepCounts) { c.Drifted = Tally{Count: len(ids), IDs: ids} },
		"an id that is none":             func(c *SweepCounts) { c.Wanted = Tally{Count: 1, IDs: []string{"vco-1\n"}} },
		"a tally beyond what is counted": func(c *SweepCounts) { c.SweepHealth.Up.Count = maxCount + 1 },
		"degraded below zero":            func(c *SweepCounts) { c.SweepHealth.Degraded.Count = -1 },
		"down below zero":                func(c *SweepCounts) { c.SweepHealth.Down.Count = -1 },
		"not yet below zero":             func(c *SweepCounts) { c.SweepHealth.NotYet.Count = -1 },
		"a router that cannot be printed": func(c *SweepCounts) {
			c.SweepHealth.Routers = []RouterPlaces{{RouterID: "tr\n"}}
		},
		"attachments below zero": func(c *SweepCounts) { c.SweepHealth.Routers = []RouterPlaces{{Attachments: -1}} },
		"more places than there are": func(c *SweepCounts) {
			c.SweepHealth.Routers = []RouterPlaces{{Left: cloud.MaxAttachments + 1}}
		},
		"more routers than are named": func(c *SweepCounts) {
			c.SweepHealth.Routers = make([]RouterPlaces, maxNamed+1)
		},
	} {
		counts := SweepCounts{SweepHealth: &SweepHealth{}}.Clone()
		if !counts.Sound() {
			t.Fatal("empty counts are not sound")
		}
		if change(&counts); counts.Sound() {
			t.Errorf("%s is taken", name)
		}
	}
}

func TestAPageThatCannotBeListedIsCountedWithItsAdvice(t *testing.T) {
	counts := SweepCounts{}.Clone()
	denied := codes().Fault(&cloud.APIError{Action: cloud.ActionInventory, Status: 403, Code: "Forbidden.RAM"})
	counts.LeaveOut(denied)
	counts.LeaveOut(Fault{Code: "Throttling", Advice: "another"})
	counts.LeaveOut(denied)
	if counts.Unread["Forbidden.RAM"] != 2 || counts.Unread["Throttling"] != 1 {
		t.Errorf("counted %v", counts.Unread)
	}
	if counts.Advice == "" || counts.Advice == "another" || strings.Contains(counts.Advice, askAgain) {
		t.Errorf("it advises %q", counts.Advice)
	}
}

func TestAnAttachmentIsNewUntilItsTimeIsOver(t *testing.T) {
	s := Schedule{HealthTimeout: 30 * time.Minute}
	for _, c := range []struct {
		created time.Time
		want    bool
	}{
		{time.Time{}, false}, {moment(), true}, {moment().Add(-30*time.Minute + 1), true},
		{moment().Add(-30 * time.Minute), false},
	} {
		if got := s.IsNew(cloud.Attachment{Created: c.created}, moment()); got != c.want {
			t.Errorf("created at %s it is new: %v", c.created, got)
		}
	}
}

func TestNotesSayHowManyPlacesAreLeft(t *testing.T) {
	for attachments, want := range map[int]struct{ left, notes int }{
		1: {49, 0}, 2: {48, 1}, 44: {6, 1}, 45: {5, 2}, 50: {0, 2}, 51: {0, 1},
	} {
		notes := Neighbours(cloud.Router{ID: "tr-a"}, attachments)
		if left := PlacesLeft(attachments); left != want.left || len(notes) != want.notes {
			t.Errorf("of %d attachments: %d left, %q", attachments, left, notes)
		}
		if attachments == 45 && !strings.Contains(strings.Join(notes, " "), "5 of 50") {
			t.Errorf("it does not say how many are left: %q", notes)
		}
	}
}

func TestADocumentAboutHealthIsEncodedAsItIs(t *testing.T) {
	e := anEvent()
	e.Health = &event.Health{AttachmentID: "tr-attach-1"}
	body, err := home().Health(e, Checked{State: HealthUp, Since: moment(), Looks: 1}, moment()).Encode()
	for _, want := range []string{`"type":"vpn-attach.health.v1"`, `"state":"up"`, `"vpnConnectionId":"vco-1"`} {
		if err != nil || !strings.Contains(string(body), want) {
			t.Errorf("%v, no %s in %s", err, want, body)
		}
	}
}
