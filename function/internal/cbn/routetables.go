package cbn

import (
	"context"

	sdk "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/cloud"
)

// ListRouteTables lists the route tables of a transit router: CBN API ListTransitRouterRouteTables.
func (c *Client) ListRouteTables(
	ctx context.Context, filter cloud.RouteTableFilter, cursor string,
) (cloud.Page[cloud.RouteTable], error) {
	request := &sdk.ListTransitRouterRouteTablesRequest{
		TransitRouterId: dara.String(filter.RouterID),
		NextToken:       optional(cursor), MaxResults: dara.Int32(tablesPerPage),
	}
	s := c.session(filter.RegionID)
	body, err := ask(ctx, s, cloud.ActionTables, request, s.ListTransitRouterRouteTablesWithContext)
	return pageOf(body.TransitRouterRouteTables, routeTable, body.NextToken), err
}

func routeTable(t *sdk.ListTransitRouterRouteTablesResponseBodyTransitRouterRouteTables) cloud.RouteTable {
	return cloud.RouteTable{
		ID: dara.StringValue(t.TransitRouterRouteTableId), Name: dara.StringValue(t.TransitRouterRouteTableName),
		Type: dara.StringValue(t.TransitRouterRouteTableType), Tags: tags(t.Tags),
		Status: dara.StringValue(t.TransitRouterRouteTableStatus),
	}
}

// ListBindings lists an attachment's associations, or its propagations to one route table; without an attachment, those
// of all attachments of the route table: CBN APIs ListTransitRouterRouteTableAssociations and …Propagations.
func (c *Client) ListBindings(
	ctx context.Context, filter cloud.BindingRequest, cursor string,
) (cloud.Page[cloud.Binding], error) {
	attachment, table := optional(filter.AttachmentID), optional(filter.TableID)
	s, token, most := c.session(filter.RegionID), optional(cursor), dara.Int32(bindingsPerPage)
	if filter.Kind == cloud.Association {
		body, err := ask(ctx, s, cloud.ActionAssociations, &sdk.ListTransitRouterRouteTableAssociationsRequest{
			TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table, NextToken: token, MaxResults: most,
		}, s.ListTransitRouterRouteTableAssociationsWithContext)
		return pageOf(body.TransitRouterAssociations, binding, body.NextToken), err
	}
	body, err := ask(ctx, s, cloud.ActionPropagations, &sdk.ListTransitRouterRouteTablePropagationsRequest{
		TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table, NextToken: token, MaxResults: most,
	}, s.ListTransitRouterRouteTablePropagationsWithContext)
	return pageOf(body.TransitRouterPropagations, binding, body.NextToken), err
}

func binding[B interface {
	GetTransitRouterRouteTableId() *string
	GetTransitRouterAttachmentId() *string
	GetStatus() *string
}](b B) cloud.Binding {
	return cloud.Binding{
		TableID:      dara.StringValue(b.GetTransitRouterRouteTableId()),
		AttachmentID: dara.StringValue(b.GetTransitRouterAttachmentId()), Status: dara.StringValue(b.GetStatus()),
	}
}

// Bind asks for an association or a propagation: CBN APIs AssociateTransitRouterAttachmentWithRouteTable and
// EnableTransitRouterRouteTablePropagation. Both answer before it is done.
func (c *Client) Bind(ctx context.Context, r cloud.BindingRequest) (err error) {
	token, attachment, table := dara.String(r.ClientToken), dara.String(r.AttachmentID), dara.String(r.TableID)
	s := c.session(r.RegionID)
	if r.Kind == cloud.Association {
		_, err = ask(ctx, s, cloud.ActionAssociate, &sdk.AssociateTransitRouterAttachmentWithRouteTableRequest{
			ClientToken: token, TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table,
		}, s.AssociateTransitRouterAttachmentWithRouteTableWithContext)
		return err
	}
	_, err = ask(ctx, s, cloud.ActionPropagate, &sdk.EnableTransitRouterRouteTablePropagationRequest{
		ClientToken: token, TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table,
	}, s.EnableTransitRouterRouteTablePropagationWithContext)
	return err
}
