package local

import (
	"cmp"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sts"
	"vpn-attach/function/internal/template"
)

// access decides who may do what in a cloud.
type access struct {
	operations ram.Operations
	account    string
	role       *caller                      // of the function
	identity   atomic.Pointer[ram.Identity] // of that role, by the stack as it is now
	log        ram.Request                  // that the platform makes as the function's role
	trust      map[string]*ram.Trust
	roles      *ram.Roles // that were made by calls
	callers    sync.Map   // *caller by access key
	ledger     ram.Ledger
}

// caller is what is known of a key.
type caller struct {
	account   string
	member    bool // a session in another account
	principal ram.Principal
	identity  *ram.Identity // nil may do everything
}

func newCaller(account string, principal ram.Principal, policies ...*ram.Policy) *caller {
	c := &caller{account: account, principal: principal}
	if len(policies) > 0 {
		c.identity = &ram.Identity{Policies: policies}
	}
	return c
}

// platform is who assumes the function's role.
const platform = "fc.aliyuncs.com"

// newAccess reads all documents. What is wrong in one is an error, so that a cloud does not start with another policy
// than is written.
func newAccess(spec Spec, stack *template.Stack, role string) (*access, error) {
	a := &access{
		operations: ram.ReadOperations(), account: spec.Account,
		trust: map[string]*ram.Trust{}, log: logging(spec, stack),
	}
	if err := a.functionRole(stack, role); err != nil {
		return nil, err
	}
	for _, member := range spec.Members {
		document := member.TrustPolicy
		if document == nil {
			document = memberTrust(role, member.ExternalID)
		}
		trust, err := ram.ParseTrust(member.ARN(), document)
		if err != nil {
			return nil, err
		}
		if _, err := memberPolicy(member); err != nil {
			return nil, err
		}
		a.trust[member.ARN()] = trust
	}
	for _, key := range spec.AccessKeys {
		if err := a.person(key); err != nil {
			return nil, err
		}
	}
	return a, nil
}

// functionRole reads the documents of the function's role, which the platform must be able to assume.
func (a *access) functionRole(stack *template.Stack, arn string) error {
	identity, err := roleIdentity(stack, arn)
	if err != nil {
		return err
	}
	a.role = &caller{account: a.account, principal: ram.ByARN(arn), identity: identity}
	a.identity.Store(identity)
	return nil
}

// roleIdentity are the policies of a role of a stack, which the platform must be able to assume.
func roleIdentity(stack *template.Stack, arn string) (*ram.Identity, error) {
	roles := stack.Roles()
	at := slices.IndexFunc(roles, func(role template.Role) bool { return role.Arn == arn })
	if at < 0 {
		return nil, fmt.Errorf("giving the function its role: the stack has no role %q", arn)
	}
	trust, err := ram.ParseTrust(arn, roles[at].Trust)
	if err != nil {
		return nil, err
	}
	if verdict := trust.Judge(ram.Service(platform), nil); !verdict.Allowed {
		return nil, fmt.Errorf("giving the function its role %s: %s", arn, verdict.Why)
	}
	identity := &ram.Identity{}
	for _, one := range roles[at].Policies {
		policy, err := ram.Parse(one.PolicyName, one.PolicyDocument)
		if err != nil {
			return nil, err
		}
		identity.Policies = append(identity.Policies, policy)
	}
	return identity, nil
}

// memberTrust is the trust policy that scripts/README.md gives a role of a member.
func memberTrust(role, externalID string) any {
	statement := map[string]any{
		"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": map[string]any{"RAM": []any{role}},
	}
	if externalID != "" {
		statement["Condition"] = map[string]any{"StringEquals": map[string]any{"sts:ExternalId": externalID}}
	}
	return map[string]any{"Version": "1", "Statement": []any{statement}}
}

// memberPolicy is the policy of a member's role: its own, or the one that scripts/README.md gives it.
func memberPolicy(member sts.Role) (*ram.Policy, error) {
	document := member.Policy
	if document == nil {
		document = map[string]any{"Version": "1", "Statement": []any{map[string]any{
			"Effect": "Allow", "Resource": "*",
			"Action": []any{"vpc:DescribeVpnConnection", "vpc:DescribeVpnConnections"},
		}}}
	}
	return ram.Parse(member.Name, document)
}

// person notes whose a key is, and its policy.
func (a *access) person(key AccessKey) error {
	account := cmp.Or(key.Account, a.account)
	c := newCaller(account, ram.Root(account))
	if key.Policy != nil {
		policy, err := ram.Parse(key.ID, key.Policy)
		if err != nil {
			return err
		}
		c = newCaller(account, ram.Root(account), policy)
	}
	a.callers.Store(key.ID, c)
	return nil
}

// of gives what is known of a key. One that nobody has named is a person's.
func (a *access) of(accessKeyID string) *caller {
	known, _ := a.callers.Load(accessKeyID)
	if c, isCaller := known.(*caller); isCaller {
		return c
	}
	return newCaller(a.account, ram.Root(a.account))
}

// allow judges a call by the policies of its key, and gives the verdict that refuses it; nil when nothing does.
func (a *access) allow(accessKeyID string, r ram.Request) *ram.Verdict {
	c := a.of(accessKeyID)
	identity := c.identity
	if c == a.role {
		identity = a.identity.Load()
	}
	if identity == nil {
		return nil
	}
	var refused *ram.Verdict
	for _, demand := range a.operations.Demands(r) {
		verdict := identity.Judge(demand, nil)
		if c == a.role {
			a.ledger.Note(verdict)
		}
		if !verdict.Allowed && refused == nil {
			refused = &verdict
		}
	}
	return refused
}

// ofFunction judges a call of Function Compute. Whoever reads the log there needs what Log Service asks for.
func (a *access) ofFunction(accessKeyID string, r ram.Request) *ram.Verdict {
	if r.API == a.log.API {
		r.Get = a.log.Get
	}
	return a.allow(accessKeyID, r)
}

// trusts judges whether a role of a member trusts whoever has a key.
func (a *access) trusts(accessKeyID string, member sts.Role, externalID string) *ram.Verdict {
	values := map[string]string{"sts:ExternalId": externalID}
	trust := a.trust[member.ARN()]
	if made, _, found := a.roles.Role(member.ARN()); found {
		trust = made
	}
	verdict := trust.Judge(a.of(accessKeyID).principal, values)
	if verdict.Allowed {
		return nil
	}
	return &verdict
}

// logging is what the platform needs to write the function's log, if it does that as the function's role.
func logging(spec Spec, stack *template.Stack) ram.Request {
	store := storeOf(stack)
	names := map[string]string{"project": store.project, "logstore": store.name}
	return ram.Request{
		API: "log", Operation: "PostLogStoreLogs", Account: spec.Account, Region: spec.Region,
		Get: func(name string) string { return names[name] },
	}
}
