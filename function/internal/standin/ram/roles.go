package ram

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// Version is that of the API.
const Version = "2015-05-01"

// Roles are the roles and policies that were made by calls, of all accounts. It is safe for concurrent use.
type Roles struct {
	options RolesOptions

	mu       sync.Mutex
	roles    map[string]*madeRole // by ARN
	policies map[string]*Policy   // by ARN
}

// RolesOptions are what the API needs from outside; all are required.
type RolesOptions struct {
	Keys      sign.Keys
	AccountOf func(accessKeyID string) string // whose key it is
	// Taken reports whether a role exists that no call made.
	Taken func(arn string) bool
}

type madeRole struct {
	trust    *Trust
	attached map[string]*Policy // by type and name; of a system policy nil: what it allows is not known here
}

// NewRoles knows no roles and policies.
func NewRoles(o RolesOptions) *Roles {
	return &Roles{options: o, roles: map[string]*madeRole{}, policies: map[string]*Policy{}}
}

// Service is the API of the roles and policies: CreateRole, CreatePolicy and AttachPolicyToRole. Codes are those of the
// service's pages.
func (r *Roles) Service() *rpc.Service {
	return rpc.New(Version, r.options.Keys, map[string]rpc.Operation{
		"CreateRole": r.createRole, "CreatePolicy": r.createPolicy, "AttachPolicyToRole": r.attach,
	})
}

// Role gives whom a role trusts, and what it may do, by the custom policies that are attached to it.
func (r *Roles) Role(arn string) (trust *Trust, may *Identity, found bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	role := r.roles[arn]
	if role == nil {
		return nil, nil, false
	}
	may = &Identity{}
	for _, policy := range role.attached {
		if policy != nil {
			may.Policies = append(may.Policies, policy)
		}
	}
	return role.trust, may, true
}

func document(c rpc.Call, name string) (value any, refusal *sign.Refusal) {
	if err := json.Unmarshal([]byte(c.Get(name)), &value); err != nil {
		return nil, malformed(err)
	}
	return value, nil
}

func malformed(err error) *sign.Refusal {
	return rpc.Refuse(http.StatusBadRequest, "MalformedPolicyDocument", "The policy document is malformed: %v", err)
}

func policyARN(account, name string) string { return "acs:ram::" + account + ":policy/" + name }

func (r *Roles) createRole(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("RoleName", "AssumeRolePolicyDocument"); refusal != nil {
		return nil, refusal
	}
	written, refusal := document(c, "AssumeRolePolicyDocument")
	if refusal != nil {
		return nil, refusal
	}
	name := c.Get("RoleName")
	arn := RoleARN(r.options.AccountOf(c.Caller), name)
	trust, err := ParseTrust(arn, written)
	if err != nil {
		return nil, malformed(err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.roles[arn] != nil || r.options.Taken(arn) {
		return nil, rpc.Refuse(http.StatusConflict, "EntityAlreadyExists.Role", "The role already exists: %s", name)
	}
	r.roles[arn] = &madeRole{trust, map[string]*Policy{}}
	return map[string]any{"Role": map[string]string{
		"RoleName": name, "Arn": arn, "AssumeRolePolicyDocument": c.Get("AssumeRolePolicyDocument"),
		"CreateDate": time.Now().UTC().Format(time.RFC3339),
	}}, nil
}

func (r *Roles) createPolicy(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("PolicyName", "PolicyDocument"); refusal != nil {
		return nil, refusal
	}
	written, refusal := document(c, "PolicyDocument")
	if refusal != nil {
		return nil, refusal
	}
	name := c.Get("PolicyName")
	policy, err := Parse(name, written)
	if err != nil {
		return nil, malformed(err)
	}
	arn := policyARN(r.options.AccountOf(c.Caller), name)
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.policies[arn] != nil {
		return nil, rpc.Refuse(http.StatusConflict, "EntityAlreadyExists.Policy", "The policy already exists: %s", name)
	}
	r.policies[arn] = policy
	return map[string]any{"Policy": map[string]string{
		"PolicyName": name, "PolicyType": "Custom", "DefaultVersion": "v1",
		"CreateDate": time.Now().UTC().Format(time.RFC3339),
	}}, nil
}

// attach attaches a policy of the account, or one of the service, whose name begins with Aliyun and is not checked
// further.
func (r *Roles) attach(c rpc.Call) (map[string]any, *sign.Refusal) {
	if refusal := c.Missing("RoleName", "PolicyName", "PolicyType"); refusal != nil {
		return nil, refusal
	}
	account, kind, name := r.options.AccountOf(c.Caller), c.Get("PolicyType"), c.Get("PolicyName")
	r.mu.Lock()
	defer r.mu.Unlock()
	role, policy := r.roles[RoleARN(account, c.Get("RoleName"))], r.policies[policyARN(account, name)]
	switch {
	case role == nil:
		return nil, rpc.Refuse(http.StatusNotFound, "EntityNotExist.Role", "The role does not exist: %s",
			c.Get("RoleName"))
	case kind != "Custom" && kind != "System":
		return nil, rpc.Refuse(http.StatusBadRequest, "InvalidParameter.PolicyType", "PolicyType is Custom or System.")
	case kind == "System" && strings.HasPrefix(name, "Aliyun"):
		policy = nil
	case policy == nil || kind == "System":
		return nil, rpc.Refuse(http.StatusNotFound, "EntityNotExist.Policy", "The policy does not exist: %s", name)
	}
	if _, is := role.attached[kind+" "+name]; is {
		return nil, rpc.Refuse(http.StatusConflict, "EntityAlreadyExists.Role.Policy",
			"The policy is attached to the role already: %s", name)
	}
	role.attached[kind+" "+name] = policy
	return map[string]any{}, nil
}
