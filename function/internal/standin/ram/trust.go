package ram

import (
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Kinds of principals.
const (
	kindService = "Service"
	kindRAM     = "RAM"
)

// Principal is who may be trusted: a service by its name, or an account, a user or a role by its ARN.
type Principal struct{ Kind, Name string }

// Service is a service of the cloud, such as fc.aliyuncs.com.
func Service(name string) Principal { return Principal{kindService, name} }

// ByARN is an account, a user or a role.
func ByARN(arn string) Principal { return Principal{kindRAM, arn} }

// Role is a role of an account.
func Role(account, name string) Principal { return ByARN(RoleARN(account, name)) }

// Root is an account itself.
func Root(account string) Principal { return Principal{kindRAM, "acs:ram::" + account + ":root"} }

// RoleARN is the name of a role.
func RoleARN(account, name string) string { return "acs:ram::" + account + ":role/" + name }

// account is the one that a RAM principal belongs to.
func (p Principal) account() string {
	parts := strings.SplitN(p.Name, ":", 5)
	if p.Kind != kindRAM || len(parts) != 5 {
		return ""
	}
	return parts[3]
}

// trusts says whether a trusted principal means the caller. An account means everybody in it.
func (p Principal) trusts(caller Principal) bool {
	if p == caller {
		return true
	}
	return p.Kind == kindRAM && caller.Kind == kindRAM && p == Root(caller.account())
}

// Trust is a trust policy: who may assume a role.
type Trust struct {
	role       string
	statements []*statement
}

// ParseTrust reads a role's trust policy.
func ParseTrust(role string, document any) (*Trust, error) {
	trust := &Trust{role: role}
	err := eachStatement(document, func(fields map[string]any) error {
		s, err := readStatement(fields, "Action", "Principal")
		if err == nil {
			s.principals, err = readPrincipals(fields["Principal"])
		}
		trust.statements = append(trust.statements, s)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the trust policy of role %s: %w", role, err)
	}
	return trust, nil
}

func readPrincipals(value any) (all []Principal, err error) {
	fields, isObject := value.(map[string]any)
	if !isObject || len(fields) == 0 {
		return nil, fmt.Errorf("there is no Principal")
	}
	if err := onlyThese(fields, kindService, kindRAM); err != nil {
		return nil, err
	}
	for _, kind := range slices.Sorted(maps.Keys(fields)) {
		names, err := texts(fields[kind])
		if err != nil {
			return nil, fmt.Errorf("the Principal %s: %w", kind, err)
		}
		for _, name := range names {
			all = append(all, Principal{kind, name})
		}
	}
	return all, nil
}

// assumeRole is the action that trust policies are about.
const assumeRole = "sts:AssumeRole"

// Judge says whether the role may be assumed by a caller. The values are those of the keys that conditions ask for.
func (t *Trust) Judge(caller Principal, values map[string]string) Verdict {
	verdict := Verdict{Demand: Demand{assumeRole, t.role}, Why: "the role's trust policy does not name " + caller.Name}
	for n, s := range t.statements {
		named := slices.ContainsFunc(s.principals, func(p Principal) bool { return p.trusts(caller) })
		switch {
		case !named || s.actions.find(assumeRole) < 0:
		case !holdAll(s.conditions, values):
			if !s.denies && !verdict.Allowed {
				verdict.Why = fmt.Sprintf("a condition of statement %d of the role's trust policy does not hold", n+1)
			}
		case s.denies:
			why := fmt.Sprintf("statement %d of the role's trust policy denies it", n+1)
			return Verdict{Demand: verdict.Demand, Why: why}
		default:
			verdict.Allowed, verdict.Why = true, ""
		}
	}
	return verdict
}
