package cbn

import (
	"context"

	sdk "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

// tablesPerPage is the most that the API pages of route tables and bindings name.
const tablesPerPage = 100

// ListRouteTables lists the route tables of a transit router: CBN API
// ListTransitRouterRouteTables.
func (c *Client) ListRouteTables(ctx context.Context, regionID, routerID, cursor string) ([]cloud.RouteTable, string, error) {
	const action = "ListTransitRouterRouteTables"
	client, err := c.client(regionID)
	if err != nil {
		return nil, "", err
	}
	response, err := client.ListTransitRouterRouteTablesWithContext(ctx, &sdk.ListTransitRouterRouteTablesRequest{
		TransitRouterId: dara.String(routerID), NextToken: optional(cursor), MaxResults: dara.Int32(tablesPerPage),
	}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, "", aliyun.Error(action, err)
	}
	if response.Body == nil {
		return nil, "", emptyAnswer(action)
	}
	tables := make([]cloud.RouteTable, 0, len(response.Body.TransitRouterRouteTables))
	for _, t := range response.Body.TransitRouterRouteTables {
		table := cloud.RouteTable{
			ID: dara.StringValue(t.TransitRouterRouteTableId), Name: dara.StringValue(t.TransitRouterRouteTableName),
			Type: dara.StringValue(t.TransitRouterRouteTableType), Status: dara.StringValue(t.TransitRouterRouteTableStatus), Tags: map[string]string{},
		}
		for _, tag := range t.Tags {
			table.Tags[dara.StringValue(tag.Key)] = dara.StringValue(tag.Value)
		}
		tables = append(tables, table)
	}
	return tables, dara.StringValue(response.Body.NextToken), nil
}

// ListBindings lists an attachment's associations, or its propagations to one route table:
// CBN APIs ListTransitRouterRouteTableAssociations and …Propagations.
func (c *Client) ListBindings(ctx context.Context, kind cloud.BindingKind, asked cloud.BindingRequest, cursor string) ([]cloud.Binding, string, error) {
	client, err := c.client(asked.RegionID)
	if err != nil {
		return nil, "", err
	}
	if kind == cloud.Association {
		return associations(ctx, client, asked, cursor)
	}
	return propagations(ctx, client, asked, cursor)
}

func associations(ctx context.Context, client *sdk.Client, asked cloud.BindingRequest, cursor string) ([]cloud.Binding, string, error) {
	const action = "ListTransitRouterRouteTableAssociations"
	response, err := client.ListTransitRouterRouteTableAssociationsWithContext(ctx, &sdk.ListTransitRouterRouteTableAssociationsRequest{
		TransitRouterAttachmentId: dara.String(asked.AttachmentID), TransitRouterRouteTableId: optional(asked.TableID),
		NextToken: optional(cursor), MaxResults: dara.Int32(tablesPerPage),
	}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, "", aliyun.Error(action, err)
	}
	if response.Body == nil {
		return nil, "", emptyAnswer(action)
	}
	var bindings []cloud.Binding
	for _, b := range response.Body.TransitRouterAssociations {
		bindings = append(bindings, cloud.Binding{TableID: dara.StringValue(b.TransitRouterRouteTableId), AttachmentID: dara.StringValue(b.TransitRouterAttachmentId), Status: dara.StringValue(b.Status)})
	}
	return bindings, dara.StringValue(response.Body.NextToken), nil
}

func propagations(ctx context.Context, client *sdk.Client, asked cloud.BindingRequest, cursor string) ([]cloud.Binding, string, error) {
	const action = "ListTransitRouterRouteTablePropagations"
	response, err := client.ListTransitRouterRouteTablePropagationsWithContext(ctx, &sdk.ListTransitRouterRouteTablePropagationsRequest{
		TransitRouterAttachmentId: dara.String(asked.AttachmentID), TransitRouterRouteTableId: optional(asked.TableID),
		NextToken: optional(cursor), MaxResults: dara.Int32(tablesPerPage),
	}, &dara.RuntimeOptions{})
	if err != nil {
		return nil, "", aliyun.Error(action, err)
	}
	if response.Body == nil {
		return nil, "", emptyAnswer(action)
	}
	var bindings []cloud.Binding
	for _, b := range response.Body.TransitRouterPropagations {
		bindings = append(bindings, cloud.Binding{TableID: dara.StringValue(b.TransitRouterRouteTableId), AttachmentID: dara.StringValue(b.TransitRouterAttachmentId), Status: dara.StringValue(b.Status)})
	}
	return bindings, dara.StringValue(response.Body.NextToken), nil
}

// Bind asks for an association or a propagation: CBN APIs
// AssociateTransitRouterAttachmentWithRouteTable and
// EnableTransitRouterRouteTablePropagation. Both answer before it is done.
func (c *Client) Bind(ctx context.Context, kind cloud.BindingKind, wanted cloud.BindingRequest) error {
	client, err := c.client(wanted.RegionID)
	if err != nil {
		return err
	}
	if kind == cloud.Association {
		const action = "AssociateTransitRouterAttachmentWithRouteTable"
		response, err := client.AssociateTransitRouterAttachmentWithRouteTableWithContext(ctx, &sdk.AssociateTransitRouterAttachmentWithRouteTableRequest{
			ClientToken: dara.String(wanted.ClientToken), TransitRouterAttachmentId: dara.String(wanted.AttachmentID), TransitRouterRouteTableId: dara.String(wanted.TableID),
		}, &dara.RuntimeOptions{})
		return done(action, err, err != nil || response.Body == nil)
	}
	const action = "EnableTransitRouterRouteTablePropagation"
	response, err := client.EnableTransitRouterRouteTablePropagationWithContext(ctx, &sdk.EnableTransitRouterRouteTablePropagationRequest{
		ClientToken: dara.String(wanted.ClientToken), TransitRouterAttachmentId: dara.String(wanted.AttachmentID), TransitRouterRouteTableId: dara.String(wanted.TableID),
	}, &dara.RuntimeOptions{})
	return done(action, err, err != nil || response.Body == nil)
}

// done is the end of a call whose answer says nothing but that it was taken.
func done(action string, err error, isEmpty bool) error {
	switch {
	case err != nil:
		return aliyun.Error(action, err)
	case isEmpty:
		return emptyAnswer(action)
	}
	return nil
}
