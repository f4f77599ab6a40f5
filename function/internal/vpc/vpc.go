// Package vpc reads IPsec-VPN connections (VPC API 2016-04-28, DescribeVpnConnection).
//
// The API's answer holds every pre-shared key of the connection. Only the fields
// that are needed are decoded, and the body goes no further.
package vpc

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/attach"
)

// Client calls VPC. It is safe for concurrent use.
type Client struct {
	Endpoint    *url.URL // nil: the region's own
	Credentials *aliyun.Credentials
	HTTP        *aliyun.HTTPClient
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
	Tags struct {
		Tag []struct{ Key, Value string }
	}
}

// DescribeConnection reads one connection. Errors are *attach.APIError.
func (c *Client) DescribeConnection(ctx context.Context, regionID, connectionID string) (attach.Connection, error) {
	const action = "DescribeVpnConnection"
	client, err := openapi.NewClient(aliyun.Config(c.endpoint(regionID), regionID, c.Credentials, c.HTTP))
	if err != nil {
		return attach.Connection{}, fmt.Errorf("preparing the VPC client: %w", err)
	}
	client.DisableSDKError = dara.Bool(true) // typed errors, with the request id
	params := &utils.Params{
		Action: dara.String(action), Version: dara.String("2016-04-28"), Protocol: dara.String("HTTPS"),
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("string"),
	}
	request := &utils.OpenApiRequest{Query: map[string]*string{"RegionId": dara.String(regionID), "VpnConnectionId": dara.String(connectionID)}}
	response, err := client.CallApiWithCtx(ctx, params, request, &dara.RuntimeOptions{})
	if err != nil {
		return attach.Connection{}, aliyun.Error(action, err)
	}
	body, _ := response["body"].(string)
	var found connection
	if json.Unmarshal([]byte(body), &found) != nil || found.VpnConnectionID != connectionID {
		return attach.Connection{}, &attach.APIError{Action: action, Message: "the answer did not describe the connection that was asked for"}
	}
	return found.connection(regionID), nil
}

func (c connection) connection(regionID string) attach.Connection {
	out := attach.Connection{
		ID: c.VpnConnectionID, Name: c.Name, RegionID: regionID, State: c.State, AttachType: c.AttachType,
		TransitRouterID: c.TransitRouterID, CenID: c.AttachInstance,
		DualTunnel: len(c.Tunnels.Options) > 0, Tags: map[string]string{},
	}
	for _, tag := range c.Tags.Tag {
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
