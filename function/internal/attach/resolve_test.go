package attach

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/event"
)

const account = "1234567890123456"

// production are the rules as they are without any configuration.
func production() Rules {
	return Rules{TagPrefix: "vpn-attach:", RequireConsent: true, AutoPublish: true}
}

// estate is what ListTransitRouters could answer, however badly it filters.
func estate() []Router {
	return []Router{
		{ID: "tr-a", CenID: "cen-a", RegionID: "cn-hangzhou", Type: "Enterprise", Tags: map[string]string{"vpn-attach:label": "core", "vpn-attach:accept": "any", "env": "prod", "site": "hz"}},
		{ID: "tr-b", CenID: "cen-b", RegionID: "cn-hangzhou", Tags: map[string]string{"vpn-attach:label": "branch", "vpn-attach:accept": "1111111111; " + account, "env": "prod", "site": ""}},
		{ID: "tr-c", CenID: "cen-c", RegionID: "cn-hangzhou", Tags: map[string]string{"vpn-attach:label": "twin"}},
		{ID: "tr-d", CenID: "cen-d", RegionID: "cn-hangzhou", Tags: map[string]string{"vpn-attach:label": "twin", "vpn-attach:accept": "any", "env": "test", "site": "hz"}},
		{ID: "tr-basic", CenID: "cen-a", RegionID: "cn-hangzhou", Type: "Basic", Tags: map[string]string{"vpn-attach:accept": "any"}},
		{ID: "tr-e", CenID: "cen-a", RegionID: "eu-central-1", Tags: map[string]string{"vpn-attach:label": "far", "vpn-attach:accept": "*"}},
	}
}

func tagged(pairs ...string) Connection {
	c := Connection{ID: "vco-1", RegionID: "cn-hangzhou", State: StateUnbound, Tags: map[string]string{}}
	for i := 0; i < len(pairs); i += 2 {
		c.Tags[pairs[i]] = pairs[i+1]
	}
	return c
}

// decide takes a connection the pure part of the way: tags, then the list.
func decide(r Rules, e event.Event, c Connection) (Router, target, *Verdict) {
	wanted, end := r.target(e, c)
	if end != nil {
		return Router{}, wanted, end
	}
	router, end := r.choose(wanted, estate(), c)
	if end == nil {
		end = r.consent(wanted, router, account)
	}
	if end != nil {
		return Router{}, wanted, end
	}
	return router, wanted, nil
}

func TestTagsDecideTheTransitRouter(t *testing.T) {
	matching := production()
	matching.MatchTags = []string{"env", "site"}
	byDefault := production()
	byDefault.DefaultRouter = "tr-c"
	byCEN := production()
	byCEN.DefaultRouter = "cen-a"
	unasked := production()
	unasked.RequireConsent = false
	renamed := production()
	renamed.TagPrefix = "net/"
	wish := event.Event{Wishes: map[string]string{"transit-router": "tr-b"}}
	cases := map[string]struct {
		rules      Rules
		event      event.Event
		connection Connection
		router     string // the one that is chosen, or
		code       string // why none is
		rule       string
	}{
		"an id names the transit router":                     {production(), event.Event{}, tagged("vpn-attach:transit-router", "tr-a"), "tr-a", "", "tag vpn-attach:transit-router=tr-a"},
		"white space around a value is passed over":          {production(), event.Event{}, tagged("vpn-attach:transit-router", " tr-a "), "tr-a", "", "tag vpn-attach:transit-router=tr-a"},
		"a CEN names its transit router of the region":       {production(), event.Event{}, tagged("vpn-attach:transit-router", "cen-a"), "tr-a", "", "tag vpn-attach:transit-router=cen-a"},
		"a label names the transit router that bears it":     {production(), event.Event{}, tagged("vpn-attach:transit-router", "branch"), "tr-b", "", "tag vpn-attach:transit-router=branch"},
		"a request wins over the tag":                        {production(), wish, tagged("vpn-attach:transit-router", "tr-a"), "tr-b", "", "request transit-router=tr-b"},
		"none opts out":                                      {production(), event.Event{}, tagged("vpn-attach:transit-router", "none"), "", CodeOptedOut, "tag vpn-attach:transit-router=none"},
		"none beats a request":                               {production(), wish, tagged("vpn-attach:transit-router", "none"), "", CodeOptedOut, "tag vpn-attach:transit-router=none"},
		"none beats the default":                             {byDefault, event.Event{}, tagged("vpn-attach:transit-router", "none"), "", CodeOptedOut, "tag vpn-attach:transit-router=none"},
		"no tag means no target":                             {production(), event.Event{}, tagged("env", "prod"), "", CodeNoTarget, ""},
		"an empty tag is no tag":                             {production(), event.Event{}, tagged("vpn-attach:transit-router", " "), "", CodeNoTarget, ""},
		"an unknown id is not found":                         {production(), event.Event{}, tagged("vpn-attach:transit-router", "tr-x"), "", CodeTargetNotFound, "tag vpn-attach:transit-router=tr-x"},
		"a transit router of another region is not found":    {production(), event.Event{}, tagged("vpn-attach:transit-router", "tr-e"), "", CodeTargetNotFound, "tag vpn-attach:transit-router=tr-e"},
		"an unknown label is not found, whatever was listed": {production(), event.Event{}, tagged("vpn-attach:transit-router", "nobody"), "", CodeTargetNotFound, "tag vpn-attach:transit-router=nobody"},
		"a label that two bear is ambiguous":                 {production(), event.Event{}, tagged("vpn-attach:transit-router", "twin"), "", CodeTargetAmbiguous, "tag vpn-attach:transit-router=twin"},
		"matching tags find the router that shares them all": {matching, event.Event{}, tagged("env", "prod", "site", "hz"), "tr-a", "", "matching tags env=prod site=hz"},
		"matching needs every key at the connection":         {matching, event.Event{}, tagged("env", "prod"), "", CodeNoTarget, ""},
		"matching needs values that are not empty":           {matching, event.Event{}, tagged("env", "prod", "site", ""), "", CodeNoTarget, ""},
		"matching that nobody shares is not found":           {matching, event.Event{}, tagged("env", "dev", "site", "hz"), "", CodeTargetNotFound, "matching tags env=dev site=hz"},
		"a tag wins over matching tags":                      {matching, event.Event{}, tagged("vpn-attach:transit-router", "tr-b", "env", "prod", "site", "hz"), "tr-b", "", "tag vpn-attach:transit-router=tr-b"},
		"the default serves who has no tag, on its own word": {byDefault, event.Event{}, tagged(), "tr-c", "", "default tr-c"},
		"a tag that names the default needs consent":         {byDefault, event.Event{}, tagged("vpn-attach:transit-router", "tr-c"), "", CodeConsentMissing, "tag vpn-attach:transit-router=tr-c"},
		"a default may be a CEN":                             {byCEN, event.Event{}, tagged(), "tr-a", "", "default cen-a"},
		"a router without the accept tag is refused":         {production(), event.Event{}, tagged("vpn-attach:transit-router", "tr-c"), "", CodeConsentMissing, "tag vpn-attach:transit-router=tr-c"},
		"consent that is not required is not asked for":      {unasked, event.Event{}, tagged("vpn-attach:transit-router", "tr-c"), "tr-c", "", "tag vpn-attach:transit-router=tr-c"},
		"another prefix means other tags":                    {renamed, event.Event{}, tagged("vpn-attach:transit-router", "tr-a"), "", CodeNoTarget, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			router, wanted, end := decide(c.rules, c.event, c.connection)
			code, rule := "", wanted.rule
			if end != nil {
				code, rule = end.Reason, end.Rule
				if end.Fault != nil {
					code = end.Fault.Code
				}
			}
			if router.ID != c.router || code != c.code || rule != c.rule {
				t.Errorf("got router %q, code %q, rule %q", router.ID, code, rule)
			}
		})
	}
}

func TestConsentIsForTheAccountThatOwnsTheConnection(t *testing.T) {
	cases := map[string]struct {
		accept string
		want   bool
	}{
		"any account":                    {"any", true},
		"any account, as a star":         {"*", true},
		"the account itself":             {account, true},
		"one of several, by comma":       {"1111111111," + account, true},
		"one of several, by semicolon":   {account + ";1111111111", true},
		"one of several, by slash":       {"1111111111/" + account, true},
		"one of several, by space":       {"1111111111 " + account, true},
		"another account":                {"1111111111", false},
		"a longer number that begins so": {account + "0", false},
		"the word any inside another":    {"many", false},
		"nothing":                        {"", false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			router := Router{ID: "tr-x", Tags: map[string]string{"vpn-attach:accept": c.accept}}
			if got := production().accepts(router, account); got != c.want {
				t.Errorf("accept=%q: got %v", c.accept, got)
			}
		})
	}
}

func TestRefusalsSayWhatToDo(t *testing.T) {
	_, _, end := decide(production(), event.Event{}, tagged("vpn-attach:transit-router", "tr-c"))
	if want := "tag transit router tr-c with vpn-attach:accept=" + account; !strings.Contains(end.Fault.Advice, want) {
		t.Errorf("advice %q lacks %q", end.Fault.Advice, want)
	}
	_, _, end = decide(production(), event.Event{}, tagged("vpn-attach:transit-router", "twin"))
	if !strings.Contains(end.Fault.Message, "tr-c, tr-d") {
		t.Errorf("message %q does not list the candidates", end.Fault.Message)
	}
}

func TestADryRunIsAskedForByTheEventOrTheOperator(t *testing.T) {
	inv := Invocation{RegionID: "cn-hangzhou", AccountID: account}
	dry := production()
	dry.DryRun = true
	for name, c := range map[string]struct {
		rules Rules
		event event.Event
		want  bool
	}{
		"nobody":       {production(), event.Event{}, false},
		"the event":    {production(), event.Event{DryRun: true}, true},
		"the operator": {dry, event.Event{}, true},
	} {
		if got, _ := c.rules.admit(c.event, inv); got.DryRun != c.want {
			t.Errorf("asked for by %s: %v", name, got.DryRun)
		}
	}
}

func TestARegionIsRepeatedOnlyWhenItLooksLikeOne(t *testing.T) {
	for region, want := range map[string]string{
		"eu-central-1": "eu-central-1", "us-east-1": "us-east-1", "Psk=hunter2": "", "hunter2secret": "", "cn-hangzhou.evil.example/": "",
		"cn-" + strings.Repeat("a", 40): "",
	} {
		if got, end := production().admit(event.Event{RegionID: region}, Invocation{RegionID: "cn-hangzhou", AccountID: account}); end == nil || got.RegionID != want {
			t.Errorf("%q: repeated as %q", region, got.RegionID)
		}
	}
}

func TestOnlyServedRegionsAndAccountsAreAdmitted(t *testing.T) {
	inv := Invocation{RegionID: "cn-hangzhou", AccountID: account}
	wide := production()
	wide.Regions, wide.Accounts = []string{"cn-hangzhou", "eu-central-1"}, []string{account, "1111111111"}
	cases := map[string]struct {
		rules Rules
		event event.Event
		code  string
	}{
		"the function's own, when the event says nothing": {production(), event.Event{}, ""},
		"the function's own, by name":                     {production(), event.Event{RegionID: "cn-hangzhou", OwnerID: account}, ""},
		"another region":                                  {production(), event.Event{RegionID: "eu-central-1"}, CodeNotAllowed},
		"another region that is served":                   {wide, event.Event{RegionID: "eu-central-1"}, ""},
		"a region that would leave the domain":            {wide, event.Event{RegionID: "evil.example/"}, CodeNotAllowed},
		"another account":                                 {production(), event.Event{OwnerID: "1111111111"}, CodeNotAllowed},
		"another account that is served":                  {wide, event.Event{OwnerID: "1111111111"}, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			admitted, end := c.rules.admit(c.event, inv)
			switch {
			case end == nil && c.code != "":
				t.Errorf("admitted %+v", admitted)
			case end != nil && (end.Fault.Code != c.code || strings.Contains(end.Fault.Message, "evil")):
				t.Errorf("got %+v, want code %q", *end.Fault, c.code)
			case end == nil && (admitted.RegionID == "" || admitted.OwnerID == ""):
				t.Errorf("left open: %+v", admitted)
			}
		})
	}
}
