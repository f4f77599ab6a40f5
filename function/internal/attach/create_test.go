package attach

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/event"
)

// request makes the create request of an event for a connection, with the tags given.
func request(t *testing.T, r Rules, e event.Event, c Connection) CreateRequest {
	t.Helper()
	got, end := r.plan(e, c, Router{ID: "tr-a"}, account)
	if end != nil {
		t.Fatalf("refused: %+v", *end.Fault)
	}
	return got.request
}

func TestTagsBecomeTheParametersOfTheCreateCall(t *testing.T) {
	e := event.Event{ID: "e-1", OwnerID: account}
	quiet := production()
	quiet.AutoPublish = false
	dual := tagged("vpn-attach:zone", "cn-hangzhou-h")
	dual.DualTunnel = true
	named, odd := tagged(), tagged()
	named.Name, odd.Name = "site 7", "7"
	cases := map[string]struct {
		rules      Rules
		event      event.Event
		connection Connection
		check      func(CreateRequest) bool
	}{
		"the connection's name names the attachment":   {production(), e, named, func(r CreateRequest) bool { return r.Name == "site 7" }},
		"a name that is not legal gives way to the id": {production(), e, odd, func(r CreateRequest) bool { return r.Name == "vco-1" }},
		"a name tag wins":                                {production(), e, tagged("vpn-attach:name", "core-7"), func(r CreateRequest) bool { return r.Name == "core-7" }},
		"a description tag is sent":                      {production(), e, tagged("vpn-attach:description", "d"), func(r CreateRequest) bool { return r.Description == "d" }},
		"a request's wish wins over the tag":             {production(), event.Event{ID: "e-1", OwnerID: account, Wishes: map[string]string{"name": "wished"}}, tagged("vpn-attach:name", "core-7"), func(r CreateRequest) bool { return r.Name == "wished" }},
		"routes are published by default":                {production(), e, tagged(), func(r CreateRequest) bool { return r.AutoPublish }},
		"a tag turns that off":                           {production(), e, tagged("vpn-attach:auto-publish", "false"), func(r CreateRequest) bool { return !r.AutoPublish }},
		"the operator's default may be off":              {quiet, e, tagged(), func(r CreateRequest) bool { return !r.AutoPublish }},
		"a tag turns it on against that":                 {quiet, e, tagged("vpn-attach:auto-publish", "TRUE"), func(r CreateRequest) bool { return r.AutoPublish }},
		"a zone is sent for a single tunnel":             {production(), e, tagged("vpn-attach:zone", "cn-hangzhou-h"), func(r CreateRequest) bool { return r.Zone == "cn-hangzhou-h" }},
		"a zone is never sent for two tunnels":           {production(), e, dual, func(r CreateRequest) bool { return r.Zone == "" }},
		"a dry run is asked for by the event":            {production(), event.Event{ID: "e-1", OwnerID: account, DryRun: true}, tagged(), func(r CreateRequest) bool { return r.DryRun }},
		"the owner is named only when it is another":     {production(), e, tagged(), func(r CreateRequest) bool { return r.OwnerID == "" }},
		"and then it is":                                 {production(), event.Event{ID: "e-1", OwnerID: "1111111111"}, tagged(), func(r CreateRequest) bool { return r.OwnerID == "1111111111" }},
		"the attachment says which connection it is for": {production(), e, tagged(), func(r CreateRequest) bool { return r.Tags["vpn-attach:vpn-connection"] == "vco-1" }},
		"and which event made it":                        {production(), e, tagged(), func(r CreateRequest) bool { return r.Tags["vpn-attach:event"] == eventTag(e) && len(eventTag(e)) == 32 }},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if got := request(t, c.rules, c.event, c.connection); !c.check(got) {
				t.Errorf("got %+v", got)
			}
		})
	}
}

func TestTagsBeyondTheLimitsOfTheAPIAreRefusedBeforeTheCall(t *testing.T) {
	cases := map[string]struct{ tag, value, code string }{
		"a name of one character":              {"name", "x", CodeNameInvalid},
		"a name of 129 characters":             {"name", strings.Repeat("x", 129), CodeNameInvalid},
		"a name that begins with a digit":      {"name", "7-site", CodeNameInvalid},
		"a name that is a URL":                 {"name", "http://site", CodeNameInvalid},
		"a name with an escape in it":          {"name", "site\x1b[31m", CodeNameInvalid},
		"a description of 257 characters":      {"description", strings.Repeat("x", 257), CodeNameInvalid},
		"a description that is a URL":          {"description", "https://site", CodeNameInvalid},
		"a description with an escape in it":   {"description", "d\x1b[31m", CodeNameInvalid},
		"an auto-publish that is no yes or no": {"auto-publish", "perhaps", CodeNameInvalid},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, end := production().plan(event.Event{ID: "e"}, tagged("vpn-attach:"+c.tag, c.value), Router{ID: "tr-a"}, account)
			if end == nil || end.Fault.Code != c.code {
				t.Errorf("got %+v, want %s", end, c.code)
			}
		})
	}
	if got := request(t, production(), event.Event{ID: "e"}, tagged("vpn-attach:name", strings.Repeat("é", 128))); len([]rune(got.Name)) != 128 {
		t.Errorf("a name of 128 characters was not taken: %q", got.Name)
	}
}

func TestWhatGivesWayIsSaid(t *testing.T) {
	dual, odd, plain := tagged("vpn-attach:zone", "cn-hangzhou-h"), tagged(), tagged()
	dual.DualTunnel, odd.Name = true, "7"
	for name, c := range map[string]struct {
		connection Connection
		want       string
	}{
		"a zone in dual-tunnel mode":         {dual, "[tag vpn-attach:zone is ignored: the connection is in dual-tunnel mode]"},
		"a name that no attachment can bear": {odd, "[the connection's name can not name an attachment; its id does]"},
		"nothing":                            {plain, "[]"},
	} {
		got, _ := production().plan(event.Event{ID: "e"}, c.connection, Router{ID: "tr-a"}, account)
		if fmt.Sprint(got.warnings) != c.want {
			t.Errorf("%s: got %q", name, got.warnings)
		}
	}
}

func TestTheClientTokenStandsForTheEventAndAllThatIsAsked(t *testing.T) {
	e := event.Event{ID: "e-1", OwnerID: account}
	base := request(t, production(), e, tagged())
	if len(base.ClientToken) != 64 || strings.Trim(base.ClientToken, "0123456789abcdef") != "" {
		t.Errorf("the service takes at most 64 ASCII characters; got %q", base.ClientToken)
	}
	if again := request(t, production(), e, tagged()); again.ClientToken != base.ClientToken {
		t.Error("a redelivery must repeat the token")
	}
	quiet := production()
	quiet.AutoPublish = false
	other, _ := production().plan(e, tagged(), Router{ID: "tr-b"}, account)
	region := tagged()
	region.RegionID = "eu-central-1"
	seen := map[string]string{base.ClientToken: "the base"}
	for name, token := range map[string]string{
		"another event":       request(t, production(), event.Event{ID: "e-2", OwnerID: account}, tagged()).ClientToken,
		"another router":      other.request.ClientToken,
		"another name":        request(t, production(), e, tagged("vpn-attach:name", "other")).ClientToken,
		"another description": request(t, production(), e, tagged("vpn-attach:description", "other")).ClientToken,
		"another zone":        request(t, production(), e, tagged("vpn-attach:zone", "z")).ClientToken,
		"another publishing":  request(t, quiet, e, tagged()).ClientToken,
		"another owner":       request(t, production(), event.Event{ID: "e-1", OwnerID: "1111111111"}, tagged()).ClientToken,
		"another region":      request(t, production(), e, region).ClientToken,
		"a dry run":           request(t, production(), event.Event{ID: "e-1", OwnerID: account, DryRun: true}, tagged()).ClientToken,
	} {
		if twin, found := seen[token]; found {
			t.Errorf("%s has the token of %s", name, twin)
		}
		seen[token] = name
	}
}

func TestDigestsKeepTheirPartsApart(t *testing.T) {
	if digest("a", "bc") == digest("ab", "c") || digest("a", "") == digest("a") {
		t.Error("different parts must not give the same digest")
	}
}
