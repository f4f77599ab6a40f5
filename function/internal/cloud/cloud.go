// Package cloud holds the nouns of the two services that the function works on: VPN connections (VPC), transit routers,
// their attachments and route tables (CBN), as the services show them. It makes no call and decides nothing. Adapters
// implement Reader and Writer.
package cloud

import (
	"context"
	"time"
	"unicode/utf8"

	"vpn-attach/function/internal/event"
)

// Connection is an IPsec-VPN connection as VPC API DescribeVpnConnection shows it, without its pre-shared keys.
type Connection struct {
	ID, Name, RegionID string
	State              string // one of the State constants, or a word that is not known
	TransitRouterID    string // set while attaching or attached
	CenID              string
	DualTunnel         bool
	Tags               map[string]string

	Tunnels     []Tunnel
	HealthCheck string // CheckPassed, or any other word while it fails; empty when it is not enabled
}

// The states of a connection. The field Status of the API is the state of the IKE
// negotiation, a different thing: see Tunnel.
const (
	StateUnbound   = "init"
	StateAttaching = "attaching"
	StateAttached  = "attached"
	StateDetaching = "detaching"
	StateGateway   = "active" // bound to a VPN gateway
	StateLocked    = "financialLocked"
	StateDeleted   = "deleted"
)

// ConnectionFilter says which connections are listed. Empty fields do not filter, but for RegionID, which is required.
type ConnectionFilter struct {
	OwnerID  string // account; empty is the function's own
	RegionID string
	TagKey   string // only connections that have a tag with this key
	ID       string // only this connection
}

// Router is a transit router as CBN API ListTransitRouters shows it.
type Router struct {
	ID, Name, CenID, RegionID string
	Type                      string // TypeEnterprise or Basic
	Status                    string // StatusActive, …
	CIDRs                     []string
	Tags                      map[string]string
}

// TypeEnterprise is the edition of transit routers that take VPN attachments.
const TypeEnterprise = "Enterprise"

// StatusActive is the status of a transit router, a route table or a binding that is ready.
const StatusActive = "Active"

// RouterFilter says which transit routers are listed. Empty fields do not filter. Callers check the answer themselves:
// a value that the service does not understand can make it answer with an empty or an unfiltered list.
type RouterFilter struct {
	RegionID, RouterID, CenID string
	Tags                      map[string]string
}

// Attachment is a VPN attachment as CBN API ListTransitRouterVpnAttachments shows it.
type Attachment struct {
	ID, ConnectionID, RouterID string
	Status                     string    // Attaching, Attached, Detaching, or a word that is not known
	Created                    time.Time // by the minute; zero when the service does not say
	Tags                       map[string]string
}

// The statuses of an attachment. The service has none for an attachment that is gone: it is no longer listed.
const (
	Attaching = "Attaching"
	Attached  = "Attached"
	Detaching = "Detaching"
)

// AttachmentFilter says which attachments are listed. Empty fields do not filter. The
// service has no filter by connection.
type AttachmentFilter struct {
	RegionID, RouterID, AttachmentID string
	Tags                             map[string]string
}

// RouteTable is a route table of a transit router as CBN API ListTransitRouterRouteTables shows it.
type RouteTable struct {
	ID, Name string
	Type     string // TypeSystem or Custom
	Status   string // StatusActive, …
	Tags     map[string]string
}

// RouteTableFilter says which route tables are listed. Both fields are required.
type RouteTableFilter struct{ RegionID, RouterID string }

// TypeSystem is the type of the one route table that every transit router has from the start.
const TypeSystem = "System"

// BindingKind is how an attachment is bound to a route table. Its values are also the names
// of the tags that ask for it, and the words by which the owner of a route table consents.
type BindingKind string

// The kinds. An attachment forwards by the one route table that it is associated with, and
// propagates its routes to any number of route tables.
const (
	Association BindingKind = "associate"
	Propagation BindingKind = "propagate"
)

// Binding is an association or a propagation of an attachment, as CBN APIs
// ListTransitRouterRouteTableAssociations and ListTransitRouterRouteTablePropagations show it.
type Binding struct {
	TableID, AttachmentID string
	Status                string // StatusActive, StatusAssociating, …, or a word that is not known
}

// The statuses of a binding before it is Active and after it was.
const (
	StatusAssociating = "Associating"
	StatusEnabling    = "Enabling"
	StatusDeleted     = "Deleted" // Dissociating or Disabling before
)

// Stands reports whether the attachment is bound, or is being bound.
func (b Binding) Stands() bool {
	return b.Status == StatusActive || b.Status == StatusAssociating || b.Status == StatusEnabling
}

// Grant says that the owner of a connection allows a CEN to attach it (CBN API DescribeGrantRulesToCen).
type Grant struct {
	ConnectionID, OwnerID string
}

// GrantFilter says which grants are listed. All fields are required, but for ConnectionID, which filters.
type GrantFilter struct {
	RegionID, CenID, OwnerID, ConnectionID string
}

// CreateRequest holds the parameters of CBN API CreateTransitRouterVpnAttachment.
type CreateRequest struct {
	ClientToken, RegionID, RouterID, ConnectionID string
	OwnerID                                       string // only when the connection is another account's
	Name, Description                             string
	Zone                                          string // single-tunnel connections only
	AutoPublish, DryRun                           bool
	Tags                                          map[string]string
}

// DeleteRequest holds the parameters of CBN API DeleteTransitRouterVpnAttachment. The
// attachment's bindings to route tables are removed with it.
type DeleteRequest struct {
	ClientToken, RegionID, AttachmentID string
	DryRun                              bool
}

// BindingRequest names both ends of a binding, to list it or to create it.
type BindingRequest struct {
	Kind                   BindingKind
	RegionID, AttachmentID string
	TableID                string // may be empty when associations are listed
	ClientToken            string // only to create one
}

// Message is a message for a queue of Message Service.
type Message struct {
	Body  []byte
	Delay time.Duration // until it can be received; whole seconds count
}

// Size is how many bytes of the body the service counts. The SDK replaces bytes that no message can hold, by a
// character that is three bytes long.
func (m Message) Size() (bytes int) {
	for text := m.Body; len(text) > 0; {
		length, fits := event.QueueCharacter(text)
		text = text[length:]
		if !fits {
			length = len(string(utf8.RuneError))
		}
		bytes += length
	}
	return bytes
}

// Page is one page of a list.
type Page[T any] struct {
	Items []T
	Next  string // cursor of the next page; empty when this is the last one
	Pages int    // number of pages in all; 0 when the service does not say
	Total int    // number of items in all pages; 0 when the service does not say
}

// Reader reads the state of the cloud. Lists give one page; an empty cursor asks for the
// first. Errors are *APIError, with the service's own code. Nothing is retried.
type Reader interface {
	// DescribeConnection reads one connection of an account, the function's own when
	// ownerID is empty. An error says that it does not exist, or could not be read.
	DescribeConnection(ctx context.Context, ownerID, regionID, connectionID string) (Connection, error)
	ListConnections(ctx context.Context, filter ConnectionFilter, cursor string) (Page[Connection], error)
	ListRouters(ctx context.Context, filter RouterFilter, cursor string) (Page[Router], error)
	ListAttachments(ctx context.Context, filter AttachmentFilter, cursor string) (Page[Attachment], error)
	ListRouteTables(ctx context.Context, filter RouteTableFilter, cursor string) (Page[RouteTable], error)
	ListBindings(ctx context.Context, filter BindingRequest, cursor string) (Page[Binding], error)
	ListGrants(ctx context.Context, filter GrantFilter, cursor string) (Page[Grant], error)
	Diagnoser
	NetworkLister
}

// Writer changes the cloud. Every call answers before its effect is complete. Errors are *APIError; status 0 means that
// nobody knows whether the call had an effect. Nothing is retried.
type Writer interface {
	CreateAttachment(ctx context.Context, request CreateRequest) (attachmentID string, err error)
	DeleteAttachment(ctx context.Context, request DeleteRequest) error
	Bind(ctx context.Context, request BindingRequest) error
}
