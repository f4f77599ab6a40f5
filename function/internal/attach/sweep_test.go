package attach

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/decide"
	"vpn-attach/function/internal/event"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/fault"
)

const sweepAll = `{"sweep":{}}`

// mixed are connections in every state that a sweep tells apart.
func mixed() []estate.VPNConnection {
	on := func(c estate.VPNConnection) estate.VPNConnection {
		c.TransitRouter = "tr-core"
		return c
	}
	locked := tag("vco-locked", "transit-router", "tr-core")
	locked.State = "financialLocked"
	bound := on(tag("vco-bound", "transit-router", "tr-core", "associate", "sites"))
	bound.Associated = "vtb-sites"
	return []estate.VPNConnection{
		tag("vco-wanted1", "transit-router", "tr-core"), tag("vco-wanted2", "transit-router", "tr-core"),
		on(tag("vco-stands", "transit-router", "tr-core")), bound,
		on(tag("vco-drifted", "transit-router", "tr-core", "associate", "sites")),
		on(tag("vco-wrong", "transit-router", "tr-core", "associate", "nobody")),
		tag("vco-out", "transit-router", "none"), tag("vco-lost", "transit-router", "tr-x"), locked,
		tag("vco-untagged"),
	}
}

// swept is what the last sweep's outcome says.
func (b *bench) swept() decide.SweepData {
	b.t.Helper()
	published := b.topic.Published("outcomes")
	if len(published) == 0 {
		b.t.Fatal("nothing was published")
	}
	last := published[len(published)-1]
	var o decide.SweepOutcome
	if err := json.Unmarshal([]byte(last.Body), &o); err != nil || last.Tag != "swept" {
		b.t.Fatalf("the tag is %s: %s, %v", last.Tag, last.Body, err)
	}
	return o.Data
}

// requested are the connections that queued messages ask for.
func requested(t *testing.T, messages []cloud.Message) (ids []string) {
	t.Helper()
	for _, m := range messages {
		batch, err := decoder().Decode(m.Body)
		if err != nil || len(batch.Items) != 1 {
			t.Fatalf("%s: %v", m.Body, err)
		}
		if e, is := batch.Items[0].(event.Event); is && e.Swept &&
			time.Until(e.Until) > decide.SweepPeriod-time.Minute {
			ids = append(ids, e.ConnectionID)
		}
	}
	slices.Sort(ids)
	return ids
}

func TestASweepTellsEveryStateApartAndAsksForWhatIsMissing(t *testing.T) {
	b := newBench(t, mixed())
	b.Sweep = decide.SweepAttach
	b.handle(sweepAll)
	data := b.swept()
	names := func(t decide.Tally) string { return fmt.Sprint(t.Count, t.IDs) }
	if data.Connections != 9 || data.Pages != 1 || data.Settled != 2 || data.UnderWay != 0 || data.Queued != 3 ||
		data.Parts != 1 ||
		data.Mode != decide.SweepAttach || data.DryRun || !slices.Equal(data.Regions, []string{"cn-hangzhou"}) {
		t.Errorf("it counts %+v", data)
	}
	if names(data.Wanted) != "2 [vco-wanted1 vco-wanted2]" || names(data.Drifted) != "1 [vco-drifted]" ||
		names(data.Skipped[decide.CodeOptedOut]) != "1 [vco-out]" ||
		names(data.Refused[decide.CodeTargetNotFound]) != "1 [vco-lost]" ||
		names(data.Refused[decide.CodeConnectionLocked]) != "1 [vco-locked]" ||
		names(data.Refused[decide.CodeTableUnknown]) != "1 [vco-wrong]" {
		t.Errorf("it names %+v", data)
	}
	queued := b.queue.drain()
	if got := requested(t, queued); !slices.Equal(got, []string{"vco-drifted", "vco-wanted1", "vco-wanted2"}) {
		t.Errorf("it asks for %q", got)
	}
	if n := b.faults.Counts()[cloud.ActionCreate] + b.faults.Counts()[cloud.ActionAssociate]; n != 0 {
		t.Errorf("the sweep itself wrote %d times", n)
	}
	b.handle(texts(queued)...)
	for len(b.queue.messages) > 0 {
		b.goOn()
	}
	if b.handle(sweepAll); b.swept().Settled != 5 || b.swept().Wanted.Count+b.swept().Drifted.Count != 0 {
		t.Errorf("afterwards it counts %+v", b.swept())
	}
}

func TestASweepThatMayNotAskOnlyCounts(t *testing.T) {
	for name, c := range map[string]struct {
		mode   decide.SweepMode
		dryRun bool // of the operator
		sweep  string
		queued int
	}{
		"it reports":                  {decide.SweepReport, false, sweepAll, 0},
		"it is a dry run":             {decide.SweepAttach, false, `{"sweep":{"dryRun":true}}`, 0},
		"the function is a dry run":   {decide.SweepAttach, true, sweepAll, 0},
		"it has asked for enough":     {decide.SweepAttach, false, sweepAll, 1},
		"it continues with a message": {decide.SweepReport, false, sweeping(`{"place":0,"parts":3}`), 0},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t, mixed())
			b.Sweep, b.Rules.DryRun, b.SweepMax = c.mode, c.dryRun, 1
			b.handle(c.sweep)
			data := b.swept()
			if got := requested(t, b.queue.drain()); len(got) != c.queued || data.Queued != c.queued ||
				data.Wanted.Count != 2 {
				t.Errorf("it asks for %q and counts %+v", got, data)
			}
			if isDry := c.dryRun || strings.Contains(c.sweep, "dryRun"); data.DryRun != isDry {
				t.Errorf("it says that it is a dry run: %v", data.DryRun)
			}
		})
	}
}

func TestASweepThatIsOffIsIgnored(t *testing.T) {
	b := newBench(t, mixed())
	b.Sweep = decide.SweepOff
	if answer := b.handle(sweepAll); answer.Ignored != 1 || len(b.faults.Calls()) != 0 {
		t.Errorf("it answers %+v after %v", answer, b.faults.Counts())
	}
}

func TestOnlyServedRegionsThatAreAskedForAreSwept(t *testing.T) {
	b := newBench(t, mixed())
	b.Rules.Regions = []string{"cn-hangzhou", "eu-central-1"}
	for asked, want := range map[string][]string{
		`{"sweep":{}}`: {"cn-hangzhou", "eu-central-1"},
		`{"sweep":{"regions":["eu-central-1","us-east-1"]}}`: {"eu-central-1"},
		`{"sweep":{"regions":["us-east-1"]}}`:                nil,
	} {
		b.handle(asked)
		if data := b.swept(); !slices.Equal(data.Regions, want) || data.Pages != len(want) {
			t.Errorf("%s sweeps %q in %d pages", asked, data.Regions, data.Pages)
		}
	}
}

func TestTheConnectionsOfOtherAccountsAreSweptToo(t *testing.T) {
	member := tag("vco-member", "transit-router", "tr-core")
	member.Owner, member.CrossAccountAuthorized = foreign, true
	b := newBench(t, append(mixed(), member))
	b.Rules.Accounts, b.Sweep = []string{account, foreign}, decide.SweepAttach
	b.handle(sweepAll)
	if data := b.swept(); data.Connections != 10 || data.Wanted.Count != 3 || data.Pages != 2 {
		t.Errorf("it counts %+v", data)
	}
	var owners []string
	for _, m := range b.queue.drain() {
		if body := string(m.Body); strings.Contains(body, "vco-member") {
			owners = append(owners, body)
		}
	}
	if len(owners) != 1 || !strings.Contains(owners[0], `"ownerId":"`+foreign+`"`) {
		t.Errorf("it asks %q", owners)
	}
}

func TestAPageThatCannotBeReadIsCountedAndTheSweepGoesOn(t *testing.T) {
	b := newBench(t, mixed(), fault.Fault{Action: cloud.ActionInventory, Status: 403, Code: "Forbidden.RAM"})
	b.Rules.Regions = []string{"eu-central-1", "cn-hangzhou"}
	b.handle(sweepAll)
	if data := b.swept(); data.Unread["Forbidden.RAM"] != 1 || data.Pages != 1 || data.Connections != 9 {
		t.Errorf("it counts %+v", data)
	}
}

func TestACallThatFailsForOneConnectionRefusesItAlone(t *testing.T) {
	b := newBench(t, mixed(), fault.Fault{Action: cloud.ActionTables, Times: 2, Status: 500, Code: "InternalError"})
	b.handle(sweepAll)
	// The answer is shared: both connections with route tables to look at meet it.
	if data := b.swept(); data.Refused["InternalError"].Count != 3 || data.Settled != 1 || data.Wanted.Count != 2 {
		t.Errorf("it counts %+v", data)
	}
}

// An attachment of ours that attaches for too long may have lost whoever watched it.
func TestASweepFindsAttachmentsThatAreStuck(t *testing.T) {
	stuck, strange := tag("vco-stuck", "transit-router", "tr-core"), tag("vco-strange", "transit-router", "tr-core")
	stuck.TransitRouter, stuck.State = "tr-core", "attaching"
	stuck.AttachmentTags = map[string]string{"vpn-attach:vpn-connection": "vco-stuck"}
	strange.TransitRouter, strange.State = "tr-core", "attaching"
	connections := []estate.VPNConnection{stuck, strange}
	b := newBenchIn(t, slow(), connections)
	b.Sweep = decide.SweepAttach
	b.handle(sweepAll)
	if data := b.swept(); data.UnderWay != 2 || data.Drifted.Count != 0 || len(b.queue.drain()) != 0 {
		t.Errorf("young ones: %+v", data)
	}
	b.Schedule.ConfirmTimeout = -2 * time.Hour // so that whatever was created is old
	b.handle(sweepAll)
	if data := b.swept(); data.UnderWay != 1 || fmt.Sprint(data.Drifted.IDs) != "[vco-stuck]" || data.Queued != 1 {
		t.Errorf("old ones: %+v", data)
	}
	if n := b.faults.Counts()[cloud.ActionAttachments]; n != 2 {
		t.Errorf("two sweeps of one router listed its attachments %d times", n)
	}
}
