package decide

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/cloud"
)

func TestAConnectionOfAnotherAccountNeedsItsOwnersGrant(t *testing.T) {
	asked := cloud.GrantFilter{RegionID: "cn-hangzhou", CenID: "cen-a", OwnerID: foreign, ConnectionID: "vco-1"}
	right := cloud.Grant{ConnectionID: "vco-1", OwnerID: foreign}
	for name, c := range map[string]struct {
		listed []cloud.Grant
		code   string
	}{
		"granted":               {[]cloud.Grant{right}, ""},
		"granted, after others": {[]cloud.Grant{{ConnectionID: "vco-2", OwnerID: foreign}, right}, ""},
		"nothing granted":       {nil, CodeGrantMissing},
		"another connection":    {[]cloud.Grant{{ConnectionID: "vco-2", OwnerID: foreign}}, CodeGrantMissing},
		"the same id of another account": {
			[]cloud.Grant{{ConnectionID: "vco-1", OwnerID: "1111111111"}}, CodeGrantMissing,
		},
		"a grant that says nothing of it": {[]cloud.Grant{{}}, CodeGrantMissing},
	} {
		err := Granted(c.listed, asked, home())
		if codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
	fault := codes().Fault(Granted(nil, asked, home()))
	want := "Let account " + foreign + " call: aliyun cbn GrantInstanceToTransitRouter --RegionId cn-hangzhou " +
		"--InstanceType VPN --InstanceId vco-1 --CenId cen-a --CenOwnerId " + account
	if !strings.HasPrefix(fault.Advice, want) || fault.Class != ClassRetry ||
		!strings.Contains(fault.Message, "CEN cen-a of account "+account) {
		t.Errorf("got %+v", fault)
	}
}

func TestARefusedRoleSaysWhatToSetUpInTheOtherAccount(t *testing.T) {
	assume := &cloud.APIError{Action: cloud.ActionAssumeRole, Code: "EntityNotExist.Role", Status: 404, Message: "m"}
	read := &cloud.APIError{Action: cloud.ActionDescribe, Code: "Forbidden.RAM", Status: 403}
	silent := &cloud.APIError{Action: cloud.ActionAssumeRole, Message: "the connection broke"}
	missing := &cloud.APIError{Action: cloud.ActionDescribe, Code: CodeConnectionNotFound, Status: 404}
	strange := &cloud.APIError{Action: cloud.ActionAssumeRole, Code: "Something.New", Status: 404}
	ours := &cloud.APIError{Action: cloud.ActionAssumeRole, Code: "InvalidParameter.DurationSeconds", Status: 400}
	external := &cloud.APIError{Action: cloud.ActionAssumeRole, Code: "InvalidParameter.ExternalId", Status: 400}
	cases := map[string]struct {
		owner string
		err   error
		class Class
		setUp bool
	}{
		"the role does not exist":                   {foreign, assume, ClassOperator, true},
		"the role may not be assumed, for whatever": {foreign, strange, ClassOperator, true},
		"the role may not read the connection":      {foreign, fmt.Errorf("reading: %w", read), ClassOperator, true},
		"the function asked wrongly":                {foreign, ours, ClassPermanent, false},
		"the external id cannot be one":             {foreign, external, ClassOperator, false},
		"the function itself may not read":          {"", read, ClassOperator, false},
		"nobody answered":                           {foreign, silent, ClassRetry, false},
		"the connection is not visible":             {foreign, missing, ClassRetry, false},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			err := production().RoleError(c.err, c.owner, home())
			if !errors.Is(err, c.err) {
				t.Errorf("the cause is lost: %v", err)
			}
			verdict := codes().Verdict(err)
			n := schedule().Next(anEvent(), Verdict{Status: verdict.Status, Fault: verdict.Fault}, moment())
			setUp := strings.Contains(n.Fault.Advice, "In account "+foreign+" create the role acs:ram::"+foreign+
				`:role/vpn-attach-reader: trust the role of this function in account `+account+
				` on condition that sts:ExternalId is "vpn-attach"`)
			if n.Fault.Class != c.class || setUp != c.setUp {
				t.Errorf("got %+v", n.Fault)
			}
			if setUp && !strings.Contains(n.Fault.Advice, "needs sts:AssumeRole on it. Then invoke") {
				t.Errorf("it does not say how to go on: %s", n.Fault.Advice)
			}
		})
	}
	if err := production().RoleError(nil, foreign, home()); err != nil {
		t.Errorf("a success became %v", err)
	}
	if err := production().RoleError(Skip(CodeGone), foreign, home()); codeOf(t, err) != CodeGone {
		t.Errorf("an end became %v", err)
	}
}

func TestAMissingConnectionIsGoneOnlyWhereItsAccountIsCertain(t *testing.T) {
	serving := production()
	serving.Accounts = []string{account, foreign}
	for name, c := range map[string]struct {
		rules   Rules
		assumed bool
		code    string
	}{
		"the event says whose it is":          {serving, false, CodeGone},
		"it is assumed, and nobody else's":    {production(), true, CodeGone},
		"it is assumed, and may be another's": {serving, true, CodeNotAllowed},
	} {
		e := anEvent()
		e.OwnerAssumed = c.assumed
		if err := c.rules.Missing(e, home()); codeOf(t, err) != c.code {
			t.Errorf("%s: %v", name, err)
		}
	}
}
