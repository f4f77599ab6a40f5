package mns

import (
	"context"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/cloud"
)

// priority is one higher than the service's default, which new events have. So what has begun is finished first, and
// instances hear of each other by what they queue, however many new events wait.
const priority = 7

// Queue sends to one queue.
type Queue struct {
	Client *Client
	Name   string
}

// Send queues messages, as many in one call as the service takes, and gives those that it may not have queued. Their
// error is a *cloud.RefusedError when the queue will never take any of them; with any other (*cloud.APIError) they may
// be sent again.
func (q Queue) Send(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error) {
	left = messages
	defer asError(&err, "sending to queue "+q.Name)
	s := planned(messages)
	for len(s.calls) > 0 {
		untaken, err := q.sendBatch(ctx, s.calls[0])
		if err := s.answered(untaken, err); err != nil {
			return s.left(), err
		}
		left = s.left()
	}
	if s.cause != nil {
		return left, &cloud.RefusedError{Cause: s.cause}
	}
	return nil, nil
}

// sendBatch makes one call and gives the messages that it may not have taken.
func (q Queue) sendBatch(ctx context.Context, messages []cloud.Message) (left []cloud.Message, err error) {
	const action = cloud.ActionSend
	call := &call{MNSClient: q.Client.client(), ctx: ctx}
	requests := make([]sdk.MessageSendRequest, 0, len(messages))
	for _, m := range messages {
		requests = append(requests, sdk.MessageSendRequest{
			MessageBody: string(m.Body), DelaySeconds: int64(m.Delay.Seconds()), Priority: priority,
		})
	}
	answer, err := sdk.NewMNSQueue(q.Name, call, unlimited).BatchSendMessage(requests...)
	if len(answer.Messages) == len(messages) { // also when some were refused, which is a 500
		return untaken(call, messages, answer.Messages)
	}
	if err := call.read(action, err); err != nil {
		return messages, err
	}
	return messages, &cloud.APIError{Action: action, Message: "the answer does not account for every message"}
}

// untaken gives the messages whose entry in the answer to a batch is a refusal, and one of the refusals: one that is
// not for good, if there is any.
func untaken(
	call *call, messages []cloud.Message, entries []sdk.BatchMessageSendEntry,
) (left []cloud.Message, err error) {
	var first *cloud.APIError
	for i, entry := range entries {
		if entry.ErrorCode == "" {
			continue
		}
		left = append(left, messages[i])
		if first == nil || refusesMessage(first) {
			first = &cloud.APIError{
				Action: cloud.ActionSend, Status: call.status, RequestID: call.requestID,
				Code: entry.ErrorCode, Message: entry.ErrorMessage,
			}
		}
	}
	if first == nil {
		return nil, nil
	}
	return left, first
}

// Do makes one other call of the queue's API. What the SDK answers in use is read like the answer to Send.
func (q Queue) Do(ctx context.Context, action string, use func(sdk.AliMNSQueue) error) (err error) {
	call := &call{MNSClient: q.Client.client(), ctx: ctx}
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
	call := &call{MNSClient: t.Client.client(), ctx: ctx}
	defer asError(&err, "publishing to topic "+t.Name)
	topic := sdk.NewMNSTopic(t.Name, call, unlimited)
	_, err = topic.PublishMessage(sdk.MessagePublishRequest{MessageBody: string(body), MessageTag: tag})
	return call.read(cloud.ActionPublish, err)
}
