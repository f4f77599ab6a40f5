package local

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/estate"
)

func TestTheConditionOfAConnection(t *testing.T) {
	tell := func(status, code string) []Told { return []Told{{Status: status, Code: code}} }
	failed, attached, dry := tell("failed", "x"), tell("attached", ""), []Told{{Status: "failed", DryRun: true}}
	for name, test := range map[string]struct {
		attachment string
		outcomes   []Told // the latest first
		tag, want  string
	}{
		"attached":                       {"Attached", tell("attached", ""), "tr-1", ConditionAttached},
		"attached from the start":        {"Attached", nil, "tr-1", ConditionAttached},
		"attached elsewhere, no success": {"Attached", tell("conflict", "x"), "tr-1", ConditionConflict},
		"a failure after a success":      {"Attached", slices.Concat(failed, attached), "", ConditionFailed},
		"a success after a failure":      {"Attached", slices.Concat(attached, failed), "", ConditionAttached},
		"a dry run says nothing":         {"Attached", slices.Concat(dry, attached), "", ConditionAttached},
		"attached, and carries traffic":  {"Attached", slices.Concat(tell("up", ""), attached), "", ConditionAttached},
		"attached, and no tunnel is up":  {"Attached", slices.Concat(tell("down", "x"), attached), "", ConditionDown},
		"attached, and half is up":       {"Attached", tell("degraded", "x"), "", ConditionDegraded},
		"detached while it was down":     {"", slices.Concat(tell("down", "x"), attached), "", ConditionDetached},
		"attaching":                      {"Attaching", tell("attaching", ""), "tr-1", ConditionAttaching},
		"detaching":                      {"Detaching", tell("detaching", ""), "none", ConditionDetaching},
		"detached by the function":       {"", tell("detached", ""), "none", ConditionDetached},
		"detached by somebody":           {"", attached, "tr-1", ConditionDetached},
		"retrying":                       {"", tell("retrying", "Throttling"), "tr-1", ConditionRetrying},
		"opted out, the function says":   {"", tell("skipped", "OptedOut"), "none", ConditionOptedOut},
		"no tag, the function says":      {"", tell("skipped", "NoTarget"), "", ConditionNoTag},
		"skipped for another reason":     {"", tell("skipped", "Gone"), "", ConditionSkipped},
		"opted out, the tag says":        {"", nil, "none", ConditionOptedOut},
		"no tag, and no event":           {"", nil, "", ConditionNoTag},
		"a tag, and no event":            {"", nil, "tr-1", ConditionWaiting},
		"an outcome nobody can read":     {"", tell("unreadable", ""), "tr-1", ConditionWaiting},
	} {
		if got := condition(test.attachment, test.outcomes, test.tag); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestAConnectionIsElsewhereOnlyWhereItsTagNamesOneOther(t *testing.T) {
	label := map[string]string{"p:label": "core"}
	routers := []estate.TransitRouter{{ID: "tr-1", CEN: "cen-1", Tags: label}, {ID: "tr-2", CEN: "cen-2"}}
	for tag, want := range map[string]bool{
		"tr-1": true, "cen-1": true, "core": true, "tr-2": false, "": false, "x": false,
	} {
		if isElsewhere(routers, "p:", tag, "tr-2") != want {
			t.Errorf("%q: want %v", tag, want)
		}
	}
}

func TestAHealthDocumentIsToldWithItsStateAndCause(t *testing.T) {
	got := toldBy(`{"type":"vpn-attach.health.v1","id":"1","subject":"vco-1","data":{"state":"down",` +
		`"transitRouterId":"tr-1","reason":"PeerMismatch","cause":"the peer","advice":"ask it"}}`)
	want := Told{
		ID: "1", Subject: "vco-1", Status: "down", Code: "PeerMismatch", Message: "the peer", Advice: "ask it",
		Router: "tr-1",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%+v", got)
	}
}

func TestTheBookKeepsTheLatestOutcomesOfEveryConnection(t *testing.T) {
	var b book
	var all []string
	for i := range 3 * maxTold {
		all = append(all, fmt.Sprintf(`{"id":"o-%d","subject":"vco-%d","data":{"status":"failed"}}`, i, i%2))
		b.open(all)
	}
	all = append(all, "no outcome")
	page := b.open(all)["vco-1"]
	if len(page) != maxTold || page[0].ID != fmt.Sprint("o-", 3*maxTold-1) || page[0].Status != "failed" {
		t.Errorf("%d outcomes, the latest %+v", len(page), page[0])
	}
	if b.open(all)[""][0].Status != "unreadable" {
		t.Error("what is no outcome is not told")
	}
}

func TestWhatNeedsAPersonHasACauseARemedyAndACommand(t *testing.T) {
	c := up(t)
	c.outcomes.add(`{"subject":"vco-1","time":"2026-11-27T07:00:00Z",` +
		`"data":{"status":"failed","transitRouterId":"tr-core","error":{"code":"ConsentMissing",` +
		`"message":"no <b>","advice":"Tag it, then invoke the function"}}}`)
	c.outcomes.add(`{"subject":"it's'; rm -rf /","time":"2026-11-27T06:00:00Z","data":{"status":"failed"}}`)
	if err := c.Estate.Tag("tr-core", map[string]string{"vpn-attach:accept": "9999999999"}); err != nil {
		t.Fatal(err)
	}
	if err := c.Estate.Tag("vco-2", map[string]string{"vpn-attach:transit-router": "none"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Queues.Send(c.DeadLetters, "x", 0); err != nil {
		t.Fatal(err)
	}
	s := c.state()
	kinds := ""
	for _, need := range s.Needs {
		kinds += need.Kind + " "
	}
	if kinds != "connection message deadLetters " || s.Counts.Needs != 3 || s.Counts.Attached != 1 {
		t.Fatalf("the needs are %s, the counts %+v", kinds, s.Counts)
	}
	first := s.Needs[0]
	const tagging = " cbn TagResources --RegionId cn-hangzhou --ResourceType TransitRouter --ResourceId.1 tr-core " +
		"--Tag.1.Key vpn-attach:accept --Tag.1.Value '9999999999, 1234567890123456' && curl -d " +
		`'{"vpnConnectionId":"vco-1"}' http://`
	if first.Remedy != "Tag it." || !strings.Contains(first.Command, tagging) || first.Cause != "no <b>" {
		t.Errorf("it says %+v", first)
	}
	if s.Needs[1].Command != "" {
		t.Error("a command was made of what a message says")
	}
}

func TestACommandIsQuotedOrNotGiven(t *testing.T) {
	for word, want := range map[string]string{
		"tr-1": "tr-1", "a b": "'a b'", "a'b": `'a'\''b'`, "$(x)": "'$(x)'", "": "''", "~": "'~'", "a;b": "'a;b'",
		"\x1b[2J": "", "\u202e": "", "a\nb": "", strings.Repeat("a", 2000): "",
	} {
		if got := (command{word}).line(); got != want {
			t.Errorf("%q is written %q, want %q", word, got, want)
		}
	}
}

func TestAnInvocationSaysWhatItDid(t *testing.T) {
	for answer, want := range map[string]string{
		`{"events":3,"statuses":{"attached":1,"retrying":2},"queued":1}`: "1 attached, 2 retrying, 1 queued",
		`{"events":1,"ignored":1}`:                                       "1 ignored",
		`{"outcomes":[{"subject":"vco-1","data":{"status":"checked"}}]}`: "checked vco-1",
		`{"sweeps":[{"data":{"status":"swept"}}]}`:                       "swept",
		`{"paused":true,"queued":2}`:                                     "2 queued, paused",
		`{"events":0,"ignored":0}`:                                       "nothing new",
		`not JSON`:                                                       "nothing new",
	} {
		if got := did([]byte(answer)); got != want {
			t.Errorf("%s did %q, want %q", answer, got, want)
		}
	}
}
