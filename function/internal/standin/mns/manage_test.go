package mns_test

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/mns"
)

func TestAPartialSetLeavesTheRest(t *testing.T) {
	cases := map[string]struct {
		resource, body string
		want           map[string]string
	}{
		"of a queue's logging": {"/queues/work", "<Queue><LoggingEnabled>True</LoggingEnabled></Queue>",
			map[string]string{"LoggingEnabled": "True", "MaxReceiveCount": "2", "VisibilityTimeout": "30", "DelaySeconds": "0"}},
		"of a queue's visibility": {"/queues/work", "<Queue><VisibilityTimeout>600</VisibilityTimeout></Queue>",
			map[string]string{"LoggingEnabled": "False", "MaxReceiveCount": "2", "VisibilityTimeout": "600", "MessageRetentionPeriod": "345600"}},
		"of nothing of a queue": {"/queues/work", "<Queue></Queue>",
			map[string]string{"MaxReceiveCount": "2", "VisibilityTimeout": "30", "MaximumMessageSize": "65536"}},
		"of a topic's logging": {"/topics/outcomes", "<Topic><LoggingEnabled>true</LoggingEnabled></Topic>",
			map[string]string{"LoggingEnabled": "True", "MaximumMessageSize": "65536", "MessageRetentionPeriod": "86400"}},
		"of a topic's size": {"/topics/outcomes", "<Topic><MaximumMessageSize>1024</MaximumMessageSize></Topic>",
			map[string]string{"LoggingEnabled": "False", "MaximumMessageSize": "1024"}},
		"of a topic without a body": {"/topics/outcomes", "",
			map[string]string{"LoggingEnabled": "False", "MaximumMessageSize": "65536"}},
		"with the namespace of one SDK": {"/queues/work", `<Queue xmlns="http://mns.aliyuncs.com/doc/v1"><PollingWaitSeconds>5</PollingWaitSeconds></Queue>`,
			map[string]string{"PollingWaitSeconds": "5", "VisibilityTimeout": "30"}},
		"with the namespace of another": {"/queues/work", `<?xml version="1.0" encoding="UTF-8"?><Queue xmlns="http://mns.aliyuncs.com/doc/v1/"><PollingWaitSeconds>6</PollingWaitSeconds></Queue>`,
			map[string]string{"PollingWaitSeconds": "6", "VisibilityTimeout": "30"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			call(s, "PUT", "/queues/work?metaoverride=true", policy).want(t, 204, "")
			call(s, "PUT", c.resource+"?metaoverride=true", c.body).want(t, 204, "")
			got := call(s, "GET", c.resource, "")
			for element, want := range c.want {
				if got.value(element) != want {
					t.Errorf("%s is %q, want %q", element, got.value(element), want)
				}
			}
		})
	}
}

func TestASubscriptionIsShownAndItsStrategyChanged(t *testing.T) {
	const at = "/topics/outcomes/subscriptions/ops"
	s := newService(t, 1)
	made := call(s, "PUT", at, "<Subscription><Endpoint>"+toWork+"</Endpoint><FilterTag>failed</FilterTag></Subscription>")
	made.want(t, 201, "")
	if location := made.header.Get("Location"); !strings.HasSuffix(location, ".aliyuncs.com"+at) {
		t.Errorf("it is at %q", location)
	}
	shown := func(strategy string) {
		t.Helper()
		got := call(s, "GET", at, "")
		got.want(t, 200, "")
		for element, want := range map[string]string{
			"SubscriptionName": "ops", "Subscriber": account, "TopicOwner": account, "TopicName": "outcomes", "Endpoint": toWork,
			"NotifyStrategy": strategy, "NotifyContentFormat": "XML", "FilterTag": "failed",
		} {
			if got.value(element) != want {
				t.Errorf("%s is %q, want %q", element, got.value(element), want)
			}
		}
	}
	shown("BACKOFF_RETRY")
	call(s, "PUT", at+"?metaoverride=true", "<Subscription><NotifyStrategy>EXPONENTIAL_DECAY_RETRY</NotifyStrategy></Subscription>").want(t, 204, "")
	shown("EXPONENTIAL_DECAY_RETRY")
	call(s, "PUT", at+"?metaoverride=true", "<Subscription></Subscription>").want(t, 204, "")
	shown("EXPONENTIAL_DECAY_RETRY")
	call(s, "PUT", at+"?metaoverride=true", "<Subscription><NotifyStrategy>NEVER</NotifyStrategy></Subscription>").want(t, 400, "InvalidArgument")
	call(s, "PUT", at+"?metaoverride=true", "<Subscription><Notify").want(t, 400, "MalformedXML")
	shown("EXPONENTIAL_DECAY_RETRY")
	call(s, "DELETE", at, "").want(t, 204, "")
	call(s, "GET", at, "").want(t, 404, "SubscriptionNotExist")
}

// Names of a query come in any case, and handles with or without escapes.
func TestAQueryIsReadAsClientsWriteIt(t *testing.T) {
	escaped := func(handle string) string { return strings.ReplaceAll(handle, "-", "%2D") }
	plain := func(handle string) string { return handle }
	for i, c := range []struct {
		receive, handle, timeout string
		write                    func(string) string
	}{
		{"numOfMessages=1&waitseconds=0", "ReceiptHandle", "VisibilityTimeout", plain},
		{"numofmessages=1", "receiptHandle", "visibilityTimeout", escaped},
		{"NUMOFMESSAGES=1&WaitSeconds=0", "RECEIPTHANDLE", "VISIBILITYTIMEOUT", escaped},
		{"&numOfMessages=1&", "receipthandle", "visibilitytimeout", plain},
	} {
		t.Run(fmt.Sprintf("form %d", i), func(t *testing.T) {
			s := newService(t, 1)
			send(t, s, "work", "a", 0)
			got := call(s, "GET", "/queues/work/messages?"+c.receive, "")
			got.want(t, 200, "")
			changed := call(s, "PUT", "/queues/work/messages?"+c.handle+"="+c.write(got.value("ReceiptHandle"))+"&"+c.timeout+"=60", "")
			changed.want(t, 200, "")
			call(s, "DELETE", "/queues/work/messages?"+c.handle+"="+c.write(changed.value("ReceiptHandle")), "").want(t, 204, "")
			if left := s.Stats("work"); left != (mns.Stats{}) {
				t.Errorf("left %+v", left)
			}
		})
	}
}
