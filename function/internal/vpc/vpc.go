// Package vpc reads IPsec-VPN connections (VPC API 2016-04-28, DescribeVpnConnection and DescribeVpnConnections).
//
// The API's answers hold every pre-shared key of the connections. Only the fields
// that are needed are taken out of an answer, and the answer goes no further.
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

// DescribeConnection reads one connection of an account, the function's own when it has no
// name. Errors are *cloud.APIError.
func (c *Client) DescribeConnection(ctx context.Context, ownerID, regionID, id string) (cloud.Connection, error) {
	query := map[string]string{"VpnConnectionId": id}
	answer, err := c.call(ctx, cloud.ActionDescribe, ownerID, regionID, query)
	if err != nil {
		return cloud.Connection{}, err
	}
	found, err := connection(answer, regionID)
	if err != nil || found.ID != id {
		return cloud.Connection{}, aliyun.Unreadable(cloud.ActionDescribe)
	}
	return found, nil
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
	answer, err := c.call(ctx, cloud.ActionInventory, filter.OwnerID, filter.RegionID, query)
	if err != nil {
		return cloud.Page[cloud.Connection]{}, err
	}
	page, err := readPage(answer, filter.RegionID)
	if err != nil {
		return cloud.Page[cloud.Connection]{}, aliyun.Unreadable(cloud.ActionInventory)
	}
	if at < page.Pages && len(page.Items) > 0 || page.Pages == 0 && len(page.Items) == pageSize {
		page.Next = strconv.Itoa(at + 1)
	}
	return page, nil
}

func readPage(answer aliyun.Object, regionID string) (page cloud.Page[cloud.Connection], err error) {
	total, err := answer.Number("TotalCount")
	if err != nil {
		return page, err
	}
	page.Pages = (total + pageSize - 1) / pageSize
	listed, err := answer.List("VpnConnections", "VpnConnection")
	if err != nil {
		return page, err
	}
	for _, each := range listed {
		found, err := connection(each, regionID)
		if err != nil {
			return page, err
		}
		page.Items = append(page.Items, found)
	}
	return page, nil
}

func (c *Client) call(
	ctx context.Context, action, ownerID, regionID string, query map[string]string,
) (answer aliyun.Object, err error) {
	query["RegionId"] = regionID
	err = c.Roles.Do(ctx, ownerID, func(credentials *aliyun.Credentials) error {
		config := aliyun.Config(c.endpoint(regionID), regionID, credentials, c.HTTP)
		answer, err = aliyun.Call(ctx, config, "2016-04-28", action, query)
		return err
	})
	return answer, err
}

// connection takes out of an answer what is known of a connection. DescribeVpnConnections calls its tags Tag.
func connection(answer aliyun.Object, regionID string) (cloud.Connection, error) {
	options, err := answer.List("TunnelOptionsSpecification", "TunnelOptions")
	if err != nil {
		return cloud.Connection{}, err
	}
	out := cloud.Connection{
		ID: answer.Text("VpnConnectionId"), Name: answer.Text("Name"), RegionID: regionID,
		State: answer.Text("State"), TransitRouterID: answer.Text("TransitRouterId"),
		CenID: answer.Text("AttachInstanceId"), DualTunnel: len(options) > 0,
		Tags: map[string]string{}, Tunnels: tunnels(answer, options),
		HealthCheck: healthCheck(answer.Within("VcoHealthCheck")),
	}
	for _, name := range []string{"Tags", "Tag"} {
		tags, err := answer.List(name, "Tag")
		if err != nil {
			return cloud.Connection{}, err
		}
		for _, tag := range tags {
			out.Tags[tag.Text("Key")] = tag.Text("Value")
		}
	}
	return out, nil
}

// endpoint is where the region's VPC service answers. The region is one of those that the operator serves, never a
// message's text as it came.
func (c *Client) endpoint(regionID string) *url.URL {
	if c.Endpoint != nil {
		return c.Endpoint
	}
	return &url.URL{Scheme: "https", Host: "vpc." + regionID + ".aliyuncs.com"}
}
