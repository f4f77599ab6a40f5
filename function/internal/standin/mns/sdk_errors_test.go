package mns_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"
	gogap "github.com/gogap/errors"

	"vpn-attach/function/internal/standin/mns"
)

func TestTheSDKReadsRefusalsAsItsOwnErrors(t *testing.T) {
	sendTo := func(queue, body string) func(b *bench) error {
		return func(b *bench) error {
			_, err := queueOf(b.client, queue).SendMessage(ali_mns.MessageSendRequest{MessageBody: body, Priority: 8})
			return err
		}
	}
	publishTo := func(topic, body, tag string) func(b *bench) error {
		return func(b *bench) error {
			_, err := topicOf(b.client, topic).PublishMessage(ali_mns.MessagePublishRequest{MessageBody: body, MessageTag: tag})
			return err
		}
	}
	cases := map[string]struct {
		call func(b *bench) error
		want gogap.ErrCodeTemplate
	}{
		"a send to no queue":            {sendTo("nowhere", "a"), ali_mns.ERR_MNS_QUEUE_NOT_EXIST},
		"a body over 64 KB":             {sendTo("work", strings.Repeat("a", 65537)), ali_mns.ERR_MNS_INVALID_ARGUMENT},
		"a receive from no queue":       {func(b *bench) error { _, err := receiveOne(queueOf(b.client, "nowhere")); return err }, ali_mns.ERR_MNS_QUEUE_NOT_EXIST},
		"a receive from an empty queue": {func(b *bench) error { _, err := receiveMany(b.queue, 16); return err }, ali_mns.ERR_MNS_MESSAGE_NOT_EXIST},
		"a receive of 17":               {func(b *bench) error { _, err := receiveMany(b.queue, 17); return err }, ali_mns.ERR_MNS_INVALID_QUERY_STRING},
		"a delete by an unknown handle": {func(b *bench) error { return b.queue.DeleteMessage("8-none") }, ali_mns.ERR_MNS_MESSAGE_NOT_EXIST},
		"a change of 0 seconds":         {func(b *bench) error { _, err := b.queue.ChangeMessageVisibility("8-a", 0); return err }, ali_mns.ERR_MNS_INVALID_QUERY_STRING},
		"a publish to no topic":         {publishTo("nowhere", "a", ""), ali_mns.ERR_MNS_TOPIC_NOT_EXIST},
		"a published body over 64 KB":   {publishTo("outcomes", strings.Repeat("a", 65537), ""), ali_mns.ERR_MNS_INVALID_ARGUMENT},
		"a tag of 17":                   {publishTo("outcomes", "a", strings.Repeat("t", 17)), ali_mns.ERR_MNS_INVALID_ARGUMENT},
		"a bad queue name":              {func(b *bench) error { return b.queues.CreateSimpleQueue("a_b") }, ali_mns.ERR_MNS_INVALID_QUEUE_NAME},
		"a bad topic name":              {func(b *bench) error { return b.topics.CreateSimpleTopic("a_b") }, ali_mns.ERR_MNS_INVALID_TOPIC_NAME},
		"a long queue name":             {func(b *bench) error { return b.queues.CreateSimpleQueue(strings.Repeat("q", 121)) }, ali_mns.ERR_MNS_QUEUE_NAME_LENGTH_ERROR},
		"a long topic name":             {func(b *bench) error { return b.topics.CreateSimpleTopic(strings.Repeat("q", 121)) }, ali_mns.ERR_MNS_TOPIC_NAME_LENGTH_ERROR},
		"a batch of 17": {func(b *bench) error {
			_, err := b.queue.BatchSendMessage(slices.Repeat([]ali_mns.MessageSendRequest{{MessageBody: "a", Priority: 8}}, 17)...)
			return err
		}, ali_mns.ERR_MNS_INVALID_ARGUMENT},
	}
	b := newBench(t)
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			wantSDK(t, c.call(b), c.want)
		})
	}
	if got := b.service.Stats("work"); got != (mns.Stats{}) || len(b.service.Published("outcomes")) != 0 {
		t.Errorf("what was refused left %+v and %+v", got, b.service.Published("outcomes"))
	}
}

func TestTheSDKSignsAsTheServiceVerifies(t *testing.T) {
	cases := map[string]struct {
		config ali_mns.AliMNSClientConfig
		want   *gogap.ErrCodeTemplate
	}{
		"a lasting key":              {ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "testsk"}, nil},
		"a key of a role":            {ali_mns.AliMNSClientConfig{AccessKeyId: "STS.role", AccessKeySecret: "rolesk", Token: "the-token"}, nil},
		"a role without its token":   {ali_mns.AliMNSClientConfig{AccessKeyId: "STS.role", AccessKeySecret: "rolesk"}, &ali_mns.ERR_MNS_UNKNOWN_CODE},
		"a key with a wrong secret":  {ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "othersk"}, &ali_mns.ERR_MNS_SIGNATURE_DOES_NOT_MATCH},
		"a key that nobody knows of": {ali_mns.AliMNSClientConfig{AccessKeyId: "nobody", AccessKeySecret: "sk"}, &ali_mns.ERR_MNS_INVALID_ACCESS_KEY_ID},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			_, err := topicOf(dial(t, s, c.config), "outcomes").PublishMessage(ali_mns.MessagePublishRequest{MessageBody: "a"})
			got := s.Published("outcomes")
			if c.want != nil {
				wantSDK(t, err, *c.want)
				return
			}
			if err != nil || len(got) != 1 || got[0].AccessKeyID != c.config.AccessKeyId {
				t.Errorf("published %+v, %v", got, err)
			}
		})
	}
}

func TestTheSDKReadsAnErrorThatIsWrittenInFront(t *testing.T) {
	cases := map[string]struct {
		status int
		code   string
		want   gogap.ErrCodeTemplate
	}{
		"a code that the SDK knows":         {500, "InternalError", ali_mns.ERR_MNS_INTERNAL_ERROR},
		"a refusal of access":               {403, "AccessDenied", ali_mns.ERR_MNS_ACCESS_DENIED},
		"a code that the SDK does not know": {429, "TooManyRequests", ali_mns.ERR_MNS_UNKNOWN_CODE},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.WriteError(w, r, c.status, c.code) })
			client := dial(t, front, ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "testsk"})
			_, err := topicOf(client, "outcomes").PublishMessage(ali_mns.MessagePublishRequest{MessageBody: "a"})
			wantSDK(t, err, c.want)
			if err == nil || !strings.Contains(err.Error(), c.code) {
				t.Errorf("the error %v does not tell %s", err, c.code)
			}
		})
	}
}

func TestABatchTellsWhichOfItsMessagesWasRefused(t *testing.T) {
	b := newBench(t)
	sent, err := b.queue.BatchSendMessage(ali_mns.MessageSendRequest{MessageBody: "1", Priority: 8}, ali_mns.MessageSendRequest{MessageBody: "2", Priority: 99})
	wantSDK(t, err, ali_mns.ERR_MNS_BATCH_OP_FAIL)
	if len(sent.Messages) != 2 || sent.Messages[0].MessageId == "" || sent.Messages[1].ErrorCode != "InvalidArgument" {
		t.Errorf("answered %+v", sent.Messages)
	}
	if m := mustReceive(t, b.queue); m.MessageBody != "1" {
		t.Errorf("received %+v, want the message that was taken", m)
	}
}
