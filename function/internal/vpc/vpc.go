// Package vpc reads IPsec-VPN connections (VPC API 2016-04-28, DescribeVpnConnection and DescribeVpnConnections).
//
// The API's answers hold every pre-shared key of the connections. Only the fields
// that are needed are decoded, and the body goes no further.
package vpc

import (
	"context"
	"net/url"
	"strconv"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
)

// Client calls VPC. It is safe for concurrent use.
type Client struct {
	Endpoint *url.URL // nil: the region's own
	Roles    *aliyun.Roles
	HTTP     *aliyun.HTTPClient
}

// connection is the part of the answer that is read.
type connection struct {
	VpnConnectionID text `json:"VpnConnectionId"`
	Name            text
	State           text
	AttachInstance  text    `json:"AttachInstanceId"` // the CEN
	TransitRouterID text    `json:"TransitRouterId"`
	Tunnels         tunnels `json:"TunnelOptionsSpecification"`
	Tags            tags
	Tag             tags // what DescribeVpnConnections calls them

	Status      text                // of a connection in single-tunnel mode
	TunnelsBGP  text                `json:"EnableTunnelsBgp"`
	BGP         object[bgp]         `json:"VpnBgpConfig"`
	HealthCheck object[healthCheck] `json:"VcoHealthCheck"`
}

// DescribeConnection reads one connection of an account, the function's own when it has no
// name. Errors are *cloud.APIError.
func (c *Client) DescribeConnection(ctx context.Context, ownerID, regionID, id string) (cloud.Connection, error) {
	var found connection
	query := map[string]string{"VpnConnectionId": id}
	err := c.call(ctx, cloud.ActionDescribe, ownerID, regionID, query, &found)
	if err == nil && string(found.VpnConnectionID) != id {
		err = aliyun.Unreadable(cloud.ActionDescribe)
	}
	if err != nil {
		return cloud.Connection{}, err
	}
	return found.connection(regionID), nil
}

// pageSize is the most that DescribeVpnConnections gives at once.
const pageSize = 50

// ListConnections reads one page of an account's connections in a region; its cursor is the page's number. Errors are
// *cloud.APIError.
func (c *Client) ListConnections(
	ctx context.Context, filter cloud.ConnectionFilter, cursor string,
) (cloud.Page[cloud.Connection], error) {
	at, _ := strconv.Atoi(cursor) // "" is the first page, as is what is no number
	at = max(at, 1)
	query := map[string]string{"PageNumber": strconv.Itoa(at), "PageSize": strconv.Itoa(pageSize)}
	if filter.TagKey != "" {
		query["Tag.1.Key"] = filter.TagKey
	}
	if filter.ID != "" {
		query["VpnConnectionId"] = filter.ID
	}
	var listed struct {
		TotalCount     number
		VpnConnections connections
	}
	if err := c.call(ctx, cloud.ActionInventory, filter.OwnerID, filter.RegionID, query, &listed); err != nil {
		return cloud.Page[cloud.Connection]{}, err
	}
	page := cloud.Page[cloud.Connection]{Pages: (int(listed.TotalCount) + pageSize - 1) / pageSize}
	for _, found := range listed.VpnConnections {
		page.Items = append(page.Items, found.connection(filter.RegionID))
	}
	if at < page.Pages && len(page.Items) > 0 || page.Pages == 0 && len(page.Items) == pageSize {
		page.Next = strconv.Itoa(at + 1)
	}
	return page, nil
}

func (c *Client) call(ctx context.Context, action, ownerID, regionID string, query map[string]string, into any) error {
	query["RegionId"] = regionID
	return c.Roles.Do(ctx, ownerID, func(credentials *aliyun.Credentials) error {
		config := aliyun.Config(c.endpoint(regionID), regionID, credentials, c.HTTP)
		return aliyun.Call(ctx, config, "2016-04-28", action, query, into)
	})
}

func (c connection) connection(regionID string) cloud.Connection {
	out := cloud.Connection{
		ID: string(c.VpnConnectionID), Name: string(c.Name), RegionID: regionID, State: string(c.State),
		TransitRouterID: string(c.TransitRouterID), CenID: string(c.AttachInstance), DualTunnel: len(c.Tunnels) > 0,
		Tags: map[string]string{}, Tunnels: c.tunnels(), HealthCheck: c.HealthCheck.value.state(),
	}
	for _, tag := range append(c.Tags, c.Tag...) {
		out.Tags[string(tag.Key)] = string(tag.Value)
	}
	return out
}

// endpoint is where the region's VPC service answers. The region is one of those that the operator serves, never a
// message's text as it came.
func (c *Client) endpoint(regionID string) *url.URL {
	if c.Endpoint != nil {
		return c.Endpoint
	}
	return &url.URL{Scheme: "https", Host: "vpc." + regionID + ".aliyuncs.com"}
}
