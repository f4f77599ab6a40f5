// Package cbn reaches Cloud Enterprise Network (CBN API 2017-09-12): transit routers,
// their VPN attachments, and the route tables that those are bound to.
//
// It adds nothing to the API: no tries of its own, no filtering, one page a call. Every error is an *cloud.APIError.
package cbn

import (
	"cmp"
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

// Page sizes are the most that the API pages name, and 50 where they name none.
const (
	routersPerPage     = 50
	attachmentsPerPage = 50
	bindingsPerPage    = 50
	tablesPerPage      = 100
)

// Client calls CBN. It is safe for concurrent use.
type Client struct {
	Endpoint    *url.URL // one for all regions
	Credentials *aliyun.Credentials
	HTTP        *aliyun.HTTPClient
}

// session is the SDK's client for one call, unless there is an error.
type session struct {
	*sdk.Client
	err error
}

// session makes the SDK's client for one call, on behalf of a region.
func (c *Client) session(region string) session {
	config := aliyun.Config(c.Endpoint, region, c.Credentials, c.HTTP)
	config.HttpClient = lenient{c.HTTP}
	client, err := sdk.NewClient(config)
	if err != nil {
		return session{err: fmt.Errorf("preparing the CBN client: %w", err)}
	}
	// Typed errors, with the request id; the outer field of that name does nothing.
	client.Client.DisableSDKError = dara.Bool(true)
	return session{Client: client}
}

// ask makes one call and gives the body of its answer, which is empty beside an error. The SDK hands on a 200 without a
// body as a success; here it is an error. The call is a bound method: with a method expression, whose type names the
// SDK's client, the linker would keep all methods of that, which are five megabytes.
func ask[Request any, Response interface{ GetBody() *Body }, Body any](
	ctx context.Context, s session, action string, request *Request,
	call func(context.Context, *Request, *dara.RuntimeOptions) (Response, error),
) (*Body, error) {
	if s.err != nil {
		return new(Body), s.err
	}
	response, err := call(ctx, request, &dara.RuntimeOptions{})
	if err != nil {
		return new(Body), aliyun.Error(action, err)
	}
	body := response.GetBody()
	if body == nil {
		return new(Body), emptyAnswer(action)
	}
	return body, nil
}

// ListRouters lists transit routers: CBN API ListTransitRouters, which takes tags and a region without a CEN id.
func (c *Client) ListRouters(
	ctx context.Context, filter cloud.RouterFilter, cursor string,
) (page cloud.Page[cloud.Router], err error) {
	number, _ := strconv.Atoi(cursor) // "" is the first page
	number = max(number, 1)
	request := &sdk.ListTransitRoutersRequest{
		RegionId: optional(filter.RegionID), TransitRouterId: optional(filter.RouterID), CenId: optional(filter.CenID),
		PageNumber: dara.Int32(int32(number)), PageSize: dara.Int32(routersPerPage),
		Tag: asTags[sdk.ListTransitRoutersRequestTag](filter.Tags),
	}
	s := c.session(filter.RegionID)
	body, err := ask(ctx, s, cloud.ActionRouters, request, s.ListTransitRoutersWithContext)
	page = pageOf(body.TransitRouters, router, nil)
	if total := int(dara.Int32Value(body.TotalCount)); len(page.Items) > 0 && number*routersPerPage < total {
		page.Next = strconv.Itoa(number + 1)
	}
	return page, err
}

func router(r *sdk.ListTransitRoutersResponseBodyTransitRouters) cloud.Router {
	out := cloud.Router{
		ID: dara.StringValue(r.TransitRouterId), Name: dara.StringValue(r.TransitRouterName),
		CenID: dara.StringValue(r.CenId), RegionID: dara.StringValue(r.RegionId),
		Type: dara.StringValue(r.Type), Status: dara.StringValue(r.Status), Tags: tags(r.Tags),
	}
	for _, cidr := range r.TransitRouterCidrList {
		out.CIDRs = append(out.CIDRs, dara.StringValue(cidr.Cidr))
	}
	return out
}

// ListAttachments lists the VPN attachments of a transit router: CBN API ListTransitRouterVpnAttachments, which filters
// by tag and router and not by connection or status.
func (c *Client) ListAttachments(
	ctx context.Context, filter cloud.AttachmentFilter, cursor string,
) (cloud.Page[cloud.Attachment], error) {
	request := &sdk.ListTransitRouterVpnAttachmentsRequest{
		RegionId: optional(filter.RegionID), TransitRouterId: optional(filter.RouterID),
		TransitRouterAttachmentId: optional(filter.AttachmentID),
		NextToken:                 optional(cursor), MaxResults: dara.Int32(attachmentsPerPage),
		Tag: asTags[sdk.ListTransitRouterVpnAttachmentsRequestTag](filter.Tags),
	}
	s := c.session(filter.RegionID)
	body, err := ask(ctx, s, cloud.ActionAttachments, request, s.ListTransitRouterVpnAttachmentsWithContext)
	page := pageOf(body.TransitRouterAttachments, attachment, body.NextToken)
	page.Total = int(dara.Int32Value(body.TotalCount))
	return page, err
}

func attachment(a *sdk.ListTransitRouterVpnAttachmentsResponseBodyTransitRouterAttachments) cloud.Attachment {
	created, _ := time.Parse("2006-01-02T15:04Z", dara.StringValue(a.CreationTime)) // zero is not known
	return cloud.Attachment{
		ID: dara.StringValue(a.TransitRouterAttachmentId), ConnectionID: dara.StringValue(a.VpnId),
		RouterID: dara.StringValue(a.TransitRouterId), Status: dara.StringValue(a.Status),
		Created: created, Tags: tags(a.Tags),
	}
}

// CreateAttachment attaches a connection: CBN API CreateTransitRouterVpnAttachment. It
// always names router and region, so that no router is ever created on the way.
func (c *Client) CreateAttachment(ctx context.Context, r cloud.CreateRequest) (string, error) {
	request := &sdk.CreateTransitRouterVpnAttachmentRequest{
		ClientToken: dara.String(r.ClientToken), DryRun: dara.Bool(r.DryRun),
		RegionId: dara.String(r.RegionID), TransitRouterId: dara.String(r.RouterID), VpnId: dara.String(r.ConnectionID),
		TransitRouterAttachmentName: optional(r.Name), TransitRouterAttachmentDescription: optional(r.Description),
		AutoPublishRouteEnabled: dara.Bool(r.AutoPublish),
		Tag:                     asTags[sdk.CreateTransitRouterVpnAttachmentRequestTag](r.Tags),
	}
	if r.OwnerID != "" {
		owner, err := ownerID(r.OwnerID)
		if err != nil {
			return "", err
		}
		request.VpnOwnerId = &owner
	}
	if r.Zone != "" {
		request.Zone = []*sdk.CreateTransitRouterVpnAttachmentRequestZone{{ZoneId: dara.String(r.Zone)}}
	}
	s := c.session(r.RegionID)
	body, err := ask(ctx, s, cloud.ActionCreate, request, s.CreateTransitRouterVpnAttachmentWithContext)
	id := dara.StringValue(body.TransitRouterAttachmentId)
	if err == nil && id == "" {
		err = emptyAnswer(cloud.ActionCreate)
	}
	return id, err
}

// DeleteAttachment ends an attachment with its bindings: CBN API
// DeleteTransitRouterVpnAttachment, which answers before it is done.
func (c *Client) DeleteAttachment(ctx context.Context, r cloud.DeleteRequest) error {
	request := &sdk.DeleteTransitRouterVpnAttachmentRequest{
		ClientToken: dara.String(r.ClientToken), TransitRouterAttachmentId: dara.String(r.AttachmentID),
		DryRun: dara.Bool(r.DryRun), Force: dara.Bool(true),
	}
	s := c.session(r.RegionID)
	_, err := ask(ctx, s, cloud.ActionDelete, request, s.DeleteTransitRouterVpnAttachmentWithContext)
	return err
}

// ListGrants lists the grants of another account's connection to a CEN instance: CBN API DescribeGrantRulesToCen.
func (c *Client) ListGrants(
	ctx context.Context, filter cloud.GrantFilter, cursor string,
) (page cloud.Page[cloud.Grant], err error) {
	owner, err := ownerID(filter.OwnerID)
	if err != nil {
		return page, err
	}
	request := &sdk.DescribeGrantRulesToCenRequest{
		RegionId: dara.String(filter.RegionID), CenId: dara.String(filter.CenID), ProductType: dara.String("VPN"),
		ChildInstanceId: optional(filter.ConnectionID), ChildInstanceOwnerId: &owner, NextToken: optional(cursor),
	}
	s := c.session(filter.RegionID)
	body, err := ask(ctx, s, cloud.ActionGrants, request, s.DescribeGrantRulesToCenWithContext)
	if body.GrantRules == nil {
		return page, cmp.Or(err, emptyAnswer(cloud.ActionGrants))
	}
	return pageOf(body.GrantRules.GrantRule, grant, body.NextToken), nil
}

func grant(g *sdk.DescribeGrantRulesToCenResponseBodyGrantRulesGrantRule) cloud.Grant {
	owner := strconv.FormatInt(dara.Int64Value(g.ChildInstanceOwnerId), 10)
	return cloud.Grant{ConnectionID: dara.StringValue(g.ChildInstanceId), OwnerID: owner}
}

// ownerID is an account's id as the API takes it.
func ownerID(id string) (int64, error) {
	owner, err := strconv.ParseInt(id, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("reading the account id of the connection's owner: %w", err)
	}
	return owner, nil
}

func emptyAnswer(action string) error {
	return &cloud.APIError{Action: action, Message: "the answer was empty"}
}

// optional leaves a parameter out when it is empty.
func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// pageOf reads the entries of a list. A null among them counts as an entry that says nothing.
func pageOf[From, To any](list []*From, read func(*From) To, next *string) cloud.Page[To] {
	page := cloud.Page[To]{Items: make([]To, 0, len(list)), Next: dara.StringValue(next)}
	for _, entry := range list {
		if entry == nil {
			entry = new(From)
		}
		page.Items = append(page.Items, read(entry))
	}
	return page
}

func tags[Tag any, P interface {
	*Tag
	GetKey() *string
	GetValue() *string
}](list []P) map[string]string {
	out := map[string]string{}
	for _, tag := range list {
		if tag == nil { // null
			continue
		}
		out[dara.StringValue(tag.GetKey())] = dara.StringValue(tag.GetValue())
	}
	return out
}

// asTags gives tags to a request, in the order of their keys.
func asTags[Tag any, P interface {
	*Tag
	SetKey(string) *Tag
	SetValue(string) *Tag
}](from map[string]string) []*Tag {
	var out []*Tag
	for _, key := range slices.Sorted(maps.Keys(from)) {
		tag := new(Tag)
		P(tag).SetKey(key)
		P(tag).SetValue(from[key])
		out = append(out, tag)
	}
	return out
}
