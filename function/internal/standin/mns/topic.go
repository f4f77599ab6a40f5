package mns

import (
	"cmp"
	"slices"
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

// TopicAttributes are those of a topic that somebody may choose.
type TopicAttributes struct {
	MaximumBody int // bytes, 0 means 65536
	Logging     bool
}

// CreateTopic makes a topic. A topic of that name with other attributes is an error.
func (s *Service) CreateTopic(name string, a TopicAttributes) error {
	if err := checkMaximumBody(a.MaximumBody); err != nil {
		return err.plain()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.createTopic(name, a.complete())
	return err.plain()
}

func (a TopicAttributes) complete() topicAttributes {
	return topicAttributes{MaximumMessageSize: cmp.Or(a.MaximumBody, maxBody), LoggingEnabled: wireBool(a.Logging)}
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
func (s *Service) publish(c request, m sentMessage) (Message, *Error) {
	name := c.parts[1]
	t, err := s.topic(name)
	switch {
	case err != nil:
		return Message{}, err
	case len(m.MessageBody) > t.attributes.MaximumMessageSize:
		return Message{}, invalid("The length of message should not be larger than MaximumMessageSize.")
	case len([]rune(m.MessageTag)) > maxTag:
		return Message{}, invalid("MessageTag must be of at most 16 characters.")
	}
	p := Published{
		MessageID: s.messageID(), Body: m.MessageBody, Tag: m.MessageTag, AccessKeyID: c.key, Time: time.Now(),
	}
	t.published = append(t.published, p)
	for subscription, sub := range t.subscriptions {
		if sub.FilterTag != "" && sub.FilterTag != m.MessageTag {
			continue
		}
		to, _ := sub.destination()
		to.deliver(s, delivery{
			topic: name, name: subscription, sub: sub.Subscription, published: p, sent: m,
			certificate: c.url(CertificatePath),
		})
	}
	return Message{MessageID: p.MessageID, Body: p.Body}, nil
}
