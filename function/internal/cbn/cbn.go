// Package cbn reaches Cloud Enterprise Network (CBN API 2017-09-12): transit routers,
// their VPN attachments, and the route tables that those are bound to.
//
// It adds nothing to the API: no tries of its own, no filtering, one page a call.
// Every error is an *cloud.APIError.
package cbn

import (
	"context"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strconv"
	"time"

	sdk "github.com/alibabacloud-go/cbn-20170912/v2/client"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

// Page sizes are the most that the API pages name.
const (
	routersPerPage     = 50
	attachmentsPerPage = 100
)

// Client calls CBN. It is safe for concurrent use.
type Client struct {
	Endpoint    *url.URL // one for all regions
	Credentials *aliyun.Credentials
	HTTP        *aliyun.HTTPClient
}

// client makes the SDK's client for one call, on behalf of a region.
func (c *Client) client(region string) (*sdk.Client, error) {
	client, err := sdk.NewClient(aliyun.Config(c.Endpoint, region, c.Credentials, c.HTTP))
	if err != nil {
		return nil, fmt.Errorf("preparing the CBN client: %w", err)
	}
	client.Client.DisableSDKError = dara.Bool(true) // typed errors, with the request id; the outer field of that name does nothing
	return client, nil
}

// ListRouters lists transit routers: CBN API ListTransitRouters, which takes tags and
// a region without a CEN id.
func (c *Client) ListRouters(ctx context.Context, filter cloud.RouterFilter, cursor string) ([]cloud.Router, string, error) {
	const action = "ListTransitRouters"
	page := 1
	if cursor != "" {
		page, _ = strconv.Atoi(cursor) // made below
	}
	request := &sdk.ListTransitRoutersRequest{
		RegionId: optional(filter.RegionID), TransitRouterId: optional(filter.RouterID), CenId: optional(filter.CenID),
		PageNumber: dara.Int32(int32(page)), PageSize: dara.Int32(routersPerPage),
	}
	for _, key := range slices.Sorted(maps.Keys(filter.Tags)) {
		request.Tag = append(request.Tag, &sdk.ListTransitRoutersRequestTag{Key: dara.String(key), Value: dara.String(filter.Tags[key])})
	}
	client, err := c.client(filter.RegionID)
	if err != nil {
		return nil, "", err
	}
	response, err := client.ListTransitRoutersWithContext(ctx, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, "", aliyun.Error(action, err)
	}
	if response.Body == nil {
		return nil, "", emptyAnswer(action)
	}
	routers := make([]cloud.Router, 0, len(response.Body.TransitRouters))
	for _, r := range response.Body.TransitRouters {
		routers = append(routers, router(r))
	}
	next := ""
	if total := int(dara.Int32Value(response.Body.TotalCount)); len(routers) > 0 && page*routersPerPage < total {
		next = strconv.Itoa(page + 1)
	}
	return routers, next, nil
}

func router(r *sdk.ListTransitRoutersResponseBodyTransitRouters) cloud.Router {
	out := cloud.Router{
		ID: dara.StringValue(r.TransitRouterId), Name: dara.StringValue(r.TransitRouterName), CenID: dara.StringValue(r.CenId),
		RegionID: dara.StringValue(r.RegionId), Type: dara.StringValue(r.Type), Status: dara.StringValue(r.Status),
		Tags: map[string]string{},
	}
	for _, cidr := range r.TransitRouterCidrList {
		out.CIDRs = append(out.CIDRs, dara.StringValue(cidr.Cidr))
	}
	for _, tag := range r.Tags {
		out.Tags[dara.StringValue(tag.Key)] = dara.StringValue(tag.Value)
	}
	return out
}

// ListAttachments lists the VPN attachments of a transit router: CBN API
// ListTransitRouterVpnAttachments, which filters by tag and router and not by
// connection or status.
func (c *Client) ListAttachments(ctx context.Context, filter cloud.AttachmentFilter, cursor string) ([]cloud.Attachment, string, error) {
	const action = "ListTransitRouterVpnAttachments"
	request := &sdk.ListTransitRouterVpnAttachmentsRequest{
		RegionId: optional(filter.RegionID), TransitRouterId: optional(filter.RouterID),
		TransitRouterAttachmentId: optional(filter.AttachmentID), NextToken: optional(cursor), MaxResults: dara.Int32(attachmentsPerPage),
	}
	for _, key := range slices.Sorted(maps.Keys(filter.Tags)) {
		request.Tag = append(request.Tag, &sdk.ListTransitRouterVpnAttachmentsRequestTag{Key: dara.String(key), Value: dara.String(filter.Tags[key])})
	}
	client, err := c.client(filter.RegionID)
	if err != nil {
		return nil, "", err
	}
	response, err := client.ListTransitRouterVpnAttachmentsWithContext(ctx, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, "", aliyun.Error(action, err)
	}
	if response.Body == nil {
		return nil, "", emptyAnswer(action)
	}
	attachments := make([]cloud.Attachment, 0, len(response.Body.TransitRouterAttachments))
	for _, a := range response.Body.TransitRouterAttachments {
		attachments = append(attachments, attachment(a))
	}
	return attachments, dara.StringValue(response.Body.NextToken), nil
}

func attachment(a *sdk.ListTransitRouterVpnAttachmentsResponseBodyTransitRouterAttachments) cloud.Attachment {
	out := cloud.Attachment{
		ID: dara.StringValue(a.TransitRouterAttachmentId), ConnectionID: dara.StringValue(a.VpnId),
		RouterID: dara.StringValue(a.TransitRouterId), Status: dara.StringValue(a.Status), Tags: map[string]string{},
	}
	out.Created, _ = time.Parse("2006-01-02T15:04Z", dara.StringValue(a.CreationTime)) // zero is not known
	for _, tag := range a.Tags {
		out.Tags[dara.StringValue(tag.Key)] = dara.StringValue(tag.Value)
	}
	return out
}

// CreateAttachment attaches a connection: CBN API CreateTransitRouterVpnAttachment. It
// always names router and region, so that no router is ever created on the way.
func (c *Client) CreateAttachment(ctx context.Context, r cloud.CreateRequest) (string, error) {
	const action = "CreateTransitRouterVpnAttachment"
	request := &sdk.CreateTransitRouterVpnAttachmentRequest{
		ClientToken: dara.String(r.ClientToken), DryRun: dara.Bool(r.DryRun),
		RegionId: dara.String(r.RegionID), TransitRouterId: dara.String(r.RouterID), VpnId: dara.String(r.ConnectionID),
		TransitRouterAttachmentName: optional(r.Name), TransitRouterAttachmentDescription: optional(r.Description),
		AutoPublishRouteEnabled: dara.Bool(r.AutoPublish),
	}
	if r.OwnerID != "" {
		owner, err := strconv.ParseInt(r.OwnerID, 10, 64)
		if err != nil {
			return "", fmt.Errorf("reading the account id of the connection's owner: %w", err)
		}
		request.VpnOwnerId = dara.Int64(owner)
	}
	if r.Zone != "" {
		request.Zone = []*sdk.CreateTransitRouterVpnAttachmentRequestZone{{ZoneId: dara.String(r.Zone)}}
	}
	for _, key := range slices.Sorted(maps.Keys(r.Tags)) {
		request.Tag = append(request.Tag, &sdk.CreateTransitRouterVpnAttachmentRequestTag{Key: dara.String(key), Value: dara.String(r.Tags[key])})
	}
	client, err := c.client(r.RegionID)
	if err != nil {
		return "", err
	}
	response, err := client.CreateTransitRouterVpnAttachmentWithContext(ctx, request, &dara.RuntimeOptions{})
	if err != nil {
		return "", aliyun.Error(action, err)
	}
	if response.Body == nil || dara.StringValue(response.Body.TransitRouterAttachmentId) == "" {
		return "", emptyAnswer(action)
	}
	return dara.StringValue(response.Body.TransitRouterAttachmentId), nil
}

// DeleteAttachment ends an attachment with its bindings: CBN API
// DeleteTransitRouterVpnAttachment, which answers before it is done.
func (c *Client) DeleteAttachment(ctx context.Context, r cloud.DeleteRequest) error {
	const action = "DeleteTransitRouterVpnAttachment"
	client, err := c.client(r.RegionID)
	if err != nil {
		return err
	}
	response, err := client.DeleteTransitRouterVpnAttachmentWithContext(ctx, &sdk.DeleteTransitRouterVpnAttachmentRequest{
		ClientToken: dara.String(r.ClientToken), TransitRouterAttachmentId: dara.String(r.AttachmentID), DryRun: dara.Bool(r.DryRun), Force: dara.Bool(true),
	}, &dara.RuntimeOptions{})
	return done(action, err, err != nil || response.Body == nil)
}

// IsGranted reports whether a connection of another account was granted to a CEN instance: CBN
// API DescribeGrantRulesToCen.
func (c *Client) IsGranted(ctx context.Context, regionID, cenID, ownerID, connectionID string) (bool, error) {
	const action = "DescribeGrantRulesToCen"
	owner, err := strconv.ParseInt(ownerID, 10, 64)
	if err != nil {
		return false, fmt.Errorf("reading the account id of the connection's owner: %w", err)
	}
	client, err := c.client(regionID)
	if err != nil {
		return false, err
	}
	for token := ""; ; {
		response, err := client.DescribeGrantRulesToCenWithContext(ctx, &sdk.DescribeGrantRulesToCenRequest{
			RegionId: dara.String(regionID), CenId: dara.String(cenID), ProductType: dara.String("VPN"),
			ChildInstanceId: dara.String(connectionID), ChildInstanceOwnerId: dara.Int64(owner), NextToken: optional(token),
		}, &dara.RuntimeOptions{})
		switch {
		case err != nil:
			return false, aliyun.Error(action, err)
		case response.Body == nil || response.Body.GrantRules == nil:
			return false, emptyAnswer(action)
		}
		for _, rule := range response.Body.GrantRules.GrantRule {
			if dara.StringValue(rule.ChildInstanceId) == connectionID && dara.Int64Value(rule.ChildInstanceOwnerId) == owner {
				return true, nil
			}
		}
		next := dara.StringValue(response.Body.NextToken)
		if next == "" || next == token {
			return false, nil
		}
		token = next
	}
}

// emptyAnswer is a 200 without a body, which the SDK hands on as a success.
func emptyAnswer(action string) error {
	return &cloud.APIError{Action: action, Message: "the answer was empty"}
}

// optional leaves a parameter out when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return dara.String(s)
}
