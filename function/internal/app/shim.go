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
func (s shim) ListConnections(ctx context.Context, f cloud.ConnectionFilter, cursor string) (cloud.ConnectionPage, error) {
	return s.v.ListConnections(ctx, f.OwnerID, f.RegionID, f.TagKey, cursor)
}
func (s shim) ListGrants(ctx context.Context, f cloud.GrantFilter, cursor string) ([]cloud.Grant, string, error) {
	ok, err := s.Client.IsGranted(ctx, f.RegionID, f.CenID, f.OwnerID, f.ConnectionID)
	if ok {
		return []cloud.Grant{{ConnectionID: f.ConnectionID, OwnerID: f.OwnerID}}, "", err
	}
	return nil, "", err
}
func (s shim) ListRouteTables(ctx context.Context, f cloud.RouteTableFilter, cursor string) ([]cloud.RouteTable, string, error) {
	return s.Client.ListRouteTables(ctx, f.RegionID, f.RouterID, cursor)
}
func (s shim) ListBindings(ctx context.Context, f cloud.BindingRequest, cursor string) ([]cloud.Binding, string, error) {
	return s.Client.ListBindings(ctx, f.Kind, f, cursor)
}
func (s shim) Bind(ctx context.Context, f cloud.BindingRequest) error {
	return s.Client.Bind(ctx, f.Kind, f)
}
