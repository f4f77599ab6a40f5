package mns_test

import (
	"crypto/md5"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

const (
	queues = "acs:mns:" + region + ":" + account + ":queues/"
	toWork = queues + "work"
	toRest = queues + "rest"
)

// simplified is a subscription that delivers bodies alone.
func simplified(endpoint string) mns.Subscription {
	return mns.Subscription{Endpoint: endpoint, NotifyContentFormat: "SIMPLIFIED"}
}

func subscribe(t *testing.T, s *mns.Service, name string, sub mns.Subscription) {
	t.Helper()
	if err := s.Subscribe("outcomes", name, sub); err != nil {
		t.Fatal(err)
	}
}

func publish(t *testing.T, s *mns.Service, body, tag string) answer {
	t.Helper()
	got := call(s, "POST /topics/outcomes/messages", message(body, "<MessageTag>"+tag+"</MessageTag>"))
	got.want(t, "201")
	return got
}

func TestAFilterTagSelectsMessages(t *testing.T) {
	type filter struct {
		tag  string
		want []string
	}
	letters := strings.Repeat("é", 16)
	each(t, map[string]filter{
		"no filter takes everything":           {"", []string{"1", "2", "3", "4"}},
		"a filter takes its tag alone":         {"failed", []string{"2"}},
		"a filter is not a prefix":             {"fail", []string{}},
		"a filter is case-sensitive":           {"Failed", []string{}},
		"sixteen characters may be any letter": {letters, []string{"4"}},
	}, func(t *testing.T, c filter) {
		s := newService(t, 1)
		sub := simplified(toWork)
		sub.FilterTag = c.tag
		subscribe(t, s, "sub", sub)
		publish(t, s, "1", "attached")
		publish(t, s, "2", "failed")
		publish(t, s, "3", "")
		publish(t, s, "4", letters)
		if got := bodies(receive(t, s, "work")); !slices.Equal(got, c.want) {
			t.Errorf("delivered %q, want %q", got, c.want)
		}
	})
}

func TestEverySubscriptionGetsItsOwnCopy(t *testing.T) {
	s := newService(t, 1)
	makeQueue(t, s, "rest", mns.QueueAttributes{})
	subscribe(t, s, "one", simplified(toWork))
	subscribe(t, s, "two", simplified(toWork))
	subscribe(t, s, "three", simplified(toRest))
	subscribe(t, s, "gone", mns.Subscription{Endpoint: toWork + "-deleted"})
	publish(t, s, "a", "")
	if work, rest := s.Stats("work").Active, s.Stats("rest").Active; work != 2 || rest != 1 {
		t.Errorf("delivered %d and %d copies, want 2 and 1", work, rest)
	}
}

// notification is what a subscriber reads unless the format is SIMPLIFIED.
type notification struct {
	XMLName          xml.Name `xml:"Notification" json:"-"`
	TopicOwner       string
	TopicName        string
	Subscriber       string
	SubscriptionName string
	MessageID        string `xml:"MessageId" json:"MessageId"`
	Message          string
	MessageMD5       string
	MessageTag       string
	PublishTime      string
}

func TestANotificationHasTheFormatOfItsSubscription(t *testing.T) {
	const body = `{"text":"<&> 杭州"}`
	digest := md5.Sum([]byte(body))
	type format struct {
		name   string
		decode func(data []byte, into any) error
	}
	each(t, map[string]format{
		"XML by default": {"", xml.Unmarshal}, "XML": {"XML", xml.Unmarshal}, "JSON": {"JSON", json.Unmarshal},
	}, func(t *testing.T, c format) {
		s := newService(t, 1)
		subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork, NotifyContentFormat: c.name})
		var escaped strings.Builder
		_ = xml.EscapeText(&escaped, []byte(body))
		id := publish(t, s, escaped.String(), "ok").value("MessageId")
		var got notification
		err := c.decode([]byte(one(t, s, "work").Body), &got)
		got.XMLName = xml.Name{}
		want := notification{
			TopicOwner: account, TopicName: "outcomes", Subscriber: account, SubscriptionName: "sub", MessageID: id,
			Message: body, MessageMD5: fmt.Sprintf("%X", digest), MessageTag: "ok",
			PublishTime: fmt.Sprint(time.Now().UnixMilli()),
		}
		if err != nil || got != want {
			t.Errorf("delivered %+v, %v, want %+v", got, err, want)
		}
	})
}

func TestPublishedSaysWhatTheTopicTookAndFromWhom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newService(t, 1)
		first := publish(t, s, "1", "ok")
		start := time.Now()
		time.Sleep(time.Second)
		second := publish(t, s, "2", "")
		want := []mns.Published{
			{MessageID: first.value("MessageId"), Body: "1", Tag: "ok", AccessKeyID: "ak", Time: start},
			{MessageID: second.value("MessageId"), Body: "2", AccessKeyID: "ak", Time: start.Add(time.Second)},
		}
		got := s.Published("outcomes")
		if !slices.Equal(got, want) {
			t.Fatalf("published %+v, want %+v", got, want)
		}
		got[0].Body = "altered"
		if again := s.Published("outcomes"); again[0].Body != "1" {
			t.Error("a caller could alter what was published")
		}
		if got := s.Published("nowhere"); len(got) != 0 {
			t.Errorf("an unknown topic took %+v", got)
		}
	})
}

func TestASubscriptionIsCheckedAndMadeOnce(t *testing.T) {
	type made struct {
		name string
		sub  mns.Subscription
		code string
	}
	to := func(endpoint, format, filter string) mns.Subscription {
		return mns.Subscription{Endpoint: endpoint, NotifyContentFormat: format, FilterTag: filter}
	}
	long := strings.Repeat("n", 121)
	each(t, map[string]made{
		"a new one is accepted":                    {"new", to(toRest, "", ""), ""},
		"the same again is accepted":               {"old", to(toWork, "XML", ""), ""},
		"the same with the default is accepted":    {"old", to(toWork, "", ""), ""},
		"another endpoint is refused":              {"old", to(toRest, "", ""), "SubscriptionAlreadyExist"},
		"an endpoint of another kind is refused":   {"new", to("ftp://localhost/hook", "", ""), "EndpointInvalid"},
		"an endpoint without a queue is refused":   {"new", to(queues, "", ""), "EndpointInvalid"},
		"an unknown format is refused":             {"new", to(toWork, "YAML", ""), "InvalidArgument"},
		"a filter tag of 17 characters is refused": {"new", to(toWork, "", strings.Repeat("t", 17)), "InvalidArgument"},
		"a name of 121 characters is refused":      {long, to(toWork, "", ""), "SubscriptionNameLengthError"},
	}, func(t *testing.T, c made) {
		s := newService(t, 1)
		subscribe(t, s, "old", mns.Subscription{Endpoint: toWork})
		wantCode(t, s.Subscribe("outcomes", c.name, c.sub), c.code)
		wantCode(t, s.Subscribe("nowhere", "new", simplified(toWork)), "TopicNotExist")
	})
}

func TestATopicForgetsWhatIsUnsubscribedOrDeleted(t *testing.T) {
	s := newService(t, 1)
	subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork})
	wantCode(t, s.CreateTopic("outcomes", mns.TopicAttributes{}), "") // again: it stays as it is
	publish(t, s, "1", "")
	one(t, s, "work")
	call(s, "DELETE /topics/outcomes/subscriptions/sub", "").want(t, "204")
	publish(t, s, "2", "")
	if got := receive(t, s, "work"); len(got) != 0 {
		t.Errorf("delivered %q without a subscription", bodies(got))
	}
	call(s, "DELETE /topics/outcomes", "").want(t, "204")
	call(s, "POST /topics/outcomes/messages", message("3")).want(t, "404 TopicNotExist")
}

func TestATopicsSizeLimitsItsMessages(t *testing.T) {
	s := newService(t, 1)
	for _, attribute := range []string{
		"<MaximumMessageSize>1024</MaximumMessageSize>", "<LoggingEnabled>true</LoggingEnabled>",
	} {
		call(s, "PUT /topics/outcomes?metaoverride=true", "<Topic>"+attribute+"</Topic>").want(t, "204")
	}
	call(s, "GET /topics/outcomes", "").wantValues(t, map[string]string{"MaximumMessageSize": "1024"})
	publish(t, s, strings.Repeat("a", 1024), "")
	call(s, "POST /topics/outcomes/messages", message(strings.Repeat("a", 1025))).want(t, "400 InvalidArgument")
}

// Whoever compares the record with what a subscriber received relies on one order.
func TestMessagesArriveInTheOrderOfTheRecord(t *testing.T) {
	const publishers, each = 8, 25
	s := newService(t, 1)
	subscribe(t, s, "sub", simplified(toWork))
	var group sync.WaitGroup
	for publisher := range publishers {
		group.Go(func() {
			for i := range each {
				got := call(s, "POST /topics/outcomes/messages", message(fmt.Sprintf("%d-%d", publisher, i)))
				if got.status != 201 {
					t.Errorf("answered %d: %s", got.status, got.text)
				}
			}
		})
	}
	group.Wait()
	var recorded []string
	ids := map[string]bool{}
	for _, p := range s.Published("outcomes") {
		recorded, ids[p.MessageID] = append(recorded, p.Body), true
	}
	arrived, err := s.Receive(t.Context(), "work", 1000, 0)
	if got := bodies(arrived); err != nil || len(ids) != publishers*each || !slices.Equal(got, recorded) {
		t.Errorf("%d different messages: arrived %q, %v; recorded %q", len(ids), got, err, recorded)
	}
}
