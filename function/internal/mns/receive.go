package mns

import (
	"context"
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
	peek := func(queue sdk.AliMNSQueue, answers taken, failures chan error, n int32, _ ...int64) {
		queue.BatchPeekMessage(answers, failures, n)
	}
	return q.take(ctx, "BatchPeekMessage", peek)
}

// taken is the channel over which the SDK hands on messages, within the call.
type taken = chan sdk.BatchMessageReceiveResponse

// take makes one call.
func (q Queue) take(
	ctx context.Context, action string, do func(sdk.AliMNSQueue, taken, chan error, int32, ...int64),
) (messages []Received, err error) {
	defer asError(&err, "receiving from queue "+q.Name)
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	answers, failures := make(taken, 1), make(chan error, 1)
	do(sdk.NewMNSQueue(q.Name, call, unlimited), answers, failures, maxBatch)
	select {
	case answer := <-answers:
		for _, m := range answer.Messages {
			messages = append(messages, Received{
				ID: m.MessageId, Body: m.MessageBody, Queued: time.UnixMilli(m.EnqueueTime), Handle: m.ReceiptHandle,
			})
		}
		return messages, nil
	case err := <-failures:
		if err = call.read(action, err); cloud.HasCode(err, "MessageNotExist") {
			return nil, nil
		}
		return nil, err
	}
}

// Delete removes a received message for good.
func (q Queue) Delete(ctx context.Context, handle string) (err error) {
	call := &call{MNSClient: q.Client.client, ctx: ctx}
	defer asError(&err, "deleting from queue "+q.Name)
	return call.read("DeleteMessage", sdk.NewMNSQueue(q.Name, call, unlimited).DeleteMessage(handle))
}
