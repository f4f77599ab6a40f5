package mns

import (
	"context"
	"slices"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/cloud"
)

// Limits of MNS API BatchSendMessage: messages, and bytes of all their bodies.
const (
	maxBatch      = 16
	maxBatchBytes = 60 << 10
)

// priority is one higher than the service's default, which new events have. So what has begun is finished first, and
// instances hear of each other by what they queue, however many new events wait.
const priority = 7

// Queue sends to one queue.
type Queue struct {
	Client *Client
	Name   string
}

// Send queues messages, as many in one call as the service takes. The first call that fails ends it (*cloud.APIError);
// of a call that took only some of its messages the others are left.
func (q Queue) Send(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error) {
	left = messages
	defer asError(&err, "sending to queue "+q.Name)
	for len(left) > 0 {
		n := fitting(left)
		refused, err := q.sendBatch(ctx, left[:n])
		left = slices.Concat(refused, left[n:])
		if err != nil {
			return left, err
		}
	}
	return nil, nil
}

// fitting is how many of the first messages go into one call: at least one.
func fitting(messages []cloud.Message) int {
	bytes := 0
	for n, m := range messages {
		if bytes += len(m.Body); n > 0 && bytes > maxBatchBytes || n == maxBatch {
			return n
		}
	}
	return len(messages)
}

// sendBatch makes one call and gives the messages that it may not have taken.
func (q Queue) sendBatch(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error) {
	const action = cloud.ActionSend
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	requests := make([]sdk.MessageSendRequest, 0, len(messages))
	for _, m := range messages {
		requests = append(requests, sdk.MessageSendRequest{
			MessageBody: string(m.Body), DelaySeconds: int64(m.Delay.Seconds()), Priority: priority,
		})
	}
	answer, err := sdk.NewMNSQueue(q.Name, call, unlimited).BatchSendMessage(requests...)
	if err := call.read(action, err); err != nil {
		return messages, err
	}
	if len(answer.Messages) != len(messages) { // nobody knows which
		return messages, &cloud.APIError{Action: action, Message: "the answer does not account for every message"}
	}
	for i, entry := range answer.Messages {
		if entry.ErrorCode != "" {
			left = append(left, messages[i])
			err = &cloud.APIError{
				Action: action, Status: call.status, RequestID: call.requestID,
				Code: entry.ErrorCode, Message: entry.ErrorMessage,
			}
		}
	}
	return left, err
}

// Do makes one other call of the queue's API. What the SDK answers in use is read like the answer to Send.
func (q Queue) Do(ctx context.Context, action string, use func(sdk.AliMNSQueue) error) (err error) {
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	defer asError(&err, "using queue "+q.Name)
	return call.read(action, use(sdk.NewMNSQueue(q.Name, call, unlimited)))
}

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
