package mns

import (
	"context"
	"errors"
	"fmt"
	"time"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/cloud"
)

// Received is a message as a consumer has it.
type Received struct {
	ID, Body string
	Queued   time.Time
	Handle   string // with which it is deleted; "" when it was only looked at
}

// Receive takes up to 16 messages, which are invisible to others for the queue's visibility
// timeout. None is no error.
func (q Queue) Receive(ctx context.Context) ([]Received, error) {
	return q.take(ctx, "BatchReceiveMessage", sdk.AliMNSQueue.BatchReceiveMessage)
}

// Peek looks at up to 16 messages and leaves them as they are. None is no error.
func (q Queue) Peek(ctx context.Context) ([]Received, error) {
	return q.take(ctx, "BatchPeekMessage", func(queue sdk.AliMNSQueue, answers chan sdk.BatchMessageReceiveResponse, errors chan error, n int32, _ ...int64) {
		queue.BatchPeekMessage(answers, errors, n)
	})
}

// take makes one call. The SDK hands results over channels, within the call.
func (q Queue) take(ctx context.Context, action string, do func(sdk.AliMNSQueue, chan sdk.BatchMessageReceiveResponse, chan error, int32, ...int64)) (messages []Received, err error) {
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("receiving from queue %s: %v", q.Name, p)
		}
	}()
	answers, failures := make(chan sdk.BatchMessageReceiveResponse, 1), make(chan error, 1)
	do(sdk.NewMNSQueue(q.Name, call, unlimited), answers, failures, maxBatch)
	select {
	case answer := <-answers:
		for _, m := range answer.Messages {
			messages = append(messages, Received{ID: m.MessageId, Body: m.MessageBody, Queued: time.UnixMilli(m.EnqueueTime), Handle: m.ReceiptHandle})
		}
		return messages, nil
	case err := <-failures:
		var api *cloud.APIError
		if err = call.read(action, err); errors.As(err, &api) && api.Code == "MessageNotExist" {
			return nil, nil
		}
		return nil, err
	}
}

// Delete removes a received message for good.
func (q Queue) Delete(ctx context.Context, handle string) (err error) {
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("deleting from queue %s: %v", q.Name, p)
		}
	}()
	return call.read("DeleteMessage", sdk.NewMNSQueue(q.Name, call, unlimited).DeleteMessage(handle))
}
