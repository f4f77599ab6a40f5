package attach

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

const forced = `{"detach":{"vpnConnectionId":"vco-1","dryRun":false,"force":true}}`

// optedOut is a connection that this function attached and whose tag now says none.
func optedOut() estate.VPNConnection { return ours(tag("vco-1", "transit-router", "none")) }

func TestADetachIsWatchedUntilTheAttachmentIsGone(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{optedOut()})
	b.handle(`{"detach":{"vpnConnectionId":"vco-1","dryRun":false}}`)
	first := b.outcomes()[0]
	if b.told() != "vco-1 detaching" || first.AttachmentStatus != cloud.Detaching ||
		first.Rule != "tag vpn-attach:transit-router=none" {
		t.Fatalf("told %s, %+v", b.told(), first)
	}
	b.goOn()
	last := b.outcomes()[1]
	if last.Status != decide.StatusDetached || last.RouterID != "tr-core" || last.AttachmentID != first.AttachmentID ||
		b.attached() != "" || len(b.queue.drain()) != 0 {
		t.Errorf("told %s, %+v", b.told(), last)
	}
}

func TestADetachOfAnAttachmentThatIsAttachingIsRetried(t *testing.T) {
	attaching := optedOut()
	attaching.State = "attaching"
	b := newBenchIn(t, slow(), []estate.VPNConnection{attaching})
	b.handle(forced)
	if b.told() != "vco-1 retrying ConnectionBusy" || b.faults.Counts()[cloud.ActionDelete] != 0 {
		t.Errorf("told %s after %v", b.told(), b.faults.Counts())
	}
}

func TestAnAttachmentThatIsDetachingIsWatchedWithoutAnotherCall(t *testing.T) {
	b := newBenchIn(t, slow(), []estate.VPNConnection{optedOut()})
	b.handle(forced)
	b.handle(strings.ReplaceAll(forced, `"force"`, `"regionId":"cn-hangzhou","force"`))
	if b.told() != "vco-1 detaching, vco-1 detaching" || b.faults.Counts()[cloud.ActionDelete] != 1 {
		t.Errorf("told %s after %v", b.told(), b.faults.Counts())
	}
	b.handle(strings.ReplaceAll(forced, "false", "true"))
	if b.told() != "vco-1 checked, vco-1 detaching, vco-1 detaching" {
		t.Errorf("told %s", b.told())
	}
	b.queue.drain()
	b.handle(created("vco-1"))
	if b.told() != "vco-1 checked, vco-1 detaching, vco-1 detaching, vco-1 skipped OptedOut" {
		t.Errorf("told %s", b.told())
	}
}

func TestADetachedConnectionThatIsDeletedIsDetached(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{optedOut()})
	b.handle(forced)
	if err := b.estate.DeleteConnection("vco-1"); err != nil {
		t.Fatal(err)
	}
	b.goOn()
	if b.told() != "vco-1 detached, vco-1 detaching" {
		t.Errorf("told %s", b.told())
	}
}

func TestADetachWhoseAnswerIsLostIsSeenToBeGone(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{optedOut()}, fault.Fault{Action: cloud.ActionDelete, Drop: fault.After,
		Times: 1},
		fault.Fault{Action: cloud.ActionDelete, Status: 400, Code: "InvalidParameter"})
	b.handle(forced)
	if b.told() != "vco-1 detached" || b.attached() != "" {
		t.Errorf("told %s", b.told())
	}
}

func TestADetachThatIsRefusedSaysWhy(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{optedOut()}, fault.Fault{Action: cloud.ActionDelete, Status: 403,
		Code: "Forbidden.RAM"})
	b.handle(forced)
	if b.told() != "vco-1 failed Forbidden.RAM" || b.attached() != "vco-1" || len(b.queue.drain()) != 0 {
		t.Errorf("told %s", b.told())
	}
}

func TestALockedConnectionIsNotDetached(t *testing.T) {
	locked := tag("vco-1")
	locked.State = "financialLocked"
	b := newBench(t, []estate.VPNConnection{locked})
	b.handle(forced)
	if b.told() != "vco-1 failed ConnectionLocked" {
		t.Errorf("told %s", b.told())
	}
}

// lookAtDetach is the message by which a detach of attachment 1 is looked at again.
func lookAtDetach() string { return lookAt(`"detach":true,"force":true,`, 1, 3) }

// lookAt is the message by which an attachment of vco-1 is looked at again. more are further fields.
func lookAt(more string, attachment, looks int) string {
	return own(event.TypeConfirm, fmt.Sprintf(`{"event":{"id":"e-1"},"vpnConnectionId":"vco-1",%s`+
		`"attempt":1,"following":{"transitRouterAttachmentId":"tr-attach-%018d",`+
		`"transitRouterId":"tr-core","looks":%d,"since":"%s"}}`,
		more, attachment, looks, time.Now().UTC().Format(time.RFC3339)))
}

// A list that does not show the watched attachment is no proof that it is gone while the
// connection is not unbound: it is looked at again, and that is no failure.
func TestAWatchedDetachThatNoListShowsIsLookedAtAgain(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{optedOut()},
		fault.Fault{Action: cloud.ActionAttachments, Times: 4, EmptyList: true})
	b.handle(lookAtDetach())
	queued := b.queue.drain()
	if b.told() != "" || len(queued) != 1 || b.faults.Counts()[cloud.ActionDescribe] != 1 {
		t.Fatalf("told %q, queued %q, after %v", b.told(), texts(queued), b.faults.Counts())
	}
	body := string(queued[0].Body)
	if !strings.Contains(body, `"looks":4`) || strings.Contains(body, "failing") {
		t.Errorf("it comes back as %s", body)
	}
}

func TestAnotherAttachmentMeansThatTheWatchedOneIsGone(t *testing.T) {
	b := newBench(t, []estate.VPNConnection{optedOut()})
	b.handle(lookAt(`"detach":true,"force":true,`, 7, 3))
	if b.told() != "vco-1 detached" || b.attached() != "vco-1" {
		t.Errorf("told %s, attached %s", b.told(), b.attached())
	}
	if o := b.outcomes()[0]; o.AttachmentID != "tr-attach-000000000000000007" || o.RouterID != "tr-core" {
		t.Errorf("got %+v", o)
	}
}

func TestADetachThatCannotReadChangesNothing(t *testing.T) {
	refused := func(action string) fault.Fault {
		return fault.Fault{Action: action, Status: 403, Code: "Forbidden.RAM"}
	}
	for name, c := range map[string]struct {
		fault fault.Fault
		told  string
	}{
		"the connection may not be read":   {refused(cloud.ActionDescribe), "vco-1 failed Forbidden.RAM"},
		"its attachment may not be listed": {refused(cloud.ActionAttachments), "vco-1 failed Forbidden.RAM"},
		"no list shows the attachment": {
			fault.Fault{Action: cloud.ActionAttachments, Times: 9, EmptyList: true}, "vco-1 retrying ConnectionBusy",
		},
		"one reading does not, and the next": {
			fault.Fault{Action: cloud.ActionAttachments, Times: 2, EmptyList: true}, "vco-1 detaching",
		},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBenchIn(t, slow(), []estate.VPNConnection{optedOut()}, c.fault)
			b.handle(forced)
			if deleted := b.faults.Counts()[cloud.ActionDelete]; b.told() != c.told ||
				deleted == 1 != (c.told == "vco-1 detaching") {
				t.Errorf("told %s after %d deletes", b.told(), deleted)
			}
		})
	}
}
