package mns_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"
	gogap "github.com/gogap/errors"

	"vpn-attach/function/internal/standin/mns"
)

// bench is a service behind a listener, and the vendor's SDK as its client.
type bench struct {
	service *mns.Service
	client  ali_mns.MNSClient
	queue   ali_mns.AliMNSQueue
	topic   ali_mns.AliMNSTopic
	queues  ali_mns.AliQueueManager
	topics  ali_mns.AliTopicManager
	ahead   atomic.Int64 // how far the service's clock is ahead, within a request's skew
}

// newBench has the queue "work" and the topic "outcomes", made through the SDK.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{}
	now := func() time.Time { return time.Now().Add(time.Duration(b.ahead.Load())) }
	b.service = mns.New(mns.Options{Account: account, Region: region, Keys: testKeys(), Now: now})
	b.client = dial(t, b.service, ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "testsk"})
	b.queue, b.topic = queueOf(b.client, "work"), topicOf(b.client, "outcomes")
	b.queues, b.topics = ali_mns.NewMNSQueueManager(b.client), ali_mns.NewMNSTopicManager(b.client)
	if err := errors.Join(b.queues.CreateSimpleQueue("work"), b.topics.CreateSimpleTopic("outcomes")); err != nil {
		t.Fatal(err)
	}
	return b
}

func dial(t testing.TB, h http.Handler, config ali_mns.AliMNSClientConfig) ali_mns.MNSClient {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	at, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	config.EndPoint = "http://localhost:" + at.Port() + prefix
	config.TimeoutSecond = 20
	return ali_mns.NewAliMNSClientWithConfig(config)
}

// The SDK slows a client down by its own count unless the limit is out of reach.
func queueOf(client ali_mns.MNSClient, name string) ali_mns.AliMNSQueue {
	return ali_mns.NewMNSQueue(name, client, 1<<30)
}

func topicOf(client ali_mns.MNSClient, name string) ali_mns.AliMNSTopic {
	return ali_mns.NewMNSTopic(name, client, 1<<30)
}

// answered runs one of the SDK's calls that answer over channels.
func answered[T any](call func(chan T, chan error)) (T, error) {
	got, failed := make(chan T, 1), make(chan error, 1)
	call(got, failed)
	select {
	case value := <-got:
		return value, nil
	case err := <-failed:
		var none T
		return none, err
	}
}

func receiveOne(q ali_mns.AliMNSQueue) (ali_mns.MessageReceiveResponse, error) {
	return answered(func(got chan ali_mns.MessageReceiveResponse, failed chan error) { q.ReceiveMessage(got, failed) })
}

func receiveMany(q ali_mns.AliMNSQueue, n int32, wait ...int64) ([]ali_mns.MessageReceiveResponse, error) {
	batch, err := answered(func(got chan ali_mns.BatchMessageReceiveResponse, failed chan error) {
		q.BatchReceiveMessage(got, failed, n, wait...)
	})
	return batch.Messages, err
}

func mustReceive(t *testing.T, q ali_mns.AliMNSQueue) ali_mns.MessageReceiveResponse {
	t.Helper()
	m, err := receiveOne(q)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func mustSend(t *testing.T, q ali_mns.AliMNSQueue, body string) {
	t.Helper()
	if _, err := q.SendMessage(ali_mns.MessageSendRequest{MessageBody: body, Priority: 8}); err != nil {
		t.Fatal(err)
	}
}

// code is the SDK's own number of an error, by which it tells them apart; 0 for none of its own.
func code(err error) uint64 {
	var own gogap.ErrCode
	if !errors.As(err, &own) {
		return 0
	}
	return own.Code()
}

// wantSDK holds an error against the SDK's own.
func wantSDK(t *testing.T, err error, want gogap.ErrCodeTemplate) {
	t.Helper()
	if number := want.New().Code(); code(err) != number {
		t.Errorf("got error %v, want number %d of the SDK", err, number)
	}
}

func TestTheSDKSendsReceivesAndDeletes(t *testing.T) {
	b := newBench(t)
	const body = `{"text":"<&>\" 杭州 é"}`
	sent, err := b.queue.SendMessage(ali_mns.MessageSendRequest{MessageBody: body, Priority: 3})
	if err != nil || sent.MessageBodyMD5 == "" || len(sent.RequestId) != 24 {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	seen, err := answered(func(got chan ali_mns.MessageReceiveResponse, failed chan error) { b.queue.PeekMessage(got, failed) })
	if err != nil || seen.MessageId != sent.MessageId || seen.ReceiptHandle != "" || seen.DequeueCount != 0 {
		t.Errorf("peeked %+v, %v", seen, err)
	}
	got := mustReceive(t, b.queue)
	if got.MessageBody != body || got.MessageId != sent.MessageId || got.MessageBodyMD5 != sent.MessageBodyMD5 || got.DequeueCount != 1 || got.Priority != 3 {
		t.Errorf("received %+v of %+v", got, sent)
	}
	if got.NextVisibleTime-got.FirstDequeueTime != 30000 || got.EnqueueTime == 0 || got.EnqueueTime > got.FirstDequeueTime {
		t.Errorf("the times, in milliseconds, are %+v", got)
	}
	if err := b.queue.DeleteMessage(got.ReceiptHandle); err != nil {
		t.Error(err)
	}
	wantSDK(t, b.queue.DeleteMessage(got.ReceiptHandle), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST)
	_, err = receiveOne(b.queue)
	wantSDK(t, err, ali_mns.ERR_MNS_MESSAGE_NOT_EXIST)
}

func TestTheSDKWorksInBatches(t *testing.T) {
	b := newBench(t)
	sent, err := b.queue.BatchSendMessage(ali_mns.MessageSendRequest{MessageBody: "1", Priority: 8}, ali_mns.MessageSendRequest{MessageBody: "2", Priority: 8}, ali_mns.MessageSendRequest{MessageBody: "3", Priority: 8, DelaySeconds: 60})
	if err != nil || len(sent.Messages) != 3 {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	seen, err := answered(func(got chan ali_mns.BatchMessageReceiveResponse, failed chan error) {
		b.queue.BatchPeekMessage(got, failed, 16)
	})
	if err != nil || len(seen.Messages) != 2 {
		t.Errorf("peeked at %+v, %v", seen.Messages, err)
	}
	got, err := receiveMany(b.queue, 16)
	if err != nil || len(got) != 2 || got[0].MessageId != sent.Messages[0].MessageId || got[1].MessageBody != "2" {
		t.Fatalf("received %+v, %v", got, err)
	}
	failures, err := b.queue.BatchDeleteMessage(got[0].ReceiptHandle, "8-none", got[1].ReceiptHandle)
	wantSDK(t, err, ali_mns.ERR_MNS_BATCH_OP_FAIL)
	if len(failures.FailedMessages) != 1 || failures.FailedMessages[0].ReceiptHandle != "8-none" || failures.FailedMessages[0].ErrorCode != "MessageNotExist" {
		t.Errorf("failures are %+v, want the unknown handle alone", failures.FailedMessages)
	}
	b.ahead.Store(int64(time.Minute))
	late := mustReceive(t, b.queue)
	if late.MessageId != sent.Messages[2].MessageId {
		t.Errorf("received %+v, want the delayed message", late)
	}
	if failures, err := b.queue.BatchDeleteMessage(late.ReceiptHandle); err != nil || len(failures.FailedMessages) != 0 {
		t.Errorf("deleting: %+v, %v", failures, err)
	}
	if got := b.service.Stats("work"); got != (mns.Stats{}) {
		t.Errorf("left are %+v", got)
	}
}

func TestTheSDKsLongPollIsWokenByASend(t *testing.T) {
	b := newBench(t)
	sent := make(chan error, 1)
	go func() {
		time.Sleep(50 * time.Millisecond) // the poll is waiting by now, or finds the message
		_, err := b.service.Send("work", "a", 0)
		sent <- err
	}()
	got, err := receiveMany(b.queue, 16, 10)
	if err != nil || len(got) != 1 || got[0].MessageBody != "a" {
		t.Errorf("received %+v, %v", got, err)
	}
	if err := <-sent; err != nil {
		t.Error(err)
	}
}

func TestTheSDKChangesVisibilityUnderANewHandle(t *testing.T) {
	b := newBench(t)
	mustSend(t, b.queue, "a")
	got := mustReceive(t, b.queue)
	changed, err := b.queue.ChangeMessageVisibility(got.ReceiptHandle, 120)
	if err != nil || changed.ReceiptHandle == got.ReceiptHandle || changed.NextVisibleTime < got.NextVisibleTime+60000 {
		t.Fatalf("changed to %+v, %v, from %+v", changed, err, got)
	}
	wantSDK(t, b.queue.DeleteMessage(got.ReceiptHandle), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST)
	b.ahead.Store(int64(121 * time.Second))
	wantSDK(t, b.queue.DeleteMessage(changed.ReceiptHandle), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST)
	again := mustReceive(t, b.queue)
	if again.MessageId != got.MessageId || again.DequeueCount != 2 || again.FirstDequeueTime != got.FirstDequeueTime {
		t.Errorf("received %+v after %+v", again, got)
	}
}

func TestTheSDKPublishesToASubscribedQueue(t *testing.T) {
	b := newBench(t)
	sub := ali_mns.MessageSubsribeRequest{Endpoint: b.topic.GenerateQueueEndpoint("work"), FilterTag: "ok", NotifyContentFormat: ali_mns.SIMPLIFIED, NotifyStrategy: ali_mns.BACKOFF_RETRY}
	if err := b.topic.Subscribe("sub", sub); err != nil {
		t.Fatal(err)
	}
	wantSDK(t, b.topic.Subscribe("sub", sub), ali_mns.ERR_MNS_SUBSCRIPTION_ALREADY_EXIST_AND_HAVE_SAME_ATTR)
	for _, tag := range []string{"other", "ok"} {
		if _, err := b.topic.PublishMessage(ali_mns.MessagePublishRequest{MessageBody: "<" + tag + ">", MessageTag: tag}); err != nil {
			t.Fatal(err)
		}
	}
	got, err := receiveMany(b.queue, 16)
	if err != nil || len(got) != 1 || got[0].MessageBody != "<ok>" {
		t.Errorf("delivered %+v, %v", got, err)
	}
	attributes, err := b.topics.GetTopicAttributes("outcomes")
	if err != nil || attributes.TopicName != "outcomes" || attributes.MessageCount != 2 || attributes.MaxMessageSize != 65536 {
		t.Errorf("attributes are %+v, %v", attributes, err)
	}
	if err := errors.Join(b.topic.Unsubscribe("sub"), b.topics.DeleteTopic("outcomes")); err != nil {
		t.Error(err)
	}
}

func TestTheSDKManagesQueues(t *testing.T) {
	b := newBench(t)
	wantSDK(t, b.queues.CreateSimpleQueue("work"), ali_mns.ERR_MNS_QUEUE_ALREADY_EXIST_AND_HAVE_SAME_ATTR)
	wantSDK(t, b.queues.CreateQueue("work", 5, 65536, 345600, 30, 0, 2), ali_mns.ERR_MNS_QUEUE_ALREADY_EXIST)
	if err := b.queues.SetQueueAttributes("work", 5, 2048, 120, 600, 10, 2); err != nil {
		t.Fatal(err)
	}
	got, err := b.queues.GetQueueAttributes("work")
	numbers := []int32{got.DelaySeconds, got.MaxMessageSize, got.MessageRetentionPeriod, got.VisibilityTimeout, got.PollingWaitSeconds}
	if err != nil || !slices.Equal(numbers, []int32{5, 2048, 120, 600, 10}) || got.QueueName != "work" || got.CreateTime == 0 {
		t.Errorf("attributes are %+v, %v", got, err)
	}
	if err := b.queues.DeleteQueue("work"); err != nil {
		t.Fatal(err)
	}
	_, err = b.queues.GetQueueAttributes("work")
	wantSDK(t, err, ali_mns.ERR_MNS_QUEUE_NOT_EXIST)
}

// With options the SDK names what it is given, and always the delay and the wait: those of a set that gives none are zero.
func TestTheSDKNamesWhatItChangesAndTwoMore(t *testing.T) {
	b := newBench(t)
	if err := b.queues.CreateQueueWithOptions("optional", ali_mns.WithVisibilityTimeout(600), ali_mns.WithDelaySeconds(3)); err != nil {
		t.Fatal(err)
	}
	if err := b.queues.SetQueueAttributesWithOptions("optional", ali_mns.WithPollingWaitSeconds(7)); err != nil {
		t.Fatal(err)
	}
	got, err := b.queues.GetQueueAttributes("optional")
	numbers := []int32{got.DelaySeconds, got.MaxMessageSize, got.MessageRetentionPeriod, got.VisibilityTimeout, got.PollingWaitSeconds}
	if err != nil || !slices.Equal(numbers, []int32{0, 65536, 345600, 600, 7}) {
		t.Errorf("attributes are %v, %v", numbers, err)
	}
	if err := b.topics.SetTopicAttributes("outcomes", 2048, true); err != nil {
		t.Fatal(err)
	}
	if topic, err := b.topics.GetTopicAttributes("outcomes"); err != nil || topic.MaxMessageSize != 2048 || !topic.LoggingEnabled {
		t.Errorf("attributes are %+v, %v", topic, err)
	}
	wantSDK(t, b.topics.SetTopicAttributes("nobody", 2048, true), ali_mns.ERR_MNS_TOPIC_NOT_EXIST)
	wantSDK(t, b.queues.SetQueueAttributesWithOptions("nobody"), ali_mns.ERR_MNS_QUEUE_NOT_EXIST)
}
