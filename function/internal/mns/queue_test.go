package mns_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/standin/fault"
)

func TestMessagesAreQueuedInAsFewCallsAsTheServiceTakes(t *testing.T) {
	sized := func(n, bytes int) (messages []cloud.Message) {
		for i := range n {
			messages = append(messages,
				cloud.Message{Body: fmt.Appendf(nil, "%03d%s", i, strings.Repeat("x", bytes-3))})
		}
		return messages
	}
	cases := map[string]struct {
		messages []cloud.Message
		calls    int
	}{
		"none":                          {nil, 0},
		"one":                           {sized(1, 10), 1},
		"as many as a batch holds":      {sized(16, 10), 1},
		"one more":                      {sized(17, 10), 2},
		"more bytes than a batch holds": {sized(4, 20<<10), 2},
		"one of the largest":            {sized(1, 64<<10), 1},
		"two of the largest":            {sized(2, 64<<10), 2},
		"many":                          {sized(100, 1000), 7},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			topic, service, injector := bench(t, 5*time.Second)
			if left, err := (mns.Queue{Client: topic.Client, Name: "events"}).Send(t.Context(),
				c.messages); err != nil || len(left) > 0 {
				t.Fatal(err, left)
			}
			got, err := service.Receive(t.Context(), "events", 1000, 0)
			if err != nil || len(got) != len(c.messages) || len(injector.Calls()) != c.calls {
				t.Fatalf("%d messages in %d calls, %v", len(got), len(injector.Calls()), err)
			}
			for i, m := range got {
				if m.Body != string(c.messages[i].Body) || m.Priority != 7 {
					t.Errorf("message %d came as %.20q with priority %d", i, m.Body, m.Priority)
				}
			}
		})
	}
}

func TestAMessageIsDelayedAsAsked(t *testing.T) {
	topic, service, _ := bench(t, time.Second)
	_, err := mns.Queue{Client: topic.Client, Name: "events"}.Send(t.Context(),
		[]cloud.Message{{Body: []byte("now")}, {Body: []byte("later"), Delay: time.Minute}})
	if got := service.Stats("events"); err != nil || got.Active != 1 || got.Delayed != 1 {
		t.Errorf("got %+v, %v", got, err)
	}
}

func TestWhatTheQueueDoesNotTakeIsAnError(t *testing.T) {
	topic, _, _ := bench(t, time.Second, fault.Fault{Action: "BatchSendMessage", Drop: fault.Before})
	queue := mns.Queue{Client: topic.Client, Name: "events"}
	var api *cloud.APIError
	if _, err := queue.Send(t.Context(), []cloud.Message{{Body: []byte("x")}}); !errors.As(err, &api) ||
		api.Status != 0 {
		t.Errorf("a lost answer: got %v", err)
	}
	queue.Name = "nobody"
	if _, err := queue.Send(t.Context(), []cloud.Message{{Body: []byte("x")}}); !errors.As(err, &api) ||
		api.Code != "QueueNotExist" || api.Status != 404 {
		t.Errorf("a missing queue: got %v", err)
	}
	queue.Name = ""
	if _, err := queue.Send(t.Context(), []cloud.Message{{Body: []byte("x")}}); err == nil {
		t.Error("an empty queue name passed")
	}
}

func TestOfABatchThatIsTakenInPartTheRestIsLeft(t *testing.T) {
	part := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusCreated)
		fmt.Fprint(w, `<?xml version="1.0"?><Messages `+
			`xmlns="http://mns.aliyuncs.com/doc/v1/"><Message><MessageId>1</MessageId>`+
			`<MessageBodyMD5>A</MessageBodyMD5></Message>`+
			`<Message><ErrorCode>InternalError</ErrorCode><ErrorMessage>not this `+
			`one</ErrorMessage></Message></Messages>`)
	}))
	defer part.Close()
	queue := mns.Queue{Client: dial(t, part.URL, time.Second), Name: "events"}
	var api *cloud.APIError
	left, err := queue.Send(t.Context(), []cloud.Message{{Body: []byte("a")}, {Body: []byte("b")}})
	if !errors.As(err, &api) || api.Code != "InternalError" || api.Message != "not this one" || len(left) != 1 ||
		string(left[0].Body) != "b" {
		t.Errorf("got %v, left %v", err, left)
	}
}
