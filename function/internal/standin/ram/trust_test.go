package ram_test

import (
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/ram"
)

func TestARoleIsAssumedByWhomItsTrustPolicyNames(t *testing.T) {
	t.Parallel()
	const external = `,"Condition":{"StringEquals":{"sts:ExternalId":"vpn-attach"}}`
	const ours, theirs = "1234567890123456", "6543210987654321"
	allow := func(principal, rest string) string {
		return `{"Effect":"Allow","Action":"sts:AssumeRole","Principal":` + principal + rest + `}`
	}
	fc := allow(`{"Service":["fc.aliyuncs.com"]}`, "")
	role := allow(`{"RAM":["acs:ram::`+ours+`:role/vpn-attach"]}`, external)
	everybody := allow(`{"RAM":"acs:ram::`+ours+`:root"}`, "")
	for name, c := range map[string]struct {
		statements string
		caller     ram.Principal
		id, why    string
	}{
		"a service":                      {fc, ram.Service("fc.aliyuncs.com"), "", ""},
		"another service":                {fc, ram.Service("ecs.aliyuncs.com"), "", "does not name ecs.aliyuncs.com"},
		"a role with the external id":    {role, ram.Role(ours, "vpn-attach"), "vpn-attach", ""},
		"a role with another one":        {role, ram.Role(ours, "vpn-attach"), "x", "a condition of statement 1"},
		"a role of another name":         {role, ram.Role(ours, "vpn"), "vpn-attach", "does not name"},
		"a role of another account":      {role, ram.Role(theirs, "vpn-attach"), "vpn-attach", "does not name"},
		"anybody of a trusted account":   {everybody, ram.Role(ours, "x"), "", ""},
		"nobody of another account":      {everybody, ram.Role(theirs, "x"), "", "does not name"},
		"an account is not its services": {everybody, ram.Service("fc.aliyuncs.com"), "", "does not name"},
		"the second of two statements":   {fc + "," + role, ram.Role(ours, "vpn-attach"), "vpn-attach", ""},
		"a denial": {everybody + "," + strings.Replace(everybody, "Allow", "Deny", 1),
			ram.Role(ours, "x"), "", "statement 2 of the role's trust policy denies it"},
	} {
		t.Run(name, func(t *testing.T) {
			trust, err := ram.ParseTrust("role", document(t, `{"Version":"1","Statement":[`+c.statements+`]}`))
			if err != nil {
				t.Fatal(err)
			}
			got := trust.Judge(c.caller, map[string]string{"sts:ExternalId": c.id})
			if got.Allowed != (c.why == "") || !strings.Contains(got.Why, c.why) {
				t.Errorf("got %+v, want %q", got, c.why)
			}
		})
	}
}

func TestATrustPolicyThatIsNotUnderstoodIsRefused(t *testing.T) {
	t.Parallel()
	for statement, want := range map[string]string{
		`{"Effect":"Allow","Action":"sts:AssumeRole"}`:                                        "there is no Principal",
		`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Services":"x"}}`:           `"Services" is none of`,
		`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":[]}}`:             "neither a text",
		`{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"RAM":"*"},"Resource":"*"}`: `"Resource" is none of`,
	} {
		_, err := ram.ParseTrust("r", document(t, `{"Version":"1","Statement":[`+statement+`]}`))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", statement, err, want)
		}
	}
}
