package app

import (
	"context"

	"vpn-attach/function/internal/cbn"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/vpc"
)

type shim struct {
	*cbn.Client
	v *vpc.Client
}

func (s shim) DescribeConnection(ctx context.Context, o, r, c string) (cloud.Connection, error) {
	return s.v.DescribeConnection(ctx, o, r, c)
}
func (s shim) ListConnections(ctx context.Context, f cloud.ConnectionFilter, cursor string) (cloud.Page[cloud.Connection], error) {
	p, err := s.v.ListConnections(ctx, f.OwnerID, f.RegionID, f.TagKey, cursor)
	return cloud.Page[cloud.Connection]{Items: p.Connections, Next: p.Next, Pages: p.Pages}, err
}
func (s shim) Bind(ctx context.Context, f cloud.BindingRequest) error {
	return s.Client.Bind(ctx, f.Kind, f)
}

func page[T any](items []T, next string, err error) (cloud.Page[T], error) {
	return cloud.Page[T]{Items: items, Next: next}, err
}
func (s shim) ListGrants(ctx context.Context, f cloud.GrantFilter, cursor string) (cloud.Page[cloud.Grant], error) {
	ok, err := s.Client.IsGranted(ctx, f.RegionID, f.CenID, f.OwnerID, f.ConnectionID)
	if ok {
		return page([]cloud.Grant{{ConnectionID: f.ConnectionID, OwnerID: f.OwnerID}}, "", err)
	}
	return page[cloud.Grant](nil, "", err)
}
func (s shim) ListRouters(ctx context.Context, f cloud.RouterFilter, c string) (cloud.Page[cloud.Router], error) {
	return page(s.Client.ListRouters(ctx, f, c))
}
func (s shim) ListAttachments(ctx context.Context, f cloud.AttachmentFilter, c string) (cloud.Page[cloud.Attachment], error) {
	return page(s.Client.ListAttachments(ctx, f, c))
}
func (s shim) ListRouteTables(ctx context.Context, f cloud.RouteTableFilter, c string) (cloud.Page[cloud.RouteTable], error) {
	return page(s.Client.ListRouteTables(ctx, f.RegionID, f.RouterID, c))
}
func (s shim) ListBindings(ctx context.Context, f cloud.BindingRequest, c string) (cloud.Page[cloud.Binding], error) {
	return page(s.Client.ListBindings(ctx, f.Kind, f, c))
}
