package decide

import (
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// healthy is the schedule that looks at attached connections.
func healthy() Schedule {
	s := schedule()
	s.HealthTimeout = 30 * time.Minute
	return s
}

// looked is an event whose connection was looked at so often.
func looked(looks int) event.Event {
	e := anEvent()
	e.Health = &event.Health{AttachmentID: "tr-attach-1", RouterID: "tr-core", Looks: looks}
	return e
}

func TestAFinalAttachmentIsLookedAtLater(t *testing.T) {
	for name, c := range map[string]struct {
		status   Status
		change   func(*event.Event)
		off      bool
		followed bool
	}{
		"attached":          {StatusAttached, nil, false, true},
		"unchanged":         {StatusUnchanged, nil, false, true},
		"health is off":     {StatusAttached, nil, true, false},
		"a dry run":         {StatusUnchanged, func(e *event.Event) { e.DryRun = true }, false, false},
		"detached":          {StatusDetached, func(e *event.Event) { e.Detach = true }, false, false},
		"asked by a sweep":  {StatusAttached, func(e *event.Event) { e.Swept = true }, false, true},
		"a conflict":        {StatusConflict, nil, false, false},
		"watched until now": {StatusAttached, func(e *event.Event) { e.Watch = &event.Watch{} }, false, true},
		"asked for by hand": {StatusAttached, func(e *event.Event) {
			e.Wishes = map[string]string{"zone": "z"}
		}, false, true},
	} {
		t.Run(name, func(t *testing.T) {
			e, s := anEvent(), healthy()
			if c.change != nil {
				c.change(&e)
			}
			if c.off {
				s.HealthTimeout = 0
			}
			v := Verdict{Status: c.status, Subject: Subject{
				Router: cloud.Router{ID: "tr-core", CenID: "cen-core"}, Attachment: cloud.Attachment{ID: "tr-attach-1"},
			}}
			n := s.Next(e, v, moment())
			if (n.FollowUp != nil) != c.followed {
				t.Fatalf("what follows is %+v", n.FollowUp)
			}
			if !c.followed {
				return
			}
			f := *n.FollowUp
			h := f.Event.Health
			if f.Kind != event.TypeHealth || f.Delay != time.Minute || f.Event.Watch != nil ||
				h.RouterID != "tr-core" ||
				h.AttachmentID != "tr-attach-1" || f.Event.ID != e.ID || len(f.Event.Wishes) != len(e.Wishes) {
				t.Errorf("what follows is %+v, %+v", f, h)
			}
		})
	}
}

func TestLooksAreCountedAndBounded(t *testing.T) {
	for looks, minutes := range []int{1, 3, 5, 10, 10} {
		got := healthy().Looked(looked(looks), attachedWith(downTunnel("")), moment())
		if got.FollowUp == nil || got.Publish || got.FollowUp.Delay != time.Duration(minutes)*time.Minute ||
			got.FollowUp.Event.Health.Looks != looks+1 {
			t.Errorf("after look %d: %+v", looks+1, got)
		}
	}
	for _, looks := range []int{5, 6, 1000} {
		got := healthy().Looked(looked(looks), attachedWith(downTunnel("")), moment())
		if got.FollowUp != nil || !got.Publish || got.State != HealthDown {
			t.Errorf("after look %d: %+v", looks+1, got)
		}
	}
	if got := healthy().Looked(looked(0), attachedWith(upTunnel("")), moment()); got.FollowUp != nil || !got.Publish ||
		got.State != HealthUp || got.Looks != 1 {
		t.Errorf("what is up is %+v", got)
	}
}

func TestSinceIsTheFirstLookThatShowedTheState(t *testing.T) {
	s, e := healthy(), looked(1)
	first := s.Looked(e, attachedWith(downTunnel("")), moment())
	second := s.Looked(first.FollowUp.Event, attachedWith(downTunnel("")), moment().Add(time.Hour))
	third := s.Looked(second.FollowUp.Event, attachedWith(upTunnel("")), moment().Add(2*time.Hour))
	if !second.Since.Equal(moment()) || !third.Since.Equal(moment().Add(2*time.Hour)) {
		t.Errorf("since %s, then since %s", second.Since, third.Since)
	}
	if e.Health.Looks != 1 {
		t.Error("the event itself was changed")
	}
}

func TestOneReadingThatDoesNotShowTheAttachmentIsNoProof(t *testing.T) {
	gone, elsewhere := attachedWith(), attachedWith(upTunnel(""))
	gone.State, elsewhere.TransitRouterID = cloud.StateUnbound, "tr-other"
	for name, c := range map[string]cloud.Connection{"unbound": gone, "elsewhere": elsewhere, "not listed": {}} {
		first := healthy().Looked(looked(2), c, moment())
		if first.FollowUp == nil || first.Publish || first.FollowUp.Event.Health.Looks != 2 {
			t.Fatalf("%s: %+v", name, first)
		}
		if second := healthy().Looked(first.FollowUp.Event, c, moment()); second.FollowUp != nil || second.Publish {
			t.Errorf("%s twice: %+v", name, second)
		}
		shown := healthy().Looked(first.FollowUp.Event, attachedWith(downTunnel("")), moment())
		if shown.FollowUp == nil || shown.FollowUp.Event.Health.Missed {
			t.Errorf("%s, then shown: %+v", name, shown)
		}
	}
}

func TestWhoAsksIsAnsweredAtOnce(t *testing.T) {
	e := looked(0)
	e.Health = &event.Health{Asked: true}
	up := healthy().Looked(e, attachedWith(upTunnel("")), moment())
	down := healthy().Looked(e, attachedWith(downTunnel("")), moment())
	if !up.Publish || up.FollowUp != nil || !down.Publish || down.FollowUp == nil {
		t.Fatalf("up: %+v, down: %+v", up, down)
	}
	if h := down.FollowUp.Event.Health; h.Asked || h.Looks != 0 || h.RouterID != "tr-core" {
		t.Errorf("what follows is %+v", h)
	}
	asked, later := home().Health(e, down, moment()), home().Health(down.FollowUp.Event, down, moment())
	if asked.ID == later.ID || asked.ID != home().Health(e, up, moment()).ID {
		t.Error("the answer and the end have one id, or the id depends on the state")
	}
	if got := healthy().Looked(e, cloud.Connection{}, moment()); got.Skipped != CodeNotAttached || got.Publish {
		t.Errorf("what is not attached is %+v", got)
	}
}

func TestWhatCannotBeReadIsReadAgainUntilItIsGivenUp(t *testing.T) {
	throttled := &cloud.APIError{Action: cloud.ActionInventory, Code: "Throttling.User", Status: 400}
	refused := &cloud.APIError{Action: cloud.ActionInventory, Code: "Forbidden", Status: 403}
	held := cloud.HeldBack(cloud.ActionInventory, 40*time.Second, "")
	unread := func(failures int, err error) Checked {
		e := looked(3)
		e.Health.Failures, e.Until = failures, moment().Add(time.Hour)
		return healthy().Unread(e, codes().Verdict(err), moment())
	}
	if got := unread(0, throttled); got.FollowUp == nil || got.DeadLetter || got.FollowUp.Event.Health.Looks != 3 ||
		got.FollowUp.Event.Health.Failures != 1 {
		t.Errorf("throttled: %+v", got)
	}
	if got := unread(maxUnread, throttled); got.FollowUp != nil || !got.DeadLetter || got.Fault == nil {
		t.Errorf("throttled for ever: %+v", got)
	}
	if got := unread(0, refused); got.FollowUp != nil || !got.DeadLetter {
		t.Errorf("refused: %+v", got)
	}
	if got := unread(maxUnread, held); got.FollowUp == nil || got.FollowUp.Delay != 40*time.Second || got.DeadLetter {
		t.Errorf("held back: %+v", got)
	}
}

func TestADiagnosisThatFailsIsAskedForAFewTimes(t *testing.T) {
	throttled := &cloud.APIError{Action: cloud.ActionDiagnose, Code: "Throttling.User", Status: 400}
	refused := &cloud.APIError{Action: cloud.ActionDiagnose, Code: "Forbidden", Status: 403}
	fails := func(failures int, err error) Checked {
		e := looked(5)
		e.Health.Failures = failures
		return healthy().Undiagnosed(e, healthy().Looked(e, attachedWith(downTunnel("")), moment()), err, moment())
	}
	if got := fails(0, throttled); got.Publish || got.FollowUp == nil || got.FollowUp.Event.Health.Looks != 5 {
		t.Errorf("throttled: %+v", got)
	}
	if got := fails(maxDiagnoses, throttled); !got.Publish || got.FollowUp != nil || got.Reason != "DiagnosisFailed" {
		t.Errorf("throttled for ever: %+v", got)
	}
	if got := fails(0, refused); !got.Publish || got.Reason != "DiagnosisRefused" || got.Actor != "here" {
		t.Errorf("refused: %+v", got)
	}
}

func TestNeighboursAreNotedWhereTheyMatter(t *testing.T) {
	for attachments, want := range map[int]int{0: 0, 1: 0, 2: 1, 44: 1, 45: 2, 50: 2, 51: 1} {
		if got := Neighbours(cloud.Router{ID: "tr-core"}, attachments); len(got) != want {
			t.Errorf("%d attachments: %q", attachments, got)
		}
	}
}
