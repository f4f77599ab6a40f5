package mns

import (
	"cmp"
	"encoding/xml"
	"strconv"
	"strings"
	"time"
)

// queueForm is a queue's attributes on the wire, in seconds. A field that a client leaves out is nil.
type queueForm struct {
	XMLName                xml.Name `xml:"Queue"`
	QueueURL               string   `xml:",omitempty"` // in lists
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

// wireBool is written as the service does, with a capital letter, and read in any case.
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

// over replaces the attributes that the form names.
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

// queueAttributes reads the attributes that a client names over the existing ones.
func (c request) queueAttributes(existing QueueAttributes) (QueueAttributes, *Error) {
	var form queueForm
	if err := c.decode(&form); err != nil {
		return existing, err
	}
	return form.over(existing)
}

func (s *Service) serveCreateQueue(c request) (reply, *Error) {
	attributes, err := c.queueAttributes(QueueAttributes{})
	if err != nil {
		return reply{}, err
	}
	made, err := s.createQueue(c.parts[1], attributes)
	return c.created(made, err)
}

// serveSetQueue changes the attributes that are named and leaves the others.
func (s *Service) serveSetQueue(c request) (reply, *Error) {
	q, err := s.queue(c.parts[1])
	if err != nil {
		return reply{}, err
	}
	attributes, err := c.queueAttributes(q.attributes)
	if err != nil {
		return reply{}, err
	}
	q.attributes, q.modified = attributes, time.Now()
	return done(), nil
}

func (s *Service) serveGetQueue(c request) (reply, *Error) {
	q, err := s.queue(c.parts[1])
	if err != nil {
		return reply{}, err
	}
	return ok("Queue", s.queueForm(c.parts[1], q))
}

// queueForm is a queue as the service describes it.
func (s *Service) queueForm(name string, q *queue) queueForm {
	stats, a, logging := q.stats(time.Now()), q.attributes, wireBool(q.attributes.Logging)
	seconds := func(d time.Duration) *int64 { n := int64(d / time.Second); return &n }
	return queueForm{
		QueueName: name, CreateTime: q.made.Unix(), LastModifyTime: q.modified.Unix(),
		DelaySeconds: seconds(a.Delay), MessageRetentionPeriod: seconds(a.Retention),
		VisibilityTimeout: seconds(a.VisibilityTimeout), PollingWaitSeconds: seconds(a.PollingWait),
		ActiveMessages: &stats.Active, InactiveMessages: &stats.Inactive, DelayMessages: &stats.Delayed,
		MaximumMessageSize: &a.MaximumBody, LoggingEnabled: &logging, DlqPolicy: a.DeadLetters.form(),
	}
}

func (s *Service) serveDeleteQueue(c request) (reply, *Error) {
	if q := s.queues[c.parts[1]]; q != nil {
		q.wake()
		delete(s.queues, c.parts[1])
	}
	return done(), nil
}

// topicAttributes are those that can be set.
type topicAttributes struct {
	MaximumMessageSize int // bytes
	LoggingEnabled     wireBool
}

// topicAttributes reads the attributes that a client names over the existing ones; the body may be empty.
func (c request) topicAttributes(existing topicAttributes) (topicAttributes, *Error) {
	named := existing
	if len(c.body) > 0 {
		if err := c.decode(&named); err != nil {
			return existing, err
		}
	}
	named.MaximumMessageSize = cmp.Or(named.MaximumMessageSize, existing.MaximumMessageSize)
	return named, checkMaximumBody(named.MaximumMessageSize)
}

// wireTopic is a topic as the service describes it.
type wireTopic struct {
	XMLName                xml.Name `xml:"Topic"`
	TopicURL               string   `xml:",omitempty"` // in lists
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
		TopicName: name, CreateTime: t.made.Unix(), LastModifyTime: t.modified.Unix(),
		MaximumMessageSize: t.attributes.MaximumMessageSize, MessageRetentionPeriod: 86400,
		MessageCount: len(t.published), LoggingEnabled: t.attributes.LoggingEnabled,
	}
}

func (s *Service) serveCreateTopic(c request) (reply, *Error) {
	attributes, err := c.topicAttributes(topicAttributes{MaximumMessageSize: maxBody})
	if err != nil {
		return reply{}, err
	}
	made, err := s.createTopic(c.parts[1], attributes)
	return c.created(made, err)
}

func (s *Service) serveSetTopic(c request) (reply, *Error) {
	t, err := s.topic(c.parts[1])
	if err != nil {
		return reply{}, err
	}
	attributes, err := c.topicAttributes(t.attributes)
	if err != nil {
		return reply{}, err
	}
	t.attributes, t.modified = attributes, time.Now()
	return done(), nil
}

func (s *Service) serveGetTopic(c request) (reply, *Error) {
	t, err := s.topic(c.parts[1])
	if err != nil {
		return reply{}, err
	}
	return ok("Topic", topicForm(c.parts[1], t))
}

func (s *Service) serveDeleteTopic(c request) (reply, *Error) {
	delete(s.topics, c.parts[1])
	return done(), nil
}
