package mns_test

import (
	"errors"
	"slices"
	"testing"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"
)

// attributes are the numbers of a queue, as the SDK reads them: delay, size, retention, visibility and polling wait.
func (b *bench) attributes(t *testing.T, queue string) []int32 {
	t.Helper()
	got, err := b.queues.GetQueueAttributes(queue)
	if err != nil || got.QueueName != queue || got.CreateTime == 0 {
		t.Errorf("attributes are %+v, %v", got, err)
	}
	return []int32{
		got.DelaySeconds, got.MaxMessageSize, got.MessageRetentionPeriod, got.VisibilityTimeout, got.PollingWaitSeconds,
	}
}

func TestTheSDKManagesQueues(t *testing.T) {
	b := newBench(t)
	wantSDK(t, b.queues.CreateSimpleQueue("work"), ali_mns.ERR_MNS_QUEUE_ALREADY_EXIST_AND_HAVE_SAME_ATTR)
	wantSDK(t, b.queues.CreateQueue("work", 5, 65536, 345600, 30, 0, 2), ali_mns.ERR_MNS_QUEUE_ALREADY_EXIST)
	if err := b.queues.SetQueueAttributes("work", 5, 2048, 120, 600, 10, 2); err != nil {
		t.Fatal(err)
	}
	if got := b.attributes(t, "work"); !slices.Equal(got, []int32{5, 2048, 120, 600, 10}) {
		t.Errorf("attributes are %v", got)
	}
	if err := b.queues.DeleteQueue("work"); err != nil {
		t.Fatal(err)
	}
	_, err := b.queues.GetQueueAttributes("work")
	wantSDK(t, err, ali_mns.ERR_MNS_QUEUE_NOT_EXIST)
}

// With options the SDK names what it is given, and always delay and wait: a set that gives neither makes them zero.
func TestTheSDKNamesWhatItChangesAndTwoMore(t *testing.T) {
	b := newBench(t)
	slow := []ali_mns.QueueOption{ali_mns.WithVisibilityTimeout(600), ali_mns.WithDelaySeconds(3)}
	if err := b.queues.CreateQueueWithOptions("optional", slow...); err != nil {
		t.Fatal(err)
	}
	if err := b.queues.SetQueueAttributesWithOptions("optional", ali_mns.WithPollingWaitSeconds(7)); err != nil {
		t.Fatal(err)
	}
	if got := b.attributes(t, "optional"); !slices.Equal(got, []int32{0, 65536, 345600, 600, 7}) {
		t.Errorf("attributes are %v", got)
	}
	if err := b.topics.SetTopicAttributes("outcomes", 2048, true); err != nil {
		t.Fatal(err)
	}
	topic, err := b.topics.GetTopicAttributes("outcomes")
	if err != nil || topic.MaxMessageSize != 2048 || !topic.LoggingEnabled {
		t.Errorf("attributes are %+v, %v", topic, err)
	}
	wantSDK(t, b.topics.SetTopicAttributes("nobody", 2048, true), ali_mns.ERR_MNS_TOPIC_NOT_EXIST)
	wantSDK(t, b.queues.SetQueueAttributesWithOptions("nobody"), ali_mns.ERR_MNS_QUEUE_NOT_EXIST)
}

func TestTheSDKListsWhatThereIs(t *testing.T) {
	b := newBench(t)
	if queues, err := b.queues.ListQueue("", 10, ""); err != nil || len(queues.Queues) == 0 {
		t.Errorf("%+v, %v", queues, err)
	}
	details, err := b.queues.ListQueueDetail("", 10, "")
	if err != nil || len(details.Attrs) != 1 || details.Attrs[0].QueueName != "work" ||
		details.Attrs[0].VisibilityTimeout != 30 {
		t.Errorf("%+v, %v", details, err)
	}
	topics, err := b.topics.ListTopicDetail("", 10, "")
	if err != nil || len(topics.Attrs) != 1 || topics.Attrs[0].TopicName != "outcomes" {
		t.Errorf("%+v, %v", topics, err)
	}
	if list, err := b.topics.ListTopic("", 10, "out"); err != nil || len(list.Topics) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	decaying := ali_mns.MessageSubsribeRequest{
		Endpoint:            b.topic.GenerateQueueEndpoint("work"),
		NotifyContentFormat: ali_mns.SIMPLIFIED, NotifyStrategy: ali_mns.EXPONENTIAL_DECAY_RETRY,
	}
	if err := b.topic.Subscribe("ops", decaying); err != nil {
		t.Fatal(err)
	}
	if err := b.topic.SetSubscriptionAttributes("ops", ali_mns.BACKOFF_RETRY); err != nil {
		t.Fatal(err)
	}
	got, err := b.topic.GetSubscriptionAttributes("ops")
	if err != nil || got.NotifyStrategy != ali_mns.BACKOFF_RETRY || got.NotifyContentFormat != ali_mns.SIMPLIFIED ||
		got.TopicOwner != account {
		t.Errorf("%+v, %v", got, err)
	}
	described, err := b.topic.ListSubscriptionDetailByTopic("", 10, "")
	if err != nil || len(described.Attrs) != 1 || described.Attrs[0].SubscriptionName != "ops" {
		t.Errorf("%+v, %v", described, err)
	}
	if list, err := b.topic.ListSubscriptionByTopic("", 10, ""); err != nil || len(list.Subscriptions) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := b.topic.Unsubscribe("ops"); err != nil {
		t.Error(err)
	}
}

func TestTheSDKPublishesToASubscribedQueue(t *testing.T) {
	b := newBench(t)
	sub := ali_mns.MessageSubsribeRequest{
		Endpoint: b.topic.GenerateQueueEndpoint("work"), FilterTag: "ok",
		NotifyContentFormat: ali_mns.SIMPLIFIED, NotifyStrategy: ali_mns.BACKOFF_RETRY,
	}
	if err := b.topic.Subscribe("sub", sub); err != nil {
		t.Fatal(err)
	}
	wantSDK(t, b.topic.Subscribe("sub", sub), ali_mns.ERR_MNS_SUBSCRIPTION_ALREADY_EXIST_AND_HAVE_SAME_ATTR)
	for _, tag := range []string{"other", "ok"} {
		published := ali_mns.MessagePublishRequest{MessageBody: "<" + tag + ">", MessageTag: tag}
		if _, err := b.topic.PublishMessage(published); err != nil {
			t.Fatal(err)
		}
	}
	got, err := receiveMany(b.queue, 16)
	if err != nil || len(got) != 1 || got[0].MessageBody != "<ok>" {
		t.Errorf("delivered %+v, %v", got, err)
	}
	topic, err := b.topics.GetTopicAttributes("outcomes")
	if err != nil || topic.TopicName != "outcomes" || topic.MessageCount != 2 || topic.MaxMessageSize != 65536 {
		t.Errorf("attributes are %+v, %v", topic, err)
	}
	if err := errors.Join(b.topic.Unsubscribe("sub"), b.topics.DeleteTopic("outcomes")); err != nil {
		t.Error(err)
	}
}
