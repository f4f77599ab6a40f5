package local

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"vpn-attach/function/internal/standin/ram"
)

// Privileges are what the function's role is granted and what it needs, in every cloud that was started by Start.
type Privileges struct {
	mu     sync.Mutex
	clouds []*access
}

// Start starts clouds as another starter does, and takes note of them.
func (p *Privileges) Start(start Starter) Starter {
	return func(spec Spec, o Options) (*Cloud, error) {
		cloud, err := start(spec, o)
		if err == nil {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.clouds = append(p.clouds, cloud.access)
		}
		return cloud, err
	}
}

// Clouds is how many clouds were started.
func (p *Privileges) Clouds() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.clouds)
}

// Grants are what the role is granted, each with whether one of the clouds has needed it.
func (p *Privileges) Grants() map[ram.Grant]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[ram.Grant]bool{}
	for _, a := range p.clouds {
		for _, policy := range a.role.identity.Policies {
			for grant, needed := range policy.Grants() {
				all[grant] = all[grant] || needed
			}
		}
	}
	return all
}

// Demands are what the role has needed, each with whether it was always granted.
func (p *Privileges) Demands() map[ram.Demand]bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := map[ram.Demand]bool{}
	for _, a := range p.clouds {
		for demand, allowed := range a.ledger.Demands() {
			before, known := all[demand]
			all[demand] = allowed && (before || !known)
		}
	}
	return all
}

// Unneeded are the grants that no cloud has needed, and those that allow more than was needed.
func (p *Privileges) Unneeded() (found []string) {
	demands := p.Demands()
	for grant, needed := range p.Grants() {
		switch {
		case !needed && !p.isOwn(grant.Resource):
			found = append(found, grant.Action+" on "+grant.Resource+" is granted and never needed")
		case needed && !grant.IsWithin(demands):
			found = append(found, grant.Action+" on "+grant.Resource+" is granted, and less of it is needed")
		}
	}
	return slices.Sorted(slices.Values(found))
}

// isOwn tells a role of the function's account: ALLOWED_ACCOUNTS names that account, too, and there it assumes none.
func (p *Privileges) isOwn(resource string) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.ContainsFunc(p.clouds, func(a *access) bool {
		return strings.HasPrefix(resource, ram.RoleARN(a.account, ""))
	})
}

// Missing are the demands that were refused.
func (p *Privileges) Missing() (found []string) {
	demands := p.Demands()
	for demand := range maps.Keys(demands) {
		if !demands[demand] {
			found = append(found, demand.Action+" on "+demand.Resource+" is needed and not granted")
		}
	}
	return slices.Sorted(slices.Values(found))
}

// Need plays cases with the function inside this process, several at once, and gives what its role needed. Those that
// did not come out as expected are told.
func Need(ctx context.Context, cases []Case, o Options, tell func(text string)) *Privileges {
	p := &Privileges{}
	for i, results := range playAll(ctx, cases, p.Start(StartInProcess), o) {
		if came := <-results; len(came.differences) > 0 {
			tell(fmt.Sprintf("%s did not come out as expected: %s",
				cases[i].Name, strings.Join(came.differences, "; ")))
		}
	}
	return p
}
