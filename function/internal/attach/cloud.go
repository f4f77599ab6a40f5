package attach

import (
	"context"

	"vpn-attach/function/internal/cloud"
)

// The nouns of the cloud.
type (
	Connection       = cloud.Connection
	ConnectionPage   = cloud.ConnectionPage
	Router           = cloud.Router
	RouterFilter     = cloud.RouterFilter
	Attachment       = cloud.Attachment
	AttachmentFilter = cloud.AttachmentFilter
	RouteTable       = cloud.RouteTable
	BindingKind      = cloud.BindingKind
	Binding          = cloud.Binding
	BindingRequest   = cloud.BindingRequest
	CreateRequest    = cloud.CreateRequest
	DetachRequest    = cloud.DeleteRequest
	APIError         = cloud.APIError
)

const (
	StateUnbound   = cloud.StateUnbound
	StateAttaching = cloud.StateAttaching
	StateAttached  = cloud.StateAttached
	StateGateway   = cloud.StateGateway
	StateLocked    = cloud.StateLocked
	StateDeleted   = cloud.StateDeleted
	typeEnterprise = cloud.TypeEnterprise
	attaching      = cloud.Attaching
	attached       = cloud.Attached
	detaching      = cloud.Detaching
	Association    = cloud.Association
	Propagation    = cloud.Propagation
)

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
