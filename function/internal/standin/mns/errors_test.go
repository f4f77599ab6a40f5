package mns_test

import (
	"net/http/httptest"
	"testing"

	"vpn-attach/function/internal/standin/mns"
)

func TestAFaultInFrontSpeaksTheServicesWords(t *testing.T) {
	cases := map[string]struct {
		status  int
		code    string
		message string
	}{
		"a documented code has its documented text":       {403, "AccessDenied", "The OwnerId that your Access Key Id associated to is forbidden for this operation."},
		"a code about a topic has its text as well":       {404, "TopicNotExist", "The topic name you provided is not exist."},
		"the status is the one that is asked for":         {503, "InternalError", "Internal error."},
		"a code that is not documented is named in words": {429, "Flooded", "The service answered Flooded."},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			w := httptest.NewRecorder()
			newService(t, 1).WriteError(w, signed("GET", "/queues/work", "", nil), c.status, c.code)
			got := answer{w.Code, w.Header(), w.Body.String()}
			got.want(t, c.status, c.code)
			if got.value("Message") != c.message {
				t.Errorf("the message is %q, want %q", got.value("Message"), c.message)
			}
		})
	}
}

// A nil *Error in an error is not nil: every method that gives an error must not let one
// through.
func TestSuccessIsNoError(t *testing.T) {
	s := newService(t, 1)
	send(t, s, "work", "a", 0)
	for name, err := range map[string]error{
		"making a queue":   s.CreateQueue("fresh", mns.QueueAttributes{}),
		"making a topic":   s.CreateTopic("fresh"),
		"subscribing":      s.Subscribe("outcomes", "sub", mns.Subscription{Endpoint: toWork}),
		"deleting":         s.Delete("work", one(t, s, "work").ReceiptHandle),
		"receiving nobody": func() error { _, err := s.Receive(t.Context(), "work", 1, 0); return err }(),
	} {
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}
