package cbn

import (
	"context"

	sdk "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/cloud"
)

// ListRouteTables lists the route tables of a transit router: CBN API
// ListTransitRouterRouteTables.
func (c *Client) ListRouteTables(
	ctx context.Context, regionID, routerID, cursor string,
) (page []cloud.RouteTable, next string, err error) {
	request := &sdk.ListTransitRouterRouteTablesRequest{
		TransitRouterId: dara.String(routerID), NextToken: optional(cursor), MaxResults: dara.Int32(perPage),
	}
	s := c.session(regionID)
	body, err := ask(ctx, s, cloud.ActionTables, request, s.ListTransitRouterRouteTablesWithContext)
	return each(body.TransitRouterRouteTables, routeTable), dara.StringValue(body.NextToken), err
}

func routeTable(t *sdk.ListTransitRouterRouteTablesResponseBodyTransitRouterRouteTables) cloud.RouteTable {
	return cloud.RouteTable{
		ID: dara.StringValue(t.TransitRouterRouteTableId), Name: dara.StringValue(t.TransitRouterRouteTableName),
		Type: dara.StringValue(t.TransitRouterRouteTableType), Tags: tags(t.Tags),
		Status: dara.StringValue(t.TransitRouterRouteTableStatus),
	}
}

// ListBindings lists an attachment's associations, or its propagations to one route table:
// CBN APIs ListTransitRouterRouteTableAssociations and …Propagations.
func (c *Client) ListBindings(
	ctx context.Context, kind cloud.BindingKind, filter cloud.BindingRequest, cursor string,
) (page []cloud.Binding, next string, err error) {
	attachment, table := dara.String(filter.AttachmentID), optional(filter.TableID)
	s, action := c.session(filter.RegionID), kind.ListAction()
	token, most := optional(cursor), dara.Int32(perPage)
	if kind == cloud.Association {
		body, err := ask(ctx, s, action, &sdk.ListTransitRouterRouteTableAssociationsRequest{
			TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table, NextToken: token, MaxResults: most,
		}, s.ListTransitRouterRouteTableAssociationsWithContext)
		return each(body.TransitRouterAssociations, binding), dara.StringValue(body.NextToken), err
	}
	body, err := ask(ctx, s, action, &sdk.ListTransitRouterRouteTablePropagationsRequest{
		TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table, NextToken: token, MaxResults: most,
	}, s.ListTransitRouterRouteTablePropagationsWithContext)
	return each(body.TransitRouterPropagations, binding), dara.StringValue(body.NextToken), err
}

// binding reads an association or a propagation.
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

// Bind asks for an association or a propagation: CBN APIs
// AssociateTransitRouterAttachmentWithRouteTable and
// EnableTransitRouterRouteTablePropagation. Both answer before it is done.
func (c *Client) Bind(ctx context.Context, kind cloud.BindingKind, r cloud.BindingRequest) (err error) {
	token, attachment, table := dara.String(r.ClientToken), dara.String(r.AttachmentID), dara.String(r.TableID)
	s, action := c.session(r.RegionID), kind.CreateAction()
	if kind == cloud.Association {
		_, err = ask(ctx, s, action, &sdk.AssociateTransitRouterAttachmentWithRouteTableRequest{
			ClientToken: token, TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table,
		}, s.AssociateTransitRouterAttachmentWithRouteTableWithContext)
		return err
	}
	_, err = ask(ctx, s, action, &sdk.EnableTransitRouterRouteTablePropagationRequest{
		ClientToken: token, TransitRouterAttachmentId: attachment, TransitRouterRouteTableId: table,
	}, s.EnableTransitRouterRouteTablePropagationWithContext)
	return err
}
