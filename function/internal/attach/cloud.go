package attach

import (
	"context"
	"time"
)

// Connection is an IPsec-VPN connection as VPC API DescribeVpnConnection shows it,
// without its pre-shared keys.
type Connection struct {
	ID, Name, RegionID string
	State              string // init, attaching, attached, active, …
	AttachType         string // CEN, NO_ASSOCIATED or VPNGW
	TransitRouterID    string // set while attaching or attached
	CenID              string
	DualTunnel         bool
	Tags               map[string]string
}

// The states of a connection that decide something. Status, which is the state of
// the IKE negotiation, is a different field and decides nothing.
const (
	StateUnbound   = "init"
	StateAttaching = "attaching"
	StateAttached  = "attached"
	StateGateway   = "active" // bound to a VPN gateway
	StateLocked    = "financialLocked"
	StateDeleted   = "deleted"
)

// typeEnterprise is the edition of transit routers that take VPN attachments.
const typeEnterprise = "Enterprise"

// Router is a transit router as CBN API ListTransitRouters shows it.
type Router struct {
	ID, Name, CenID, RegionID string
	Type                      string // Enterprise or Basic
	Status                    string // Active, …
	CIDRs                     []string
	Tags                      map[string]string
}

// RouterFilter says which transit routers are asked for. Empty fields do not
// filter. The service's own filtering is not relied on: an invalid value can make
// it answer with an empty or an unfiltered list.
type RouterFilter struct {
	RegionID, RouterID, CenID string
	Tags                      map[string]string
}

// Attachment is a VPN attachment as CBN API ListTransitRouterVpnAttachments shows it.
type Attachment struct {
	ID, ConnectionID, RouterID string
	Status                     string    // Attaching, Attached or Detaching
	Created                    time.Time // by the minute; zero when the service does not say
	Tags                       map[string]string
}

// The statuses of an attachment; the service has no word for one that is gone.
const (
	attaching = "Attaching"
	attached  = "Attached"
	detaching = "Detaching"
)

// AttachmentFilter says which attachments are asked for; empty fields do not filter.
type AttachmentFilter struct {
	RegionID, RouterID, AttachmentID string
	Tags                             map[string]string
}

// RouteTable is a route table of a transit router as CBN API
// ListTransitRouterRouteTables shows it.
type RouteTable struct {
	ID, Name string
	Type     string // System or Custom
	Status   string // Active, …
	Tags     map[string]string
}

// BindingKind is how an attachment is bound to a route table. Its values are the names of
// the tags that ask for it, and the words by which a route table's owner agrees.
type BindingKind string

// An attachment forwards by the one route table that it is associated with; it propagates
// its routes to any number of them.
const (
	Association BindingKind = "associate"
	Propagation BindingKind = "propagate"
)

// Binding is an association or a propagation of an attachment, as CBN APIs
// ListTransitRouterRouteTableAssociations and …Propagations show it.
type Binding struct {
	TableID, AttachmentID string
	Status                string // Active; Associating or Enabling before, Dissociating or Disabling after
}

// BindingRequest names both ends of a binding: what is asked for, or what is to be made.
type BindingRequest struct {
	RegionID, AttachmentID string
	TableID                string // may be empty when associations are listed
	ClientToken            string // of what is to be made
}

// CreateRequest holds the parameters of CBN API CreateTransitRouterVpnAttachment.
type CreateRequest struct {
	ClientToken  string
	RegionID     string
	RouterID     string
	ConnectionID string
	OwnerID      string // only when the connection is another account's
	Name         string
	Description  string
	Zone         string // single-tunnel connections only
	AutoPublish  bool
	DryRun       bool
	Tags         map[string]string
}

// Connections reads VPN connections of an account, the function's own when it has no name. A
// connection that does not exist is an *APIError with the service's own code.
type Connections interface {
	DescribeConnection(ctx context.Context, ownerID, regionID, connectionID string) (Connection, error)
}

// Routers reads one page of transit routers. An empty cursor asks for the first
// page; an empty cursor in the answer says that there is no further one.
type Routers interface {
	ListRouters(ctx context.Context, filter RouterFilter, cursor string) (page []Router, next string, err error)
}

// Attachments reads one page of attachments (cursors as in Routers), and creates one.
// Creating is not tried again by the implementation: an *APIError with status 0
// means that nobody knows whether it had an effect.
type Attachments interface {
	ListAttachments(ctx context.Context, filter AttachmentFilter, cursor string) (page []Attachment, next string, err error)
	CreateAttachment(ctx context.Context, request CreateRequest) (attachmentID string, err error)
}

// RouteTables reads one page of a transit router's route tables (cursors as in Routers).
type RouteTables interface {
	ListRouteTables(ctx context.Context, regionID, routerID, cursor string) (page []RouteTable, next string, err error)
}

// Bindings reads one page of an attachment's bindings to route tables (cursors as in
// Routers), and makes one. Making one is asynchronous, and not tried again by the
// implementation.
type Bindings interface {
	ListBindings(ctx context.Context, kind BindingKind, asked BindingRequest, cursor string) (page []Binding, next string, err error)
	Bind(ctx context.Context, kind BindingKind, wanted BindingRequest) error
}

// Topic takes outcomes for whoever subscribed. Publishing is not tried again by the
// implementation.
type Topic interface {
	Publish(ctx context.Context, body []byte, tag string) error
}

// listAll reads every page. What a page call costs is the caller's to count.
func listAll[T any](page func(cursor string) ([]T, string, error)) ([]T, error) {
	var all []T
	for cursor := ""; ; {
		items, next, err := page(cursor)
		if err != nil {
			return nil, err
		}
		all = append(all, items...)
		if next == "" || next == cursor {
			return all, nil
		}
		cursor = next
	}
}
