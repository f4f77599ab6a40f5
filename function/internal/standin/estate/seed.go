package estate

import (
	"cmp"
	"fmt"
	"maps"
	"net/netip"
	"slices"
	"strings"
)

// Seed is what an estate consists of at the start.
type Seed struct {
	TransitRouters []TransitRouter `yaml:"transitRouters"`
	VPNConnections []VPNConnection `yaml:"vpnConnections"`
}

// TransitRouter is a transit router of the estate's account, with the values of the CBN API ListTransitRouters.
type TransitRouter struct {
	ID     string            `yaml:"id"`
	CEN    string            `yaml:"cen"`
	Name   string            `yaml:"name"`
	Region string            `yaml:"region"` // default: the estate's
	Type   string            `yaml:"type"`   // Enterprise (default) or Basic
	Status string            `yaml:"status"` // Creating, Active (default), Modifying, Deleting or Upgrading
	CIDRs  []string          `yaml:"cidrs"`  // at most five, /16 to /24; without any nothing can be attached
	Tags   map[string]string `yaml:"tags"`

	RouteTables []RouteTable `yaml:"routeTables"`
	Networks    []Network    `yaml:"networks,omitempty"` // of its CEN
}

// RouteTable is a route table of a transit router.
type RouteTable struct {
	ID   string            `yaml:"id"`
	Name string            `yaml:"name"`
	Type string            `yaml:"type"` // System or Custom (default)
	Tags map[string]string `yaml:"tags"`
	// Fixed says that no attachment can be bound to it.
	Fixed bool `yaml:"fixed"`
}

// VPNConnection is an IPsec-VPN connection, with the values of the VPC API DescribeVpnConnection.
type VPNConnection struct {
	ID         string `yaml:"id"`
	Name       string `yaml:"name"`
	Region     string `yaml:"region"`     // default: the estate's
	Owner      string `yaml:"owner"`      // an account id; default: the estate's
	State      string `yaml:"state"`      // default: by AttachType and TransitRouter
	AttachType string `yaml:"attachType"` // CEN, NO_ASSOCIATED or VPNGW; default: by State and TransitRouter
	// SingleTunnel is for one of the older form: a new connection has two tunnels.
	SingleTunnel Single            `yaml:"dualTunnel"`
	Tags         map[string]string `yaml:"tags"`
	// PSK is every secret that the service returns: of the IKE settings of the connection and of each tunnel, and the
	// BGP authentication key.
	PSK string `yaml:"psk"`

	// TransitRouter makes a connection start attached, or attaching if State says so.
	TransitRouter string `yaml:"transitRouter"`
	// AttachmentTags are the tags of the attachment that it starts with.
	AttachmentTags map[string]string `yaml:"attachmentTags"`
	// AttachmentID is the id of that attachment; default: a counter. AttachedSince is when it was made, in milliseconds
	// since 1970; default: the start.
	AttachmentID  string `yaml:"attachmentId"`
	AttachedSince int64  `yaml:"attachedSince"`
	// Associated and Propagated are route tables of TransitRouter that the attachment starts bound to.
	Associated string   `yaml:"associated"`
	Propagated []string `yaml:"propagated"`
	// AssociationStatus and PropagationStatus are what those are in; default: Active.
	AssociationStatus string `yaml:"associationStatus"` // Active, Associating, Replacing, Dissociating or Deleted
	PropagationStatus string `yaml:"propagationStatus"` // Active, Enabling or Disabling

	NetworkType string `yaml:"networkType"` // public (default) or private; anything else cannot be attached
	Zone        string `yaml:"zone"`        // of its first tunnel; default: a zone of its region
	CreateTime  int64  `yaml:"createTime"`  // in milliseconds since 1970; default: a day in 2022
	// CrossAccountAuthorized says that its owner granted the connection with GrantInstanceToTransitRouter.
	CrossAccountAuthorized bool `yaml:"crossAccountAuthorized"`
	// Grants say to whom. Without any, a granted connection is granted to every CEN that asks.
	Grants   []Grant  `yaml:"grants"`
	Settings Settings `yaml:"settings"`
	// HeldBy names what refuses the deletion of its attachment: routeEntry, prefixList or flowLog, or noForce, which
	// refuses to force it.
	HeldBy string `yaml:"heldBy"`

	// Tunnels are how its tunnels come up once it is attached, in their order; what is not there is up at once.
	// HealthCheck is the same of its health check, if that is enabled and the first tunnel is up.
	Tunnels     []Tunnel `yaml:"tunnels"`
	HealthCheck Course   `yaml:"healthCheck"`
}

// Single is what a cloud file says the other way round, so that two tunnels are the default: dualTunnel is false.
type Single bool

// UnmarshalYAML reads it from a cloud file.
func (s *Single) UnmarshalYAML(read func(any) error) error {
	var dual bool
	if err := read(&dual); err != nil {
		return fmt.Errorf("reading dualTunnel: %w", err)
	}
	*s = Single(!dual)
	return nil
}

// MarshalYAML writes it into one.
func (s Single) MarshalYAML() (any, error) { return !bool(s), nil }

// load checks the seed and makes it the state. OnChange is not called for what it attaches.
func (e *Estate) load(seed Seed) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	for _, router := range seed.TransitRouters {
		if err := e.addRouter(router); err != nil {
			return fmt.Errorf("adding transit router %q: %w", router.ID, err)
		}
	}
	for _, connection := range seed.VPNConnections {
		if err := e.addConnection(connection); err != nil {
			return err
		}
	}
	e.changes = nil
	return nil
}

func (e *Estate) addRouter(r TransitRouter) error {
	r.Region = cmp.Or(r.Region, e.options.Region)
	r.Type = cmp.Or(r.Type, routerEnterprise)
	r.Status = cmp.Or(r.Status, routerActive)
	r.Tags, r.RouteTables = maps.Clone(r.Tags), slices.Clone(r.RouteTables)
	for i := range r.RouteTables {
		r.RouteTables[i].Type = cmp.Or(r.RouteTables[i].Type, "Custom")
	}
	if err := cmp.Or(e.checkRouter(r), checkNetworks(&r)); err != nil {
		return err
	}
	e.routers = append(e.routers, &r)
	return nil
}

func (e *Estate) checkRouter(r TransitRouter) error {
	switch {
	case !strings.HasPrefix(r.ID, "tr-"):
		return fmt.Errorf("the id does not begin with tr-")
	case !strings.HasPrefix(r.CEN, "cen-"):
		return fmt.Errorf("cen %q does not begin with cen-", r.CEN)
	case !slices.Contains([]string{routerEnterprise, routerBasic}, r.Type):
		return fmt.Errorf("type %q is neither Enterprise nor Basic", r.Type)
	case !slices.Contains(routerStatuses(), r.Status):
		return fmt.Errorf("status %q is unknown", r.Status)
	}
	for _, other := range e.routers {
		if other.ID == r.ID {
			return fmt.Errorf("the id is taken")
		}
		if other.CEN == r.CEN && other.Region == r.Region {
			return fmt.Errorf("%s has the transit router %s in %s, and can have only one", r.CEN, other.ID, r.Region)
		}
	}
	if err := checkCIDRs(r.CIDRs); err != nil {
		return err
	}
	if err := e.checkRouteTables(r.RouteTables); err != nil {
		return err
	}
	return checkTags(r.Tags)
}

func checkCIDRs(cidrs []string) error {
	if len(cidrs) > 5 {
		return fmt.Errorf("%d CIDR blocks are more than 5", len(cidrs))
	}
	for _, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil || prefix.Bits() < 16 || prefix.Bits() > 24 || prefix != prefix.Masked() {
			return fmt.Errorf("%q is not a CIDR block of /16 to /24", cidr)
		}
	}
	return nil
}

func (e *Estate) checkRouteTables(tables []RouteTable) error {
	taken := make(map[string]bool)
	for _, router := range e.routers {
		for _, table := range router.RouteTables {
			taken[table.ID] = true
		}
	}
	for _, table := range tables {
		if !strings.HasPrefix(table.ID, "vtb-") || taken[table.ID] {
			return fmt.Errorf("route table %q: the id does not begin with vtb- or is taken", table.ID)
		}
		if !slices.Contains([]string{"System", "Custom"}, table.Type) {
			return fmt.Errorf("route table %q: type %q is neither System nor Custom", table.ID, table.Type)
		}
		if err := checkTags(table.Tags); err != nil {
			return fmt.Errorf("route table %q: %w", table.ID, err)
		}
		taken[table.ID] = true
	}
	return nil
}

// checkTags checks the limits of the API pages: 20 tags, keys of 1 to 64 characters, values of at most 128.
func checkTags(tags map[string]string) error {
	if len(tags) > maxTags {
		return fmt.Errorf("%d tags are more than %d", len(tags), maxTags)
	}
	for key, value := range tags {
		if !legalTag(key, value) {
			return fmt.Errorf("tag %q=%q breaks the limits of a tag", key, value)
		}
	}
	return nil
}
