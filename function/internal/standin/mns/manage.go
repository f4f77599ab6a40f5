package mns

import (
	"encoding/xml"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// queueForm is a queue's attributes as they go over the wire, in seconds. A field that
// a client leaves out is nil.
type queueForm struct {
	XMLName                xml.Name `xml:"Queue"`
	QueueName              string   `xml:",omitempty"`
	CreateTime             int64    `xml:",omitempty"` // seconds
	LastModifyTime         int64    `xml:",omitempty"`
	DelaySeconds           *int64
	MaximumMessageSize     *int
	MessageRetentionPeriod *int64
	VisibilityTimeout      *int64
	PollingWaitSeconds     *int64
	ActiveMessages         *int
	InactiveMessages       *int
	DelayMessages          *int
	LoggingEnabled         *wireBool
	DlqPolicy              *dlqForm
}

// wireBool is written as the service does, with a capital, and read in any case.
type wireBool bool

func (b wireBool) MarshalText() ([]byte, error) {
	if b {
		return []byte("True"), nil
	}
	return []byte("False"), nil
}

func (b *wireBool) UnmarshalText(text []byte) error {
	value, err := strconv.ParseBool(strings.ToLower(string(text)))
	*b = wireBool(value)
	return err
}

// over gives the attributes with those of the form that are set.
func (f queueForm) over(a QueueAttributes) (QueueAttributes, *Error) {
	for _, field := range []struct {
		seconds     *int64
		into        *time.Duration
		least, most time.Duration
	}{
		{f.DelaySeconds, &a.Delay, 0, maxDelay},
		{f.VisibilityTimeout, &a.VisibilityTimeout, minVisible, maxInvisible},
		{f.MessageRetentionPeriod, &a.Retention, time.Minute, 7 * 24 * time.Hour},
		{f.PollingWaitSeconds, &a.PollingWait, 0, maxPoll},
	} {
		if field.seconds == nil {
			continue
		}
		*field.into = time.Duration(*field.seconds) * time.Second
		if *field.into < field.least || *field.into > field.most {
			return a, invalid("An attribute of the queue is out of its bounds.")
		}
	}
	if f.LoggingEnabled != nil {
		a.Logging = bool(*f.LoggingEnabled)
	}
	if f.DlqPolicy != nil {
		policy, err := f.DlqPolicy.policy()
		if err != nil {
			return a, err
		}
		a.DeadLetters = policy
	}
	if f.MaximumMessageSize != nil {
		a.MaximumBody = *f.MaximumMessageSize
	}
	return a, checkMaximumBody(a.MaximumBody)
}

// checkMaximumBody: 0 is the default.
func checkMaximumBody(bytes int) *Error {
	if bytes != 0 && (bytes < minMaxBody || bytes > maxBody) {
		return invalid("MaximumMessageSize must be 1024 to 65536.")
	}
	return nil
}

func (s *Service) serveCreateQueue(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var form queueForm
	if err := c.decode(&form); err != nil {
		return err
	}
	attributes, err := form.over(QueueAttributes{})
	if err != nil {
		return err
	}
	made, err := s.createQueue(c.parts[1], attributes)
	return s.answerMade(w, c, made, err)
}

// answerMade answers a create: 201 with the place of what was made, 204 when the same
// was there already.
func (s *Service) answerMade(w http.ResponseWriter, c request, made bool, err *Error) *Error {
	switch {
	case err != nil:
		return err
	case made:
		w.Header().Set("Location", s.url(c.resource))
		s.answer(w, http.StatusCreated, nil)
	default:
		s.answer(w, http.StatusNoContent, nil)
	}
	return nil
}

// serveSetQueue changes the attributes that are named and leaves the others.
func (s *Service) serveSetQueue(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var form queueForm
	if err := c.decode(&form); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(c.parts[1])
	if err != nil {
		return err
	}
	attributes, err := form.over(q.attributes)
	if err != nil {
		return err
	}
	q.attributes, q.modified = attributes, s.options.Now()
	s.answer(w, http.StatusNoContent, nil)
	return nil
}

func (s *Service) serveGetQueue(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	q, err := s.queue(c.parts[1])
	if err != nil {
		return err
	}
	s.answer(w, http.StatusOK, namespaced{Name: "Queue", Value: s.queueForm(c.parts[1], q)})
	return nil
}

// queueForm is what the service says of a queue; s.mu is held.
func (s *Service) queueForm(name string, q *queue) queueForm {
	stats, a, logging := q.stats(s.options.Now()), q.attributes, wireBool(q.attributes.Logging)
	seconds := func(d time.Duration) *int64 { n := int64(d / time.Second); return &n }
	return queueForm{
		QueueName: name, CreateTime: q.made.Unix(), LastModifyTime: q.modified.Unix(),
		DelaySeconds: seconds(a.Delay), MaximumMessageSize: &a.MaximumBody, MessageRetentionPeriod: seconds(a.Retention),
		VisibilityTimeout: seconds(a.VisibilityTimeout), PollingWaitSeconds: seconds(a.PollingWait),
		ActiveMessages: &stats.Active, InactiveMessages: &stats.Inactive, DelayMessages: &stats.Delayed, LoggingEnabled: &logging,
		DlqPolicy: a.DeadLetters.form(),
	}
}

func (s *Service) serveDeleteQueue(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[c.parts[1]]; q != nil {
		q.wake()
		delete(s.queues, c.parts[1])
	}
	s.answer(w, http.StatusNoContent, nil)
	return nil
}

// topicAttributes are those that can be set.
type topicAttributes struct {
	MaximumMessageSize int // bytes
	LoggingEnabled     wireBool
}

// over reads the attributes that a client names over those that there are; it may leave the whole body out.
func (c request) over(preset topicAttributes) (topicAttributes, *Error) {
	var form struct {
		MaximumMessageSize *int
		LoggingEnabled     *wireBool
	}
	if len(c.body) == 0 {
		return preset, nil
	}
	if err := c.decode(&form); err != nil {
		return preset, err
	}
	if form.MaximumMessageSize != nil && *form.MaximumMessageSize != 0 {
		preset.MaximumMessageSize = *form.MaximumMessageSize
	}
	if form.LoggingEnabled != nil {
		preset.LoggingEnabled = *form.LoggingEnabled
	}
	return preset, checkMaximumBody(preset.MaximumMessageSize)
}

// wireTopic is what the service says of a topic.
type wireTopic struct {
	XMLName                xml.Name `xml:"Topic"`
	TopicName              string
	CreateTime             int64
	LastModifyTime         int64
	MaximumMessageSize     int
	MessageRetentionPeriod int
	MessageCount           int
	LoggingEnabled         wireBool
}

func topicForm(name string, t *topic) wireTopic {
	return wireTopic{
		TopicName: name, CreateTime: t.made.Unix(), LastModifyTime: t.modified.Unix(), MaximumMessageSize: t.attributes.MaximumMessageSize,
		MessageRetentionPeriod: 86400, MessageCount: len(t.published), LoggingEnabled: t.attributes.LoggingEnabled,
	}
}

func (s *Service) serveCreateTopic(w http.ResponseWriter, _ *http.Request, c request) *Error {
	attributes, err := c.over(topicAttributes{MaximumMessageSize: maxBody})
	if err != nil {
		return err
	}
	made, err := s.createTopic(c.parts[1], attributes)
	return s.answerMade(w, c, made, err)
}

func (s *Service) serveSetTopic(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(c.parts[1])
	if err != nil {
		return err
	}
	attributes, err := c.over(t.attributes)
	if err != nil {
		return err
	}
	t.attributes, t.modified = attributes, s.options.Now()
	s.answer(w, http.StatusNoContent, nil)
	return nil
}

func (s *Service) serveGetTopic(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(c.parts[1])
	if err != nil {
		return err
	}
	s.answer(w, http.StatusOK, namespaced{Name: "Topic", Value: topicForm(c.parts[1], t)})
	return nil
}

func (s *Service) serveDeleteTopic(w http.ResponseWriter, _ *http.Request, c request) *Error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.topics, c.parts[1])
	s.answer(w, http.StatusNoContent, nil)
	return nil
}
