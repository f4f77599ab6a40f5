package mns

import (
	"encoding/xml"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// maxListed is how many entries a list has at most, and by default.
const maxListed = 1000

// page is which part of a list is asked for: x-mns-prefix, x-mns-marker and x-mns-ret-number
// of MNS APIs ListQueue, ListTopic and ListSubscriptionByTopic.
type page struct {
	prefix, marker string
	size           int
	meta           bool // with every entry's attributes
}

func pageOf(r *http.Request) (page, *Error) {
	p := page{prefix: r.Header.Get("x-mns-prefix"), marker: r.Header.Get("x-mns-marker"), size: maxListed, meta: r.Header.Get("x-mns-with-meta") == "true"}
	if text := r.Header.Get("x-mns-ret-number"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxListed {
			return p, invalid("x-mns-ret-number must be 1 to 1000.")
		}
		p.size = n
	}
	return p, nil
}

// of picks the page from all names. The marker of the next one is the first name on it, whose form is assumed: clients
// hand it back as it came.
func (p page) of(names []string) (picked []string, next string) {
	slices.Sort(names)
	for _, name := range names {
		switch {
		case !strings.HasPrefix(name, p.prefix), name < p.marker:
		case len(picked) == p.size:
			return picked, name
		default:
			picked = append(picked, name)
		}
	}
	return picked, ""
}

// list is a list's answer; its entries are of one kind.
type list struct {
	Entries    []any
	NextMarker string `xml:",omitempty"`
}

// place is an entry without attributes: where the resource is.
type place struct {
	XMLName         xml.Name
	QueueURL        string `xml:",omitempty"`
	TopicURL        string `xml:",omitempty"`
	SubscriptionURL string `xml:",omitempty"`
}

func (s *Service) url(path string) string {
	return "http://" + s.options.Account + ".mns." + s.options.Region + ".aliyuncs.com" + path
}

// answerList answers with the page that a request asks for, of what entries gives while s.mu is held.
func (s *Service) answerList(w http.ResponseWriter, r *http.Request, name string, entries func(p page) (list, *Error)) *Error {
	p, err := pageOf(r)
	if err != nil {
		return err
	}
	s.mu.Lock()
	found, err := entries(p)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	s.answer(w, http.StatusOK, namespaced{Name: name, Value: found})
	return nil
}

func (s *Service) serveListQueues(w http.ResponseWriter, r *http.Request, _ request) *Error {
	return s.answerList(w, r, "Queues", func(p page) (found list, _ *Error) {
		names, next := p.of(slices.Collect(maps.Keys(s.queues)))
		for _, name := range names {
			if p.meta {
				found.Entries = append(found.Entries, s.queueForm(name, s.queues[name]))
			} else {
				found.Entries = append(found.Entries, place{XMLName: xml.Name{Local: "Queue"}, QueueURL: s.url("/queues/" + name)})
			}
		}
		found.NextMarker = next
		return found, nil
	})
}

func (s *Service) serveListTopics(w http.ResponseWriter, r *http.Request, _ request) *Error {
	return s.answerList(w, r, "Topics", func(p page) (found list, _ *Error) {
		names, next := p.of(slices.Collect(maps.Keys(s.topics)))
		for _, name := range names {
			if p.meta {
				found.Entries = append(found.Entries, topicForm(name, s.topics[name]))
			} else {
				found.Entries = append(found.Entries, place{XMLName: xml.Name{Local: "Topic"}, TopicURL: s.url("/topics/" + name)})
			}
		}
		found.NextMarker = next
		return found, nil
	})
}

func (s *Service) serveListSubscriptions(w http.ResponseWriter, r *http.Request, c request) *Error {
	topicName := c.parts[1]
	return s.answerList(w, r, "Subscriptions", func(p page) (found list, err *Error) {
		t, err := s.topic(topicName)
		if err != nil {
			return found, err
		}
		names, next := p.of(slices.Collect(maps.Keys(t.subscriptions)))
		for _, name := range names {
			if p.meta {
				found.Entries = append(found.Entries, s.subscriptionForm(topicName, name, t.subscriptions[name]))
			} else {
				found.Entries = append(found.Entries, place{XMLName: xml.Name{Local: "Subscription"}, SubscriptionURL: s.url("/topics/" + topicName + "/subscriptions/" + name)})
			}
		}
		found.NextMarker = next
		return found, nil
	})
}
