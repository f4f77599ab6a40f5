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

// page is the part of a list that is asked for: x-mns-prefix, x-mns-marker and x-mns-ret-number of MNS APIs ListQueue,
// ListTopic and ListSubscriptionByTopic.
type page struct {
	prefix, marker string
	size           int
	meta           bool // with the attributes of every entry
}

func pageOf(header http.Header) (page, *Error) {
	p := page{
		prefix: header.Get("x-mns-prefix"), marker: header.Get("x-mns-marker"), size: maxListed,
		meta: header.Get("x-mns-with-meta") == "true",
	}
	if text := header.Get("x-mns-ret-number"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > maxListed {
			return p, invalid("x-mns-ret-number must be 1 to 1000.")
		}
		p.size = n
	}
	return p, nil
}

// of picks the page from all names. The marker of the next page is the first name on it; that form is assumed, since
// clients return it as it came.
func (p page) of(names []string) (picked []string, next string) {
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

// list is the body of an answer with several entries of one kind.
type list struct {
	Entries    []any
	NextMarker string `xml:",omitempty"`
}

// place is an entry without attributes: the URL and the name of a resource.
type place struct {
	XMLName   xml.Name
	URL, Name named
}

// named is an element whose name differs.
type named struct {
	XMLName xml.Name
	Text    string `xml:",chardata"`
}

func text(name, value string) named { return named{XMLName: xml.Name{Local: name}, Text: value} }

// answerList answers with the page of resources that a request asks for. describe gives the attributes of one of them.
func answerList[T any](
	c request, kind string, all map[string]T, describe func(url, name string, one T) any,
) (reply, *Error) {
	p, err := pageOf(c.header)
	if err != nil {
		return reply{}, err
	}
	var found list
	names, next := p.of(slices.Sorted(maps.Keys(all)))
	found.NextMarker = next
	path, _, _ := strings.Cut(c.resource, "?")
	for _, name := range names {
		url := c.url(strings.TrimSuffix(path, "/") + "/" + name)
		if p.meta {
			found.Entries = append(found.Entries, describe(url, name, all[name]))
			continue
		}
		entry := place{xml.Name{Local: kind}, text(kind+"URL", url), text(kind+"Name", name)}
		found.Entries = append(found.Entries, entry)
	}
	return ok(kind+"s", found)
}

func (s *Service) serveListQueues(c request) (reply, *Error) {
	return answerList(c, "Queue", s.queues, func(url, name string, q *queue) any {
		form := s.queueForm(name, q)
		form.QueueURL = url
		return form
	})
}

func (s *Service) serveListTopics(c request) (reply, *Error) {
	return answerList(c, "Topic", s.topics, func(url, name string, t *topic) any {
		form := topicForm(name, t)
		form.TopicURL = url
		return form
	})
}

func (s *Service) serveListSubscriptions(c request) (reply, *Error) {
	t, err := s.topic(c.parts[1])
	if err != nil {
		return reply{}, err
	}
	return answerList(c, "Subscription", t.subscriptions, func(url, name string, sub subscribed) any {
		form := s.subscriptionForm(c.parts[1], name, sub)
		form.SubscriptionURL = url
		return form
	})
}
