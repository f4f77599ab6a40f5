package mns_test

import (
	"bufio"
	"net"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// What clients that others wrote look at.

func TestASecondCreateSaysWhereTheFirstOneIs(t *testing.T) {
	s := newService(t, 1)
	for _, at := range []string{"/queues/fresh", "/topics/fresh", "/topics/outcomes/subscriptions/fresh"} {
		body := map[bool]string{true: "<Queue></Queue>", false: subscription}[strings.HasPrefix(at, "/queues")]
		if at == "/topics/fresh" {
			body = ""
		}
		for _, status := range []string{"201", "204"} {
			got := call(s, "PUT "+at, body)
			got.want(t, status)
			if location := got.header.Get("Location"); location != home+at {
				t.Errorf("%s answers %s with the location %q", at, status, location)
			}
		}
	}
}

func TestAListHasNamesAndURLsWithAttributesAndWithout(t *testing.T) {
	s := newService(t, 1)
	subscribe(t, s, "ops", mns.Subscription{Endpoint: toWork})
	for resource, want := range map[string]map[string]string{
		"/queues": {"QueueName": "work", "QueueURL": home + "/queues/work"},
		"/topics": {"TopicName": "outcomes", "TopicURL": home + "/topics/outcomes"},
		"/topics/outcomes/subscriptions": {
			"SubscriptionName": "ops", "SubscriptionURL": home + "/topics/outcomes/subscriptions/ops",
		},
	} {
		for _, meta := range []string{"true", "false"} {
			listing(s, resource, map[string]string{"x-mns-with-meta": meta}).wantValues(t, want)
		}
	}
}

func TestADelayedMessageIsDeletedByItsHandle(t *testing.T) {
	s := newService(t, 1)
	const at = "/queues/work/messages"
	if got := call(s, "POST "+at, message("now")); got.value("ReceiptHandle") != "" {
		t.Errorf("a message without delay has the handle %q", got.value("ReceiptHandle"))
	}
	for name, body := range map[string]string{
		"one":   message("later", "<DelaySeconds>60</DelaySeconds>"),
		"batch": "<Messages>" + message("later", "<DelaySeconds>60</DelaySeconds>") + "</Messages>",
	} {
		handle := call(s, "POST "+at, body).value("ReceiptHandle")
		if handle == "" || s.Stats("work").Delayed != 1 {
			t.Fatalf("%s: the handle is %q of %+v", name, handle, s.Stats("work"))
		}
		call(s, "DELETE "+at+"?ReceiptHandle="+handle, "").want(t, "204")
		if left := s.Stats("work"); left.Delayed != 0 {
			t.Errorf("%s: left %+v", name, left)
		}
	}
}

func TestAHandleOfADelayedMessageEndsWithTheDelay(t *testing.T) {
	virtually(t, func(t *testing.T) {
		s := newService(t, 1)
		sent := call(s, "POST /queues/work/messages", message("later", "<DelaySeconds>60</DelaySeconds>"))
		time.Sleep(61 * time.Second)
		call(s, "DELETE /queues/work/messages?ReceiptHandle="+sent.value("ReceiptHandle"), "").
			want(t, "404 MessageNotExist")
		if got := one(t, s, "work"); got.DequeueCount != 1 || got.Body != "later" {
			t.Errorf("received %+v", got)
		}
	})
}

const properties = "<UserProperties><PropertyValue><Name>k</Name><Value>&lt;v&gt;</Value><Type>STRING</Type>" +
	"</PropertyValue></UserProperties><SystemProperties><SystemPropertyValue><Name>baggage</Name><Value>b</Value>" +
	"<Type>STRING</Type></SystemPropertyValue></SystemProperties>"

func TestPropertiesAreHandedOn(t *testing.T) {
	const at = "/queues/work/messages"
	for name, way := range map[string]func(*mns.Service){
		"of a message": func(s *mns.Service) { call(s, "POST "+at, message("a", properties)) },
		"of a batch": func(s *mns.Service) {
			call(s, "POST "+at, "<Messages>"+message("a", properties)+"</Messages>")
		},
		"through a topic": func(s *mns.Service) { call(s, "POST /topics/outcomes/messages", message("a", properties)) },
	} {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			subscribe(t, s, "sub", simplified(toWork))
			way(s)
			for _, query := range []string{"?peekonly=true", "?numOfMessages=2"} {
				got := call(s, "GET "+at+query, "")
				// Those of the system come first, and there is a line break before each element: one SDK needs both.
				system, user, _ := strings.Cut(got.text, "<UserProperties>")
				whole := strings.Contains(system, ">baggage</Name>") && strings.Contains(user, ">&lt;v&gt;</Value>")
				if !whole || !strings.Contains(system, "  <SystemPropertyValue>\n") {
					t.Errorf("%s: got %s", query, got.text)
				}
			}
		})
	}
}

func TestPropertiesSurviveTheWayToTheDeadLetters(t *testing.T) {
	virtually(t, func(t *testing.T) {
		s := newService(t, 1)
		makeQueue(t, s, "letters", mns.QueueAttributes{})
		call(s, "PUT /queues/work?metaoverride=true", policy).want(t, "204")
		call(s, "POST /queues/work/messages", message("a", properties))
		for range 3 {
			receive(t, s, "work")
			time.Sleep(31 * time.Second)
		}
		if got := call(s, "GET /queues/letters/messages", ""); !strings.Contains(got.text, "<Name>baggage</Name>") {
			t.Errorf("got %s", got.text)
		}
	})
}

func TestTheAttributesOfTheAccountAreKept(t *testing.T) {
	s := newService(t, 1)
	got := call(s, "GET /?accountmeta=true", "")
	got.want(t, "200")
	if !strings.Contains(got.text, "<LoggingBucket></LoggingBucket>") {
		t.Errorf("got %s", got.text)
	}
	call(s, "PUT /?accountmeta=true", "<Account><LoggingBucket>logs</LoggingBucket></Account>").want(t, "204")
	call(s, "PUT /?accountmeta=true", "<Account></Account>").want(t, "204")
	call(s, "PUT /?accountmeta=true", "<Acc").want(t, "400 MalformedXML")
	call(s, "GET /?accountmeta=true", "").wantValues(t, map[string]string{"LoggingBucket": "logs"})
}

func TestTheEndpointOfAnotherAccountIsForbidden(t *testing.T) {
	for name, c := range map[string]struct{ host, want string }{
		"the own endpoint":                   {account + ".mns.cn-hangzhou.aliyuncs.com", "200"},
		"that of another account":            {"6543210987654321.mns.cn-hangzhou.aliyuncs.com", "403 AccessDenied"},
		"an address that names no account":   {"127.0.0.1:8600", "200"},
		"a private endpoint of this account": {account + ".mns.cn-hangzhou-internal.aliyuncs.com", "200"},
	} {
		t.Run(name, func(t *testing.T) {
			r := signed("GET /queues", "", nil)
			r.Host, r.URL.Path = c.host, "/queues"
			serve(newService(t, 1), r).want(t, c.want)
		})
	}
	r := signed("GET /queues", "", nil)
	r.URL.Path = "/6543210987654321.mns.cn-hangzhou.local.test/queues"
	serve(newService(t, 1), r).want(t, "403 AccessDenied")
}

func TestTheServicesHeadersAreInLowerCaseOnTheWire(t *testing.T) {
	server := httptest.NewServer(newService(t, 1))
	defer server.Close()
	connection, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer connection.Close()
	const asked = "GET /queues HTTP/1.1\r\nHost: asked.example\r\nConnection: close\r\n\r\n"
	if _, err := connection.Write([]byte(asked)); err != nil {
		t.Fatal(err)
	}
	var text strings.Builder
	if _, err := bufio.NewReader(connection).WriteTo(&text); err != nil {
		t.Fatal(err)
	}
	_, id, found := strings.Cut(text.String(), "\r\nx-mns-request-id: ")
	id, _, _ = strings.Cut(id, "\r\n")
	if !found || !strings.Contains(text.String(), "<RequestId>"+id+"</RequestId>") ||
		!strings.Contains(text.String(), "\r\nx-mns-version: 2015-06-06\r\n") ||
		!strings.Contains(text.String(), "<HostId>http://asked.example</HostId>") {
		t.Errorf("got %s", text.String())
	}
}
