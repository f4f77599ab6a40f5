package mns_test

import (
	"fmt"
	"strings"
	"testing"

	"vpn-attach/function/internal/standin/mns"
)

func TestAPartialSetLeavesTheRest(t *testing.T) {
	type set struct {
		resource, body string
		want           map[string]string
	}
	const spaced = `<Queue xmlns="http://mns.aliyuncs.com/doc/v1"><PollingWaitSeconds>5</PollingWaitSeconds></Queue>`
	declared := `<?xml version="1.0" encoding="UTF-8"?>` + strings.Replace(spaced, "/v1", "/v1/", 1)
	work := func(element string) string { return "<Queue>" + element + "</Queue>" }
	topic := func(element string) string { return "<Topic>" + element + "</Topic>" }
	each(t, map[string]set{
		"of a queue's logging": {"/queues/work", work("<LoggingEnabled>True</LoggingEnabled>"), map[string]string{
			"LoggingEnabled": "True", "MaxReceiveCount": "2", "VisibilityTimeout": "30", "DelaySeconds": "0"}},
		"of a queue's visibility": {"/queues/work", work("<VisibilityTimeout>9</VisibilityTimeout>"), map[string]string{
			"LoggingEnabled": "False", "VisibilityTimeout": "9", "MessageRetentionPeriod": "345600"}},
		"of nothing of a queue": {"/queues/work", work(""), map[string]string{
			"MaxReceiveCount": "2", "VisibilityTimeout": "30", "MaximumMessageSize": "65536"}},
		"of a topic's logging": {"/topics/outcomes", topic("<LoggingEnabled>true</LoggingEnabled>"), map[string]string{
			"LoggingEnabled": "True", "MaximumMessageSize": "65536", "MessageRetentionPeriod": "86400"}},
		"of a topic's size": {"/topics/outcomes", topic("<MaximumMessageSize>1024</MaximumMessageSize>"),
			map[string]string{"LoggingEnabled": "False", "MaximumMessageSize": "1024"}},
		"of a topic without a body": {"/topics/outcomes", "",
			map[string]string{"LoggingEnabled": "False", "MaximumMessageSize": "65536"}},
		"with the namespace of one SDK": {"/queues/work", spaced,
			map[string]string{"PollingWaitSeconds": "5", "VisibilityTimeout": "30", "MaxReceiveCount": "2"}},
		"with the namespace of another": {"/queues/work", declared,
			map[string]string{"PollingWaitSeconds": "5", "VisibilityTimeout": "30", "MaxReceiveCount": "2"}},
	}, func(t *testing.T, c set) {
		s := newService(t, 1)
		call(s, "PUT /queues/work?metaoverride=true", policy).want(t, "204")
		call(s, "PUT "+c.resource+"?metaoverride=true", c.body).want(t, "204")
		call(s, "GET "+c.resource, "").wantValues(t, c.want)
	})
}

func TestASubscriptionIsShownAndItsStrategyIsChanged(t *testing.T) {
	const at = "/topics/outcomes/subscriptions/ops"
	s := newService(t, 1)
	form := strings.Replace(subscription, "</Subscription>", "<FilterTag>failed</FilterTag></Subscription>", 1)
	made := call(s, "PUT "+at, form)
	made.want(t, "201")
	if location := made.header.Get("Location"); location != home+at {
		t.Errorf("it is at %q", location)
	}
	change := func(form, result, strategy string) {
		t.Helper()
		call(s, "PUT "+at+"?metaoverride=true", "<Subscription>"+form).want(t, result)
		got := call(s, "GET "+at, "")
		got.want(t, "200")
		got.wantValues(t, map[string]string{
			"SubscriptionName": "ops", "Subscriber": account, "TopicOwner": account, "TopicName": "outcomes",
			"Endpoint": toWork, "NotifyStrategy": strategy, "NotifyContentFormat": "XML", "FilterTag": "failed",
		})
	}
	const decay = "EXPONENTIAL_DECAY_RETRY"
	change("</Subscription>", "204", "BACKOFF_RETRY")
	change("<NotifyStrategy>"+decay+"</NotifyStrategy></Subscription>", "204", decay)
	change("</Subscription>", "204", decay)
	change("<NotifyStrategy>NEVER</NotifyStrategy></Subscription>", "400 InvalidArgument", decay)
	change("<Notify", "400 MalformedXML", decay)
	call(s, "DELETE "+at, "").want(t, "204")
	call(s, "GET "+at, "").want(t, "404 SubscriptionNotExist")
}

// Names of a query come in any case, and handles with or without escapes.
func TestAQueryIsReadAsClientsWriteIt(t *testing.T) {
	for i, c := range []struct{ receive, handle, timeout, hyphen string }{
		{"numOfMessages=1&waitseconds=0", "ReceiptHandle", "VisibilityTimeout", "-"},
		{"numofmessages=1", "receiptHandle", "visibilityTimeout", "%2D"},
		{"NUMOFMESSAGES=1&WaitSeconds=0", "RECEIPTHANDLE", "VISIBILITYTIMEOUT", "%2D"},
		{"&numOfMessages=1&", "receipthandle", "visibilitytimeout", "-"},
	} {
		t.Run(fmt.Sprintf("form %d", i), func(t *testing.T) {
			s := newService(t, 1)
			send(t, s, "work", "a", 0)
			by := func(got answer) string {
				handle := strings.ReplaceAll(got.value("ReceiptHandle"), "-", c.hyphen)
				return "/queues/work/messages?" + c.handle + "=" + handle
			}
			got := call(s, "GET /queues/work/messages?"+c.receive, "")
			got.want(t, "200")
			changed := call(s, "PUT "+by(got)+"&"+c.timeout+"=60", "")
			changed.want(t, "200")
			call(s, "DELETE "+by(changed), "").want(t, "204")
			if left := s.Stats("work"); left != (mns.Stats{}) {
				t.Errorf("left %+v", left)
			}
		})
	}
}

func TestABatchIsMeasuredByItsBodies(t *testing.T) {
	text := func(n int, of string) string {
		return "<Messages>" + strings.Repeat(message(strings.Repeat(of, n)), 16) + "</Messages>"
	}
	type batch struct {
		body, want string
		taken      int
	}
	each(t, map[string]batch{
		"64 KB together are taken":                      {text(4096, "a"), "201", 16},
		"64 KB of escaped characters are taken":         {text(4096, "&#34;"), "201", 16},
		"16 bytes more than 64 KB together are refused": {text(4097, "a"), "400 InvalidArgument", 0},
	}, func(t *testing.T, c batch) {
		s := newService(t, 1)
		call(s, "POST /queues/work/messages", c.body).want(t, c.want)
		if got := s.Stats("work").Active; got != c.taken {
			t.Errorf("took %d messages, want %d", got, c.taken)
		}
	})
}
