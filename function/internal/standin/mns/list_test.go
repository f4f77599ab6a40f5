package mns_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// listing asks for a list by hand.
func listing(s *mns.Service, resource string, headers map[string]string) answer {
	return serve(s, signed("GET "+resource, "", headers))
}

func TestAListNamesEverythingByDefault(t *testing.T) {
	s := newService(t, 1)
	for i := range 5 {
		makeQueue(t, s, fmt.Sprintf("site-%d", i), mns.QueueAttributes{})
	}
	whole := listing(s, "/queues", nil)
	whole.want(t, "200")
	got := whole.values("QueueURL")
	if len(got) != 6 || got[0] != home+"/queues/site-0" || whole.value("NextMarker") != "" {
		t.Errorf("got %q", got)
	}
	if strings.Count(whole.text, "xmlns") != 1 { // on the outermost element, as clients expect
		t.Errorf("got %s", whole.text)
	}
}

func TestAListIsAskedForWithinItsBounds(t *testing.T) {
	const subscriptions = "/topics/outcomes/subscriptions"
	type asked struct{ resource, header, value, want string }
	each(t, map[string]asked{
		"a thousand entries":               {"/queues", "x-mns-ret-number", "1000", "200"},
		"one entry":                        {"/topics", "x-mns-ret-number", "1", "200"},
		"more than a thousand":             {"/queues", "x-mns-ret-number", "1001", "400 InvalidArgument"},
		"none":                             {"/topics", "x-mns-ret-number", "0", "400 InvalidArgument"},
		"a word instead of a number":       {subscriptions, "x-mns-ret-number", "all", "400 InvalidArgument"},
		"a prefix of nothing":              {"/queues", "x-mns-prefix", "none", "200"},
		"a marker behind the last":         {"/queues", "x-mns-marker", "zzz", "200"},
		"subscriptions of no topic":        {"/topics/none/subscriptions", "x-mns-prefix", "", "404 TopicNotExist"},
		"subscriptions of a topic":         {subscriptions, "x-mns-prefix", "", "200"},
		"subscriptions of a queue":         {"/queues/work/subscriptions", "x-mns-prefix", "", "400 InvalidRequestURL"},
		"entries without their attributes": {"/queues", "x-mns-with-meta", "false", "200"},
	}, func(t *testing.T, c asked) {
		got := listing(newService(t, 1), c.resource, map[string]string{c.header: c.value})
		got.want(t, c.want)
		if strings.Contains(got.text, "CreateTime") || got.value("NextMarker") != "" {
			t.Errorf("got %s", got.text)
		}
	})
}

func TestEveryKindOfListHasPages(t *testing.T) {
	s := newService(t, 1)
	for _, name := range []string{"a", "b", "c"} {
		makeQueue(t, s, "page-"+name, mns.QueueAttributes{})
		call(s, "PUT /topics/page-"+name, "").want(t, "201")
		subscribe(t, s, "page-"+name, mns.Subscription{Endpoint: toWork})
	}
	for resource, element := range map[string]string{
		"/queues": "QueueURL", "/topics": "TopicURL", "/topics/outcomes/subscriptions": "SubscriptionURL",
	} {
		headers := map[string]string{"x-mns-prefix": "page-", "x-mns-ret-number": "1"}
		var got []string
		for range 3 {
			page := listing(s, resource, headers)
			got = append(got, page.values(element)...)
			headers["x-mns-marker"] = page.value("NextMarker")
		}
		at := home + resource + "/page-"
		if !slices.Equal(got, []string{at + "a", at + "b", at + "c"}) || headers["x-mns-marker"] != "" {
			t.Errorf("%s lists %q", resource, got)
		}
	}
}

func TestAListHasAttributesWhenTheyAreAskedFor(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	send(t, s, "work", "b", time.Hour)
	subscribe(t, s, "ops", mns.Subscription{Endpoint: toWork, FilterTag: "failed"})
	meta := map[string]string{"x-mns-with-meta": "true"}
	listing(s, "/queues", meta).wantValues(t, map[string]string{
		"QueueName": "work", "ActiveMessages": "1", "DelayMessages": "1", "LoggingEnabled": "False",
	})
	listing(s, "/topics", meta).wantValues(t, map[string]string{"TopicName": "outcomes", "MaximumMessageSize": "65536"})
	listing(s, "/topics/outcomes/subscriptions", meta).wantValues(t, map[string]string{
		"SubscriptionName": "ops", "FilterTag": "failed", "NotifyStrategy": "BACKOFF_RETRY",
	})
}
