package plan

import (
	"maps"
	"net/netip"
	"slices"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
)

// routerOf is a transit router in the form of a cloud file.
func routerOf(router cloud.Router, tables []cloud.RouteTable) estate.TransitRouter {
	made := estate.TransitRouter{
		ID: router.ID, CEN: router.CenID, Name: router.Name, Region: router.RegionID, Type: router.Type,
		Status: router.Status, CIDRs: blocks(router.CIDRs), Tags: kept(router.Tags),
	}
	for _, table := range tables {
		made.RouteTables = append(made.RouteTables, estate.RouteTable{
			ID: table.ID, Name: table.Name, Type: table.Type, Tags: kept(table.Tags),
		})
	}
	return made
}

// blocks are the CIDR blocks that a cloud file takes. That there are any is what counts.
func blocks(cidrs []string) (all []string) {
	for _, cidr := range cidrs {
		block, err := netip.ParsePrefix(cidr)
		if err == nil && block.Bits() >= 16 && block.Bits() <= 24 && block == block.Masked() && len(all) < 5 {
			all = append(all, cidr)
		}
	}
	if len(all) == 0 && len(cidrs) > 0 {
		return []string{"10.255.0.0/24"}
	}
	return all
}

// kept leaves out the tags that services put on resources themselves. The function reads none of them.
func kept(tags map[string]string) map[string]string {
	all := maps.Clone(tags)
	maps.DeleteFunc(all, func(key, value string) bool {
		return ofServices(key) || ofServices(value)
	})
	return all
}

func ofServices(text string) bool {
	return strings.HasPrefix(text, "acs:") || strings.HasPrefix(text, "aliyun") ||
		strings.Contains(text, "http://") || strings.Contains(text, "https://")
}

// bound is what stands, by connection and by attachment.
type bound struct {
	attachments map[string]cloud.Attachment // by connection
	tables      map[cloud.BindingKind]map[string][]cloud.Binding
	grants      map[string][]estate.Grant
	ours        string // the account that was read
}

func (r *reader) bound() bound {
	b := bound{
		attachments: map[string]cloud.Attachment{}, tables: map[cloud.BindingKind]map[string][]cloud.Binding{},
		grants: map[string][]estate.Grant{}, ours: r.wanted.AccountID,
	}
	for _, a := range r.attachments {
		b.attachments[a.ConnectionID] = a
	}
	for kind, all := range r.bindings {
		b.tables[kind] = map[string][]cloud.Binding{}
		for _, one := range all {
			b.tables[kind][one.AttachmentID] = append(b.tables[kind][one.AttachmentID], one)
		}
	}
	for _, g := range r.grants {
		b.grants[g.ConnectionID] = append(b.grants[g.ConnectionID], estate.Grant{CEN: g.cen, CENOwner: b.ours})
	}
	return b
}

// connectionOf is a connection with its attachment in the form of a cloud file.
func (b bound) connectionOf(c cloud.Connection, account string) estate.VPNConnection {
	v := estate.VPNConnection{
		ID: c.ID, Name: c.Name, Owner: account, State: stateOf(c), SingleTunnel: estate.Single(!c.DualTunnel),
		Tags: kept(c.Tags), Grants: b.grants[c.ID],
	}
	if v.State != cloud.StateAttached && v.State != cloud.StateAttaching {
		return v
	}
	v.TransitRouter = c.TransitRouterID
	if v.State == cloud.StateAttached {
		downOf(c, &v)
	}
	a := b.attachments[c.ID]
	if a.ID == "" || a.RouterID != c.TransitRouterID {
		return v
	}
	b.attach(&v, a)
	return v
}

// attach writes down the attachment of a connection, and what it is bound to.
func (b bound) attach(v *estate.VPNConnection, a cloud.Attachment) {
	v.AttachmentID, v.AttachedSince, v.AttachmentTags = a.ID, since(a), kept(a.Tags)
	for _, one := range b.tables[cloud.Association][a.ID] {
		v.Associated, v.AssociationStatus = one.TableID, one.Status
	}
	for _, one := range b.tables[cloud.Propagation][a.ID] {
		if one.Stands() {
			v.Propagated = append(v.Propagated, one.TableID)
		}
	}
	slices.Sort(v.Propagated)
}

// unread is the account of connections that were not read and whose attachments were: of accounts that nobody asked
// for. They take places of a transit router, and are no part of the plan.
const unread = "0000000000"

// others are the connections of such attachments.
func (b bound) others(spec local.Spec) (all []estate.VPNConnection) {
	known, routers := map[string]bool{}, map[string]bool{}
	for _, v := range spec.Connections {
		known[v.ID] = true
	}
	for _, router := range spec.Routers {
		routers[router.ID] = router.Region == spec.Region
	}
	for _, id := range slices.Sorted(maps.Keys(b.attachments)) {
		if a := b.attachments[id]; !known[id] && routers[a.RouterID] {
			v := estate.VPNConnection{ID: id, Owner: unread, TransitRouter: a.RouterID}
			b.attach(&v, a)
			all = append(all, v)
		}
	}
	return all
}

// stateOf is the state that a cloud file has for a connection. One that is not known is that of a connection that is
// being changed.
func stateOf(c cloud.Connection) string {
	known := []string{
		cloud.StateUnbound, cloud.StateAttaching, cloud.StateAttached, cloud.StateDetaching, cloud.StateGateway,
		cloud.StateLocked, cloud.StateDeleted, "provisioning", "updating", "Upgrading",
	}
	isStanding := c.State == cloud.StateAttaching || c.State == cloud.StateAttached
	if !slices.Contains(known, c.State) || isStanding && !strings.HasPrefix(c.TransitRouterID, "tr-") {
		return "updating"
	}
	return c.State
}

// since is when an attachment was made, in milliseconds since 1970; 0 when the service does not say.
func since(a cloud.Attachment) int64 {
	if a.Created.IsZero() {
		return 0
	}
	return a.Created.UnixMilli()
}
