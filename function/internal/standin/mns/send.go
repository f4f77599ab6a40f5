package mns

import (
	"encoding/xml"
	"net/http"
	"time"
)

// sentMessage is a message as clients write it. A number that is absent takes the queue's.
type sentMessage struct {
	MessageBody  string
	DelaySeconds *int64
	Priority     *int
	MessageTag   string
	// MessageAttributes say what mails and text messages are made of.
	MessageAttributes struct{ DirectMail, DirectSMS string }
	Properties
}

func (m sentMessage) sending() sending {
	return sending{body: m.MessageBody, delay: m.delay(), priority: m.priority(), properties: m.Properties}
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

// accepted answers for a message that was taken or, within a batch, for one that was refused.
type accepted struct {
	XMLName        xml.Name `xml:"Message"`
	ErrorCode      string   `xml:",omitempty"`
	ErrorMessage   string   `xml:",omitempty"`
	MessageID      string   `xml:"MessageId,omitempty"`
	MessageBodyMD5 string   `xml:",omitempty"`
	ReceiptHandle  string   `xml:",omitempty"` // of a delayed message
}

func (s *Service) serveSend(c request) (reply, *Error) {
	return c.takeMessage(func(m sentMessage) (Message, *Error) { return s.send(c.parts[1], m.sending()) })
}

func (s *Service) servePublish(c request) (reply, *Error) {
	return c.takeMessage(func(m sentMessage) (Message, *Error) { return s.publish(c, m) })
}

// takeMessage answers for the one message of a call.
func (c request) takeMessage(take func(sentMessage) (Message, *Error)) (reply, *Error) {
	var m sentMessage
	if err := c.decode(&m); err != nil {
		return reply{}, err
	}
	taken, err := take(m)
	return reply{status: http.StatusCreated, name: "Message", value: acceptance(taken)}, err
}

func acceptance(m Message) accepted {
	return accepted{MessageID: m.MessageID, MessageBodyMD5: bodyMD5(m.Body), ReceiptHandle: m.ReceiptHandle}
}

// serveBatchSend takes each message by itself: one that is refused does not stop the others. The answer is then a 500
// that names the error in its place.
func (s *Service) serveBatchSend(c request) (reply, *Error) {
	var batch struct {
		Messages []sentMessage `xml:"Message"`
	}
	if err := c.decode(&batch); err != nil {
		return reply{}, err
	}
	if len(batch.Messages) == 0 || len(batch.Messages) > maxBatch {
		return reply{}, invalid("A batch holds 1 to 16 messages.")
	}
	size := 0
	for _, m := range batch.Messages {
		size += len(m.MessageBody)
	}
	if size > maxBody {
		return reply{}, invalid("The bodies of a batch are larger than 64 KB together.")
	}
	var answers list
	status := http.StatusCreated
	for _, m := range batch.Messages {
		sent, err := s.send(c.parts[1], m.sending())
		answer := acceptance(sent)
		if err != nil && err.Code == "QueueNotExist" {
			return reply{}, err
		}
		if err != nil {
			status, answer = http.StatusInternalServerError, accepted{ErrorCode: err.Code, ErrorMessage: err.Message}
		}
		answers.Entries = append(answers.Entries, answer)
	}
	return reply{status: status, name: "Messages", value: answers}, nil
}
