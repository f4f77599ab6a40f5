package ram

import (
	"net/url"
	"testing"

	"vpn-attach/function/internal/standin/rpc"
)

const (
	ours    = "1234567890123456"
	theirs  = "6543210987654321"
	trusted = `{"Version":"1","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",
		"Principal":{"RAM":["acs:ram::1234567890123456:role/function"]},
		"Condition":{"StringEquals":{"sts:ExternalId":"x"}}}]}`
	reading = `{"Version":"1","Statement":[{"Effect":"Allow","Action":["vpc:DescribeVpnConnection"],"Resource":"*"}]}`
)

// account calls the API with the key of an account.
type account struct {
	*rpc.Service
	id string
}

func (a account) call(action string, pairs ...string) (code string) {
	parameters := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		parameters.Set(pairs[i], pairs[i+1])
	}
	if _, refusal := a.Operations[action](rpc.Call{Caller: a.id, Parameters: parameters}); refusal != nil {
		return refusal.Code
	}
	return ""
}

func newRoles() *Roles {
	return NewRoles(RolesOptions{
		AccountOf: func(key string) string { return key },
		Taken:     func(arn string) bool { return arn == RoleARN(ours, "of-the-stack") },
	})
}

func TestARoleMayWhatIsAttachedToItAndTrustsWhomItNames(t *testing.T) {
	roles := newRoles()
	member := account{roles.Service(), theirs}
	arn := RoleARN(theirs, "reader")
	if _, _, found := roles.Role(arn); found {
		t.Error("the role is there before it is made")
	}
	for _, c := range [][]string{
		{"CreateRole", "RoleName", "reader", "AssumeRolePolicyDocument", trusted},
		{"CreatePolicy", "PolicyName", "read", "PolicyDocument", reading},
		{"AttachPolicyToRole", "RoleName", "reader", "PolicyName", "read", "PolicyType", "Custom"},
		{"AttachPolicyToRole", "RoleName", "reader", "PolicyName", "AliyunVPCFullAccess", "PolicyType", "System"},
	} {
		if code := member.call(c[0], c[1:]...); code != "" {
			t.Fatalf("%q: %s", c, code)
		}
	}
	trust, may, found := roles.Role(arn)
	if !found {
		t.Fatal("the role was not made")
	}
	read, write := Demand{"vpc:DescribeVpnConnection", "acs:vpc:*"}, Demand{"vpc:DeleteVpnAttachment", "acs:vpc:*"}
	if !may.Judge(read, nil).Allowed || may.Judge(write, nil).Allowed {
		t.Error("it may not read, or may write")
	}
	function := Role(ours, "function")
	if !trust.Judge(function, map[string]string{"sts:ExternalId": "x"}).Allowed ||
		trust.Judge(function, map[string]string{"sts:ExternalId": "y"}).Allowed ||
		trust.Judge(Role(ours, "other"), map[string]string{"sts:ExternalId": "x"}).Allowed {
		t.Error("it trusts others than those it names")
	}
	if _, _, found := roles.Role(RoleARN(ours, "reader")); found {
		t.Error("another account has the role, too")
	}
}

func TestWhatRAMRefuses(t *testing.T) {
	us := account{newRoles().Service(), ours}
	for _, c := range []struct {
		code string
		call []string
	}{
		{"MissingRoleName", []string{"CreateRole", "AssumeRolePolicyDocument", trusted}},
		{"MalformedPolicyDocument", []string{"CreateRole", "RoleName", "a", "AssumeRolePolicyDocument", "{"}},
		{"MalformedPolicyDocument", []string{"CreateRole", "RoleName", "a", "AssumeRolePolicyDocument", reading}},
		{"EntityAlreadyExists.Role", []string{"CreateRole", "RoleName", "of-the-stack",
			"AssumeRolePolicyDocument", trusted}},
		{"", []string{"CreateRole", "RoleName", "a", "AssumeRolePolicyDocument", trusted}},
		{"EntityAlreadyExists.Role", []string{"CreateRole", "RoleName", "a", "AssumeRolePolicyDocument", trusted}},
		{"MalformedPolicyDocument", []string{"CreatePolicy", "PolicyName", "p", "PolicyDocument", trusted}},
		{"", []string{"CreatePolicy", "PolicyName", "p", "PolicyDocument", reading}},
		{"EntityAlreadyExists.Policy", []string{"CreatePolicy", "PolicyName", "p", "PolicyDocument", reading}},
		{"EntityNotExist.Role", []string{"AttachPolicyToRole", "RoleName", "b", "PolicyName", "p",
			"PolicyType", "Custom"}},
		{"EntityNotExist.Policy", []string{"AttachPolicyToRole", "RoleName", "a", "PolicyName", "q",
			"PolicyType", "Custom"}},
		{"EntityNotExist.Policy", []string{"AttachPolicyToRole", "RoleName", "a", "PolicyName", "p",
			"PolicyType", "System"}},
		{"InvalidParameter.PolicyType", []string{"AttachPolicyToRole", "RoleName", "a", "PolicyName", "p",
			"PolicyType", "Own"}},
		{"", []string{"AttachPolicyToRole", "RoleName", "a", "PolicyName", "p", "PolicyType", "Custom"}},
		{"EntityAlreadyExists.Role.Policy", []string{"AttachPolicyToRole", "RoleName", "a", "PolicyName", "p",
			"PolicyType", "Custom"}},
	} {
		if code := us.call(c.call[0], c.call[1:]...); code != c.code {
			t.Errorf("%q: got %q, want %q", c.call, code, c.code)
		}
	}
}
