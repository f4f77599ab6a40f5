package redrive

import (
	"context"
	"time"

	sdk "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
)

// Queue is a queue whose messages are read and deleted, too.
type Queue struct{ mns.Queue }

// Letter is a message as a consumer has it.
type Letter struct {
	ID, Body string
	Queued   time.Time
	Handle   string // with which it is deleted; "" when it was only looked at
}

// most is how many messages one call reads.
const most = 16

// Receive takes up to 16 messages, which are invisible to others for the queue's visibility
// timeout. None is no error.
func (q Queue) Receive(ctx context.Context) ([]Letter, error) {
	return q.read(ctx, "BatchReceiveMessage", sdk.AliMNSQueue.BatchReceiveMessage)
}

// Peek looks at up to 16 messages and leaves them as they are. None is no error.
func (q Queue) Peek(ctx context.Context) ([]Letter, error) {
	peek := func(queue sdk.AliMNSQueue, answers answers, failures chan error, n int32, _ ...int64) {
		queue.BatchPeekMessage(answers, failures, n)
	}
	return q.read(ctx, "BatchPeekMessage", peek)
}

// answers is the channel over which the SDK hands on messages, within the call.
type answers = chan sdk.BatchMessageReceiveResponse

// read makes one call.
func (q Queue) read(
	ctx context.Context, action string, do func(sdk.AliMNSQueue, answers, chan error, int32, ...int64),
) (letters []Letter, err error) {
	err = q.Do(ctx, action, func(queue sdk.AliMNSQueue) error {
		answers, failures := make(answers, 1), make(chan error, 1)
		do(queue, answers, failures, most)
		select {
		case answer := <-answers:
			for _, m := range answer.Messages {
				letters = append(letters, Letter{
					ID: m.MessageId, Body: m.MessageBody, Handle: m.ReceiptHandle,
					Queued: time.UnixMilli(m.EnqueueTime),
				})
			}
			return nil
		case err := <-failures:
			return err
		}
	})
	if cloud.HasCode(err, "MessageNotExist") {
		return nil, nil
	}
	return letters, err
}

// Delete removes a received message for good.
func (q Queue) Delete(ctx context.Context, handle string) error {
	return q.Do(ctx, "DeleteMessage", func(queue sdk.AliMNSQueue) error { return queue.DeleteMessage(handle) })
}
