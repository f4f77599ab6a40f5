package attach

import (
	"context"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

// look is the message by which attachment 1 of vco-1 is looked at again.
func look(looks int) string { return lookAt("", 1, looks) }

// lagging says of every connection that it is in a state.
type lagging struct {
	cloud.Reader
	state string
}

func (l lagging) DescribeConnection(ctx context.Context, owner, region, id string) (cloud.Connection, error) {
	c, err := l.Reader.DescribeConnection(ctx, owner, region, id)
	c.State = l.state
	return c, err
}

// attachedSite is a connection that is on tr-core, and wants these route tables.
func attachedSite(pairs ...string) estate.VPNConnection {
	c := tag("vco-1", append([]string{"transit-router", "tr-core"}, pairs...)...)
	c.TransitRouter = "tr-core"
	return c
}

// TestEveryLookAtAWatchedAttachment takes one look, and says what is told, bound and read.
func TestEveryLookAtAWatchedAttachment(t *testing.T) {
	attaching, locked := attachedSite(), sites("vco-1")[0]
	attaching.State, locked.State = "attaching", "financialLocked"
	plain, tabled := attachedSite(), attachedSite("associate", "sites")
	nothing := fault.Fault{Action: cloud.ActionAttachments, Times: 9, EmptyList: true}
	refused := func(action string) fault.Fault {
		return fault.Fault{Action: action, Status: 403, Code: "Forbidden.RAM"}
	}
	cases := map[string]struct {
		connection estate.VPNConnection
		state      string // in which the connection is said to be, if not its own
		looks      int
		faults     []fault.Fault
		told       string
		goesOn     bool
		lists      int // of attachments
		bound      int
	}{
		"it is attached": {plain, "", 3, nil, "vco-1 attached", false, 1, 0},
		"it is attaching, as its connection says":       {attaching, "", 3, nil, "", true, 0, 0},
		"it is attaching, which every fourth look sees": {attaching, "", 4, nil, "", true, 1, 0},
		"it is attached, and no list shows it": {
			plain, "", 3, []fault.Fault{nothing}, "vco-1 attached", false, 4, 0,
		},
		"what no list shows cannot be bound":     {tabled, "", 3, []fault.Fault{nothing}, "", true, 4, 0},
		"its route table is bound":               {tabled, "", 3, nil, "", true, 1, 1},
		"its connection does not know of it yet": {plain, "init", 3, nil, "vco-1 attached", false, 1, 0},
		"its connection is being changed":        {plain, "updating", 3, nil, "vco-1 attached", false, 1, 0},
		"its connection is locked": {
			locked, "", 3, nil, "vco-1 failed ConnectionLocked", false, 4, 0,
		},
		"it may not be listed": {
			plain, "", 3, []fault.Fault{refused(cloud.ActionAttachments)}, "vco-1 failed Forbidden.RAM", false, 1, 0,
		},
		"it may not be searched": {
			plain, "init", 3, []fault.Fault{refused(cloud.ActionAttachments)}, "vco-1 failed Forbidden.RAM", false,
			1, 0,
		},
		"its route tables may not be listed": {
			tabled, "", 3, []fault.Fault{refused(cloud.ActionTables)}, "vco-1 failed Forbidden.RAM", false, 1, 0,
		},
		"its bindings may not be listed": {
			tabled, "", 3, []fault.Fault{refused(cloud.ActionAssociations)}, "vco-1 failed Forbidden.RAM", false, 1, 0,
		},
		"it may not be bound": {
			tabled, "", 3, []fault.Fault{refused(cloud.ActionAssociate)}, "vco-1 failed Forbidden.RAM", false, 1, 0,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			b := newBenchIn(t, slow(), []estate.VPNConnection{c.connection}, c.faults...)
			if c.state != "" {
				b.Reader = lagging{b.Reader, c.state}
			}
			b.handle(look(c.looks))
			if queued := b.queue.drain(); b.told() != c.told || len(queued) == 1 != c.goesOn {
				t.Errorf("told %q, queued %q", b.told(), texts(queued))
			}
			if lists := b.faults.Counts()[cloud.ActionAttachments]; lists != c.lists ||
				len(b.estate.Bindings()) != c.bound {
				t.Errorf("%d lists, %d bindings", lists, len(b.estate.Bindings()))
			}
		})
	}
}

func TestABindingThatIsPendingIsNotMadeAgain(t *testing.T) {
	b := newBenchIn(t, slow(), []estate.VPNConnection{attachedSite("associate", "sites", "propagate", "system")})
	b.handle(created("vco-1"))
	b.goOn()
	b.goOn()
	if b.told() != "vco-1 attaching RouteTables" || len(b.estate.Binds()) != 2 {
		t.Errorf("told %s after %d calls", b.told(), len(b.estate.Binds()))
	}
}

func TestAnAttachmentThatIsDetachingIsNoneToAdopt(t *testing.T) {
	b := newBenchIn(t, slow(), []estate.VPNConnection{ours(sites("vco-1")[0])})
	b.handle(forced)
	b.queue.drain()
	b.handle(look(3))
	if b.told() != "vco-1 detaching, vco-1 failed Vanished" {
		t.Errorf("whoever watches it is told %s", b.told())
	}
	b.Reader = lagging{b.Reader, cloud.StateAttached}
	b.handle(created("vco-1"))
	if b.told() != "vco-1 detaching, vco-1 failed Vanished, vco-1 retrying ConnectionBusy" {
		t.Errorf("another event is told %s", b.told())
	}
}

func TestADryRunBindsNothingAndWatchesNothing(t *testing.T) {
	attaching := attachedSite("associate", "sites")
	attaching.State = "attaching"
	for told, c := range map[string]estate.VPNConnection{
		"vco-1 checked": attaching, "vco-1 unchanged": attachedSite("associate", "sites"),
	} {
		b := newBenchIn(t, slow(), []estate.VPNConnection{c})
		b.handle(ask("vco-1", `,"dryRun":true`))
		if b.told() != told || len(b.queue.drain()) != 0 || len(b.estate.Binds()) != 0 {
			t.Errorf("told %s, want %s", b.told(), told)
		}
	}
}

// What the cloud does not answer is retried and what it refuses is told; in neither case is
// anything attached.
func TestEveryReadThatFailsBeforeTheCreateAttachesNothing(t *testing.T) {
	member := sites("vco-1")[0]
	member.Owner, member.CrossAccountAuthorized = foreign, true
	for _, action := range []string{cloud.ActionDescribe, cloud.ActionRouters, cloud.ActionGrants} {
		for told, f := range map[string]fault.Fault{
			"vco-1 failed AccessDenied":      {Action: action, Status: 403, Code: "AccessDenied"},
			"vco-1 retrying Throttling.User": {Action: action, Status: 429, Code: "Throttling.User", Times: 9},
			"vco-1 retrying NoAnswer":        {Action: action, Drop: fault.Before, Times: 99},
		} {
			b := newBench(t, []estate.VPNConnection{member}, f)
			b.Rules.Accounts = []string{account, foreign}
			b.handle(ask("vco-1", `,"ownerId":"`+foreign+`"`))
			if b.told() != told || b.attached() != "" {
				t.Errorf("%s: told %s, want %s", action, b.told(), told)
			}
		}
	}
}

func TestARouterThatDoesNotAcceptTheAccountIsLeft(t *testing.T) {
	b := newBench(t, sites("vco-1"))
	if err := b.estate.Untag("tr-core", "vpn-attach:accept"); err != nil {
		t.Fatal(err)
	}
	b.handle(created("vco-1"))
	if b.told() != "vco-1 failed "+decide.CodeConsentMissing || b.attached() != "" {
		t.Errorf("told %s", b.told())
	}
}

// endLast ends the attachment that was made last, as a person does, and has it looked at once.
func (b *bench) endLast() {
	b.t.Helper()
	attachments := b.estate.Attachments()
	if err := b.estate.Detach(attachments[len(attachments)-1].ID); err != nil {
		b.t.Fatal(err)
	}
	b.goOn()
}

// notice takes one look that believes the reading before it.
func (b *bench) notice() {
	b.t.Helper()
	believed := b.Schedule.ConfirmTimeout
	b.Schedule.ConfirmTimeout = 1
	b.goOn()
	b.Schedule.ConfirmTimeout = believed
}

func TestAnAttachmentThatWasSeenAndThenEndedIsToldAsVanished(t *testing.T) {
	b := newBenchIn(t, slow(), sites("vco-1"))
	b.handle(created("vco-1"))
	b.goOn()
	b.endLast()
	if b.told() != "vco-1 attaching" || len(b.queue.messages) != 1 {
		t.Fatalf("after one look it told %s", b.told())
	}
	b.notice()
	if b.told() != "vco-1 attaching, vco-1 failed Vanished" {
		t.Errorf("told %s", b.told())
	}
}

// What no reading ever shows may have been gone before: the service repeats its answer to a token. It is created once
// more, with another token, and not a third time.
func TestAnAttachmentThatWasNeverSeenIsCreatedOnceMore(t *testing.T) {
	b := newBenchIn(t, slow(), sites("vco-1"))
	b.handle(created("vco-1"))
	b.endLast()
	b.notice()
	b.goOn()
	if b.told() != "vco-1 attaching, vco-1 attaching CreatedAgain" || b.attached() != "vco-1" {
		t.Fatalf("told %s", b.told())
	}
	if notes := b.outcomes()[1].Notes; len(notes) != 1 || !strings.Contains(notes[0], b.estate.Attachments()[0].ID) {
		t.Errorf("notes %q", notes)
	}
	b.endLast()
	b.notice()
	if b.told() != "vco-1 attaching, vco-1 attaching CreatedAgain, vco-1 failed Vanished" || b.attached() != "" {
		t.Errorf("told %s", b.told())
	}
	tokens := map[string]bool{}
	for _, c := range b.estate.Creates() {
		tokens[c.ClientToken] = true
	}
	if len(b.estate.Creates()) != 2 || len(tokens) != 2 {
		t.Errorf("%d creates had %d tokens", len(b.estate.Creates()), len(tokens))
	}
}
