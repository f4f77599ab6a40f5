package mns

import (
	"context"
	"encoding/xml"
	"errors"
	"net/http"
	"time"
)

// receivedMessage is a message as the service hands it out; one that is only peeked at has no handle and no next time.
type receivedMessage struct {
	XMLName          xml.Name `xml:"Message"`
	MessageID        string   `xml:"MessageId"`
	ReceiptHandle    string   `xml:",omitempty"`
	MessageBodyMD5   string
	MessageBody      string
	EnqueueTime      int64
	NextVisibleTime  int64 `xml:",omitempty"`
	FirstDequeueTime int64
	DequeueCount     int
	Priority         int
	Properties
}

func received(m Message) receivedMessage {
	first := m.FirstDequeueTime
	if m.DequeueCount == 0 {
		first = m.EnqueueTime
	}
	out := receivedMessage{
		MessageID: m.MessageID, ReceiptHandle: m.ReceiptHandle, MessageBodyMD5: bodyMD5(m.Body), MessageBody: m.Body,
		EnqueueTime: m.EnqueueTime.UnixMilli(), FirstDequeueTime: first.UnixMilli(),
		DequeueCount: m.DequeueCount, Priority: m.Priority, Properties: m.Properties,
	}
	if m.ReceiptHandle != "" {
		out.NextVisibleTime = m.NextVisibleTime.UnixMilli()
	}
	return out
}

// serveReceive may wait, so it takes the lock only where it looks.
func (s *Service) serveReceive(ctx context.Context, c request) (reply, *Error) {
	most, err := c.number("numofmessages", 1, 1, maxBatch)
	if err != nil {
		return reply{}, err
	}
	seconds, err := c.number("waitseconds", -1, 0, int(maxPoll/time.Second))
	if err != nil {
		return reply{}, err
	}
	wait := time.Duration(seconds) * time.Second
	if seconds < 0 {
		wait = s.pollingWait(c.parts[1])
	}
	messages, failure := s.Receive(ctx, c.parts[1], most, wait)
	var refusal *Error
	if errors.As(failure, &refusal) {
		return reply{}, refusal
	}
	return c.answerMessages(messages) // none if the client is gone
}

func (s *Service) pollingWait(name string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q.attributes.PollingWait
	}
	return 0
}

func (s *Service) servePeek(c request) (reply, *Error) {
	most, err := c.number("numofmessages", 1, 1, maxBatch)
	if err != nil {
		return reply{}, err
	}
	messages, err := s.peek(c.parts[1], most)
	if err != nil {
		return reply{}, err
	}
	return c.answerMessages(messages)
}

// answerMessages answers with one message, or with a list when a number was asked for.
func (c request) answerMessages(messages []Message) (reply, *Error) {
	if len(messages) == 0 {
		return reply{}, refuse("MessageNotExist")
	}
	if _, many := c.query["numofmessages"]; !many {
		return ok("Message", received(messages[0]))
	}
	var found list
	for _, m := range messages {
		found.Entries = append(found.Entries, received(m))
	}
	return ok("Messages", found)
}

// receiptHandle is the handle that a call is about.
func (c request) receiptHandle() (string, *Error) {
	handle, given := c.query["receipthandle"]
	if !given {
		return "", refuse("MissingReceiptHandle")
	}
	return handle, nil
}

func (s *Service) serveDelete(c request) (reply, *Error) {
	handle, err := c.receiptHandle()
	if err != nil {
		return reply{}, err
	}
	return done(), s.delete(c.parts[1], handle)
}

// deleteFailure is one handle of a batch that could not be deleted.
type deleteFailure struct {
	XMLName       xml.Name `xml:"Error"`
	ErrorCode     string
	ErrorMessage  string
	ReceiptHandle string
}

func (s *Service) serveBatchDelete(c request) (reply, *Error) {
	var batch struct {
		Handles []string `xml:"ReceiptHandle"`
	}
	if err := c.decode(&batch); err != nil {
		return reply{}, err
	}
	if len(batch.Handles) == 0 || len(batch.Handles) > maxBatch {
		return reply{}, invalid("A batch holds 1 to 16 receipt handles.")
	}
	var failures list
	for _, handle := range batch.Handles {
		err := s.delete(c.parts[1], handle)
		if err != nil && err.Code == "QueueNotExist" {
			return reply{}, err
		}
		if err != nil {
			failures.Entries = append(failures.Entries, deleteFailure{
				ErrorCode: err.Code, ErrorMessage: err.Message, ReceiptHandle: handle,
			})
		}
	}
	if len(failures.Entries) == 0 {
		return done(), nil
	}
	return reply{status: http.StatusNotFound, name: "Errors", value: failures}, nil
}

func (s *Service) serveChangeVisibility(c request) (reply, *Error) {
	handle, err := c.receiptHandle()
	if err != nil {
		return reply{}, err
	}
	if _, given := c.query["visibilitytimeout"]; !given {
		return reply{}, refuse("MissingVisibilityTimeout")
	}
	seconds, err := c.number("visibilitytimeout", 0, int(minVisible/time.Second), int(maxInvisible/time.Second))
	if err != nil {
		return reply{}, err
	}
	m, err := s.changeVisibility(c.parts[1], handle, time.Duration(seconds)*time.Second)
	if err != nil {
		return reply{}, err
	}
	return ok("ChangeVisibility", struct {
		ReceiptHandle   string
		NextVisibleTime int64
	}{m.ReceiptHandle, m.NextVisibleTime.UnixMilli()})
}
