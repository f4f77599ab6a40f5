package plan

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/local"
	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sts"
)

// Wanted says what is read of an account.
type Wanted struct {
	AccountID string
	Region    string
	Members   []sts.Role        // roles in other accounts, by which their connections are read
	Settings  map[string]string // of the function
}

// Snapshot is one region of an estate as a cloud file.
type Snapshot struct {
	Spec    local.Spec
	Missing []string // what could not be read, in words, and the permission for it
}

// Read reads a region: pages of lists alone, so that the calls grow with the pages and not with the connections. What
// a permission is missing for is named, and the rest is read.
func (a *Account) Read(ctx context.Context, w Wanted) (Snapshot, error) {
	r := &reader{Account: a, wanted: w, connections: map[string][]cloud.Connection{}}
	for _, step := range []func(context.Context) error{
		r.readRouters, r.readTables, r.readAttachments, r.readConnections, r.readGrants, r.readElsewhere,
	} {
		if err := step(ctx); err != nil {
			return Snapshot{}, fmt.Errorf("reading %s: %w", w.Region, err)
		}
	}
	spec, err := r.spec()
	spec.Missing = r.missing
	return Snapshot{spec, r.missing}, err
}

// reader is a reading under way.
type reader struct {
	*Account
	wanted  Wanted
	missing []string

	routers     []cloud.Router
	elsewhere   []cloud.Router // that tags name, in other regions
	tables      map[string][]cloud.RouteTable
	attachments []cloud.Attachment
	bindings    map[cloud.BindingKind][]cloud.Binding
	connections map[string][]cloud.Connection // by account
	grants      []granted
}

type granted struct {
	cloud.Grant
	cen string
}

// lacks notes a missing permission, which may be the one that assumes a role; any other error ends the reading.
func (r *reader) lacks(err error, what string) error {
	missing := Lacking(err)
	if missing == "" {
		return err
	}
	r.missing = append(r.missing, what+": "+missing)
	return nil
}

func (r *reader) readRouters(ctx context.Context) (err error) {
	r.routers, err = readAll(ctx, r.Account, r.wanted.Region, cloud.ActionRouters, r.Reader.ListRouters,
		cloud.RouterFilter{RegionID: r.wanted.Region})
	return r.lacks(err, "transit routers")
}

// readTables reads the route tables of every transit router that has any, and what is bound to them.
func (r *reader) readTables(ctx context.Context) error {
	r.tables, r.bindings = map[string][]cloud.RouteTable{}, map[cloud.BindingKind][]cloud.Binding{}
	for _, router := range r.routers {
		if router.Type != cloud.TypeEnterprise {
			continue
		}
		filter := cloud.RouteTableFilter{RegionID: r.wanted.Region, RouterID: router.ID}
		listed, err := readAll(ctx, r.Account, r.wanted.Region, cloud.ActionTables, r.Reader.ListRouteTables, filter)
		if err := r.lacks(err, "route tables of "+router.ID); err != nil {
			return err
		}
		r.tables[router.ID] = listed
		for _, table := range listed {
			if err := r.readBindings(ctx, table.ID); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *reader) readBindings(ctx context.Context, table string) error {
	for _, kind := range []cloud.BindingKind{cloud.Association, cloud.Propagation} {
		action, _ := kind.Actions()
		filter := cloud.BindingRequest{Kind: kind, RegionID: r.wanted.Region, TableID: table}
		bound, err := readAll(ctx, r.Account, r.wanted.Region, action, r.Reader.ListBindings, filter)
		if err := r.lacks(err, "bindings of "+table); err != nil {
			return err
		}
		r.bindings[kind] = append(r.bindings[kind], bound...)
	}
	return nil
}

func (r *reader) readAttachments(ctx context.Context) (err error) {
	r.attachments, err = readAll(ctx, r.Account, r.wanted.Region, cloud.ActionAttachments, r.Reader.ListAttachments,
		cloud.AttachmentFilter{RegionID: r.wanted.Region})
	return r.lacks(err, "attachments")
}

// readConnections reads those of the function's own account, and of the others.
func (r *reader) readConnections(ctx context.Context) error {
	accounts := []string{""}
	for _, member := range r.wanted.Members {
		accounts = append(accounts, member.Account)
	}
	for _, account := range accounts {
		filter := cloud.ConnectionFilter{RegionID: r.wanted.Region, OwnerID: account}
		listed, err := readAll(ctx, r.Account, r.wanted.Region, cloud.ActionInventory, r.Reader.ListConnections, filter)
		what := strings.TrimSpace("connections " + account)
		if err := r.lacks(err, what); err != nil {
			return err
		}
		r.connections[account] = listed
	}
	return nil
}

// readGrants reads what other accounts granted to each CEN of the transit routers.
func (r *reader) readGrants(ctx context.Context) error {
	cens := map[string]bool{}
	for _, router := range r.routers {
		cens[router.CenID] = true
	}
	for _, member := range r.wanted.Members {
		for _, cen := range slices.Sorted(maps.Keys(cens)) {
			filter := cloud.GrantFilter{RegionID: r.wanted.Region, CenID: cen, OwnerID: member.Account}
			all, err := readAll(ctx, r.Account, r.wanted.Region, cloud.ActionGrants, r.Reader.ListGrants, filter)
			if err := r.lacks(err, "grants to "+cen); err != nil {
				return err
			}
			for _, grant := range all {
				r.grants = append(r.grants, granted{grant, cen})
			}
		}
	}
	return nil
}

// readElsewhere reads the transit routers that tags name by their ids and that are not in the region.
func (r *reader) readElsewhere(ctx context.Context) error {
	known, asked := map[string]bool{}, map[string]bool{}
	for _, router := range r.routers {
		known[router.ID] = true
	}
	for _, connections := range r.connections {
		for _, c := range connections {
			named := strings.TrimSpace(c.Tags[prefixOf(r.wanted.Settings)+"transit-router"])
			if strings.HasPrefix(named, "tr-") && !known[named] {
				asked[named] = true
			}
		}
	}
	for _, id := range slices.Sorted(maps.Keys(asked)) {
		found, err := readAll(ctx, r.Account, r.wanted.Region, cloud.ActionRouters, r.Reader.ListRouters,
			cloud.RouterFilter{RouterID: id})
		if err := r.lacks(err, "transit router "+id); err != nil {
			return err
		}
		r.elsewhere = append(r.elsewhere, found...)
	}
	return nil
}

// defaultPrefix is that of the function's tags unless TAG_PREFIX says otherwise.
const defaultPrefix = "vpn-attach:"

// prefixOf is the prefix of the function's tags.
func prefixOf(settings map[string]string) string {
	if prefix := settings["TAG_PREFIX"]; prefix != "" {
		return prefix
	}
	return defaultPrefix
}

// spec makes a cloud file of what was read.
func (r *reader) spec() (local.Spec, error) {
	spec, err := local.ReadSpec([]byte("account: \"" + r.wanted.AccountID + "\"\nregion: " + r.wanted.Region + "\n"))
	if err != nil {
		return spec, err
	}
	spec.AccessKeys, spec.Members = nil, r.wanted.Members
	spec.Function.Environment, spec.Parameters = maps.Clone(r.wanted.Settings), parametersOf(r.wanted.Settings)
	for _, router := range slices.Concat(r.routers, r.elsewhere) {
		spec.Routers = append(spec.Routers, routerOf(router, r.tables[router.ID]))
	}
	b := r.bound()
	for _, account := range slices.Sorted(maps.Keys(r.connections)) {
		for _, c := range r.connections[account] {
			spec.Connections = append(spec.Connections, b.connectionOf(c, account))
		}
	}
	spec.Routers = append(spec.Routers, strangers(spec, r.connections)...)
	spec.Connections = append(spec.Connections, b.others(spec)...)
	return spec, nil
}

// strangers are transit routers on which connections stand and that were not listed: of other accounts, or not
// permitted. They accept nothing.
func strangers(spec local.Spec, connections map[string][]cloud.Connection) (all []estate.TransitRouter) {
	known := map[string]bool{"": true}
	for _, router := range spec.Routers {
		known[router.ID] = true
	}
	standing := map[string]bool{}
	for _, v := range spec.Connections {
		standing[v.TransitRouter] = true
	}
	for _, some := range connections {
		for _, c := range some {
			if standing[c.TransitRouterID] && !known[c.TransitRouterID] {
				known[c.TransitRouterID] = true
				all = append(all, estate.TransitRouter{ID: c.TransitRouterID, CEN: cenOf(c)})
			}
		}
	}
	return all
}

// cenOf is the CEN of a connection, or one that is made up for a transit router of which it is not known.
func cenOf(c cloud.Connection) string {
	if strings.HasPrefix(c.CenID, "cen-") {
		return c.CenID
	}
	return "cen-of-" + c.TransitRouterID
}
