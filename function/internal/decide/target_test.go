package decide

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/event"
)

// routers is what ListTransitRouters could answer, however badly it filters.
func routers() []cloud.Router {
	router := func(id, cen, region string, pairs ...string) cloud.Router {
		return cloud.Router{ID: id, CenID: cen, RegionID: region, Type: cloud.TypeEnterprise,
			Tags: tagged(pairs...).Tags}
	}
	const label, accept = "vpn-attach:label", "vpn-attach:accept"
	basic := router("tr-basic", "cen-a", "cn-hangzhou", accept, "any")
	basic.Type = "Basic"
	return []cloud.Router{
		router("tr-a", "cen-a", "cn-hangzhou", label, "core", accept, "any", "env", "prod", "site", "hz"),
		router("tr-b", "cen-b", "cn-hangzhou", label, "branch", accept, "1111111111; "+account, "env", "prod",
			"site", ""),
		router("tr-c", "cen-c", "cn-hangzhou", label, "twin"),
		router("tr-d", "cen-d", "cn-hangzhou", label, "twin", accept, "any", "env", "test", "site", "hz"),
		basic,
		router("tr-e", "cen-a", "eu-central-1", label, "far", accept, "*"),
	}
}

// to is a connection whose tag names its transit router.
func to(router string) cloud.Connection { return tagged("vpn-attach:transit-router", router) }

// resolve takes a connection the pure part of the way: tags, then the list, then consent.
func resolve(r Rules, e event.Event, c cloud.Connection) (cloud.Router, Target, error) {
	target, err := r.Target(e, c)
	if err != nil {
		return cloud.Router{}, target, err
	}
	router, err := target.Choose(routers())
	if err == nil {
		err = r.Consent(target, router, account)
	}
	return router, target, err
}

// ruled are production rules with a change.
func ruled(change func(*Rules)) Rules {
	r := production()
	change(&r)
	return r
}

func TestTagsDecideTheTransitRouter(t *testing.T) {
	plain := production()
	matching := ruled(func(r *Rules) { r.MatchTags = []string{"env", "site"} })
	byDefault := ruled(func(r *Rules) { r.DefaultRouter = "tr-c" })
	byCEN := ruled(func(r *Rules) { r.DefaultRouter = "cen-a" })
	unasked := ruled(func(r *Rules) { r.RequireConsent = false })
	renamed := ruled(func(r *Rules) { r.TagPrefix = "net/" })
	none := event.Event{}
	wish := func(router string) event.Event {
		return event.Event{Ask: event.Ask{Wishes: map[string]string{"transit-router": router}}}
	}
	const tag = "tag vpn-attach:transit-router="
	both := tagged("vpn-attach:transit-router", "tr-b", "env", "prod", "site", "hz")
	cases := map[string]struct {
		rules      Rules
		event      event.Event
		connection cloud.Connection
		router     string // the one that is chosen, or
		code       string // why none is
		rule       string
	}{
		"an id names the transit router":               {plain, none, to("tr-a"), "tr-a", "", tag + "tr-a"},
		"white space around a value is ignored":        {plain, none, to(" tr-a "), "tr-a", "", tag + "tr-a"},
		"a CEN names its transit router of the region": {plain, none, to("cen-a"), "tr-a", "", tag + "cen-a"},
		"a label names the transit router that has it": {plain, none, to("branch"), "tr-b", "", tag + "branch"},
		"a request wins over the tag": {
			plain, wish("tr-b"), to("tr-a"), "tr-b", "", "request transit-router=tr-b",
		},
		"none opts out": {plain, none, to("none"), "", CodeOptedOut, tag + "none"},
		"a request may opt out": {
			plain, wish("none"), to("tr-a"), "", CodeOptedOut, "request transit-router=none",
		},
		"none beats a request": {
			plain, wish("tr-b"), to("none"), "", CodeOptedOut, tag + "none",
		},
		"none beats the default": {
			byDefault, none, to("none"), "", CodeOptedOut, tag + "none",
		},
		"no tag means no target": {
			plain, none, tagged("env", "prod"), "", CodeNoTarget, "",
		},
		"an empty tag is no tag": {plain, none, to(" "), "", CodeNoTarget, ""},
		"an unknown id is not found": {
			plain, none, to("tr-x"), "", CodeTargetNotFound, tag + "tr-x",
		},
		"a transit router of another region is not taken": {
			plain, none, to("tr-e"), "", CodeOtherRegion, tag + "tr-e",
		},
		"an unknown label is not found, whatever was listed": {
			plain, none, to("nobody"), "", CodeTargetNotFound, tag + "nobody",
		},
		"a label that two have is ambiguous": {
			plain, none, to("twin"), "", CodeTargetAmbiguous, tag + "twin",
		},
		"matching tags find the router that shares them all": {
			matching, none, tagged("env", "prod", "site", "hz"), "tr-a", "", "matching tags env=prod site=hz",
		},
		"matching needs every key at the connection": {matching, none, tagged("env", "prod"), "", CodeNoTarget, ""},
		"matching needs values that are not empty": {
			matching, none, tagged("env", "prod", "site", ""), "", CodeNoTarget, "",
		},
		"tags that no router shares find none": {
			matching, none, tagged("env", "dev", "site", "hz"), "", CodeTargetNotFound, "matching tags env=dev site=hz",
		},
		"a tag wins over matching tags":                {matching, none, both, "tr-b", "", tag + "tr-b"},
		"the default serves connections without a tag": {byDefault, none, tagged(), "tr-c", "", "default tr-c"},
		"a tag that names the default needs consent": {
			byDefault, none, to("tr-c"), "tr-c", CodeConsentMissing, tag + "tr-c",
		},
		"a default may be a CEN": {byCEN, none, tagged(), "tr-a", "", "default cen-a"},
		"a router without the accept tag is refused": {
			plain, none, to("tr-c"), "tr-c", CodeConsentMissing, tag + "tr-c",
		},
		"consent is not asked for unless required": {unasked, none, to("tr-c"), "tr-c", "", tag + "tr-c"},
		"another prefix means other tags":          {renamed, none, to("tr-a"), "", CodeNoTarget, ""},
		"a text that is not one plain word is quoted": {
			plain, none, to("core site"), "", CodeTargetNotFound, tag + `"core site"`,
		},
		"so are the texts of matching tags": {
			matching, none, tagged("env", "a b", "site", "x=y"), "", CodeTargetNotFound,
			`matching tags env="a b" site="x=y"`,
		},
		"a control character is not repeated": {
			plain, none, to("tr-a\x1b[31m"), "", CodeTargetNotFound, tag + `"tr-a?[31m"`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			router, target, err := resolve(c.rules, c.event, c.connection)
			if router.ID != c.router || codeOf(t, err) != c.code || target.Rule != c.rule {
				t.Errorf("got router %q, %v, rule %q", router.ID, err, target.Rule)
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
		"any with spaces around":         {" any ", true},
		"empty words between":            {",any;; ,", true},
		"separators alone":               {" ,;/", false},
		"the account twice":              {account + "," + account, true},
		"any beside accounts":            {"1111111111,any", true},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			router := cloud.Router{ID: "tr-x", Tags: map[string]string{"vpn-attach:accept": c.accept}}
			err := production().Consent(Target{}, router, account)
			if got := codeOf(t, err); (got == "") != c.want || !c.want && got != CodeConsentMissing {
				t.Errorf("accept=%q: got %v", c.accept, err)
			}
		})
	}
}

func TestAListWithAnotherWordConsentsToNothingAndTheRefusalSaysWhichWord(t *testing.T) {
	for accept, words := range map[string]string{
		"ANY":                               `"ANY"`,
		"Any":                               `"Any"`,
		"not any":                           `"not"`,
		"do not accept any":                 `"do", "not", "accept"`,
		"any,none":                          `"none"`,
		"none;any":                          `"none"`,
		"any.":                              `"any."`,
		"(any)":                             `"(any)"`,
		"any-other," + account:              `"any-other"`,
		"-":                                 `"-"`,
		"**":                                `"**"`,
		"not/" + account:                    `"not"`,
		"!" + account:                       `"!` + account + `"`,
		account + ":deny":                   `"` + account + `:deny"`,
		account + "x":                       `"` + account + `x"`,
		account + " but nobody else":        `"but", "nobody", "else"`,
		"123456789 " + account:              `"123456789"`,
		account + "\uff0c1111111111":        `"` + account + "\uff0c1111111111\"",
		"any\uff0cnone":                     "\"any\uff0cnone\"",
		"\uff11\uff12\uff13 any":            "\"\uff11\uff12\uff13\"",
		"an\u200by":                         `"an?y"`,
		"any\n":                             `"any?"`,
		"any\u00a0none":                     `"any?none"`,
		"\x1b[2J\u202e,*":                   `"?[2J?"`,
		"\"quoted\",any":                    `"\"quoted\""`,
		"any," + strings.Repeat("x", 200):   `"` + strings.Repeat("x", 128) + `"`,
		strings.Repeat("a;", 900) + account: `"a", "a"`,
	} {
		router := cloud.Router{ID: "tr-x", Tags: map[string]string{"vpn-attach:accept": accept}}
		fault := codes().Fault(production().Consent(Target{}, router, account))
		const refusal = "transit router tr-x accepts nobody: its tag vpn-attach:accept holds "
		isRight := strings.HasPrefix(fault.Message, refusal+words)
		isRight = isRight && strings.HasPrefix(fault.Advice, "Only account ids, any and * may stand in the tag")
		if fault.Code != CodeConsentMissing || !isRight || len(fault.Message) > maxMessage {
			t.Errorf("accept=%q: got %+v", accept, fault)
		}
		if err := production().Consent(Target{trusted: true}, router, account); err != nil {
			t.Errorf("accept=%q: what the operator set needs no consent, got %v", accept, err)
		}
	}
}

func TestRefusalsOfATargetSayWhatToDo(t *testing.T) {
	byDefault := ruled(func(r *Rules) { r.DefaultRouter = "tr-gone" })
	cases := map[string]struct {
		rules           Rules
		connection      cloud.Connection
		message, advice string
	}{
		"a missing consent names the tag that gives it": {
			production(), to("tr-c"), "account " + account, "tag transit router tr-c with vpn-attach:accept=" + account,
		},
		"an ambiguous target lists the candidates": {production(), to("twin"), "tr-c, tr-d", "by its id"},
		"a target that is not found asks for the tag": {
			production(), to("tr-x"), "region cn-hangzhou", "Correct the tag",
		},
		"a default that is not found asks the operator": {
			byDefault, tagged(), "default tr-gone", "DEFAULT_TRANSIT_ROUTER",
		},
		"a label that is not found is quoted in message": {production(), to("a b"), `"a b"`, "Correct the tag"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, _, err := resolve(c.rules, event.Event{}, c.connection)
			fault := codes().Fault(err)
			if !strings.Contains(fault.Message, c.message) || !strings.Contains(fault.Advice, c.advice) {
				t.Errorf("got %+v", fault)
			}
		})
	}
}

func TestARouterOfAnotherRegionWantsAnotherCorrection(t *testing.T) {
	for name, c := range map[string]struct {
		connection cloud.Connection
		possible   bool
		code       string
	}{
		"it exists in another region": {to("tr-e"), true, CodeOtherRegion},
		"it exists in no region":      {to("tr-x"), true, CodeTargetNotFound},
		"a label is not looked up":    {to("far"), false, CodeTargetNotFound},
	} {
		t.Run(name, func(t *testing.T) {
			target, err := production().Target(event.Event{}, c.connection)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := target.Choose(nil); !Ends(err, CodeTargetNotFound) {
				t.Fatalf("got %v", err)
			}
			if possible := target.Filter.RouterID != ""; possible != c.possible {
				t.Fatalf("possible %v, filter %+v", possible, target.Filter)
			}
			_, other := target.Choose(routers())
			if codeOf(t, other) != c.code {
				t.Errorf("got %v", other)
			}
			const want = "tr-e is in region eu-central-1, VPN connection vco-1 in cn-hangzhou"
			if c.code == CodeOtherRegion && !strings.Contains(other.Error(), want) {
				t.Errorf("it says %v", other)
			}
		})
	}
}
