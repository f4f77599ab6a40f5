// Package ram stands in for Resource Access Management (RAM): it judges calls by policy documents, and knows which
// action on which resource each operation of the other stand-ins needs. It judges without a call or a clock.
// Roles are the roles that were made by calls.
//
//	policy, err := ram.Parse("reader", document)
//	role := &ram.Identity{Policies: []*ram.Policy{policy}}
//	verdict := role.Judge(ram.Demand{Action: "vpc:DescribeVpnConnection", Resource: "acs:vpc:…"}, nil)
//
// A statement that denies counts before every statement that allows. Patterns have * for any text and ? for one
// character. Conditions are those that the documents of this project use: StringEquals, StringNotEquals, StringLike,
// StringNotLike and Bool, over keys that the caller gives.
//
// It does not imitate: other operators of conditions, policies of a session, control policies of a resource directory,
// resource groups, and that the services take a new policy only after a while.
package ram

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
)

// Policy is a policy document that was read. It notes which of its grants were used.
type Policy struct {
	Name       string
	statements []*statement
}

// statement is one of a policy, or of a trust policy.
type statement struct {
	denies     bool
	actions    patterns
	resources  patterns    // none in a trust policy
	principals []Principal // in a trust policy alone
	conditions []condition
	used       []atomic.Bool // by action, then by resource
}

// patterns are what a statement is about, or, with not, all but that.
type patterns struct {
	list []string
	not  bool
}

// find gives the position of the first pattern that matches; -1 is none.
func (p patterns) find(text string) int {
	at := slices.IndexFunc(p.list, func(pattern string) bool { return matches(pattern, text) })
	switch {
	case !p.not:
		return at
	case at >= 0:
		return -1
	}
	return 0
}

// matches says whether a pattern with * and ? is a text.
func matches(pattern, text string) bool {
	star, mark := -1, 0 // the last * of the pattern, and where its text may end
	p, t := 0, 0
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, mark = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || pattern[p] == text[t]):
			p++
			t++
		case star >= 0:
			mark++
			p, t = star+1, mark
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// Identity is what the policies of whoever calls say.
type Identity struct{ Policies []*Policy }

// Demand is what a call needs: an action on a resource.
type Demand struct{ Action, Resource string }

// Verdict is what the policies say of a demand. Why names the statement that refused it, or what came nearest to
// allowing it; it is empty when the demand is allowed.
type Verdict struct {
	Demand
	Allowed bool
	Why     string
}

// String says what was refused and why, as a service writes it into the message of its refusal.
func (v Verdict) String() string {
	return fmt.Sprintf("Action: %s. Resource: %s. Reason: %s.", v.Action, v.Resource, v.Why)
}

// Judge judges a demand by the policies: a statement that denies, else one that allows, else nobody allows it. The
// values are those of the keys that conditions ask for.
func (i *Identity) Judge(d Demand, values map[string]string) Verdict {
	var granted *atomic.Bool
	for _, policy := range i.Policies {
		for n, s := range policy.statements {
			grant, applies := s.applies(d, values)
			switch {
			case !applies:
			case s.denies:
				return Verdict{Demand: d, Why: fmt.Sprintf("statement %d of policy %s denies it", n+1, policy.Name)}
			case granted == nil:
				granted = &s.used[grant]
			}
		}
	}
	if granted == nil {
		return Verdict{Demand: d, Why: i.nearest(d)}
	}
	granted.Store(true)
	return Verdict{Demand: d, Allowed: true}
}

// applies says whether a statement is about a demand, and by which of its grants.
func (s *statement) applies(d Demand, values map[string]string) (grant int, applies bool) {
	action := s.actions.find(d.Action)
	if action < 0 {
		return 0, false
	}
	resource := s.resources.find(d.Resource)
	if resource < 0 || !holdAll(s.conditions, values) {
		return 0, false
	}
	return action*len(s.resources.list) + resource, true
}

// nearest says what came nearest to allowing a demand that nothing allows.
func (i *Identity) nearest(d Demand) string {
	var names []string
	for _, policy := range i.Policies {
		names = append(names, policy.Name)
		for n, s := range policy.statements {
			if s.denies || s.actions.find(d.Action) < 0 {
				continue
			}
			if s.resources.find(d.Resource) >= 0 {
				return fmt.Sprintf("statement %d of policy %s allows it, but its condition does not hold",
					n+1, policy.Name)
			}
			return fmt.Sprintf("statement %d of policy %s allows it, but only on %s",
				n+1, policy.Name, strings.Join(s.resources.list, ", "))
		}
	}
	if len(names) == 0 {
		return "the caller has no policy"
	}
	return "no statement of policy " + strings.Join(names, ", ") + " allows it"
}

// Grant is an action on a resource that a policy allows, as the policy writes both.
type Grant struct{ Action, Resource string }

// Grants are what the policy allows, each with whether a verdict has needed it.
func (p *Policy) Grants() map[Grant]bool {
	grants := map[Grant]bool{}
	for _, s := range p.statements {
		for i := range s.used {
			if s.denies {
				break
			}
			grant := Grant{s.actions.list[i/len(s.resources.list)], s.resources.list[i%len(s.resources.list)]}
			grants[grant] = grants[grant] || s.used[i].Load()
		}
	}
	return grants
}
