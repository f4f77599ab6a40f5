package decide

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/event"
)

func TestATallyCountsAllAndNamesTheFirstTwenty(t *testing.T) {
	var tally Tally
	for i := range 25 {
		before := tally
		tally = tally.With(fmt.Sprint("vco-", i))
		if before.Count != i || len(before.IDs) != min(i, maxNamed) {
			t.Fatalf("counting changed the tally before: %+v", before)
		}
	}
	if tally.Count != 25 || len(tally.IDs) != maxNamed || tally.IDs[0] != "vco-0" || tally.IDs[maxNamed-1] != "vco-19" {
		t.Errorf("got %+v", tally)
	}
}

// Two pages that begin from one tally, as when the first of them is cut off, do not share it.
func TestTalliesThatPartShareNothing(t *testing.T) {
	var common Tally
	for range 3 {
		common = common.With("vco-1")
	}
	one, other := common.With("vco-a"), common.With("vco-b")
	if one.IDs[3] != "vco-a" || other.IDs[3] != "vco-b" {
		t.Errorf("got %v and %v", one.IDs, other.IDs)
	}
}

func TestCountsOfAPageThatIsCutOffLeaveNoTrace(t *testing.T) {
	counts := SweepCounts{}.Clone()
	counts.Skipped.Add(CodeOptedOut, "vco-1")
	counts.Refused.Add(CodeConsentMissing, "vco-2")
	counts.Unread["AccessDenied"]++
	clone := counts.Clone()
	clone.Skipped.Add(CodeOptedOut, "vco-3")
	clone.Skipped.Add(CodeNoTarget, "vco-4")
	clone.Refused.Add(CodeConsentMissing, "vco-5")
	clone.Unread["AccessDenied"]++
	clone.Connections++
	if counts.Skipped[CodeOptedOut].Count != 1 || len(counts.Skipped) != 1 ||
		counts.Refused[CodeConsentMissing].Count != 1 ||
		counts.Unread["AccessDenied"] != 1 || counts.Connections != 0 {
		t.Errorf("the counts became %+v", counts)
	}
	if clone.Skipped[CodeOptedOut].Count != 2 || clone.Refused[CodeConsentMissing].Count != 2 ||
		clone.Unread["AccessDenied"] != 2 {
		t.Errorf("the clone is %+v", clone)
	}
}

func TestASweepsOutcomeIsACloudEventOfAllItsParts(t *testing.T) {
	asked := event.Sweep{ID: "sweep-1", Time: moment()}
	data := SweepData{Mode: SweepAttach, Regions: []string{"cn-hangzhou"}, Parts: 3}
	data.Wanted, data.Queued = Tally{2, []string{"vco-1", "vco-2"}}, 1
	o := home().SweepOutcome(asked, data, moment().Add(time.Second), moment().Add(61*time.Second))
	body, err := o.Encode()
	if err != nil {
		t.Fatal(err)
	}
	want := `{"specversion":"1.0","id":"` + o.ID +
		`","source":"acs:fc:cn-hangzhou:1234567890123456:functions/vpn-attach",` +
		`"type":"vpn-attach.sweep.v1","time":"2026-11-23T03:01:01Z","datacontenttype":"application/json",` +
		`"data":{"status":"swept","final":true,"mode":"attach","dryRun":false,"regions":["cn-hangzhou"],"parts":3,` +
		`"durationMs":60000,"event":{"id":"sweep-1","time":"2026-11-23T03:00:00Z","attempt":1,` +
		`"firstSeen":"2026-11-23T03:00:01Z"},` +
		`"connections":0,"pages":0,"inLine":0,"underWay":0,"wanted":{"count":2,"vpnConnectionIds":["vco-1","vco-2"]},` +
		`"amiss":{"count":0},"queued":1}}`
	if string(body) != want {
		t.Errorf("got  %s\nwant %s", body, want)
	}
	again := home().SweepOutcome(asked, SweepData{}, moment(), moment().Add(-time.Hour))
	if again.ID != o.ID || again.Data.DurationMs != 0 {
		t.Errorf("said again it is %+v", again)
	}
	asked.ID, asked.Time = "sweep-2", time.Time{}
	if other := home().SweepOutcome(asked, data, moment(), moment()); other.ID == o.ID || other.Data.Event.Time != nil {
		t.Errorf("another sweep is %+v", other)
	}
}

func TestASweepThatCannotBeEncodedSaysWhich(t *testing.T) {
	late := time.Date(10_000, 1, 1, 0, 0, 0, 0, time.UTC)
	o := home().SweepOutcome(event.Sweep{ID: "sweep-1"}, SweepData{}, late, moment())
	if _, err := o.Encode(); err == nil || !strings.Contains(err.Error(), "sweep sweep-1") {
		t.Errorf("got %v", err)
	}
}

// The counts go from one invocation to the next as JSON.
func TestCountsSurviveTheirMessage(t *testing.T) {
	counts, back := SweepCounts{}.Clone(), SweepCounts{}
	counts.Skipped.Add(CodeOptedOut, "vco-1")
	counts.Refused.Add(CodeNoTarget, "vco-2")
	counts.Unread["AccessDenied"]++
	counts.Drifted = counts.Drifted.With("vco-3")
	text, err := json.Marshal(counts)
	if err != nil || json.Unmarshal(text, &back) != nil || fmt.Sprint(back) != fmt.Sprint(counts) {
		t.Errorf("%s came back as %+v, %v", text, back, err)
	}
}
