package mns

import (
	"context"
	"fmt"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/attach"
)

// Limits of MNS API BatchSendMessage: messages, and bytes of all their bodies.
const (
	maxBatch      = 16
	maxBatchBytes = 60 << 10
)

// priority is the service's default; the SDK always sends one.
const priority = 8

// Queue sends to one queue.
type Queue struct {
	Client *Client
	Name   string
}

// Send queues messages, as many in one call as the service takes. The first call that
// fails, or takes only some of its messages, ends it (*attach.APIError).
func (q Queue) Send(ctx context.Context, messages []attach.Message) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("sending to queue %s: %v", q.Name, p)
		}
	}()
	for len(messages) > 0 {
		n := fitting(messages)
		if err := q.sendBatch(ctx, messages[:n]); err != nil {
			return err
		}
		messages = messages[n:]
	}
	return nil
}

// fitting is how many of the first messages go into one call: at least one.
func fitting(messages []attach.Message) int {
	bytes := 0
	for n, m := range messages {
		if bytes += len(m.Body); n > 0 && bytes > maxBatchBytes || n == maxBatch {
			return n
		}
	}
	return len(messages)
}

func (q Queue) sendBatch(ctx context.Context, messages []attach.Message) error {
	const action = "BatchSendMessage"
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	requests := make([]sdk.MessageSendRequest, 0, len(messages))
	for _, m := range messages {
		requests = append(requests, sdk.MessageSendRequest{MessageBody: string(m.Body), DelaySeconds: int64(m.Delay.Seconds()), Priority: priority})
	}
	answer, err := sdk.NewMNSQueue(q.Name, call, unlimited).BatchSendMessage(requests...)
	if err := call.read(action, err); err != nil {
		return err
	}
	for _, entry := range answer.Messages {
		if entry.ErrorCode != "" {
			return &attach.APIError{Action: action, Code: entry.ErrorCode, Message: entry.ErrorMessage, Status: call.status, RequestID: call.requestID}
		}
	}
	return nil
}
