package mns_test

import (
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
	toWork = "acs:mns:" + region + ":" + account + ":queues/work"
	toRest = "acs:mns:" + region + ":" + account + ":queues/rest"
)

func subscribe(t testing.TB, s *mns.Service, name string, sub mns.Subscription) {
	t.Helper()
	if err := s.Subscribe("outcomes", name, sub); err != nil {
		t.Fatal(err)
	}
}

func publish(t *testing.T, s *mns.Service, body, tag string) answer {
	t.Helper()
	got := call(s, "POST", "/topics/outcomes/messages", "<Message><MessageBody>"+body+"</MessageBody><MessageTag>"+tag+"</MessageTag></Message>")
	got.want(t, 201, "")
	return got
}

func TestAFilterTagLetsItsOwnMessagesThrough(t *testing.T) {
	cases := map[string]struct {
		filter string
		want   []string
	}{
		"no filter takes everything":           {"", []string{"1", "2", "3", "4"}},
		"a filter takes its tag alone":         {"failed", []string{"2"}},
		"a filter is no prefix":                {"fail", []string{}},
		"a filter tells capitals apart":        {"Failed", []string{}},
		"sixteen characters may be any letter": {strings.Repeat("é", 16), []string{"4"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork, FilterTag: c.filter, NotifyContentFormat: "SIMPLIFIED"})
			publish(t, s, "1", "attached")
			publish(t, s, "2", "failed")
			publish(t, s, "3", "")
			publish(t, s, "4", strings.Repeat("é", 16))
			if got := bodies(receive(t, s, "work")); !slices.Equal(got, c.want) {
				t.Errorf("delivered %q, want %q", got, c.want)
			}
		})
	}
}

func TestEverySubscriptionGetsItsOwnCopy(t *testing.T) {
	s := newService(t, 1)
	makeQueue(t, s, "rest", mns.QueueAttributes{})
	subscribe(t, s, "one", mns.Subscription{Endpoint: toWork, NotifyContentFormat: "SIMPLIFIED"})
	subscribe(t, s, "two", mns.Subscription{Endpoint: toWork, NotifyContentFormat: "SIMPLIFIED"})
	subscribe(t, s, "three", mns.Subscription{Endpoint: toRest, NotifyContentFormat: "SIMPLIFIED"})
	subscribe(t, s, "gone", mns.Subscription{Endpoint: toWork + "-deleted"})
	publish(t, s, "a", "")
	if work, rest := s.Stats("work").Active, s.Stats("rest").Active; work != 2 || rest != 1 {
		t.Errorf("delivered %d and %d copies, want 2 and 1", work, rest)
	}
}

// notification is what a subscriber reads when the format is not SIMPLIFIED.
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
	fromXML := func(text string) (n notification, err error) { err = xml.Unmarshal([]byte(text), &n); return n, err }
	fromJSON := func(text string) (n notification, err error) { err = json.Unmarshal([]byte(text), &n); return n, err }
	parse := map[string]func(text string) (notification, error){"": fromXML, "XML": fromXML, "JSON": fromJSON, "SIMPLIFIED": nil}
	for format, read := range parse {
		t.Run("the format "+format, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := newService(t, 1)
				subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork, NotifyContentFormat: format})
				var escaped strings.Builder
				_ = xml.EscapeText(&escaped, []byte(body))
				id := publish(t, s, escaped.String(), "ok").value("MessageId")
				got := one(t, s, "work").Body
				if read == nil {
					if got != body {
						t.Errorf("delivered %s, want the body alone", got)
					}
					return
				}
				n, err := read(got)
				n.XMLName = xml.Name{}
				want := notification{TopicOwner: account, TopicName: "outcomes", Subscriber: account, SubscriptionName: "sub", MessageID: id, Message: body,
					MessageMD5: fmt.Sprintf("%X", mustDecode(t, rawMD5(body))), MessageTag: "ok", PublishTime: fmt.Sprint(time.Now().UnixMilli())}
				if err != nil || n != want {
					t.Errorf("delivered %+v, %v, want %+v", n, err, want)
				}
			})
		})
	}
}

func TestPublishedTellsWhatTheTopicTookAndFromWhom(t *testing.T) {
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
			t.Errorf("a topic that is not there took %+v", got)
		}
	})
}

func TestASubscriptionIsCheckedAndMadeOnce(t *testing.T) {
	cases := map[string]struct {
		topic, name string
		sub         mns.Subscription
		code        string
	}{
		"a new one is taken":                          {"outcomes", "new", mns.Subscription{Endpoint: toRest}, ""},
		"the same again is taken":                     {"outcomes", "old", mns.Subscription{Endpoint: toWork, NotifyContentFormat: "XML"}, ""},
		"the same with the default format is taken":   {"outcomes", "old", mns.Subscription{Endpoint: toWork}, ""},
		"another endpoint under its name is refused":  {"outcomes", "old", mns.Subscription{Endpoint: toRest}, "SubscriptionAlreadyExist"},
		"an endpoint of another kind is refused":      {"outcomes", "new", mns.Subscription{Endpoint: "http://localhost/hook"}, "EndpointInvalid"},
		"an endpoint without a queue is refused":      {"outcomes", "new", mns.Subscription{Endpoint: "acs:mns:cn-hangzhou:1:queues/"}, "EndpointInvalid"},
		"an unknown format is refused":                {"outcomes", "new", mns.Subscription{Endpoint: toWork, NotifyContentFormat: "YAML"}, "InvalidArgument"},
		"a filter tag of 17 characters is refused":    {"outcomes", "new", mns.Subscription{Endpoint: toWork, FilterTag: strings.Repeat("t", 17)}, "InvalidArgument"},
		"a name of 121 characters is refused":         {"outcomes", strings.Repeat("n", 121), mns.Subscription{Endpoint: toWork}, "SubscriptionNameLengthError"},
		"a topic that is not there is told by itself": {"nowhere", "new", mns.Subscription{Endpoint: toWork}, "TopicNotExist"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := newService(t, 1)
			subscribe(t, s, "old", mns.Subscription{Endpoint: toWork})
			wantCode(t, s.Subscribe(c.topic, c.name, c.sub), c.code)
		})
	}
}

func TestATopicForgetsWhatIsUnsubscribedOrDeleted(t *testing.T) {
	s := newService(t, 1)
	subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork})
	wantCode(t, s.CreateTopic("outcomes"), "") // again: left as it is
	publish(t, s, "1", "")
	one(t, s, "work")
	call(s, "DELETE", "/topics/outcomes/subscriptions/sub", "").want(t, 204, "")
	publish(t, s, "2", "")
	if got := receive(t, s, "work"); len(got) != 0 {
		t.Errorf("delivered %q to who unsubscribed", bodies(got))
	}
	call(s, "DELETE", "/topics/outcomes", "").want(t, 204, "")
	call(s, "POST", "/topics/outcomes/messages", "<Message><MessageBody>3</MessageBody></Message>").want(t, 404, "TopicNotExist")
}

func TestATopicsSizeBindsWhoPublishes(t *testing.T) {
	message := func(n int) string {
		return "<Message><MessageBody>" + strings.Repeat("a", n) + "</MessageBody></Message>"
	}
	s := newService(t, 1)
	call(s, "PUT", "/topics/outcomes?metaoverride=true", "<Topic><MaximumMessageSize>1024</MaximumMessageSize></Topic>").want(t, 204, "")
	call(s, "PUT", "/topics/outcomes?metaoverride=true", "<Topic><LoggingEnabled>true</LoggingEnabled></Topic>").want(t, 204, "")
	if size := call(s, "GET", "/topics/outcomes", "").value("MaximumMessageSize"); size != "1024" {
		t.Errorf("the size is %s, want 1024 as it was set", size)
	}
	call(s, "POST", "/topics/outcomes/messages", message(1024)).want(t, 201, "")
	call(s, "POST", "/topics/outcomes/messages", message(1025)).want(t, 400, "InvalidArgument")
}

// Whoever holds the record against what a subscriber received relies on one order.
func TestMessagesArriveInTheOrderOfTheRecord(t *testing.T) {
	s := newService(t, 1)
	subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork, NotifyContentFormat: "SIMPLIFIED"})
	var group sync.WaitGroup
	for publisher := range 8 {
		group.Go(func() {
			for i := range 25 {
				body := fmt.Sprintf("<Message><MessageBody>%d-%d</MessageBody></Message>", publisher, i)
				if got := call(s, "POST", "/topics/outcomes/messages", body); got.status != 201 {
					t.Errorf("answered %d: %s", got.status, got.text)
				}
			}
		})
	}
	group.Wait()
	var recorded []string
	for _, p := range s.Published("outcomes") {
		recorded = append(recorded, p.Body)
	}
	arrived, err := s.Receive(t.Context(), "work", 1000, 0)
	if got := bodies(arrived); err != nil || len(got) != 200 || !slices.Equal(got, recorded) {
		t.Errorf("arrived %q, %v; recorded %q", got, err, recorded)
	}
}

func TestPublishersAtOnceLoseNothing(t *testing.T) {
	const publishers, each = 8, 20
	s := newService(t, 1)
	subscribe(t, s, "sub", mns.Subscription{Endpoint: toWork})
	var group sync.WaitGroup
	for range publishers {
		group.Go(func() {
			for range each {
				if got := call(s, "POST", "/topics/outcomes/messages", "<Message><MessageBody>a</MessageBody></Message>"); got.status != 201 {
					t.Errorf("answered %d: %s", got.status, got.text)
				}
			}
		})
	}
	group.Wait()
	ids := map[string]bool{}
	for _, p := range s.Published("outcomes") {
		ids[p.MessageID] = true
	}
	if delivered := s.Stats("work").Active; len(ids) != publishers*each || delivered != publishers*each {
		t.Errorf("took %d different messages and delivered %d, want %d", len(ids), delivered, publishers*each)
	}
}
