package mns_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/mns"
)

const (
	policy = "<Queue><DlqPolicy><Enabled>true</Enabled><DeadLetterTargetQueue>letters</DeadLetterTargetQueue>" +
		"<MaxReceiveCount>2</MaxReceiveCount></DlqPolicy></Queue>"
	subscription = "<Subscription><Endpoint>" + toWork + "</Endpoint></Subscription>"
)

func TestAnActionIsNamedAndItsRequestCanStillBeServed(t *testing.T) {
	const (
		queue    = "<Queue><DelaySeconds>0</DelaySeconds></Queue>"
		messages = "<Messages><Message><MessageBody>a</MessageBody></Message></Messages>"
		handles  = "<ReceiptHandles><ReceiptHandle>8-none</ReceiptHandle></ReceiptHandles>"
		topic    = "<Topic><MaximumMessageSize>1024</MaximumMessageSize></Topic>"
		cdata    = `<?xml version="1.0"?><Message><MessageBody><![CDATA[<Messages>]]></MessageBody></Message>`
		receipt  = "/queues/work/messages?ReceiptHandle=8-none"
	)
	for _, c := range []struct{ action, call, body, want string }{
		{"CreateQueue", "PUT /queues/fresh", queue, "201"},
		{"SetQueueAttributes", "PUT /queues/work?metaoverride=true", queue, "204"},
		{"SetQueueAttributes", "PUT /queues/work?MetaOverride=true", queue, "204"},
		{"GetQueueAttributes", "GET /queues/work", "", "200"},
		{"DeleteQueue", "DELETE /queues/work", "", "204"},
		{"SendMessage", "POST /queues/work/messages", message("a"), "201"},
		{"BatchSendMessage", "POST /queues/work/messages", messages, "201"},
		{"ReceiveMessage", "GET /queues/work/messages", "", "404 MessageNotExist"},
		{"BatchReceiveMessage", "GET /queues/work/messages?numOfMessages=2&waitseconds=0", "", "404 MessageNotExist"},
		{"PeekMessage", "GET /queues/work/messages?peekonly=true", "", "404 MessageNotExist"},
		{"BatchPeekMessage", "GET /queues/work/messages?peekonly=true&numOfMessages=2", "", "404 MessageNotExist"},
		{"DeleteMessage", "DELETE " + receipt, "", "404 MessageNotExist"},
		{"ChangeMessageVisibility", "PUT " + receipt + "&VisibilityTimeout=1", "", "404 MessageNotExist"},
		{"BatchDeleteMessage", "DELETE /queues/work/messages", handles, "404"},
		{"CreateTopic", "PUT /topics/fresh", "", "201"},
		{"SetTopicAttributes", "PUT /topics/outcomes?metaoverride=true", topic, "204"},
		{"GetTopicAttributes", "GET /topics/outcomes", "", "200"},
		{"DeleteTopic", "DELETE /topics/outcomes", "", "204"},
		{"Subscribe", "PUT /topics/outcomes/subscriptions/sub", subscription, "201"},
		{"Unsubscribe", "DELETE /topics/outcomes/subscriptions/sub", "", "204"},
		{"PublishMessage", "POST /topics/outcomes/messages", message("a"), "201"},
		{"PublishMessage", "POST /topics/queues/messages", message("a"), "404 TopicNotExist"},
		{"SendMessage", "POST /queues/queues/messages", message("a"), "404 QueueNotExist"},
		{"SendMessage", "POST /queues/work/messages", cdata, "201"},
		{"SetSubscriptionAttributes", "PUT /topics/outcomes/subscriptions/sub?metaoverride=true", subscription,
			"404 SubscriptionNotExist"},
		{"GetSubscriptionAttributes", "GET /topics/outcomes/subscriptions/sub", "", "404 SubscriptionNotExist"},
		{"ListQueue", "GET /queues", "", "200"},
		{"ListTopic", "GET /topics", "", "200"},
		{"ListSubscriptionByTopic", "GET /topics/outcomes/subscriptions", "", "200"},
		{"", "POST /queues", "", "400 InvalidRequestURL"},
		{"", "PATCH /queues/work/messages", message("a"), "400 InvalidRequestURL"},
		{"", "PUT /queuesome/work", queue, "400 InvalidRequestURL"},
		{"", "GET /topics/outcomes/messages", "", "400 InvalidRequestURL"},
		{"", "GET /tropics/outcomes", "", "400 InvalidRequestURL"},
	} {
		t.Run(fmt.Sprintf("%s is %q", c.call, c.action), func(t *testing.T) {
			s := newService(t, 1)
			r := signed(c.call, c.body, map[string]string{"Content-MD5": rawMD5(c.body)})
			if got := s.Action(r); got != c.action {
				t.Errorf("the action is %q, want %q", got, c.action)
			}
			serve(s, r).want(t, c.want)
		})
	}
}

type wrongRequest struct{ call, body, want string }

func checkWrong(t *testing.T, c wrongRequest) {
	call(newService(t, 1), c.call, c.body).want(t, c.want)
}

const (
	badValue = "400 InvalidArgument"
	badQuery = "400 InvalidQueryString"
)

func TestAWrongCallAboutMessagesIsRefused(t *testing.T) {
	const (
		work    = "/queues/work/messages"
		topic   = "/topics/outcomes/messages"
		receipt = work + "?ReceiptHandle=8-a"
		bad     = work + "?ReceiptHandle=8-"
	)
	handles := func(n int) string {
		return "<ReceiptHandles>" + strings.Repeat("<ReceiptHandle>8-a</ReceiptHandle>", n) + "</ReceiptHandles>"
	}
	batch := func(n int) string { return "<Messages>" + strings.Repeat(message("a"), n) + "</Messages>" }
	tag := "<MessageTag>12345678901234567</MessageTag>"
	each(t, map[string]wrongRequest{
		"a body that is not XML":          {"POST " + work, "hello", "400 MalformedXML"},
		"an incomplete publish":           {"POST " + topic, "<Message><Mess", "400 MalformedXML"},
		"an empty batch":                  {"POST " + work, batch(0), badValue},
		"a batch of 17":                   {"POST " + work, batch(17), badValue},
		"a batch to an unknown queue":     {"POST /queues/nowhere/messages", batch(2), "404 QueueNotExist"},
		"seventeen handles":               {"DELETE " + work, handles(17), badValue},
		"handles of an unknown queue":     {"DELETE /queues/nowhere/messages", handles(2), "404 QueueNotExist"},
		"a delete by a bad handle":        {"DELETE " + bad, "", "400 ReceiptHandleError"},
		"a change by a bad handle":        {"PUT " + bad + "&VisibilityTimeout=1", "", "400 ReceiptHandleError"},
		"a delete without a handle":       {"DELETE " + work, "", "400 MissingReceiptHandle"},
		"a change without a handle":       {"PUT " + work + "?VisibilityTimeout=1", "", "400 MissingReceiptHandle"},
		"a change without a timeout":      {"PUT " + receipt, "", "400 MissingVisibilityTimeout"},
		"a change to a timeout of 0":      {"PUT " + receipt + "&VisibilityTimeout=0", "", badQuery},
		"a change to over twelve hours":   {"PUT " + receipt + "&VisibilityTimeout=43201", "", badQuery},
		"a receive of 17":                 {"GET " + work + "?numOfMessages=17", "", badQuery},
		"a receive of none":               {"GET " + work + "?numOfMessages=0", "", badQuery},
		"a long poll of 31 seconds":       {"GET " + work + "?waitseconds=31", "", badQuery},
		"a wait that is not a number":     {"GET " + work + "?waitseconds=soon", "", badQuery},
		"a receive from an unknown queue": {"GET /queues/nowhere/messages", "", "404 QueueNotExist"},
		"a peek at an unknown queue":      {"GET /queues/nowhere/messages?peekonly=true", "", "404 QueueNotExist"},
		"a priority of 17":                {"POST " + work, message("a", "<Priority>17</Priority>"), badValue},
		"a tag of 17 characters":          {"POST " + topic, message("a", tag), badValue},
		"a body of over 2 MB":             {"POST " + work, strings.Repeat("a", 2<<20+1), badValue},
	}, checkWrong)
}

func TestAWrongCallAboutQueuesAndTopicsIsRefused(t *testing.T) {
	const set = "?metaoverride=true"
	queue := func(name, value string) string { return "<Queue><" + name + ">" + value + "</" + name + "></Queue>" }
	size := func(bytes string) string {
		return "<Topic><MaximumMessageSize>" + bytes + "</MaximumMessageSize></Topic>"
	}
	long := strings.Repeat("t", 121)
	each(t, map[string]wrongRequest{
		"a queue that keeps under a minute":  {"PUT /queues/fresh", queue("MessageRetentionPeriod", "59"), badValue},
		"a queue that takes under 1 KB":      {"PUT /queues/fresh", queue("MaximumMessageSize", "1023"), badValue},
		"a queue with a poll of an hour":     {"PUT /queues/work" + set, queue("PollingWaitSeconds", "3600"), badValue},
		"a queue with other attributes":      {"PUT /queues/work", queue("DelaySeconds", "1"), "409 QueueAlreadyExist"},
		"the attributes of an unknown queue": {"GET /queues/nowhere", "", "404 QueueNotExist"},
		"the attributes of an unknown topic": {"GET /topics/nowhere", "", "404 TopicNotExist"},
		"a queue of a bad name":              {"PUT /queues/a_b", "<Queue/>", "400 InvalidQueueName"},
		"a topic of too long a name":         {"PUT /topics/" + long, "", "400 TopicNameLengthError"},
		"a topic of a bad name":              {"PUT /topics/a_b", "", "400 TopicNameInvalid"},
		"a topic that takes over 64 KB":      {"PUT /topics/fresh", size("65537"), badValue},
		"a topic with another size":          {"PUT /topics/outcomes", size("1024"), "409 TopicAlreadyExist"},
		"a change of an unknown topic":       {"PUT /topics/nowhere" + set, "<Topic/>", "404 TopicNotExist"},
		"a change of a topic to under 1 KB":  {"PUT /topics/outcomes" + set, size("1023"), badValue},
		"a subscription of a bad name": {
			"PUT /topics/outcomes/subscriptions/-a", subscription, "400 SubsriptionNameInvalid"},
	}, checkWrong)
}

func TestAPeekShowsNeitherHandleNorNextTime(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	seen := call(s, "GET /queues/work/messages?peekonly=true", "")
	seen.want(t, "200")
	if strings.Contains(seen.text, "ReceiptHandle") || strings.Contains(seen.text, "NextVisibleTime") {
		t.Errorf("a peek shows %s", seen.text)
	}
	enqueued := seen.value("EnqueueTime")
	if seen.value("DequeueCount") != "0" || seen.value("FirstDequeueTime") != enqueued || enqueued == "" {
		t.Errorf("a message that was never received is shown as %s", seen.text)
	}
	taken := call(s, "GET /queues/work/messages", "")
	taken.wantValues(t, map[string]string{"DequeueCount": "1", "Priority": "8"})
	if taken.value("ReceiptHandle") == "" || taken.value("NextVisibleTime") == "" {
		t.Errorf("a received message is shown as %s", taken.text)
	}
}

func TestAnAnswerHasTheServicesHeaders(t *testing.T) {
	s := newService(t, 1)
	for name, got := range map[string]answer{
		"an answer":  call(s, "GET /queues/work", ""),
		"a creation": call(s, "PUT /topics/fresh", ""),
		"a refusal":  call(s, "GET /queues/nowhere", ""),
	} {
		for header, want := range map[string]string{
			"Server": "AliyunMQS", "Content-Type": "text/xml;charset=utf-8", "x-mns-version": "2015-06-06",
		} {
			if got.header.Get(header) != want {
				t.Errorf("%s has the headers %v", name, got.header)
			}
		}
		if id := got.header.Get("x-mns-request-id"); len(id) != 24 {
			t.Errorf("%s has the request id %q, want 24 characters", name, id)
		}
	}
	if got := call(s, "PUT /topics/new", "").header.Get("Location"); got != home+"/topics/new" {
		t.Errorf("a new topic is at %q", got)
	}
}

func TestAnInjectedErrorHasTheServicesForm(t *testing.T) {
	type injected struct {
		status        int
		code, message string
	}
	each(t, map[string]injected{
		"a documented code has its documented text": {403, "AccessDenied",
			"The OwnerId that your Access Key Id associated to is forbidden for this operation."},
		"a code about a topic has its text":       {404, "TopicNotExist", "The topic name you provided is not exist."},
		"the status is the one that is asked for": {503, "InternalError", "Internal error."},
		"a code that is not documented is named":  {429, "Flooded", "The service answered Flooded."},
	}, func(t *testing.T, c injected) {
		w := httptest.NewRecorder()
		newService(t, 1).WriteError(w, signed("GET /queues/work", "", nil), c.status, c.code)
		got := recorded(w)
		got.want(t, fmt.Sprint(c.status, " ", c.code))
		got.wantValues(t, map[string]string{"Message": c.message, "HostId": host})
		namespaced := strings.Contains(got.text, `<Error xmlns="http://mns.aliyuncs.com/doc/v1">`)
		id := got.value("RequestId")
		if !namespaced || len(id) != 24 || id != got.header.Get("x-mns-request-id") {
			t.Errorf("got %s", got.text)
		}
	})
}

// A nil *Error in an error is not nil: no method that returns an error may let one through.
func TestSuccessIsNotAnError(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	_, received := s.Receive(t.Context(), "nothing", 1, 0)
	wantCode(t, received, "QueueNotExist")
	for name, err := range map[string]error{
		"making a queue": s.CreateQueue("fresh", mns.QueueAttributes{}),
		"making a topic": s.CreateTopic("fresh", mns.TopicAttributes{}),
		"subscribing":    s.Subscribe("outcomes", "sub", mns.Subscription{Endpoint: toWork}),
		"deleting":       s.Delete("work", one(t, s, "work").ReceiptHandle),
		"receiving none": func() error { _, err := s.Receive(t.Context(), "work", 1, 0); return err }(),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
