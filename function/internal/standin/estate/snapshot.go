package estate

import (
	"maps"
	"slices"
)

// Seed is the estate as it is now, in the form in which another estate can begin: what is pending begins again.
func (e *Estate) Seed() (seed Seed) {
	e.locked(func() {
		for _, r := range e.routers {
			router := *r
			router.Tags, router.CIDRs = maps.Clone(r.Tags), slices.Clone(r.CIDRs)
			router.RouteTables, router.Networks = slices.Clone(r.RouteTables), slices.Clone(r.Networks)
			for i := range router.RouteTables {
				router.RouteTables[i].Tags = maps.Clone(r.RouteTables[i].Tags)
			}
			seed.TransitRouters = append(seed.TransitRouters, router)
		}
		for _, v := range e.inOrder() {
			seed.VPNConnections = append(seed.VPNConnections, e.seedOf(v))
		}
	})
	return seed
}

// seedOf is a connection with its attachment. The lock is held.
func (e *Estate) seedOf(c *VPNConnection) VPNConnection {
	v := *c
	v.Tags, v.Settings, v.Grants = maps.Clone(c.Tags), maps.Clone(c.Settings), slices.Clone(c.Grants)
	v.TransitRouter, v.AttachmentTags, v.Associated, v.Propagated = "", nil, "", nil // as it began, not as it is
	v.AssociationStatus, v.PropagationStatus, v.AttachmentID, v.AttachedSince = "", "", "", 0
	a := e.live[c.ID]
	if a == nil || a.Status == StatusDetaching {
		return v
	}
	v.TransitRouter, v.AttachmentTags, v.AttachType, v.State = a.Router, maps.Clone(a.Tags), attachCEN, stateAttaching
	if a.Status == StatusAttached {
		v.State = stateAttached
	}
	v.AttachmentID, v.AttachedSince = a.ID, a.Created.UnixMilli()
	e.seedBindings(a.ID, &v)
	return v
}

// seedBindings adds the route tables of an attachment. All propagations of a seed are in one status: if they differ,
// those that are being made begin as Active, and those that are being ended do not begin. The lock is held.
func (e *Estate) seedBindings(attachmentID string, v *VPNConnection) {
	statuses := map[string][]string{} // the tables by the status of their propagations
	for _, b := range e.bindingsOf[attachmentID] {
		switch {
		case b.ended:
		case b.Kind == KindAssociate:
			v.Associated, v.AssociationStatus = b.Table, b.Status
		case b.Status != StatusDeleted:
			v.Propagated, v.PropagationStatus = append(v.Propagated, b.Table), b.Status
			statuses[b.Status] = append(statuses[b.Status], b.Table)
		}
	}
	if len(statuses) > 1 {
		v.PropagationStatus = statusActive
		v.Propagated = slices.DeleteFunc(v.Propagated, func(table string) bool {
			return slices.Contains(statuses[statusDisabling], table)
		})
	}
}
