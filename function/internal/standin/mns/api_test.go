package mns_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

func TestAnActionIsNamedAndItsRequestCanStillBeServed(t *testing.T) {
	const (
		queue    = "<Queue><DelaySeconds>0</DelaySeconds></Queue>"
		message  = "<Message><MessageBody>a</MessageBody></Message>"
		messages = "<Messages>" + message + message + "</Messages>"
		handles  = "<ReceiptHandles><ReceiptHandle>8-none</ReceiptHandle></ReceiptHandles>"
		sub      = "<Subscription><Endpoint>" + toWork + "</Endpoint></Subscription>"
	)
	cases := []struct {
		action, method, resource, body string
		status                         int
		code                           string
	}{
		{"CreateQueue", "PUT", "/queues/fresh", queue, 201, ""},
		{"SetQueueAttributes", "PUT", "/queues/work?metaoverride=true", queue, 204, ""},
		{"SetQueueAttributes", "PUT", "/queues/work?MetaOverride=true", queue, 204, ""},
		{"GetQueueAttributes", "GET", "/queues/work", "", 200, ""},
		{"DeleteQueue", "DELETE", "/queues/work", "", 204, ""},
		{"SendMessage", "POST", "/queues/work/messages", message, 201, ""},
		{"BatchSendMessage", "POST", "/queues/work/messages", messages, 201, ""},
		{"ReceiveMessage", "GET", "/queues/work/messages", "", 404, "MessageNotExist"},
		{"BatchReceiveMessage", "GET", "/queues/work/messages?numOfMessages=2&waitseconds=0", "", 404, "MessageNotExist"},
		{"PeekMessage", "GET", "/queues/work/messages?peekonly=true", "", 404, "MessageNotExist"},
		{"BatchPeekMessage", "GET", "/queues/work/messages?peekonly=true&numOfMessages=2", "", 404, "MessageNotExist"},
		{"DeleteMessage", "DELETE", "/queues/work/messages?ReceiptHandle=8-none", "", 404, "MessageNotExist"},
		{"ChangeMessageVisibility", "PUT", "/queues/work/messages?ReceiptHandle=8-none&VisibilityTimeout=1", "", 404, "MessageNotExist"},
		{"BatchDeleteMessage", "DELETE", "/queues/work/messages", handles, 404, ""},
		{"CreateTopic", "PUT", "/topics/fresh", "", 201, ""},
		{"SetTopicAttributes", "PUT", "/topics/outcomes?metaoverride=true", "<Topic><MaximumMessageSize>1024</MaximumMessageSize></Topic>", 204, ""},
		{"GetTopicAttributes", "GET", "/topics/outcomes", "", 200, ""},
		{"DeleteTopic", "DELETE", "/topics/outcomes", "", 204, ""},
		{"Subscribe", "PUT", "/topics/outcomes/subscriptions/sub", sub, 201, ""},
		{"Unsubscribe", "DELETE", "/topics/outcomes/subscriptions/sub", "", 204, ""},
		{"PublishMessage", "POST", "/topics/outcomes/messages", message, 201, ""},
		{"PublishMessage", "POST", "/topics/queues/messages", message, 404, "TopicNotExist"},
		{"SendMessage", "POST", "/queues/queues/messages", message, 404, "QueueNotExist"},
		{"SendMessage", "POST", "/queues/work/messages", "<?xml version=\"1.0\"?><Message><MessageBody><![CDATA[<Messages>]]></MessageBody></Message>", 201, ""},
		{"SetSubscriptionAttributes", "PUT", "/topics/outcomes/subscriptions/sub?metaoverride=true", sub, 404, "SubscriptionNotExist"},
		{"GetSubscriptionAttributes", "GET", "/topics/outcomes/subscriptions/sub", "", 404, "SubscriptionNotExist"},
		{"ListQueue", "GET", "/queues", "", 200, ""},
		{"ListTopic", "GET", "/topics", "", 200, ""},
		{"ListSubscriptionByTopic", "GET", "/topics/outcomes/subscriptions", "", 200, ""},
		{"", "POST", "/queues", "", 400, "InvalidRequestURL"},
		{"", "PATCH", "/queues/work/messages", message, 400, "InvalidRequestURL"},
		{"", "PUT", "/queuesome/work", queue, 400, "InvalidRequestURL"},
		{"", "GET", "/topics/outcomes/messages", "", 400, "InvalidRequestURL"},
		{"", "GET", "/tropics/outcomes", "", 400, "InvalidRequestURL"},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%s %s is %q", c.method, c.resource, c.action), func(t *testing.T) {
			s := newService(t, 1)
			r := signed(c.method, c.resource, c.body, map[string]string{"Content-MD5": rawMD5(c.body)})
			if got := s.Action(r); got != c.action {
				t.Errorf("the action is %q, want %q", got, c.action)
			}
			serve(s, r).want(t, c.status, c.code)
		})
	}
}

func TestAWrongRequestIsRefusedWithItsCode(t *testing.T) {
	batch := func(element, each string, n int) string {
		return "<" + element + ">" + strings.Repeat(each, n) + "</" + element + ">"
	}
	message := "<Message><MessageBody>a</MessageBody></Message>"
	cases := map[string]struct {
		method, resource, body string
		status                 int
		code                   string
	}{
		"a body that is no XML":                    {"POST", "/queues/work/messages", "hello", 400, "MalformedXML"},
		"a publish that breaks off":                {"POST", "/topics/outcomes/messages", "<Message><Mess", 400, "MalformedXML"},
		"a batch of none":                          {"POST", "/queues/work/messages", "<Messages></Messages>", 400, "InvalidArgument"},
		"a batch of 17":                            {"POST", "/queues/work/messages", batch("Messages", message, 17), 400, "InvalidArgument"},
		"a batch to a queue that is not there":     {"POST", "/queues/nowhere/messages", batch("Messages", message, 2), 404, "QueueNotExist"},
		"seventeen handles":                        {"DELETE", "/queues/work/messages", batch("ReceiptHandles", "<ReceiptHandle>8-a</ReceiptHandle>", 17), 400, "InvalidArgument"},
		"handles for a queue that is not there":    {"DELETE", "/queues/nowhere/messages", batch("ReceiptHandles", "<ReceiptHandle>8-a</ReceiptHandle>", 2), 404, "QueueNotExist"},
		"a handle of no known form":                {"DELETE", "/queues/work/messages?ReceiptHandle=garbage", "", 400, "ReceiptHandleError"},
		"a change by a handle of no known form":    {"PUT", "/queues/work/messages?ReceiptHandle=8-&VisibilityTimeout=1", "", 400, "ReceiptHandleError"},
		"a delete without a handle":                {"DELETE", "/queues/work/messages", "", 400, "MissingReceiptHandle"},
		"a change without a handle":                {"PUT", "/queues/work/messages?VisibilityTimeout=1", "", 400, "MissingReceiptHandle"},
		"a change without a timeout":               {"PUT", "/queues/work/messages?ReceiptHandle=8-a", "", 400, "MissingVisibilityTimeout"},
		"a change to a timeout of 0":               {"PUT", "/queues/work/messages?ReceiptHandle=8-a&VisibilityTimeout=0", "", 400, "InvalidQueryString"},
		"a change beyond twelve hours":             {"PUT", "/queues/work/messages?ReceiptHandle=8-a&VisibilityTimeout=43201", "", 400, "InvalidQueryString"},
		"a receive of 17":                          {"GET", "/queues/work/messages?numOfMessages=17", "", 400, "InvalidQueryString"},
		"a receive of none":                        {"GET", "/queues/work/messages?numOfMessages=0", "", 400, "InvalidQueryString"},
		"a long poll of 31 seconds":                {"GET", "/queues/work/messages?waitseconds=31", "", 400, "InvalidQueryString"},
		"a wait that is no number":                 {"GET", "/queues/work/messages?waitseconds=soon", "", 400, "InvalidQueryString"},
		"a receive from a queue that is not there": {"GET", "/queues/nowhere/messages", "", 404, "QueueNotExist"},
		"a peek into a queue that is not there":    {"GET", "/queues/nowhere/messages?peekonly=true", "", 404, "QueueNotExist"},
		"a priority of 17":                         {"POST", "/queues/work/messages", "<Message><MessageBody>a</MessageBody><Priority>17</Priority></Message>", 400, "InvalidArgument"},
		"a tag of 17 characters":                   {"POST", "/topics/outcomes/messages", "<Message><MessageBody>a</MessageBody><MessageTag>12345678901234567</MessageTag></Message>", 400, "InvalidArgument"},
		"a queue that keeps for under a minute":    {"PUT", "/queues/fresh", "<Queue><MessageRetentionPeriod>59</MessageRetentionPeriod></Queue>", 400, "InvalidArgument"},
		"a queue that takes under 1 KB":            {"PUT", "/queues/fresh", "<Queue><MaximumMessageSize>1023</MaximumMessageSize></Queue>", 400, "InvalidArgument"},
		"a queue with an hour's long poll":         {"PUT", "/queues/work?metaoverride=true", "<Queue><PollingWaitSeconds>3600</PollingWaitSeconds></Queue>", 400, "InvalidArgument"},
		"a queue that is made with other numbers":  {"PUT", "/queues/work", "<Queue><DelaySeconds>1</DelaySeconds></Queue>", 409, "QueueAlreadyExist"},
		"the attributes of no queue":               {"GET", "/queues/nowhere", "", 404, "QueueNotExist"},
		"the attributes of no topic":               {"GET", "/topics/nowhere", "", 404, "TopicNotExist"},
		"a queue of a bad name":                    {"PUT", "/queues/a_b", "<Queue/>", 400, "InvalidQueueName"},
		"a topic of too long a name":               {"PUT", "/topics/" + strings.Repeat("t", 121), "", 400, "TopicNameLengthError"},
		"a subscription of a bad name":             {"PUT", "/topics/outcomes/subscriptions/-a", "<Subscription><Endpoint>" + toWork + "</Endpoint></Subscription>", 400, "SubsriptionNameInvalid"},
		"a topic that takes over 64 KB":            {"PUT", "/topics/fresh", "<Topic><MaximumMessageSize>65537</MaximumMessageSize></Topic>", 400, "InvalidArgument"},
		"a topic that is made with another size":   {"PUT", "/topics/outcomes", "<Topic><MaximumMessageSize>1024</MaximumMessageSize></Topic>", 409, "TopicAlreadyExist"},
		"changing a topic that is not there":       {"PUT", "/topics/nowhere?metaoverride=true", "<Topic/>", 404, "TopicNotExist"},
		"changing a topic to under 1 KB":           {"PUT", "/topics/outcomes?metaoverride=true", "<Topic><MaximumMessageSize>1023</MaximumMessageSize></Topic>", 400, "InvalidArgument"},
		"a topic of a bad name":                    {"PUT", "/topics/a_b", "", 400, "TopicNameInvalid"},
		"a body beyond everything":                 {"POST", "/queues/work/messages", strings.Repeat("a", 2<<20+1), 400, "InvalidArgument"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			call(newService(t, 1), c.method, c.resource, c.body).want(t, c.status, c.code)
		})
	}
}

func TestABatchIsMeasuredByItsBodies(t *testing.T) {
	text := func(n int, of string) string {
		return "<Messages>" + strings.Repeat("<Message><MessageBody>"+strings.Repeat(of, n)+"</MessageBody></Message>", 16) + "</Messages>"
	}
	cases := map[string]struct {
		body   string
		status int
		code   string
	}{
		"64 KB together are taken":                      {text(4096, "a"), 201, ""},
		"64 KB of escaped signs are taken as well":      {text(4096, "&#34;"), 201, ""},
		"16 bytes more than 64 KB together are refused": {text(4097, "a"), 400, "InvalidArgument"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			call(s, "POST", "/queues/work/messages", c.body).want(t, c.status, c.code)
			if got := s.Stats("work").Active; got != 0 && c.status != 201 || got != 16 && c.status == 201 {
				t.Errorf("answered %d and took %d messages", c.status, got)
			}
		})
	}
}

func TestSetAttributesLeavesWhatItDoesNotName(t *testing.T) {
	s := newService(t, 1)
	call(s, "PUT", "/queues/fresh", "<Queue><DelaySeconds>5</DelaySeconds><VisibilityTimeout>60</VisibilityTimeout></Queue>").want(t, 201, "")
	call(s, "PUT", "/queues/fresh?metaoverride=true", "<Queue><DelaySeconds>0</DelaySeconds><PollingWaitSeconds>7</PollingWaitSeconds></Queue>").want(t, 204, "")
	got := call(s, "GET", "/queues/fresh", "")
	for name, want := range map[string]string{"QueueName": "fresh", "DelaySeconds": "0", "VisibilityTimeout": "60", "PollingWaitSeconds": "7", "MessageRetentionPeriod": "345600", "MaximumMessageSize": "65536"} {
		if value := got.value(name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
}

func TestAPeekShowsNeitherHandleNorNextTime(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	seen := call(s, "GET", "/queues/work/messages?peekonly=true", "")
	seen.want(t, 200, "")
	if strings.Contains(seen.text, "ReceiptHandle") || strings.Contains(seen.text, "NextVisibleTime") {
		t.Errorf("a peek shows %s", seen.text)
	}
	if seen.value("DequeueCount") != "0" || seen.value("FirstDequeueTime") != seen.value("EnqueueTime") || seen.value("EnqueueTime") == "" {
		t.Errorf("a message never received is shown as %s", seen.text)
	}
	taken := call(s, "GET", "/queues/work/messages", "")
	if taken.value("ReceiptHandle") == "" || taken.value("NextVisibleTime") == "" || taken.value("DequeueCount") != "1" || taken.value("Priority") != "8" {
		t.Errorf("a peek took the message: %s", taken.text)
	}
}

func TestAnAnswerCarriesTheServicesHeaders(t *testing.T) {
	s := newService(t, 1)
	for name, got := range map[string]answer{
		"an answer":  call(s, "GET", "/queues/work", ""),
		"a creation": call(s, "PUT", "/topics/fresh", ""),
		"a refusal":  call(s, "GET", "/queues/nowhere", ""),
	} {
		if got.header.Get("Server") != "AliyunMQS" || got.header.Get("Content-Type") != "text/xml;charset=utf-8" || got.header.Get("x-mns-version") != "2015-06-06" {
			t.Errorf("%s has the headers %v", name, got.header)
		}
		if id := got.header.Get("x-mns-request-id"); len(id) != 24 {
			t.Errorf("%s has the request id %q, want 24 characters", name, id)
		}
	}
	if got, want := call(s, "PUT", "/topics/new", "").header.Get("Location"), "http://"+account+".mns."+region+".aliyuncs.com/topics/new"; got != want {
		t.Errorf("a new topic is at %q, want %q", got, want)
	}
}

func TestWriteErrorHasTheServicesForm(t *testing.T) {
	s := newService(t, 1)
	w := httptest.NewRecorder()
	s.WriteError(w, signed("GET", "/queues/work", "", nil), http.StatusServiceUnavailable, "ServiceUnavailable")
	got := answer{w.Code, w.Header(), w.Body.String()}
	got.want(t, 503, "ServiceUnavailable")
	if !strings.Contains(got.text, `<Error xmlns="http://mns.aliyuncs.com/doc/v1/">`) || len(got.value("RequestId")) != 24 ||
		got.value("Message") == "" || got.value("HostId") != "http://"+account+".mns."+region+".aliyuncs.com" {
		t.Errorf("got %s", got.text)
	}
}
