package mns

import (
	"encoding/xml"
	"net/http"
	"slices"
	"time"
)

// The ways in which a push is tried again. Deliveries to queues of this service do not fail, so that they change nothing.
const (
	backoffRetry          = "BACKOFF_RETRY"
	exponentialDecayRetry = "EXPONENTIAL_DECAY_RETRY"
)

// subscriptionForm is a subscription's attributes as they go over the wire.
type subscriptionForm struct {
	XMLName             xml.Name `xml:"Subscription"`
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
		SubscriptionName: name, Subscriber: s.options.Account, TopicOwner: s.options.Account, TopicName: topicName, Endpoint: sub.Endpoint,
		NotifyStrategy: sub.NotifyStrategy, NotifyContentFormat: sub.NotifyContentFormat, FilterTag: sub.FilterTag,
		CreateTime: sub.made.Unix(), LastModifyTime: sub.modified.Unix(),
	}
}

// subscribed is a subscription in its topic.
type subscribed struct {
	Subscription
	made, modified time.Time
}

func checkStrategy(strategy string) *Error {
	if !slices.Contains([]string{backoffRetry, exponentialDecayRetry}, strategy) {
		return invalid("NotifyStrategy must be BACKOFF_RETRY or EXPONENTIAL_DECAY_RETRY.")
	}
	return nil
}

func (s *Service) serveSubscribe(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var form subscriptionForm
	if err := c.decode(&form); err != nil {
		return err
	}
	made, err := s.subscribe(c.parts[1], c.parts[3], Subscription{
		Endpoint: form.Endpoint, FilterTag: form.FilterTag, NotifyStrategy: form.NotifyStrategy, NotifyContentFormat: form.NotifyContentFormat,
	})
	return s.answerMade(w, c, made, err)
}

// serveSetSubscription changes the one attribute that can be changed, NotifyStrategy.
func (s *Service) serveSetSubscription(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var form subscriptionForm
	if err := c.decode(&form); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	t, sub, err := s.subscription(c)
	if err != nil {
		return err
	}
	if form.NotifyStrategy != "" {
		if err := checkStrategy(form.NotifyStrategy); err != nil {
			return err
		}
		sub.NotifyStrategy = form.NotifyStrategy
	}
	sub.modified = s.options.Now()
	t.subscriptions[c.parts[3]] = sub
	s.answer(w, http.StatusNoContent, nil)
	return nil
}

func (s *Service) serveGetSubscription(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, sub, err := s.subscription(c)
	if err != nil {
		return err
	}
	s.answer(w, http.StatusOK, namespaced{Name: "Subscription", Value: s.subscriptionForm(c.parts[1], c.parts[3], sub)})
	return nil
}

// subscription finds the one that a call is about; s.mu is held.
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

func (s *Service) serveUnsubscribe(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(c.parts[1])
	if err != nil {
		return err
	}
	delete(t.subscriptions, c.parts[3])
	s.answer(w, http.StatusNoContent, nil)
	return nil
}
