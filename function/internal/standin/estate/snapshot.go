package estate

import (
	"maps"
	"slices"
)

// Seed is the estate as it is now, in the form in which another can begin: what is on its way begins anew.
func (e *Estate) Seed() (seed Seed) {
	e.locked(func() {
		for _, r := range e.routers {
			router := *r
			router.Tags, router.CIDRs, router.RouteTables = maps.Clone(r.Tags), slices.Clone(r.CIDRs), slices.Clone(r.RouteTables)
			for i := range router.RouteTables {
				router.RouteTables[i].Tags = maps.Clone(r.RouteTables[i].Tags)
			}
			seed.TransitRouters = append(seed.TransitRouters, router)
		}
		for _, id := range slices.Sorted(maps.Keys(e.connections)) {
			seed.VPNConnections = append(seed.VPNConnections, e.seedOf(e.connections[id]))
		}
	})
	return seed
}

// seedOf is a connection with its attachment. The lock is held.
func (e *Estate) seedOf(c *VPNConnection) VPNConnection {
	v := *c
	v.Tags, v.TransitRouter, v.AttachmentTags, v.Associated, v.Propagated = maps.Clone(c.Tags), "", nil, "", nil // as it began, not as it is
	a := e.live[c.ID]
	if a == nil || a.Status == StatusDetaching {
		return v
	}
	v.TransitRouter, v.AttachmentTags, v.AttachType, v.State = a.Router, maps.Clone(a.Tags), attachCEN, stateAttaching
	if a.Status == StatusAttached {
		v.State = stateAttached
	}
	for _, b := range e.bindings {
		switch {
		case b.Attachment != a.ID || b.Status == StatusDeleted:
		case b.Kind == KindAssociate:
			v.Associated = b.Table
		default:
			v.Propagated = append(v.Propagated, b.Table)
		}
	}
	return v
}
