// Package vpc reads IPsec-VPN connections (VPC API 2016-04-28, DescribeVpnConnection and
// DescribeVpnConnections).
//
// The API's answers hold every pre-shared key of the connections. Only the fields
// that are needed are decoded, and the body goes no further.
package vpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"strconv"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

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
	VpnConnectionID string `json:"VpnConnectionId"`
	Name            string
	State           string
	AttachType      string
	AttachInstance  string `json:"AttachInstanceId"` // the CEN
	TransitRouterID string `json:"TransitRouterId"`
	Tunnels         struct {
		Options []struct {
			TunnelID string `json:"TunnelId"`
		} `json:"TunnelOptions"`
	} `json:"TunnelOptionsSpecification"`
	Tags tags
	Tag  tags // what DescribeVpnConnections calls them
}

type tags struct {
	Tag []struct{ Key, Value string }
}

// DescribeConnection reads one connection of an account, the function's own when it has no
// name. Errors are *cloud.APIError.
func (c *Client) DescribeConnection(ctx context.Context, ownerID, regionID, connectionID string) (cloud.Connection, error) {
	const action = "DescribeVpnConnection"
	var found connection
	err := c.call(ctx, action, ownerID, regionID, map[string]string{"VpnConnectionId": connectionID}, &found)
	if err == nil && found.VpnConnectionID != connectionID {
		err = unreadable(action)
	}
	if err != nil {
		return cloud.Connection{}, err
	}
	return found.connection(regionID), nil
}

// ConnectionPage is temporary.
type ConnectionPage struct {
	Connections []cloud.Connection
	Next        string
	Pages       int
}

// pageSize is the most that DescribeVpnConnections gives at once.
const pageSize = 50

// ListConnections reads one page of an account's connections in a region, by their number: those with a tag
// of that key, when there is one. Errors are *cloud.APIError.
func (c *Client) ListConnections(ctx context.Context, ownerID, regionID, tagKey, cursor string) (ConnectionPage, error) {
	const action = "DescribeVpnConnections"
	number, _ := strconv.Atoi(cursor) // "" is the first page, as is what is no number
	number = max(number, 1)
	query := map[string]string{"PageNumber": strconv.Itoa(number), "PageSize": strconv.Itoa(pageSize)}
	if tagKey != "" {
		query["Tag.1.Key"] = tagKey
	}
	var listed struct {
		TotalCount     int
		VpnConnections struct{ VpnConnection []connection }
	}
	if err := c.call(ctx, action, ownerID, regionID, query, &listed); err != nil {
		return ConnectionPage{}, err
	}
	page := ConnectionPage{Pages: (listed.TotalCount + pageSize - 1) / pageSize}
	for _, found := range listed.VpnConnections.VpnConnection {
		page.Connections = append(page.Connections, found.connection(regionID))
	}
	if number < page.Pages && len(page.Connections) > 0 {
		page.Next = strconv.Itoa(number + 1)
	}
	return page, nil
}

func unreadable(action string) error {
	return &cloud.APIError{Action: action, Message: "the answer was not about what was asked for"}
}

// call makes one call and reads its answer. Errors are *cloud.APIError.
func (c *Client) call(ctx context.Context, action, ownerID, regionID string, query map[string]string, into any) error {
	credentials, err := c.Roles.For(ownerID)
	if err != nil {
		return err
	}
	client, err := openapi.NewClient(aliyun.Config(c.endpoint(regionID), regionID, credentials, c.HTTP))
	if err != nil {
		return fmt.Errorf("preparing the VPC client: %w", err)
	}
	client.DisableSDKError = dara.Bool(true) // typed errors, with the request id
	params := &utils.Params{
		Action: dara.String(action), Version: dara.String("2016-04-28"), Protocol: dara.String("HTTPS"),
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("string"),
	}
	request := &utils.OpenApiRequest{Query: map[string]*string{"RegionId": dara.String(regionID)}}
	for name, value := range query {
		request.Query[name] = dara.String(value)
	}
	response, err := client.CallApiWithCtx(ctx, params, request, &dara.RuntimeOptions{})
	if err != nil {
		return aliyun.Error(action, err)
	}
	body, _ := response["body"].(string)
	if json.Unmarshal([]byte(body), into) != nil {
		return unreadable(action)
	}
	return nil
}

func (c connection) connection(regionID string) cloud.Connection {
	out := cloud.Connection{
		ID: c.VpnConnectionID, Name: c.Name, RegionID: regionID, State: c.State, AttachType: c.AttachType,
		TransitRouterID: c.TransitRouterID, CenID: c.AttachInstance,
		DualTunnel: len(c.Tunnels.Options) > 0, Tags: map[string]string{},
	}
	for _, tag := range append(c.Tags.Tag, c.Tag.Tag...) {
		out.Tags[tag.Key] = tag.Value
	}
	return out
}

// endpoint is where the region's VPC service answers: a shared host for the regions
// that the vendor's SDKs list by name, and the region's own for all others. The region
// is one of those that the operator serves, never a message's text as it came.
func (c *Client) endpoint(regionID string) *url.URL {
	if c.Endpoint != nil {
		return c.Endpoint
	}
	switch regionID {
	case "cn-qingdao", "cn-beijing", "cn-hangzhou", "cn-shanghai", "cn-shenzhen", "cn-hongkong",
		"ap-southeast-1", "us-east-1", "us-west-1",
		"cn-shanghai-finance-1", "cn-shenzhen-finance-1", "cn-hangzhou-finance", "cn-north-2-gov-1":
		return &url.URL{Scheme: "https", Host: "vpc.aliyuncs.com"}
	}
	return &url.URL{Scheme: "https", Host: "vpc." + regionID + ".aliyuncs.com"}
}
