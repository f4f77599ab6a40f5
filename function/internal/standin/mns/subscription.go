package mns

import (
	"cmp"
	"encoding/xml"
	"slices"
	"time"
)

// Subscription is one subscriber of a topic.
type Subscription struct {
	Endpoint            string `yaml:"endpoint"`            // see destination
	FilterTag           string `yaml:"filterTag,omitempty"` // "" takes everything
	NotifyStrategy      string `yaml:"strategy,omitempty"`  // BACKOFF_RETRY (default) or EXPONENTIAL_DECAY_RETRY
	NotifyContentFormat string `yaml:"format,omitempty"`    // XML (default), JSON or SIMPLIFIED
}

// subscribed is a subscription in its topic.
type subscribed struct {
	Subscription
	made, modified time.Time
}

// check refuses a subscription that the service would refuse.
func (sub Subscription) check() *Error {
	_, valid := sub.destination()
	switch {
	case !valid:
		return refuse("EndpointInvalid")
	case !slices.Contains([]string{"XML", "JSON", "SIMPLIFIED"}, sub.NotifyContentFormat):
		return invalid("NotifyContentFormat must be XML, JSON or SIMPLIFIED.")
	case len([]rune(sub.FilterTag)) > maxTag:
		return invalid("FilterTag must be of at most 16 characters.")
	// Deliveries to queues of this service do not fail, so the strategy is about the others.
	case !slices.Contains([]string{"BACKOFF_RETRY", "EXPONENTIAL_DECAY_RETRY"}, sub.NotifyStrategy):
		return invalid("NotifyStrategy must be BACKOFF_RETRY or EXPONENTIAL_DECAY_RETRY.")
	}
	return nil
}

// Subscribe has a topic deliver to an endpoint.
func (s *Service) Subscribe(topicName, name string, sub Subscription) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.subscribe(topicName, name, sub)
	return err.plain()
}

func (s *Service) subscribe(topicName, name string, sub Subscription) (made bool, err *Error) {
	sub.NotifyStrategy = cmp.Or(sub.NotifyStrategy, "BACKOFF_RETRY")
	sub.NotifyContentFormat = cmp.Or(sub.NotifyContentFormat, "XML")
	if err := checkName(name, "SubscriptionNameLengthError", "SubsriptionNameInvalid"); err != nil {
		return false, err
	}
	if err := sub.check(); err != nil {
		return false, err
	}
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
	now := time.Now()
	t.subscriptions[name] = subscribed{Subscription: sub, made: now, modified: now}
	return true, nil
}

// subscriptionForm is a subscription's attributes on the wire.
type subscriptionForm struct {
	XMLName             xml.Name `xml:"Subscription"`
	SubscriptionURL     string   `xml:",omitempty"` // in lists
	SubscriptionName    string   `xml:",omitempty"`
	Subscriber          string   `xml:",omitempty"`
	TopicOwner          string   `xml:",omitempty"`
	TopicName           string   `xml:",omitempty"`
	Endpoint            string   `xml:",omitempty"`
	NotifyStrategy      string   `xml:",omitempty"`
	NotifyContentFormat string   `xml:",omitempty"`
	FilterTag           string   `xml:",omitempty"`
	CreateTime          int64    `xml:",omitempty"`
	LastModifyTime      int64    `xml:",omitempty"`
}

func (s *Service) subscriptionForm(topicName, name string, sub subscribed) subscriptionForm {
	return subscriptionForm{
		SubscriptionName: name, Subscriber: s.options.Account, TopicOwner: s.options.Account, TopicName: topicName,
		Endpoint: sub.Endpoint, NotifyStrategy: sub.NotifyStrategy, NotifyContentFormat: sub.NotifyContentFormat,
		FilterTag: sub.FilterTag, CreateTime: sub.made.Unix(), LastModifyTime: sub.modified.Unix(),
	}
}

func (s *Service) serveSubscribe(c request) (reply, *Error) {
	var sub Subscription
	if err := c.decode(&sub); err != nil {
		return reply{}, err
	}
	made, err := s.subscribe(c.parts[1], c.parts[3], sub)
	return c.created(made, err)
}

// serveSetSubscription changes the one attribute that can be changed, NotifyStrategy.
func (s *Service) serveSetSubscription(c request) (reply, *Error) {
	var form struct{ NotifyStrategy string }
	if err := c.decode(&form); err != nil {
		return reply{}, err
	}
	t, sub, err := s.subscription(c)
	if err != nil {
		return reply{}, err
	}
	sub.NotifyStrategy = cmp.Or(form.NotifyStrategy, sub.NotifyStrategy)
	if err := sub.check(); err != nil {
		return reply{}, err
	}
	sub.modified = time.Now()
	t.subscriptions[c.parts[3]] = sub
	return done(), nil
}

func (s *Service) serveGetSubscription(c request) (reply, *Error) {
	_, sub, err := s.subscription(c)
	if err != nil {
		return reply{}, err
	}
	return ok("Subscription", s.subscriptionForm(c.parts[1], c.parts[3], sub))
}

// subscription finds the subscription that a call is about.
func (s *Service) subscription(c request) (*topic, subscribed, *Error) {
	t, err := s.topic(c.parts[1])
	if err != nil {
		return nil, subscribed{}, err
	}
	sub, found := t.subscriptions[c.parts[3]]
	if !found {
		return nil, subscribed{}, refuse("SubscriptionNotExist")
	}
	return t, sub, nil
}

func (s *Service) serveUnsubscribe(c request) (reply, *Error) {
	t, err := s.topic(c.parts[1])
	if err != nil {
		return reply{}, err
	}
	delete(t.subscriptions, c.parts[3])
	return done(), nil
}
