package ram_test

import (
	"encoding/json"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/ram"
)

// document decodes JSON.
func document(t *testing.T, text string) (value any) {
	t.Helper()
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		t.Fatal(err)
	}
	return value
}

// identity has one policy of the statements.
func identity(t *testing.T, statements string) *ram.Identity {
	t.Helper()
	policy, err := ram.Parse("p", document(t, `{"Version":"1","Statement":[`+statements+`]}`))
	if err != nil {
		t.Fatal(err)
	}
	return &ram.Identity{Policies: []*ram.Policy{policy}}
}

func TestAPolicyAllowsWhatAStatementNamesAndNoneDenies(t *testing.T) {
	t.Parallel()
	const allow = `{"Effect":"Allow","Action":"cen:List*","Resource":"acs:cen:*:1:centransitrouter/*"}`
	const deny = `{"Effect":"Deny","Action":["cen:ListTransitRouters"],"Resource":"*"}`
	const router = "acs:cen:*:1:centransitrouter/tr-1"
	const one, two, none = "statement 1 of policy p ", "statement 2 of policy p ", "no statement of policy p allows it"
	write := func(rest string) string { return `{"Effect":"Allow",` + rest + `}` }
	for name, c := range map[string]struct {
		statements, action, resource string
		why                          string // part of it; "" when it is allowed
	}{
		"a wildcard in action and resource": {allow, "cen:ListTransitRouters", router, ""},
		"another action":                    {allow, "cen:CreateCen", router, none},
		"another resource":                  {allow, "cen:ListX", "acs:cen:*:1:ceninstance/*", one + "allows it, but"},
		"another account":                   {allow, "cen:ListX", "acs:cen:*:2:centransitrouter/*", "but only on"},
		"a denial after the permission": {
			allow + "," + deny, "cen:ListTransitRouters", router, two + "denies it"},
		"a denial before the permission": {
			deny + "," + allow, "cen:ListTransitRouters", router, one + "denies it"},
		"a denial of something else": {deny + "," + allow, "cen:ListX", router, ""},
		"one character":              {write(`"Action":"a:B?","Resource":"r"`), "a:B1", "r", ""},
		"two characters for one":     {write(`"Action":"a:B?","Resource":"r"`), "a:B12", "r", none},
		"text between wildcards":     {write(`"Action":"*List*s","Resource":"*"`), "cen:ListsOfLists", "r", ""},
		"all actions but one":        {write(`"NotAction":"a:B","Resource":"*"`), "a:C", "r", ""},
		"the one that is left out":   {write(`"NotAction":"a:B","Resource":"*"`), "a:B", "r", none},
		"all resources but one":      {write(`"Action":"a:B","NotResource":["x"]`), "a:B", "r", ""},
		"one resource for any":       {write(`"Action":"a:B","Resource":"r/1"`), "a:B", "r/*", "but only on r/1"},
		"an action in other letters": {allow, "cen:listTransitRouters", router, none},
	} {
		t.Run(name, func(t *testing.T) {
			got := identity(t, c.statements).Judge(ram.Demand{Action: c.action, Resource: c.resource}, nil)
			if got.Allowed != (c.why == "") || !strings.Contains(got.Why, c.why) {
				t.Errorf("got %+v, want %q", got, c.why)
			}
		})
	}
}

func TestACallerWithoutPoliciesMayDoNothing(t *testing.T) {
	t.Parallel()
	nobody := &ram.Identity{}
	got := nobody.Judge(ram.Demand{Action: "a:B", Resource: "r"}, nil)
	if got.Allowed || got.Why != "the caller has no policy" {
		t.Errorf("got %+v", got)
	}
}

func TestAStatementCountsWhenItsConditionsHold(t *testing.T) {
	t.Parallel()
	values := map[string]string{"sts:ExternalId": "vpn-attach", "acs:SecureTransport": "true"}
	for condition, want := range map[string]bool{
		`{"StringEquals":{"sts:ExternalId":"vpn-attach"}}`:                                           true,
		`{"StringEquals":{"sts:ExternalId":["x","vpn-attach"]}}`:                                     true,
		`{"StringEquals":{"sts:ExternalId":"vpn"}}`:                                                  false,
		`{"StringEquals":{"nobody:Says":"vpn-attach"}}`:                                              false,
		`{"StringNotEquals":{"nobody:Says":"vpn-attach"}}`:                                           true,
		`{"StringNotEquals":{"sts:ExternalId":["x","vpn-attach"]}}`:                                  false,
		`{"StringLike":{"sts:ExternalId":"vpn-*"}}`:                                                  true,
		`{"StringNotLike":{"sts:ExternalId":"vpn-*"}}`:                                               false,
		`{"Bool":{"acs:SecureTransport":"True"}}`:                                                    true,
		`{"Bool":{"acs:SecureTransport":"true"},"StringEquals":{"sts:ExternalId":"another"}}`:        false,
		`{"Bool":{"acs:SecureTransport":["true"]},"StringEquals":{"sts:ExternalId":["vpn-attach"]}}`: true,
	} {
		i := identity(t, `{"Effect":"Allow","Action":"a:B","Resource":"r","Condition":`+condition+`}`)
		got := i.Judge(ram.Demand{Action: "a:B", Resource: "r"}, values)
		if got.Allowed != want || !want && !strings.Contains(got.Why, "condition does not hold") {
			t.Errorf("%s: got %+v", condition, got)
		}
	}
}

func TestADocumentThatIsNotUnderstoodIsRefusedByWhatIsWrong(t *testing.T) {
	t.Parallel()
	statement := func(fields string) string { return `{"Version":"1","Statement":[{` + fields + `}]}` }
	const all = `"Effect":"Allow","Action":"*","Resource":"*",`
	for text, want := range map[string]string{
		`"*"`:                            "it is no object",
		`{"Version":"1"}`:                "there is no Statement",
		`{"Version":"2","Statement":[]}`: "the Version is 2",
		statement(`"Effect":"allow","Action":"*","Resource":"*"`):           "neither Allow nor Deny",
		statement(`"Effect":"Allow","Actions":"*","Resource":"*"`):          `"Actions" is none of`,
		statement(`"Effect":"Allow","Resource":"*"`):                        "exactly one of Action",
		statement(`"Effect":"Allow","Action":[],"Resource":"*"`):            "neither a text nor a list",
		statement(`"Effect":"Allow","Action":[1],"Resource":"*"`):           "1 is no text",
		statement(all + `"Condition":1`):                                    "the Condition is no object",
		statement(all + `"Condition":{"IpAddress":{"acs:SourceIp":"::1"}}`): "IpAddress is not one that is known",
		statement(all + `"Principal":{}`):                                   `"Principal" is none of`,
	} {
		if _, err := ram.Parse("p", document(t, text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
}

func TestAPolicyKnowsWhichOfItsGrantsWereNeeded(t *testing.T) {
	t.Parallel()
	i := identity(t, `{"Effect":"Allow","Action":["a:B","a:C"],"Resource":["r/1","r/*"]},
		{"Effect":"Allow","Action":"a:B","Resource":"r/1"},{"Effect":"Deny","Action":"a:C","Resource":"r/2"}`)
	for _, d := range [][2]string{{"a:B", "r/1"}, {"a:C", "r/2"}, {"a:B", "s"}} {
		i.Judge(ram.Demand{Action: d[0], Resource: d[1]}, nil)
	}
	grants := i.Policies[0].Grants()
	if len(grants) != 4 || !grants[ram.Grant{Action: "a:B", Resource: "r/1"}] {
		t.Errorf("grants %v", grants)
	}
	delete(grants, ram.Grant{Action: "a:B", Resource: "r/1"})
	for grant, needed := range grants {
		if needed {
			t.Errorf("%v was not needed", grant)
		}
	}
}

func TestJudgingAllocatesNothingWhenACallIsAllowed(t *testing.T) {
	i := identity(t, `{"Effect":"Allow","Action":"a:X","Resource":"*"},
		{"Effect":"Allow","Action":"cen:*","Resource":"*"}`)
	d := ram.Demand{Action: "cen:ListTransitRouters", Resource: "acs:cen:*:1:centransitrouter/*"}
	if n := testing.AllocsPerRun(100, func() { i.Judge(d, nil) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
