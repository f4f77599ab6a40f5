package mns

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Subscription is one subscriber of a topic.
type Subscription struct {
	Endpoint            string // acs:mns:REGION:ACCOUNT:queues/NAME
	FilterTag           string // "" takes everything
	NotifyStrategy      string // BACKOFF_RETRY (default) or EXPONENTIAL_DECAY_RETRY
	NotifyContentFormat string // XML (default), JSON or SIMPLIFIED
}

// Published is a message that a topic took, whether or not its sender was answered.
type Published struct {
	MessageID, Body, Tag, AccessKeyID string
	Time                              time.Time
}

type topic struct {
	made          time.Time
	modified      time.Time
	attributes    topicAttributes
	subscriptions map[string]subscribed
	published     []Published
}

// CreateTopic makes a topic that takes bodies of up to 64 KB. One of that name and another
// size is an error.
func (s *Service) CreateTopic(name string) error {
	_, err := s.createTopic(name, topicAttributes{MaximumMessageSize: maxBody})
	return err.plain()
}

func (s *Service) createTopic(name string, attributes topicAttributes) (made bool, err *Error) {
	switch {
	case len(name) > maxName:
		return false, refuse("TopicNameLengthError")
	case !legalName(name):
		return false, refuse("TopicNameInvalid")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[name]; t != nil {
		if t.attributes != attributes {
			return false, refuse("TopicAlreadyExist")
		}
		return false, nil
	}
	now := s.options.Now()
	s.topics[name] = &topic{made: now, modified: now, attributes: attributes, subscriptions: map[string]subscribed{}}
	return true, nil
}

// topic gives the topic of that name; s.mu is held.
func (s *Service) topic(name string) (*topic, *Error) {
	t := s.topics[name]
	if t == nil {
		return nil, refuse("TopicNotExist")
	}
	return t, nil
}

// Subscribe has a topic deliver to a queue of this service.
func (s *Service) Subscribe(topicName, name string, sub Subscription) error {
	_, err := s.subscribe(topicName, name, sub)
	return err.plain()
}

func (s *Service) subscribe(topicName, name string, sub Subscription) (made bool, err *Error) {
	if sub.NotifyStrategy == "" {
		sub.NotifyStrategy = backoffRetry
	}
	if sub.NotifyContentFormat == "" {
		sub.NotifyContentFormat = "XML"
	}
	switch {
	case len(name) > maxName:
		return false, refuse("SubscriptionNameLengthError")
	case !legalName(name):
		return false, refuse("SubsriptionNameInvalid")
	case sub.queue() == "":
		return false, refuse("EndpointInvalid")
	case !slices.Contains([]string{"XML", "JSON", "SIMPLIFIED"}, sub.NotifyContentFormat):
		return false, invalid("NotifyContentFormat must be XML, JSON or SIMPLIFIED.")
	case len([]rune(sub.FilterTag)) > maxTag:
		return false, invalid("FilterTag must be of at most 16 characters.")
	}
	if err := checkStrategy(sub.NotifyStrategy); err != nil {
		return false, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(topicName)
	if err != nil {
		return false, err
	}
	if old, found := t.subscriptions[name]; found {
		if old.Subscription != sub {
			return false, refuse("SubscriptionAlreadyExist")
		}
		return false, nil
	}
	now := s.options.Now()
	t.subscriptions[name] = subscribed{Subscription: sub, made: now, modified: now}
	return true, nil
}

// queue is the name of the queue that the subscription delivers to, "" when its endpoint
// is none of a queue.
func (sub Subscription) queue() string {
	if !strings.HasPrefix(sub.Endpoint, "acs:mns:") {
		return ""
	}
	_, name, _ := strings.Cut(sub.Endpoint, ":queues/")
	return name
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
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(name)
	switch {
	case err != nil:
		return "", err
	case len(body) > t.attributes.MaximumMessageSize:
		return "", invalid("The length of message should not be larger than MaximumMessageSize.")
	case len([]rune(tag)) > maxTag:
		return "", invalid("MessageTag must be of at most 16 characters.")
	}
	p := Published{MessageID: s.messageID(), Body: body, Tag: tag, AccessKeyID: accessKeyID, Time: s.options.Now()}
	t.published = append(t.published, p)
	for subscription, sub := range t.subscriptions {
		if sub.FilterTag == "" || sub.FilterTag == tag {
			_, _ = s.put(sub.queue(), s.notification(name, subscription, sub.NotifyContentFormat, p), nil, lowPriority)
		}
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
