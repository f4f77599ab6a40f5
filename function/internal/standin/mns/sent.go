package mns

import (
	"encoding/xml"
	"net/http"
	"time"
)

// namespace of everything that the service writes. What clients send comes without one.
const namespace = "http://mns.aliyuncs.com/doc/v1/"

// sentMessage is a message as clients write it. Absent numbers take the queue's.
type sentMessage struct {
	MessageBody  string
	DelaySeconds *int64
	Priority     *int
	MessageTag   string
}

func (m sentMessage) delay() *time.Duration {
	if m.DelaySeconds == nil {
		return nil
	}
	d := time.Duration(*m.DelaySeconds) * time.Second
	return &d
}

func (m sentMessage) priority() int {
	if m.Priority == nil || *m.Priority == 0 { // 0 is assumed to mean the default
		return lowPriority
	}
	return *m.Priority
}

// accepted answers a message that was taken, or, within a batch, one that was not.
type accepted struct {
	XMLName        xml.Name `xml:"Message"`
	ErrorCode      string   `xml:",omitempty"`
	ErrorMessage   string   `xml:",omitempty"`
	MessageID      string   `xml:"MessageId,omitempty"`
	MessageBodyMD5 string   `xml:",omitempty"`
}

func (s *Service) serveSend(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var m sentMessage
	if err := c.decode(&m); err != nil {
		return err
	}
	id, err := s.send(c.parts[1], m.MessageBody, m.delay(), m.priority())
	if err != nil {
		return err
	}
	s.answer(w, http.StatusCreated, namespaced{Name: "Message", Value: accepted{MessageID: id, MessageBodyMD5: bodyMD5(m.MessageBody)}})
	return nil
}

// serveBatchSend takes each message for itself: one that is refused does not stop the
// others, and the answer, then a 500, says so in its place.
func (s *Service) serveBatchSend(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var batch struct {
		Messages []sentMessage `xml:"Message"`
	}
	if err := c.decode(&batch); err != nil {
		return err
	}
	if len(batch.Messages) == 0 || len(batch.Messages) > maxBatch {
		return invalid("A batch holds 1 to 16 messages.")
	}
	size := 0
	for _, m := range batch.Messages {
		size += len(m.MessageBody)
	}
	if size > maxBody {
		return invalid("The bodies of a batch are larger than 64 KB together.")
	}
	var answers []accepted
	status := http.StatusCreated
	for _, m := range batch.Messages {
		id, err := s.send(c.parts[1], m.MessageBody, m.delay(), m.priority())
		if err != nil && err.Code == "QueueNotExist" {
			return err
		}
		if err != nil {
			status = http.StatusInternalServerError
			answers = append(answers, accepted{ErrorCode: err.Code, ErrorMessage: err.Message})
			continue
		}
		answers = append(answers, accepted{MessageID: id, MessageBodyMD5: bodyMD5(m.MessageBody)})
	}
	s.answer(w, status, struct {
		XMLName  xml.Name `xml:"http://mns.aliyuncs.com/doc/v1/ Messages"`
		Messages []accepted
	}{Messages: answers})
	return nil
}

// namespaced writes a value under the service's namespace.
type namespaced struct {
	Name  string
	Value any
}

func (n namespaced) MarshalXML(e *xml.Encoder, _ xml.StartElement) error {
	return e.EncodeElement(n.Value, xml.StartElement{Name: xml.Name{Local: n.Name}, Attr: []xml.Attr{{Name: xml.Name{Local: "xmlns"}, Value: namespace}}})
}

func (s *Service) servePublish(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var m sentMessage
	if err := c.decode(&m); err != nil {
		return err
	}
	id, err := s.publish(c.parts[1], m.MessageBody, m.MessageTag, c.key)
	if err != nil {
		return err
	}
	s.answer(w, http.StatusCreated, namespaced{Name: "Message", Value: accepted{MessageID: id, MessageBodyMD5: bodyMD5(m.MessageBody)}})
	return nil
}
