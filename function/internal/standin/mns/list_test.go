package mns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	ali_mns "github.com/aliyun/aliyun-mns-go-sdk"

	"vpn-attach/function/internal/standin/mns"
)

// listing asks for a list by hand.
func listing(s *mns.Service, resource string, headers map[string]string) answer {
	if headers == nil {
		headers = map[string]string{}
	}
	return serve(s, signed("GET", resource, "", headers))
}

func TestListsComeInPagesByPrefix(t *testing.T) {
	s := newService(t, 1)
	for i := range 5 {
		makeQueue(t, s, fmt.Sprintf("site-%d", i), mns.QueueAttributes{})
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
}

func TestAListIsAskedForWithinItsBounds(t *testing.T) {
	cases := map[string]struct {
		resource string
		headers  map[string]string
		status   int
		code     string
	}{
		"a thousand entries":            {"/queues", map[string]string{"x-mns-ret-number": "1000"}, 200, ""},
		"one entry":                     {"/topics", map[string]string{"x-mns-ret-number": "1"}, 200, ""},
		"more than a thousand":          {"/queues", map[string]string{"x-mns-ret-number": "1001"}, 400, "InvalidArgument"},
		"none":                          {"/topics", map[string]string{"x-mns-ret-number": "0"}, 400, "InvalidArgument"},
		"a number that is none":         {"/topics/outcomes/subscriptions", map[string]string{"x-mns-ret-number": "all"}, 400, "InvalidArgument"},
		"a prefix of nothing":           {"/queues", map[string]string{"x-mns-prefix": "none"}, 200, ""},
		"a marker behind the last":      {"/queues", map[string]string{"x-mns-marker": "zzz"}, 200, ""},
		"subscriptions of no topic":     {"/topics/none/subscriptions", nil, 404, "TopicNotExist"},
		"subscriptions of a topic":      {"/topics/outcomes/subscriptions", nil, 200, ""},
		"subscriptions of a queue":      {"/queues/work/subscriptions", nil, 400, "InvalidRequestURL"},
		"entries without their numbers": {"/queues", map[string]string{"x-mns-with-meta": "false"}, 200, ""},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := listing(newService(t, 1), c.resource, c.headers)
			got.want(t, c.status, c.code)
			if strings.Contains(got.text, "CreateTime") || got.value("NextMarker") != "" {
				t.Errorf("got %s", got.text)
			}
		})
	}
}

func TestEveryKindOfListHasPages(t *testing.T) {
	s := newService(t, 1)
	for _, name := range []string{"a", "b", "c"} {
		makeQueue(t, s, "page-"+name, mns.QueueAttributes{})
		call(s, "PUT", "/topics/page-"+name, "").want(t, 201, "")
		subscribe(t, s, "page-"+name, mns.Subscription{Endpoint: toWork})
	}
	for resource, element := range map[string]string{"/queues": "QueueURL", "/topics": "TopicURL", "/topics/outcomes/subscriptions": "SubscriptionURL"} {
		first := listing(s, resource, map[string]string{"x-mns-prefix": "page-", "x-mns-ret-number": "2"})
		rest := listing(s, resource, map[string]string{"x-mns-prefix": "page-", "x-mns-marker": first.value("NextMarker")})
		got := append(first.values(element), rest.values(element)...)
		want := "http://" + account + ".mns." + region + ".aliyuncs.com" + resource + "/page-"
		if !slices.Equal(got, []string{want + "a", want + "b", want + "c"}) || rest.value("NextMarker") != "" {
			t.Errorf("%s lists %q", resource, got)
		}
	}
}

func TestListsHaveAttributesWhenAsked(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	send(t, s, "work", "b", time.Hour)
	subscribe(t, s, "ops", mns.Subscription{Endpoint: toWork, FilterTag: "failed"})
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
	if list, err := topic.ListSubscriptionByTopic("", 10, ""); err != nil || len(list.Subscriptions) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if list, err := ali_mns.NewMNSTopicManager(b.client).ListTopic("", 10, "out"); err != nil || len(list.Topics) != 1 {
		t.Errorf("%+v, %v", list, err)
	}
	if err := topic.Unsubscribe("ops"); err != nil {
		t.Error(err)
	}
}
