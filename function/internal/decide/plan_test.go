package decide

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// planned makes the create request of an event for a connection.
func planned(t *testing.T, r Rules, e event.Event, c cloud.Connection) cloud.CreateRequest {
	t.Helper()
	got, err := r.Plan(e, c, cloud.Router{ID: "tr-a"}, home())
	if err != nil {
		t.Fatalf("refused: %v", err)
	}
	return got.Request
}

// wishing is anEvent with a wish.
func wishing(tag, value string) event.Event {
	e := anEvent()
	e.Wishes = map[string]string{tag: value}
	return e
}

func TestTagsBecomeTheParametersOfTheCreateCall(t *testing.T) {
	e, dryRun, abroad := anEvent(), anEvent(), anEvent()
	dryRun.DryRun, abroad.OwnerID = true, foreign
	plain, quiet := production(), ruled(func(r *Rules) { r.AutoPublish = false })
	dual, named, odd := tagged("vpn-attach:zone", "cn-hangzhou-h"), tagged(), tagged()
	dual.DualTunnel, named.Name, odd.Name = true, "site 7", "7"
	const name, publish, zone = "vpn-attach:name", "vpn-attach:auto-publish", "vpn-attach:zone"
	type request = cloud.CreateRequest
	cases := map[string]struct {
		rules      Rules
		event      event.Event
		connection cloud.Connection
		check      func(request) bool
	}{
		"the connection, its region and the router are named": {plain, e, tagged(), func(r request) bool {
			return r.ConnectionID == "vco-1" && r.RegionID == "cn-hangzhou" && r.RouterID == "tr-a"
		}},
		"the connection's name names the attachment": {
			plain, e, named, func(r request) bool { return r.Name == "site 7" },
		},
		"a name that is not legal is replaced by the id": {
			plain, e, odd, func(r request) bool { return r.Name == "vco-1" },
		},
		"a name tag wins": {plain, e, tagged(name, "core-7"), func(r request) bool { return r.Name == "core-7" }},
		"a description tag is sent": {
			plain, e, tagged("vpn-attach:description", "d"), func(r request) bool { return r.Description == "d" },
		},
		"a request's wish wins over the tag": {
			plain, wishing("name", "wished"), tagged(name, "core-7"),
			func(r request) bool { return r.Name == "wished" },
		},
		"routes are published by default": {plain, e, tagged(), func(r request) bool { return r.AutoPublish }},
		"a tag turns that off": {
			plain, e, tagged(publish, "false"), func(r request) bool { return !r.AutoPublish },
		},
		"the operator's default may be off": {quiet, e, tagged(), func(r request) bool { return !r.AutoPublish }},
		"a tag turns it on against that": {
			quiet, e, tagged(publish, "TRUE"), func(r request) bool { return r.AutoPublish },
		},
		"a zone is sent for a single tunnel": {
			plain, e, tagged(zone, "cn-hangzhou-h"), func(r request) bool { return r.Zone == "cn-hangzhou-h" },
		},
		"a zone is never sent for two tunnels": {plain, e, dual, func(r request) bool { return r.Zone == "" }},
		"a dry run is asked for by the event": {
			plain, dryRun, tagged(), func(r request) bool { return r.DryRun },
		},
		"without one the call is in earnest": {plain, e, tagged(), func(r request) bool { return !r.DryRun }},
		"the owner is named only when it is another": {
			plain, e, tagged(), func(r request) bool { return r.OwnerID == "" },
		},
		"and then it is": {
			plain, abroad, tagged(), func(r request) bool { return r.OwnerID == foreign },
		},
		"the attachment says which connection it is for": {plain, e, tagged(), func(r request) bool {
			return r.Tags["vpn-attach:vpn-connection"] == "vco-1"
		}},
		"and which event created it": {plain, e, tagged(), func(r request) bool {
			return r.Tags["vpn-attach:event"] == eventTag(e) && len(eventTag(e)) == 32
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := planned(t, c.rules, c.event, c.connection); !c.check(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTagsBeyondTheLimitsOfTheAPIAreRefusedBeforeTheCall(t *testing.T) {
	cases := map[string]struct{ tag, value, message string }{
		"a name of one character":         {"name", "x", "tag vpn-attach:name=x cannot"},
		"a name of 129 characters":        {"name", strings.Repeat("x", 129), "tag vpn-attach:name=xxx"},
		"a name that begins with a digit": {"name", "7-site", "tag vpn-attach:name=7-site cannot"},
		"a name that is a URL":            {"name", "http://site", `tag vpn-attach:name="http://site" cannot`},
		"a name with an escape in it":     {"name", "site\x1b[31m", `tag vpn-attach:name="site?[31m" cannot`},
		"a description of 257 characters": {
			"description", strings.Repeat("x", 257), "tag vpn-attach:description cannot",
		},
		"a description that is a URL":          {"description", "https://site", "tag vpn-attach:description cannot"},
		"a description with an escape in it":   {"description", "d\x1b[31m", "tag vpn-attach:description cannot"},
		"an auto-publish that is no yes or no": {"auto-publish", "perhaps", "tag vpn-attach:auto-publish is neither"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := production().Plan(anEvent(), tagged("vpn-attach:"+c.tag, c.value), cloud.Router{ID: "tr-a"},
				home())
			end := endOf(t, err)
			if end.Code != CodeNameInvalid || !strings.HasPrefix(end.Message, c.message) {
				t.Errorf("got %+v", end)
			}
			_, err = production().Plan(wishing(c.tag, c.value), tagged(), cloud.Router{ID: "tr-a"}, home())
			if end := endOf(t, err); !strings.HasPrefix(end.Message, "request "+c.tag) {
				t.Errorf("as a wish: %+v", end)
			}
		})
	}
	longest := tagged("vpn-attach:name", strings.Repeat("é", 128), "vpn-attach:description", strings.Repeat("é", 256))
	if got := planned(t, production(), anEvent(), tagged("vpn-attach:name", "xy")); got.Name != "xy" {
		t.Errorf("the shortest legal name was not taken: %+v", got)
	}
	if got := planned(t, production(), anEvent(), longest); len([]rune(got.Name)) != 128 ||
		len([]rune(got.Description)) != 256 {
		t.Errorf("the longest legal texts were not taken: %+v", got)
	}
}

func TestWhatIsOverriddenIsAWarning(t *testing.T) {
	dual, odd, plain := tagged("vpn-attach:zone", "cn-hangzhou-h"), tagged(), tagged()
	dual.DualTunnel, odd.Name = true, "7"
	for name, c := range map[string]struct {
		connection cloud.Connection
		want       string
	}{
		"a zone in dual-tunnel mode": {
			dual, "[tag vpn-attach:zone is ignored: the connection is in dual-tunnel mode]",
		},
		"a name that no attachment can have": {
			odd, "[the connection's name cannot name an attachment; its id is used]",
		},
		"nothing": {plain, "[]"},
	} {
		got, err := production().Plan(anEvent(), c.connection, cloud.Router{ID: "tr-a"}, home())
		if err != nil || fmt.Sprint(got.Warnings) != c.want {
			t.Errorf("%s: got %q, %v", name, got.Warnings, err)
		}
	}
}

func TestAPlanWithoutItsZoneIsAnotherRequest(t *testing.T) {
	with, err := production().Plan(anEvent(), tagged("vpn-attach:zone", "cn-hangzhou-h"), cloud.Router{ID: "tr-a"},
		home())
	if err != nil {
		t.Fatal(err)
	}
	without := with.WithoutZone(anEvent())
	if without.Request.Zone != "" || without.Request.ClientToken == with.Request.ClientToken ||
		len(without.Warnings) != 1 {
		t.Errorf("got %+v", without)
	}
	bare := planned(t, production(), anEvent(), tagged())
	if without.Request.ClientToken != bare.ClientToken {
		t.Error("it must have the token of a request that never had a zone")
	}
}

func TestTheClientTokenStandsForTheEventAndAllThatIsAsked(t *testing.T) {
	e := anEvent()
	base := planned(t, production(), e, tagged())
	if len(base.ClientToken) != 64 || strings.Trim(base.ClientToken, "0123456789abcdef") != "" {
		t.Errorf("the service takes at most 64 ASCII characters; got %q", base.ClientToken)
	}
	later := e
	later.Attempt, later.FirstSeen = 7, moment().Add(-1)
	if again := planned(t, production(), later, tagged()); again.ClientToken != base.ClientToken {
		t.Error("a redelivery, or a retry, must repeat the token")
	}
	anotherEvent, abroad, dryRun, region := e, e, e, tagged()
	anotherEvent.ID, abroad.OwnerID, dryRun.DryRun, region.RegionID = "e-2", foreign, true, "eu-central-1"
	quiet := ruled(func(r *Rules) { r.AutoPublish = false })
	otherRouter, err := production().Plan(e, tagged(), cloud.Router{ID: "tr-b"}, home())
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]string{base.ClientToken: "the base"}
	for name, request := range map[string]cloud.CreateRequest{
		"another event":       planned(t, production(), anotherEvent, tagged()),
		"another router":      otherRouter.Request,
		"another name":        planned(t, production(), e, tagged("vpn-attach:name", "other")),
		"another description": planned(t, production(), e, tagged("vpn-attach:description", "other")),
		"another zone":        planned(t, production(), e, tagged("vpn-attach:zone", "z")),
		"another publishing":  planned(t, quiet, e, tagged()),
		"another owner":       planned(t, production(), abroad, tagged()),
		"another region":      planned(t, production(), e, region),
		"a dry run":           planned(t, production(), dryRun, tagged()),
		"another tag prefix":  planned(t, ruled(func(r *Rules) { r.TagPrefix = "net/" }), e, tagged()),
	} {
		if twin, found := seen[request.ClientToken]; found {
			t.Errorf("%s has the token of %s", name, twin)
		}
		seen[request.ClientToken] = name
	}
}

func TestDigestsKeepTheirPartsApart(t *testing.T) {
	if Digest("a", "bc") == Digest("ab", "c") || Digest("a", "") == Digest("a") {
		t.Error("different parts must not give the same digest")
	}
}

func TestOwnAndCreatedAttachmentsAreKnownByTheirTags(t *testing.T) {
	e, another := anEvent(), anEvent()
	another.ID = "e-2"
	a := cloud.Attachment{Tags: planned(t, production(), e, tagged()).Tags}
	r, renamed := production(), ruled(func(r *Rules) { r.TagPrefix = "net/" })
	if !r.IsOurs(a, "vco-1") || r.IsOurs(a, "vco-2") || renamed.IsOurs(a, "vco-1") ||
		r.IsOurs(cloud.Attachment{}, "vco-1") {
		t.Error("whose attachment it is does not follow its tag")
	}
	if !r.CreatedBy(a, e) || r.CreatedBy(a, another) || r.CreatedBy(cloud.Attachment{}, e) {
		t.Error("which event created it does not follow its tag")
	}
	if tags := r.ConnectionTag("vco-1"); len(tags) != 1 ||
		a.Tags["vpn-attach:vpn-connection"] != tags["vpn-attach:vpn-connection"] {
		t.Errorf("it is looked for by %v", tags)
	}
}
