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

func publishing(body, tag string) ali_mns.MessagePublishRequest {
	return ali_mns.MessagePublishRequest{MessageBody: body, MessageTag: tag}
}

func TestTheSDKReadsRefusalsAsItsOwnErrors(t *testing.T) {
	b := newBench(t)
	noQueue, noTopic := queueOf(b.client, "nowhere"), topicOf(b.client, "nowhere")
	large, tag, name := strings.Repeat("a", 65537), strings.Repeat("t", 17), strings.Repeat("q", 121)
	batch := slices.Repeat([]ali_mns.MessageSendRequest{sending("a", 8)}, 17)
	of := func(_ any, err error) error { return err }
	for title, c := range map[string]struct {
		err  error
		want gogap.ErrCodeTemplate
	}{
		"a send to no queue":    {of(noQueue.SendMessage(sending("a", 8))), ali_mns.ERR_MNS_QUEUE_NOT_EXIST},
		"a large body":          {of(b.queue.SendMessage(sending(large, 8))), ali_mns.ERR_MNS_INVALID_ARGUMENT},
		"a receive of no queue": {of(receiveOne(noQueue)), ali_mns.ERR_MNS_QUEUE_NOT_EXIST},
		"a receive of nothing":  {of(receiveMany(b.queue, 16)), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST},
		"a receive of 17":       {of(receiveMany(b.queue, 17)), ali_mns.ERR_MNS_INVALID_QUERY_STRING},
		"an unknown handle":     {b.queue.DeleteMessage("8-none"), ali_mns.ERR_MNS_MESSAGE_NOT_EXIST},
		"a change to 0":         {of(b.queue.ChangeMessageVisibility("8-a", 0)), ali_mns.ERR_MNS_INVALID_QUERY_STRING},
		"a publish to no topic": {of(noTopic.PublishMessage(publishing("a", ""))), ali_mns.ERR_MNS_TOPIC_NOT_EXIST},
		"a large publish":       {of(b.topic.PublishMessage(publishing(large, ""))), ali_mns.ERR_MNS_INVALID_ARGUMENT},
		"a tag of 17":           {of(b.topic.PublishMessage(publishing("a", tag))), ali_mns.ERR_MNS_INVALID_ARGUMENT},
		"a bad queue name":      {b.queues.CreateSimpleQueue("a_b"), ali_mns.ERR_MNS_INVALID_QUEUE_NAME},
		"a bad topic name":      {b.topics.CreateSimpleTopic("a_b"), ali_mns.ERR_MNS_INVALID_TOPIC_NAME},
		"a long queue name":     {b.queues.CreateSimpleQueue(name), ali_mns.ERR_MNS_QUEUE_NAME_LENGTH_ERROR},
		"a long topic name":     {b.topics.CreateSimpleTopic(name), ali_mns.ERR_MNS_TOPIC_NAME_LENGTH_ERROR},
		"a batch of 17":         {of(b.queue.BatchSendMessage(batch...)), ali_mns.ERR_MNS_INVALID_ARGUMENT},
	} {
		t.Run(title, func(t *testing.T) { wantSDK(t, c.err, c.want) })
	}
	if got := b.service.Stats("work"); got != (mns.Stats{}) || len(b.service.Published("outcomes")) != 0 {
		t.Errorf("what was refused left %+v and %+v", got, b.service.Published("outcomes"))
	}
}

func TestTheSDKSignsAsTheServiceVerifies(t *testing.T) {
	type signer struct {
		id, secret, token string
		want              *gogap.ErrCodeTemplate
	}
	each(t, map[string]signer{
		"a long-term key":           {"ak", "testsk", "", nil},
		"a key of a role":           {"STS.role", "rolesk", "the-token", nil},
		"a role without its token":  {"STS.role", "rolesk", "", &ali_mns.ERR_MNS_UNKNOWN_CODE},
		"a key with a wrong secret": {"ak", "othersk", "", &ali_mns.ERR_MNS_SIGNATURE_DOES_NOT_MATCH},
		"an unknown key":            {"nobody", "sk", "", &ali_mns.ERR_MNS_INVALID_ACCESS_KEY_ID},
	}, func(t *testing.T, c signer) {
		s := newService(t, 1)
		config := ali_mns.AliMNSClientConfig{AccessKeyId: c.id, AccessKeySecret: c.secret, Token: c.token}
		_, err := topicOf(dial(s, config), "outcomes").PublishMessage(publishing("a", ""))
		if c.want != nil {
			wantSDK(t, err, *c.want)
			return
		}
		if got := s.Published("outcomes"); err != nil || len(got) != 1 || got[0].AccessKeyID != c.id {
			t.Errorf("published %+v, %v", got, err)
		}
	})
}

func TestTheSDKReadsAnInjectedError(t *testing.T) {
	type injected struct {
		status int
		code   string
		want   gogap.ErrCodeTemplate
	}
	each(t, map[string]injected{
		"a code that the SDK knows":         {500, "InternalError", ali_mns.ERR_MNS_INTERNAL_ERROR},
		"a refusal of access":               {403, "AccessDenied", ali_mns.ERR_MNS_ACCESS_DENIED},
		"a code that the SDK does not know": {429, "TooManyRequests", ali_mns.ERR_MNS_UNKNOWN_CODE},
	}, func(t *testing.T, c injected) {
		s := newService(t, 1)
		front := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.WriteError(w, r, c.status, c.code) })
		client := dial(front, ali_mns.AliMNSClientConfig{AccessKeyId: "ak", AccessKeySecret: "testsk"})
		_, err := topicOf(client, "outcomes").PublishMessage(publishing("a", ""))
		wantSDK(t, err, c.want)
		if err == nil || !strings.Contains(err.Error(), c.code) {
			t.Errorf("the error %v does not name %s", err, c.code)
		}
	})
}

func TestABatchSaysWhichOfItsMessagesWasRefused(t *testing.T) {
	b := newBench(t)
	sent, err := b.queue.BatchSendMessage(sending("1", 8), sending("2", 99))
	wantSDK(t, err, ali_mns.ERR_MNS_BATCH_OP_FAIL)
	if len(sent.Messages) != 2 || sent.Messages[0].MessageId == "" || sent.Messages[1].ErrorCode != "InvalidArgument" {
		t.Errorf("answered %+v", sent.Messages)
	}
	if m := mustReceive(t, b.queue); m.MessageBody != "1" {
		t.Errorf("received %+v, want the message that was accepted", m)
	}
}
