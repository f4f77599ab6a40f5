package aliyun

import (
	"context"
	"fmt"
	"net/url"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/cloud"
)

// Config gives a new client's configuration for endpoint; clients are made per call,
// since one is not safe for concurrent use and its Init writes to the Config.
func Config(endpoint *url.URL, region string, credential *Credentials, client *HTTPClient) *utils.Config {
	return &utils.Config{
		Endpoint:   dara.String(endpoint.Host),
		Protocol:   dara.String(endpoint.Scheme),
		RegionId:   dara.String(region),
		Credential: credential,
		HttpClient: client,
		UserAgent:  dara.String("vpn-attach"),
	}
}

// Call makes one call of an RPC API for which no generated SDK is used, and gives its answer. Errors are
// *cloud.APIError.
func Call(ctx context.Context, c *utils.Config, version, action string, query map[string]string) (Object, error) {
	client, err := openapi.NewClient(c)
	if err != nil {
		return nil, fmt.Errorf("preparing the client for %s: %w", action, err)
	}
	client.DisableSDKError = dara.Bool(true) // typed errors, with the request id
	params := &utils.Params{
		Action: dara.String(action), Version: dara.String(version), Protocol: dara.String("HTTPS"),
		Pathname: dara.String("/"), Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"),
		ReqBodyType: dara.String("formData"), BodyType: dara.String("string"),
	}
	request := &utils.OpenApiRequest{Query: map[string]*string{}}
	for name, value := range query {
		request.Query[name] = dara.String(value)
	}
	response, err := client.CallApiWithCtx(ctx, params, request, &dara.RuntimeOptions{})
	if err != nil {
		return nil, Error(action, err)
	}
	body, _ := response["body"].(string)
	answer, err := readObject(body)
	if err != nil {
		return nil, Unreadable(action)
	}
	return answer, nil
}

// Unreadable is a success that does not say what was asked for.
func Unreadable(action string) error {
	return &cloud.APIError{Action: action, Message: "the answer was not about what was asked for"}
}
