package mns

import (
	"context"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/cloud"
)

// Topic publishes to one topic.
type Topic struct {
	Client *Client
	Name   string
}

// unlimited keeps the SDK's own rate limiter out of the way: its default stalls calls for seconds.
const unlimited = 1 << 30

// Publish sends body to every subscriber whose filter is tag or empty. A message whose
// answer is lost may have been published all the same (*cloud.APIError, status 0).
func (t Topic) Publish(ctx context.Context, body []byte, tag string) (err error) {
	call := &call{MNSClient: t.Client.client, ctx: ctx}
	defer asError(&err, "publishing to topic "+t.Name)
	topic := sdk.NewMNSTopic(t.Name, call, unlimited)
	_, err = topic.PublishMessage(sdk.MessagePublishRequest{MessageBody: string(body), MessageTag: tag})
	return call.read(cloud.ActionPublish, err)
}
