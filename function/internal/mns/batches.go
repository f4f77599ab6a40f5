package mns

import (
	"errors"
	"fmt"
	"net/http"
	"slices"

	"vpn-attach/function/internal/cloud"
)

// Limits of MNS API BatchSendMessage: messages in one call, bytes of their bodies together, and bytes of one body.
const (
	maxBatch      = 16
	maxBatchBytes = 60 << 10
	maxBody       = 64 << 10
)

// sending is how far the sending of messages has come.
type sending struct {
	calls   [][]cloud.Message // still to be made, and what each sends
	refused []cloud.Message   // which the queue will never take
	cause   *cloud.APIError   // why the first of them was refused
}

// planned gives the calls for messages. A message that does not fit into a queue is refused without a call.
func planned(messages []cloud.Message) *sending {
	s := &sending{}
	var fit []cloud.Message
	for _, m := range messages {
		if bytes := m.Size(); bytes > maxBody {
			s.refuse(m, &cloud.APIError{
				Action: cloud.ActionSend, Code: cloud.CodeTooLarge,
				Message: fmt.Sprintf("the message has %d bytes, and a queue takes %d", bytes, maxBody),
			})
			continue
		}
		fit = append(fit, m)
	}
	for len(fit) > 0 {
		n := fitting(fit)
		s.calls, fit = append(s.calls, fit[:n]), fit[n:]
	}
	return s
}

// answered notes which messages the first call did not take. A batch that is refused for a message is sent again in
// halves, until that message is alone. Any other error ends the sending.
func (s *sending) answered(untaken []cloud.Message, err error) error {
	if err == nil {
		s.calls = s.calls[1:]
		return nil
	}
	s.calls[0] = untaken
	var api *cloud.APIError
	if !errors.As(err, &api) || !refusesMessage(api) {
		return err
	}
	if half := len(untaken) / 2; half > 0 {
		s.calls = slices.Concat([][]cloud.Message{untaken[:half], untaken[half:]}, s.calls[1:])
		return nil
	}
	s.calls = s.calls[1:]
	s.refuse(untaken[0], api)
	return nil
}

func (s *sending) refuse(m cloud.Message, cause *cloud.APIError) {
	if s.refused = append(s.refused, m); s.cause == nil {
		s.cause = cause
	}
}

// left are all messages that the queue may not have taken, those that it refused last.
func (s *sending) left() []cloud.Message {
	return slices.Concat(slices.Concat(s.calls...), s.refused)
}

// refusesMessage reports whether a refusal is about a message, and not about the queue, the rights of the function or
// the signature, of which every message would be refused.
func refusesMessage(api *cloud.APIError) bool {
	return api.Code == "InvalidArgument" || api.Code == "MalformedXML" ||
		api.Status == http.StatusRequestEntityTooLarge
}

// fitting is how many of the first messages go into one call: at least one.
func fitting(messages []cloud.Message) int {
	bytes := 0
	for n, m := range messages {
		if bytes += m.Size(); n > 0 && bytes > maxBatchBytes || n == maxBatch {
			return n
		}
	}
	return len(messages)
}
