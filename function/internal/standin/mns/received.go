package mns

import (
	"encoding/xml"
	"errors"
	"net/http"
	"time"
)

// receivedMessage is a message as the service hands it out; without handle and next
// time when it is only peeked at.
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
}

func received(m Message) receivedMessage {
	first := m.FirstDequeueTime
	if m.DequeueCount == 0 {
		first = m.EnqueueTime
	}
	out := receivedMessage{
		MessageID: m.MessageID, ReceiptHandle: m.ReceiptHandle, MessageBodyMD5: bodyMD5(m.Body), MessageBody: m.Body,
		EnqueueTime: m.EnqueueTime.UnixMilli(), FirstDequeueTime: first.UnixMilli(), DequeueCount: m.DequeueCount, Priority: m.Priority,
	}
	if m.ReceiptHandle != "" {
		out.NextVisibleTime = m.NextVisibleTime.UnixMilli()
	}
	return out
}

func (s *Service) serveReceive(w http.ResponseWriter, r *http.Request, c request) *Error {
	most, err := c.number("numofmessages", 1, 1, maxBatch)
	if err != nil {
		return err
	}
	wait, err := c.number("waitseconds", -1, 0, int(maxPoll/time.Second))
	if err != nil {
		return err
	}
	patience := time.Duration(wait) * time.Second
	if wait < 0 {
		patience = s.pollingWait(c.parts[1])
	}
	messages, failure := s.Receive(r.Context(), c.parts[1], most, patience)
	var refusal *Error
	if errors.As(failure, &refusal) {
		return refusal
	}
	if failure != nil {
		return nil // the client left
	}
	return s.answerMessages(w, c, messages)
}

func (s *Service) pollingWait(name string) time.Duration {
	s.mu.Lock()
	defer s.mu.Unlock()
	if q := s.queues[name]; q != nil {
		return q.attributes.PollingWait
	}
	return 0
}

func (s *Service) servePeek(w http.ResponseWriter, _ *http.Request, c request) *Error {
	most, err := c.number("numofmessages", 1, 1, maxBatch)
	if err != nil {
		return err
	}
	messages, err := s.peek(c.parts[1], most)
	if err != nil {
		return err
	}
	return s.answerMessages(w, c, messages)
}

// answerMessages writes one message, or a list when a number was asked for.
func (s *Service) answerMessages(w http.ResponseWriter, c request, messages []Message) *Error {
	if len(messages) == 0 {
		return refuse("MessageNotExist")
	}
	if _, many := c.query["numofmessages"]; !many {
		s.answer(w, http.StatusOK, namespaced{Name: "Message", Value: received(messages[0])})
		return nil
	}
	var list []receivedMessage
	for _, m := range messages {
		list = append(list, received(m))
	}
	s.answer(w, http.StatusOK, struct {
		XMLName  xml.Name `xml:"http://mns.aliyuncs.com/doc/v1/ Messages"`
		Messages []receivedMessage
	}{Messages: list})
	return nil
}

func (s *Service) serveDelete(w http.ResponseWriter, _ *http.Request, c request) *Error {
	handle, given := c.query["receipthandle"]
	if !given {
		return refuse("MissingReceiptHandle")
	}
	if err := s.delete(c.parts[1], handle); err != nil {
		return err
	}
	s.answer(w, http.StatusNoContent, nil)
	return nil
}

// deleteFailure is one handle of a batch that could not be deleted.
type deleteFailure struct {
	XMLName       xml.Name `xml:"Error"`
	ErrorCode     string
	ErrorMessage  string
	ReceiptHandle string
}

func (s *Service) serveBatchDelete(w http.ResponseWriter, _ *http.Request, c request) *Error {
	var batch struct {
		Handles []string `xml:"ReceiptHandle"`
	}
	if err := c.decode(&batch); err != nil {
		return err
	}
	if len(batch.Handles) == 0 || len(batch.Handles) > maxBatch {
		return invalid("A batch holds 1 to 16 receipt handles.")
	}
	var failures []deleteFailure
	for _, handle := range batch.Handles {
		err := s.delete(c.parts[1], handle)
		if err != nil && err.Code == "QueueNotExist" {
			return err
		}
		if err != nil {
			failures = append(failures, deleteFailure{ErrorCode: err.Code, ErrorMessage: err.Message, ReceiptHandle: handle})
		}
	}
	if len(failures) == 0 {
		s.answer(w, http.StatusNoContent, nil)
		return nil
	}
	s.answer(w, http.StatusNotFound, struct {
		XMLName  xml.Name `xml:"http://mns.aliyuncs.com/doc/v1/ Errors"`
		Failures []deleteFailure
	}{Failures: failures})
	return nil
}

func (s *Service) serveChangeVisibility(w http.ResponseWriter, _ *http.Request, c request) *Error {
	handle, given := c.query["receipthandle"]
	if !given {
		return refuse("MissingReceiptHandle")
	}
	if _, given := c.query["visibilitytimeout"]; !given {
		return refuse("MissingVisibilityTimeout")
	}
	seconds, err := c.number("visibilitytimeout", 0, 1, int(maxInvisible/time.Second))
	if err != nil {
		return err
	}
	m, err := s.changeVisibility(c.parts[1], handle, time.Duration(seconds)*time.Second)
	if err != nil {
		return err
	}
	s.answer(w, http.StatusOK, struct {
		XMLName         xml.Name `xml:"http://mns.aliyuncs.com/doc/v1/ ChangeVisibility"`
		ReceiptHandle   string
		NextVisibleTime int64
	}{ReceiptHandle: m.ReceiptHandle, NextVisibleTime: m.NextVisibleTime.UnixMilli()})
	return nil
}
