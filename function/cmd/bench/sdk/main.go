// Command sdk is a floor of the benchmarks: the SDK calls of one event, with its payloads and no logic. It is the least
// that any function costs that makes these calls with these SDKs.
package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strings"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"
	mns "github.com/aliyun/aliyun-mns-go-sdk"
	"github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
)

func main() { fc.Start(handle) }

// The sizes of what the function sends for an event.
const (
	followUpBytes = 700
	outcomeBytes  = 900
)

func handle(ctx context.Context, payload []byte) ([]byte, error) {
	fc, found := fccontext.FromContext(ctx)
	if !found {
		return nil, fmt.Errorf("there is no context")
	}
	i := bytes.Index(payload, []byte("vco-"))
	id := string(payload[i : i+bytes.IndexAny(payload[i:], `\"`)])
	key := fc.Credentials
	config := &openapi.Config{
		AccessKeyId: dara.String(key.AccessKeyId), AccessKeySecret: dara.String(key.AccessKeySecret),
		SecurityToken: dara.String(key.SecurityToken), RegionId: dara.String(fc.Region),
		Endpoint: dara.String(strings.TrimPrefix(os.Getenv("CBN_ENDPOINT"), "http://")), Protocol: dara.String("http"),
	}
	if err := describe(ctx, config, id); err != nil {
		return nil, err
	}
	if err := attach(ctx, config, id, fc.RequestID); err != nil {
		return nil, err
	}
	return nil, send(key)
}

func describe(ctx context.Context, config *openapi.Config, id string) error {
	client, err := openapi.NewClient(config)
	if err != nil {
		return err
	}
	params := &utils.Params{
		Action: dara.String("DescribeVpnConnection"), Version: dara.String("2016-04-28"),
		Protocol: dara.String("HTTPS"), Pathname: dara.String("/"), Method: dara.String("POST"),
		AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
		BodyType: dara.String("string"),
	}
	query := map[string]*string{"RegionId": config.RegionId, "VpnConnectionId": dara.String(id)}
	_, err = client.CallApiWithCtx(ctx, params, &utils.OpenApiRequest{Query: query}, &dara.RuntimeOptions{})
	return err
}

func attach(ctx context.Context, config *openapi.Config, id, token string) error {
	client, err := cbn.NewClient(config)
	if err != nil {
		return err
	}
	_, err = client.ListTransitRoutersWithContext(ctx, &cbn.ListTransitRoutersRequest{
		RegionId: config.RegionId, TransitRouterId: dara.String("tr-0"),
		PageNumber: dara.Int32(1), PageSize: dara.Int32(50),
	}, &dara.RuntimeOptions{})
	if err != nil {
		return err
	}
	_, err = client.CreateTransitRouterVpnAttachmentWithContext(ctx, &cbn.CreateTransitRouterVpnAttachmentRequest{
		ClientToken: dara.String(strings.Repeat("0", 64-len(token)) + token), DryRun: dara.Bool(false),
		RegionId: config.RegionId, TransitRouterId: dara.String("tr-0"), VpnId: dara.String(id),
		TransitRouterAttachmentName: dara.String(id), AutoPublishRouteEnabled: dara.Bool(true),
		Tag: []*cbn.CreateTransitRouterVpnAttachmentRequestTag{
			{Key: dara.String("vpn-attach:vpn-connection"), Value: dara.String(id)},
			{Key: dara.String("vpn-attach:event"), Value: dara.String(strings.Repeat("0", 32))},
		},
	}, &dara.RuntimeOptions{})
	return err
}

func send(key fccontext.Credentials) error {
	client := mns.NewAliMNSClientWithToken(os.Getenv("MNS_ENDPOINT"),
		key.AccessKeyId, key.AccessKeySecret, key.SecurityToken)
	followUp := mns.MessageSendRequest{
		MessageBody: strings.Repeat("x", followUpBytes), DelaySeconds: 15, Priority: 8,
	}
	if _, err := mns.NewMNSQueue(os.Getenv("MNS_QUEUE"), client, 1<<30).BatchSendMessage(followUp); err != nil {
		return err
	}
	outcome := mns.MessagePublishRequest{MessageBody: strings.Repeat("x", outcomeBytes), MessageTag: "attaching"}
	_, err := mns.NewMNSTopic(os.Getenv("MNS_TOPIC"), client, 1<<30).PublishMessage(outcome)
	return err
}
