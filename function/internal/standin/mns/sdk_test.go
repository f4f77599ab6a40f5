package mns_test

import (
	"bytes"
	"errors"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"
	gogap "github.com/gogap/errors"
	"github.com/valyala/fasthttp"

	"vpn-attach/function/internal/standin/mns"
)

// bench is a service and the vendor's SDK as its client.
type bench struct {
	service *mns.Service
	client  ali_mns.MNSClient
	queue   ali_mns.AliMNSQueue
	topic   ali_mns.AliMNSTopic
	queues  ali_mns.AliQueueManager
	topics  ali_mns.AliTopicManager
}

// newBench has the queue "work" and the topic "outcomes", made through the SDK.
func newBench(t *testing.T) *bench {
	t.Helper()
	b := &bench{service: mns.New(mns.Options{Account: account, Region: region, Keys: testKeys()})}
	b.client = dial(b.service, ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "testsk"})
	b.queue, b.topic = queueOf(b.client, "work"), topicOf(b.client, "outcomes")
	b.queues, b.topics = ali_mns.NewMNSQueueManager(b.client), ali_mns.NewMNSTopicManager(b.client)
	if err := errors.Join(b.queues.CreateSimpleQueue("work"), b.topics.CreateSimpleTopic("outcomes")); err != nil {
		t.Fatal(err)
	}
	return b
}

// direct hands the SDK's requests to a handler without a network, so that they run on a virtual clock.
type direct struct{ http.Handler }

func (d direct) RoundTrip(_ *fasthttp.HostClient, r *fasthttp.Request, answer *fasthttp.Response) (bool, error) {
	received := httptest.NewRequest(string(r.Header.Method()), r.URI().String(), bytes.NewReader(bytes.Clone(r.Body())))
	for name, value := range r.Header.All() {
		received.Header.Set(string(name), string(value))
	}
	said := httptest.NewRecorder()
	d.ServeHTTP(said, received)
	answer.SetStatusCode(said.Code)
	for name := range said.Header() {
		answer.Header.Set(name, said.Header()[name][0])
	}
	answer.SetBody(said.Body.Bytes())
	return false, nil // no retry
}

func dial(h http.Handler, config ali_mns.AliMNSClientConfig) ali_mns.MNSClient {
	config.EndPoint = "http://localhost:80" + prefix
	client := ali_mns.NewAliMNSClientWithConfig(config)
	client.SetTransport(direct{h})
	return client
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

func sending(body string, priority int64) ali_mns.MessageSendRequest {
	return ali_mns.MessageSendRequest{MessageBody: body, Priority: priority}
}

// code is the SDK's own number of an error, by which it tells them apart; 0 for none of its own.
func code(err error) uint64 {
	var own gogap.ErrCode
	if !errors.As(err, &own) {
		return 0
	}
	return own.Code()
}

// wantSDK compares an error with one of the SDK's own.
func wantSDK(t *testing.T, err error, want gogap.ErrCodeTemplate) {
	t.Helper()
	if number := want.New().Code(); code(err) != number {
		t.Errorf("got error %v, want number %d of the SDK", err, number)
	}
}

func TestTheSDKSendsReceivesAndDeletes(t *testing.T) {
	b := newBench(t)
	const body = `{"text":"<&>\" 杭州 é"}`
	sent, err := b.queue.SendMessage(sending(body, 3))
	if err != nil || sent.MessageBodyMD5 == "" || len(sent.RequestId) != 24 {
		t.Fatalf("sent %+v, %v", sent, err)
	}
	seen, err := answered(func(got chan ali_mns.MessageReceiveResponse, failed chan error) {
		b.queue.PeekMessage(got, failed)
	})
	if err != nil || seen.MessageId != sent.MessageId || seen.ReceiptHandle != "" || seen.DequeueCount != 0 {
		t.Errorf("peeked %+v, %v", seen, err)
	}
	got := mustReceive(t, b.queue)
	if got.MessageBody != body || got.MessageId != sent.MessageId || got.MessageBodyMD5 != sent.MessageBodyMD5 ||
		got.DequeueCount != 1 || got.Priority != 3 {
		t.Errorf("received %+v of %+v", got, sent)
	}
	enqueued, first := got.EnqueueTime, got.FirstDequeueTime
	if got.NextVisibleTime-first != 30000 || enqueued == 0 || enqueued > first {
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
	virtually(t, func(t *testing.T) {
		b := newBench(t)
		late := sending("3", 8)
		late.DelaySeconds = 60
		sent, err := b.queue.BatchSendMessage(sending("1", 8), sending("2", 8), late)
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
		failed := failures.FailedMessages
		if len(failed) != 1 || failed[0].ReceiptHandle != "8-none" || failed[0].ErrorCode != "MessageNotExist" {
			t.Errorf("failures are %+v, want the unknown handle alone", failed)
		}
		time.Sleep(time.Minute)
		last := mustReceive(t, b.queue)
		if last.MessageId != sent.Messages[2].MessageId {
			t.Errorf("received %+v, want the delayed message", last)
		}
		failures, err = b.queue.BatchDeleteMessage(last.ReceiptHandle)
		if err != nil || len(failures.FailedMessages) != 0 {
			t.Errorf("deleting: %+v, %v", failures, err)
		}
		if got := b.service.Stats("work"); got != (mns.Stats{}) {
			t.Errorf("left %+v", got)
		}
	})
}

func TestTheSDKPollsUntilAMessageComes(t *testing.T) {
	virtually(t, func(t *testing.T) {
		b := newBench(t)
		sent := make(chan error, 1)
		go func() {
			time.Sleep(3 * time.Second)
			_, err := b.service.Send("work", "a", 0)
			sent <- err
		}()
		got, err := receiveMany(b.queue, 16, 10)
		if err := errors.Join(err, <-sent); err != nil || len(got) != 1 || got[0].MessageBody != "a" {
			t.Errorf("received %+v, %v", got, err)
		}
	})
}

func TestTheSDKChangesVisibilityUnderANewHandle(t *testing.T) {
	virtually(t, func(t *testing.T) {
		b := newBench(t)
		send(t, b.service, "work", "a", 0)
		got := mustReceive(t, b.queue)
		changed, err := b.queue.ChangeMessageVisibility(got.ReceiptHandle, 120)
		later := changed.NextVisibleTime - got.NextVisibleTime
		if err != nil || changed.ReceiptHandle == got.ReceiptHandle || later != 90000 {
			t.Fatalf("changed to %+v, %v, from %+v", changed, err, got)
		}
		wantSDK(t, b.queue.DeleteMessage(got.ReceiptHandle), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST)
		time.Sleep(120 * time.Second)
		wantSDK(t, b.queue.DeleteMessage(changed.ReceiptHandle), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST)
		again := mustReceive(t, b.queue)
		first := got.FirstDequeueTime
		if again.MessageId != got.MessageId || again.DequeueCount != 2 || again.FirstDequeueTime != first {
			t.Errorf("received %+v after %+v", again, got)
		}
	})
}
