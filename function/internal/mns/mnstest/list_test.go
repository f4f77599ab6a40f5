package mnstest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/mns/mnstest"
)

// listing asks for a list by hand.
func listing(s *mnstest.Service, resource string, headers map[string]string) answer {
	if headers == nil {
		headers = map[string]string{}
	}
	return serve(s, signed("GET", resource, "", headers))
}

func TestListsComeInPagesByPrefix(t *testing.T) {
	s := newService(t, 1)
	for i := range 5 {
		makeQueue(t, s, fmt.Sprintf("site-%d", i), mnstest.QueueAttributes{})
	}
	whole := listing(s, "/queues", nil)
	whole.want(t, 200, "")
	if got := whole.values("QueueURL"); len(got) != 6 || got[0] != "http://1234567890123456.mns.cn-hangzhou.aliyuncs.com/queues/site-0" || whole.value("NextMarker") != "" {
		t.Errorf("got %q", got)
	}
	if strings.Count(whole.text, "xmlns") != 1 { // on the outermost element, as clients expect
		t.Errorf("got %s", whole.text)
	}
	var names []string
	marker := ""
	for range 3 {
		headers := map[string]string{"x-mns-prefix": "site-", "x-mns-ret-number": "2"}
		if marker != "" {
			headers["x-mns-marker"] = marker
		}
		page := listing(s, "/queues", headers)
		names = append(names, page.values("QueueURL")...)
		if marker = page.value("NextMarker"); marker == "" {
			break
		}
	}
	if len(names) != 5 || !strings.HasSuffix(names[4], "/site-4") || marker != "" {
		t.Errorf("the pages hold %q", names)
	}
	listing(s, "/queues", map[string]string{"x-mns-ret-number": "1001"}).want(t, 400, "InvalidArgument")
	listing(s, "/topics/none/subscriptions", nil).want(t, 404, "TopicNotExist")
}

func TestListsHaveAttributesWhenAsked(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	send(t, s, "work", "b", time.Hour)
	subscribe(t, s, "ops", mnstest.Subscription{Endpoint: toWork, FilterTag: "failed"})
	meta := map[string]string{"x-mns-with-meta": "true"}
	queues := listing(s, "/queues", meta)
	if queues.value("QueueName") != "work" || queues.value("ActiveMessages") != "1" || queues.value("DelayMessages") != "1" || queues.value("LoggingEnabled") != "False" {
		t.Errorf("got %s", queues.text)
	}
	if topics := listing(s, "/topics", meta); topics.value("TopicName") != "outcomes" || topics.value("MaximumMessageSize") != "65536" {
		t.Errorf("got %s", topics.text)
	}
	if subs := listing(s, "/topics/outcomes/subscriptions", meta); subs.value("SubscriptionName") != "ops" || subs.value("FilterTag") != "failed" || subs.value("NotifyStrategy") != "BACKOFF_RETRY" {
		t.Errorf("got %s", subs.text)
	}
}

func TestTheSDKListsWhatThereIs(t *testing.T) {
	b := newBench(t)
	queues, err := ali_mns.NewMNSQueueManager(b.client).ListQueue("", 10, "")
	if err != nil || len(queues.Queues) == 0 {
		t.Errorf("%+v, %v", queues, err)
	}
	details, err := ali_mns.NewMNSQueueManager(b.client).ListQueueDetail("", 10, "")
	if err != nil || !slices.ContainsFunc(details.Attrs, func(a ali_mns.QueueAttribute) bool { return a.QueueName == "work" && a.VisibilityTimeout == 30 }) {
		t.Errorf("%+v, %v", details, err)
	}
	topics, err := ali_mns.NewMNSTopicManager(b.client).ListTopicDetail("", 10, "")
	if err != nil || len(topics.Attrs) != 1 || topics.Attrs[0].TopicName != "outcomes" {
		t.Errorf("%+v, %v", topics, err)
	}
	topic := topicOf(b.client, "outcomes")
	if err := topic.Subscribe("ops", ali_mns.MessageSubsribeRequest{Endpoint: topic.GenerateQueueEndpoint("work"), NotifyContentFormat: ali_mns.SIMPLIFIED, NotifyStrategy: ali_mns.EXPONENTIAL_DECAY_RETRY}); err != nil {
		t.Fatal(err)
	}
	if err := topic.SetSubscriptionAttributes("ops", ali_mns.BACKOFF_RETRY); err != nil {
		t.Fatal(err)
	}
	if got, err := topic.GetSubscriptionAttributes("ops"); err != nil || got.NotifyStrategy != ali_mns.BACKOFF_RETRY || got.NotifyContentFormat != ali_mns.SIMPLIFIED || got.TopicOwner != account {
		t.Errorf("%+v, %v", got, err)
	}
	if list, err := topic.ListSubscriptionDetailByTopic("", 10, ""); err != nil || len(list.Attrs) != 1 || list.Attrs[0].SubscriptionName != "ops" {
		t.Errorf("%+v, %v", list, err)
	}
	if err := topic.Unsubscribe("ops"); err != nil {
		t.Error(err)
	}
}

const policy = "<Queue><DlqPolicy><Enabled>true</Enabled><DeadLetterTargetQueue>letters</DeadLetterTargetQueue><MaxReceiveCount>2</MaxReceiveCount></DlqPolicy></Queue>"

// The clients of the public suites do not know dead letters: this one writes the wire by hand.
func TestAMessageThatIsReceivedTooOftenBecomesADeadLetter(t *testing.T) {
	now := time.Now()
	s := mnstest.New(mnstest.Options{Account: account, Region: region, Keys: testKeys(), Now: func() time.Time { return now }})
	makeQueue(t, s, "work", mnstest.QueueAttributes{VisibilityTimeout: time.Second})
	call(s, "PUT", "/queues/work?metaoverride=true", policy).want(t, 204, "")
	read := call(s, "GET", "/queues/work", "")
	if read.value("DeadLetterTargetQueue") != "letters" || read.value("MaxReceiveCount") != "2" || read.value("Enabled") != "True" || read.value("VisibilityTimeout") != "1" {
		t.Errorf("the queue says %s", read.text)
	}
	send(t, s, "work", "poison", 0)
	first := one(t, s, "work")
	now = now.Add(2 * time.Second)
	one(t, s, "work")
	now = now.Add(2 * time.Second)
	if third := one(t, s, "work"); third.DequeueCount != 3 {
		t.Errorf("without the target queue it was received %d times", third.DequeueCount)
	}
	makeQueue(t, s, "letters", mnstest.QueueAttributes{})
	now = now.Add(2 * time.Second)
	if left := receive(t, s, "work"); len(left) != 0 {
		t.Errorf("received once more: %q", bodies(left))
	}
	if letter := one(t, s, "letters"); letter.Body != "poison" || letter.MessageID == first.MessageID || letter.DequeueCount != 1 {
		t.Errorf("the letter is %+v", letter)
	}
}

func TestAPolicyThatCanNotWorkIsRefused(t *testing.T) {
	s := newService(t, 1)
	for _, wrong := range []string{
		strings.Replace(policy, "letters", "", 1), strings.Replace(policy, ">2<", ">0<", 1), strings.Replace(policy, ">2<", ">1001<", 1),
	} {
		call(s, "PUT", "/queues/work?metaoverride=true", wrong).want(t, 400, "InvalidArgument")
	}
	call(s, "PUT", "/queues/work?metaoverride=true", "<Queue><DlqPolicy><Enabled>perhaps</Enabled></DlqPolicy></Queue>").want(t, 400, "MalformedXML")
}

func TestAPartialSetLeavesTheRest(t *testing.T) {
	s := newService(t, 1)
	call(s, "PUT", "/queues/work?metaoverride=true", policy).want(t, 204, "")
	call(s, "PUT", "/queues/work?metaoverride=true", "<Queue><LoggingEnabled>True</LoggingEnabled></Queue>").want(t, 204, "")
	got := call(s, "GET", "/queues/work", "")
	if got.value("LoggingEnabled") != "True" || got.value("MaxReceiveCount") != "2" || got.value("VisibilityTimeout") != "30" {
		t.Errorf("got %s", got.text)
	}
	call(s, "PUT", "/topics/outcomes?metaoverride=true", "<Topic><LoggingEnabled>True</LoggingEnabled></Topic>").want(t, 204, "")
	if got := call(s, "GET", "/topics/outcomes", ""); got.value("LoggingEnabled") != "True" || got.value("MaximumMessageSize") != "65536" {
		t.Errorf("got %s", got.text)
	}
}
