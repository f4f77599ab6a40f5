package mns

import (
	"encoding/json"
	"encoding/xml"
	"slices"
	"strconv"
	"time"
)

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

// CreateTopic makes a topic that takes bodies of up to 64 KB. A topic of that name with another size is an error.
func (s *Service) CreateTopic(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.createTopic(name, topicAttributes{MaximumMessageSize: maxBody})
	return err.plain()
}

func (s *Service) createTopic(name string, attributes topicAttributes) (made bool, err *Error) {
	if err := checkName(name, "TopicNameLengthError", "TopicNameInvalid"); err != nil {
		return false, err
	}
	if t := s.topics[name]; t != nil {
		if t.attributes != attributes {
			return false, refuse("TopicAlreadyExist")
		}
		return false, nil
	}
	now := time.Now()
	s.topics[name] = &topic{made: now, modified: now, attributes: attributes, subscriptions: map[string]subscribed{}}
	return true, nil
}

// topic finds the topic of that name.
func (s *Service) topic(name string) (*topic, *Error) {
	if t := s.topics[name]; t != nil {
		return t, nil
	}
	return nil, refuse("TopicNotExist")
}

// Published returns everything that the topic took, in order.
func (s *Service) Published(name string) []Published {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t := s.topics[name]; t != nil {
		return slices.Clone(t.published)
	}
	return nil
}

// publish takes a message and delivers it to every subscriber whose filter matches. A subscriber whose queue is gone
// loses it, as with the service after its retries.
func (s *Service) publish(name, body, tag, accessKeyID string) (string, *Error) {
	t, err := s.topic(name)
	switch {
	case err != nil:
		return "", err
	case len(body) > t.attributes.MaximumMessageSize:
		return "", invalid("The length of message should not be larger than MaximumMessageSize.")
	case len([]rune(tag)) > maxTag:
		return "", invalid("MessageTag must be of at most 16 characters.")
	}
	p := Published{MessageID: s.messageID(), Body: body, Tag: tag, AccessKeyID: accessKeyID, Time: time.Now()}
	t.published = append(t.published, p)
	for subscription, sub := range t.subscriptions {
		if sub.FilterTag == "" || sub.FilterTag == tag {
			notification := s.notification(name, subscription, sub.NotifyContentFormat, p)
			_, _ = s.send(sub.queue(), notification, nil, lowPriority)
		}
	}
	return p.MessageID, nil
}

// notification is what a subscriber's queue gets: the body alone when simplified, else wrapped with its origin.
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
		TopicOwner: s.options.Account, TopicName: topicName, Subscriber: s.options.Account,
		SubscriptionName: subscription, MessageID: p.MessageID, Message: p.Body, MessageMD5: bodyMD5(p.Body),
		MessageTag:  p.Tag,
		PublishTime: strconv.FormatInt(p.Time.UnixMilli(), 10),
	}
	encode := xml.Marshal
	if format == "JSON" {
		encode = json.Marshal
	}
	text, _ := encode(wrapped) // texts always encode
	return string(text)
}
