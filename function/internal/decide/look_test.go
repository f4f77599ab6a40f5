package decide

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

func TestAWatchedAttachmentIsLookedAtUntilItTakesTooLong(t *testing.T) {
	e, now, spoken := anEvent(), moment(), []string{}
	e.Attempt = 3
	watch := event.Watch{Since: moment(), AttachmentID: "tr-attach-1"}
	for looks := 0; ; looks++ {
		v := Verdict{Status: StatusAttaching, Watch: &watch}
		v.Attachment.ID, v.Tables = "tr-attach-1", &TablesBrief{Associated: "vtb-1"}
		n := schedule().Next(e, v, now)
		if !n.Silent {
			spoken = append(spoken, strings.TrimSpace(fmt.Sprint(n.Status, " ", n.Reason)))
			if after := now.Sub(moment()); n.Reason == ReasonSlow && (after < 20*time.Minute ||
				after > 20*time.Minute+longestLook) {
				t.Errorf("it is called slow after %s", after)
			}
		}
		if n.FollowUp == nil {
			took := now.Sub(moment())
			if n.Fault.Code != CodeConfirmTimeout || !n.Fault.Exhausted || !n.DeadLetter || looks < 60 || looks > 80 ||
				took < time.Hour || took > time.Hour+longestLook {
				t.Errorf("after %s and %d looks: %+v", took, looks, n)
			}
			if !strings.HasPrefix(n.Fault.Message, "attachment tr-attach-1 is not Attached after 1h") ||
				n.Tables == nil {
				t.Errorf("it says %+v, tables %+v", *n.Fault, n.Tables)
			}
			break
		}
		if n.FollowUp.Kind != event.TypeConfirm || n.FollowUp.Delay > longestLook || n.FollowUp.Delay < 11*time.Second {
			t.Errorf("look %d comes as %+v", looks+1, *n.FollowUp)
		}
		now = now.Add(n.FollowUp.Delay)
		if e = comesBack(t, n, now); e.Attempt != 3 || e.Watch.Looks != looks+1 ||
			!e.Until.Equal(moment().Add(time.Hour)) {
			t.Fatalf("it comes back as %+v", e.Progress)
		}
		watch = *e.Watch
	}
	if want := []string{"attaching", "attaching Slow", "failed"}; !slices.Equal(spoken, want) {
		t.Errorf("it said %q", spoken)
	}
}

func TestAWatchIsSlowAndTooLongFromTheVeryMomentOn(t *testing.T) {
	for since, want := range map[time.Duration]Status{
		20*time.Minute - 1: "", 20 * time.Minute: StatusAttaching, time.Hour - 1: StatusAttaching,
		time.Hour: StatusFailed,
	} {
		e := watching(since, 30)
		if n := schedule().Next(e, Watching(e, Subject{}, moment()), moment()); n.Silent != (want == "") ||
			!n.Silent && n.Status != want {
			t.Errorf("after %s: %+v", since, n)
		}
	}
}

func TestADetachThatTakesTooLongSaysThatItIsNotGone(t *testing.T) {
	e := watching(2*time.Hour, 70)
	e.Detach = true
	n := schedule().Next(e, Verdict{Status: StatusDetaching, Watch: e.Watch}, moment())
	if n.Fault == nil || n.Fault.Message != "attachment (not listed) is not gone after 2h0m0s" ||
		n.Status != StatusFailed {
		t.Errorf("got %+v", n)
	}
}

func TestAFailedLookIsAnotherLookAndNoNews(t *testing.T) {
	e := watching(30*time.Minute, 5)
	n := schedule().Next(e, failure("Throttling.User", 400), moment())
	back := comesBack(t, n, moment())
	if !n.Silent || n.DeadLetter || back.Watch.Looks != 6 || back.Watch.Slow || back.Failing.Code != "Throttling.User" {
		t.Errorf("got %+v", n)
	}
	n = schedule().Next(watching(2*time.Hour, 5), failure("Throttling.User", 400), moment())
	if n.Fault.Code != CodeConfirmTimeout ||
		!strings.HasSuffix(n.Fault.Message, "; the last failure was Throttling.User") {
		t.Errorf("got %+v", n.Fault)
	}
	if n := schedule().Next(e, failure("AccessDenied", 403), moment()); n.FollowUp != nil || n.Silent ||
		n.DeadLetter || n.Fault.Exhausted {
		t.Errorf("a lasting error ends the watch: %+v", n)
	}
}

// An attachment that stands is not said to be missing: what failed are its route tables.
func TestAnAttachmentWhoseRouteTablesFailEndsWithTheirCode(t *testing.T) {
	attached := Subject{Attachment: cloud.Attachment{ID: "tr-attach-1", Status: cloud.Attached}}
	for name, c := range map[string]struct {
		code           string
		watched, fails time.Duration
		class          Class // empty: it goes on
	}{
		"a busy table is waited for":            {"IncorrectStatus.X", 59 * time.Minute, 59 * time.Minute, ""},
		"as long as the attachment is":          {"IncorrectStatus.X", time.Hour, time.Minute, ClassRetry},
		"an unknown code for a while":           {"Something.New", 40 * time.Minute, 29 * time.Minute, ""},
		"an unknown code for half an hour":      {"Something.New", 40 * time.Minute, 30 * time.Minute, ClassOperator},
		"what was read again and stays refused": {"InvalidRouteTableId.NotFound", time.Hour, time.Hour, ClassRetry},
	} {
		e := watching(c.watched, 9)
		e.Failing = event.Failing{Code: c.code, Since: moment().Add(-c.fails)}
		v := codes().Verdict(&cloud.APIError{Action: cloud.ActionAssociate, Code: c.code, Status: 400})
		v.Subject = attached
		n := schedule().Next(e, v, moment())
		switch {
		case c.class == "" && (!n.Silent || n.FollowUp == nil):
			t.Errorf("%s: it does not go on: %+v", name, n)
		case c.class != "" && (n.Status != StatusFailed || n.Fault.Code != c.code || n.Fault.Class != c.class ||
			!n.Fault.Exhausted || !n.DeadLetter || n.Attachment.Status != cloud.Attached || n.FollowUp != nil):
			t.Errorf("%s: it ends as %+v", name, n.Fault)
		}
	}
}

func TestAWatchThatTakesTooLongSaysWhatIsMissing(t *testing.T) {
	for status, want := range map[string]string{
		cloud.Attaching: "attachment tr-attach-1 is not Attached after 2h0m0s",
		"":              "attachment tr-attach-1 is not Attached after 2h0m0s",
		"Broken":        "attachment tr-attach-1 is not Attached but Broken after 2h0m0s",
		cloud.Attached:  "attachment tr-attach-1 is Attached, and its route tables are not bound after 2h0m0s",
	} {
		e := watching(2*time.Hour, 70)
		v := Watching(e, Subject{}, moment())
		v.Attachment = cloud.Attachment{ID: "tr-attach-1", Status: status}
		if n := schedule().Next(e, v, moment()); n.Fault == nil || n.Fault.Code != CodeConfirmTimeout ||
			n.Fault.Message != want {
			t.Errorf("%q: got %+v", status, n.Fault)
		}
	}
}
