package mns_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/aliyun"
	"vpn-attach/function/internal/cloud"
	"vpn-attach/function/internal/mns"
	"vpn-attach/function/internal/standin/fault"
	standin "vpn-attach/function/internal/standin/mns"
	"vpn-attach/function/internal/standin/sign"
)

// bench is a topic and a queue behind faults, and a client of them.
func bench(t *testing.T, timeout time.Duration, faults ...fault.Fault) (mns.Topic, *standin.Service, *fault.Injector) {
	t.Helper()
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "token")
	service := standin.New(standin.Options{Account: "1234567890123456", Region: "cn-hangzhou", Keys: keys})
	if err := service.CreateTopic("outcomes", standin.TopicAttributes{}); err != nil {
		t.Fatal(err)
	}
	if err := service.CreateQueue("events", standin.QueueAttributes{}); err != nil {
		t.Fatal(err)
	}
	injector, err := fault.New(fault.Options{Faults: faults, Caller: sign.AccessKeyID})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(injector.Wrap("mns", service))
	t.Cleanup(server.Close)
	return mns.Topic{Client: dial(t, server.URL, timeout), Name: "outcomes"}, service, injector
}

func dial(t *testing.T, address string, timeout time.Duration) *mns.Client {
	t.Helper()
	at, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(fmt.Sprintf("http://localhost:%s/1234567890123456.mns.cn-hangzhou.local.test",
		at.Port()))
	if err != nil {
		t.Fatal(err)
	}
	client, err := mns.New(endpoint, aliyun.NewCredentials("ak", "sk", "token"), timeout, nil)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func TestAMessageArrivesAsItWasSent(t *testing.T) {
	topic, service, _ := bench(t, time.Second)
	const body = `{"text":"<&>\" 杭州 é"}`
	if err := topic.Publish(t.Context(), []byte(body), "attaching"); err != nil {
		t.Fatal(err)
	}
	got := service.Published("outcomes")
	if len(got) != 1 || got[0].Body != body || got[0].Tag != "attaching" || got[0].AccessKeyID != "ak" {
		t.Errorf("got %+v", got)
	}
}

// The vendor's SDK repeats a POST up to five times by itself when a connection closes.
// Here each publish is one request, whatever happens to it.
func TestEveryFailureIsOneRequestAndReadAsWhatItIs(t *testing.T) {
	cases := map[string]struct {
		fault     fault.Fault
		code      string
		status    int
		message   string
		published int
	}{
		"a refusal keeps its code and status": {fault.Fault{Status: 403, Code: "AccessDenied"}, "AccessDenied",
			403, "", 0},
		"a code that the SDK does not know, too": {fault.Fault{Status: 429, Code: "TooManyRequests"},
			"TooManyRequests", 429, "", 0},
		"a proxy's page has its status alone": {fault.Fault{Body: fault.BodyHTML}, "", 502,
			"without a readable reason", 0},
		"an error without a body, too": {fault.Fault{Body: fault.BodyEmpty, Status: 500}, "", 500,
			"without a readable reason", 0},
		"a success that cannot be read is open":  {fault.Fault{Body: fault.BodyEmpty}, "", 0, "could not be read", 1},
		"a success that breaks off is open":      {fault.Fault{Body: fault.BodyTruncated}, "", 0, "", 1},
		"a connection closed before is open":     {fault.Fault{Drop: fault.Before}, "", 0, "", 0},
		"a connection closed afterwards is open": {fault.Fault{Drop: fault.After}, "", 0, "", 1},
		"an answer that comes too late is open":  {fault.Fault{Delay: 400 * time.Millisecond}, "", 0, "in time", 1},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			c.fault.Action = "PublishMessage"
			topic, service, injector := bench(t, 100*time.Millisecond, c.fault)
			err := topic.Publish(t.Context(), []byte("body-canary"), "tag")
			var got *cloud.APIError
			if !errors.As(err, &got) || got.Code != c.code || got.Status != c.status ||
				!strings.Contains(got.Message, c.message) {
				t.Errorf("got %v", err)
			}
			if err != nil && strings.Contains(err.Error(), "canary") {
				t.Errorf("the error repeats the message: %v", err)
			}
			waitUntil(t, func() bool { return len(service.Published("outcomes")) == c.published })
			if calls := len(injector.Calls()); calls != 1 {
				t.Errorf("%d requests", calls)
			}
		})
	}
}

// waitUntil waits for an effect that a client who gave up does not wait for.
func waitUntil(t *testing.T, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !done(); time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("the effect did not come")
		}
	}
}

func TestARedirectIsARefusalAndNotFollowed(t *testing.T) {
	elsewhere := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		t.Error("the redirect was followed")
	}))
	defer elsewhere.Close()
	for _, status := range []int{301, 302, 307, 308} {
		t.Run(fmt.Sprint(status), func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Location", elsewhere.URL+"/canary")
				w.WriteHeader(status)
				fmt.Fprint(w, `<Message><MessageId>1</MessageId></Message>`)
			}))
			defer server.Close()
			client := dial(t, server.URL, time.Second)
			_, sent := mns.Queue{Client: client, Name: "events"}.Send(t.Context(), []cloud.Message{{Body: []byte("b")}})
			published := mns.Topic{Client: client, Name: "outcomes"}.Publish(t.Context(), []byte("b"), "t")
			for _, err := range []error{sent, published} {
				var api *cloud.APIError
				if !errors.As(err, &api) || api.Status != status || api.Code != cloud.CodeRedirected ||
					strings.Contains(err.Error(), "canary") {
					t.Errorf("got %v", err)
				}
			}
		})
	}
}

func TestAnAnswerIsReadUpToItsLimit(t *testing.T) {
	for size, fits := range map[int]bool{aliyun.MaxAnswer: true, aliyun.MaxAnswer + 1: false} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			w.WriteHeader(http.StatusCreated)
			const start, end = `<Message><MessageId>`, `</MessageId></Message>`
			fmt.Fprint(w, start, strings.Repeat("x", size-len(start)-len(end)), end)
		}))
		topic := mns.Topic{Client: dial(t, server.URL, 5*time.Second), Name: "outcomes"}
		err := topic.Publish(t.Context(), []byte("b"), "t")
		var api *cloud.APIError
		if fits && err != nil || !fits && (!errors.As(err, &api) || api.Status != 0) {
			t.Errorf("%d bytes: got %.100v", size, err)
		}
		server.Close()
	}
}

func TestAMissingTopicIsNamedByTheService(t *testing.T) {
	topic, _, _ := bench(t, time.Second)
	topic.Name = "nobody"
	var got *cloud.APIError
	if err := topic.Publish(t.Context(), []byte("b"), "t"); !errors.As(err, &got) || got.Code != "TopicNotExist" ||
		got.Status != 404 || got.RequestID == "" {
		t.Errorf("got %v", err)
	}
}

func TestACallEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	released := make(chan struct{}) // a server sees that its client is gone only once it has read what that sent
	hang := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		cancel()
		<-released
	}))
	defer hang.Close()
	defer close(released)
	topic := mns.Topic{Client: dial(t, hang.URL, time.Minute), Name: "outcomes"}
	var got *cloud.APIError
	if err := topic.Publish(ctx, []byte("b"), "t"); !errors.As(err, &got) || got.Message != "the call was given up" {
		t.Errorf("got %v", err)
	}
}

func TestNamesOnWhichTheSDKPanicsAreErrors(t *testing.T) {
	topic, _, _ := bench(t, time.Second)
	topic.Name = ""
	if err := topic.Publish(t.Context(), []byte("b"), "t"); err == nil {
		t.Error("an empty topic name passed")
	}
	endpoint := &url.URL{Scheme: "https", Host: "mns.aliyuncs.com"}
	if mns.CheckEndpoint(endpoint) == nil {
		t.Error("an endpoint of another form passed")
	}
	if _, err := mns.New(endpoint, aliyun.NewCredentials("a", "b", ""), time.Second, nil); err == nil {
		t.Error("and a client was made for it")
	}
	if err := mns.CheckEndpoint(&url.URL{Scheme: "https",
		Host: "1234567890123456.mns.cn-hangzhou-internal.aliyuncs.com"}); err != nil {
		t.Errorf("an endpoint of the right form did not pass: %v", err)
	}
}
