package mnstest

import (
	"encoding/json"
	"encoding/xml"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Subscription is one subscriber of a topic.
type Subscription struct {
	Endpoint            string // acs:mns:REGION:ACCOUNT:queues/NAME
	FilterTag           string // "" takes everything
	NotifyContentFormat string // XML (default), JSON or SIMPLIFIED
}

// Published is a message that a topic took, whether or not its sender was answered.
type Published struct {
	MessageID, Body, Tag, AccessKeyID string
	Time                              time.Time
}

type topic struct {
	made          time.Time
	subscriptions map[string]Subscription
	published     []Published
}

// CreateTopic makes a topic; one that is there already is left as it is.
func (s *Service) CreateTopic(name string) error {
	if _, err := s.createTopic(name); err != nil {
		return err
	}
	return nil
}

func (s *Service) createTopic(name string) (made bool, err *Error) {
	if err := checkName("Topic", name); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.topics[name] != nil {
		return false, nil
	}
	s.topics[name] = &topic{made: s.options.Now(), subscriptions: map[string]Subscription{}}
	return true, nil
}

// topic gives the topic of that name; s.mu is held.
func (s *Service) topic(name string) (*topic, *Error) {
	t := s.topics[name]
	if t == nil {
		return nil, refuse(http.StatusNotFound, "TopicNotExist", "The topic name you provided does not exist.")
	}
	return t, nil
}

// Subscribe has a topic deliver to a queue of this service.
func (s *Service) Subscribe(topicName, name string, sub Subscription) error {
	if _, err := s.subscribe(topicName, name, sub); err != nil {
		return err
	}
	return nil
}

func (s *Service) subscribe(topicName, name string, sub Subscription) (made bool, err *Error) {
	if err := checkName("Subscription", name); err != nil {
		return false, err
	}
	if sub.NotifyContentFormat == "" {
		sub.NotifyContentFormat = "XML"
	}
	if _, found := sub.queue(); !found || !slices.Contains([]string{"XML", "JSON", "SIMPLIFIED"}, sub.NotifyContentFormat) || len([]rune(sub.FilterTag)) > maxTag {
		return false, refuse(http.StatusBadRequest, "InvalidArgument", "The endpoint, format or filter tag of the subscription is not valid.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(topicName)
	if err != nil {
		return false, err
	}
	if old, found := t.subscriptions[name]; found {
		if old != sub {
			return false, refuse(http.StatusConflict, "SubscriptionAlreadyExist", "The subscription exists with other attributes.")
		}
		return false, nil
	}
	t.subscriptions[name] = sub
	return true, nil
}

// queue is the name of the queue that the subscription delivers to.
func (sub Subscription) queue() (name string, ok bool) {
	if !strings.HasPrefix(sub.Endpoint, "acs:mns:") {
		return "", false
	}
	_, name, ok = strings.Cut(sub.Endpoint, ":queues/")
	return name, ok && name != ""
}

// Published gives everything that the topic took, in order.
func (s *Service) Published(name string) []Published {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[name]; t != nil {
		return slices.Clone(t.published)
	}
	return nil
}

// publish takes a message and delivers it to every subscriber whose filter lets it
// through. A subscriber's queue that is gone loses it, as the service's does after its
// retries.
func (s *Service) publish(name, body, tag, accessKeyID string) (string, *Error) {
	if len(body) > maxBody || len([]rune(tag)) > maxTag {
		return "", refuse(http.StatusBadRequest, "InvalidArgument", "The message body or tag is longer than a topic takes.")
	}
	s.mu.Lock()
	t, err := s.topic(name)
	if err != nil {
		s.mu.Unlock()
		return "", err
	}
	p := Published{MessageID: s.messageID(), Body: body, Tag: tag, AccessKeyID: accessKeyID, Time: s.options.Now()}
	t.published = append(t.published, p)
	type delivery struct{ queue, text string }
	var deliveries []delivery // a queue that two subscriptions name gets two
	for subscription, sub := range t.subscriptions {
		if queue, _ := sub.queue(); sub.FilterTag == "" || sub.FilterTag == tag {
			deliveries = append(deliveries, delivery{queue, s.notification(name, subscription, sub.NotifyContentFormat, p)})
		}
	}
	s.mu.Unlock()
	for _, d := range deliveries {
		_, _ = s.send(d.queue, d.text, nil, lowPriority)
	}
	return p.MessageID, nil
}

// notification is what a subscriber's queue gets: the body alone when simplified, else
// wrapped with where it came from.
func (s *Service) notification(topicName, subscription, format string, p Published) string {
	if format == "SIMPLIFIED" {
		return p.Body
	}
	wrapped := struct {
		XMLName          xml.Name `xml:"Notification" json:"-"`
		TopicOwner       string
		TopicName        string
		Subscriber       string
		SubscriptionName string
		MessageID        string `xml:"MessageId" json:"MessageId"`
		Message          string
		MessageMD5       string
		MessageTag       string `json:",omitempty" xml:",omitempty"`
		PublishTime      string
	}{
		TopicOwner: s.options.Account, TopicName: topicName, Subscriber: s.options.Account, SubscriptionName: subscription,
		MessageID: p.MessageID, Message: p.Body, MessageMD5: bodyMD5(p.Body), MessageTag: p.Tag,
		PublishTime: strconv.FormatInt(p.Time.UnixMilli(), 10),
	}
	encode := xml.Marshal
	if format == "JSON" {
		encode = json.Marshal
	}
	text, _ := encode(wrapped) // texts always encode
	return string(text)
}
