package fault_test

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strconv"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

const createAction = "CreateTransitRouterVpnAttachment"

func TestFaultsAsTheClientAndTheServiceSeeThem(t *testing.T) {
	failure := fmt.Sprintf(refused, "Operation.Blocking")
	for title, test := range map[string]struct {
		fault  fault.Fault
		want   view
		effect bool
	}{
		"an error is answered in the service's own form and has no effect": {
			fault.Fault{Status: 400, Code: "Operation.Blocking"}, view{status: 400, body: failure}, false},
		"headers go along with an error": {
			fault.Fault{Status: 400, Code: "Operation.Blocking",
				Headers: map[string]string{"X-RateLimit-User": "TimeLeft:3"}},
			view{status: 400, body: failure, header: http.Header{"X-Ratelimit-User": {"TimeLeft:3"}}}, false},
		"headers alone are added to the service's own answer": {
			fault.Fault{Headers: map[string]string{"x-acs-retry-after": "3"}},
			view{status: 200, body: created, header: http.Header{"X-Acs-Retry-After": {"3"}, "X-Received": {"body"}}},
			true},
		"a header takes the place of the service's": {
			fault.Fault{Headers: map[string]string{"content-type": "text/plain"}},
			view{status: 200, body: created, header: http.Header{"Content-Type": {"text/plain"}}}, true},
		"a proxy's page is a 502 and has no effect": {
			fault.Fault{Body: fault.BodyHTML},
			view{status: 502, body: page("502 Bad Gateway"), header: http.Header{"Content-Type": {"text/html"}}},
			false},
		"a proxy's page comes with another status if asked to": {
			fault.Fault{Body: fault.BodyHTML, Status: 200}, view{status: 200, body: page("200 OK")}, false},
		"an empty body with 200 hides an effect": {
			fault.Fault{Body: fault.BodyEmpty}, view{status: 200, header: http.Header{"X-Acs-Request-Id": nil}}, true},
		"an empty body with 200 written out is the same": {
			fault.Fault{Body: fault.BodyEmpty, Status: 200}, view{status: 200}, true},
		"an empty body with an error status has no effect": {
			fault.Fault{Body: fault.BodyEmpty, Status: 500}, view{status: 500}, false},
		"a truncated body breaks off in the middle of a real answer": {
			fault.Fault{Body: fault.BodyTruncated},
			view{status: 200, body: created[:len(created)/2], err: "broken body",
				header: http.Header{"Content-Length": {strconv.Itoa(len(created))}}}, true},
		"a dropped call has no effect and no answer": {fault.Fault{Drop: fault.Before}, view{err: "no answer"},
			false},
		"a dropped answer hides an effect": {fault.Fault{Drop: fault.After}, view{err: "no answer"},
			true},
		"a delayed call is served in the end": {fault.Fault{Delay: time.Millisecond},
			view{status: 200, body: created}, true},
		"a delayed error comes in the end": {fault.Fault{Delay: time.Millisecond, Status: 400,
			Code: "Operation.Blocking"}, view{status: 400, body: failure}, false},
		"a list without entries is asked of the service": {fault.Fault{EmptyList: true},
			view{status: 200, body: created, header: http.Header{"X-Empty": {"true"}}}, true},
		"an old reading is asked of the service": {fault.Fault{StaleDescribe: 2 * time.Second},
			view{status: 200, body: created, header: http.Header{"X-Stale": {"2s"}}}, true},
		"a real answer is rewritten": {
			fault.Fault{Rewrite: &fault.Rewrite{Pattern: `^(.).*`, With: "$1}"}},
			view{status: 200, body: "{}", header: http.Header{"Content-Length": {"2"}}}, true},
		"without staleDescribe nothing old is asked for": {fault.Fault{Delay: 1},
			view{status: 200, body: created, header: http.Header{"X-Stale": nil}}, true},
	} {
		t.Run(title, func(t *testing.T) {
			test.fault.Action = createAction
			b := newBench(t, fault.Options{Faults: []fault.Fault{test.fault}})
			judge(t, "the struck call", post(t.Context(), b.url, createAction), test.want)
			if got := len(b.service.record()) == 1; got != test.effect {
				t.Errorf("the effect stands: %v; want %v", got, test.effect)
			}
			judge(t, "the next call", post(t.Context(), b.url, createAction), view{status: 200, body: created})
			if calls := b.Calls(); !calls[0].Struck || calls[1].Struck || len(b.Remaining()) != 0 {
				t.Errorf("record %+v, remaining %v; want the first call struck and nothing left", calls, b.Remaining())
			}
		})
	}
}

func TestARewriteThatFindsNothingWaitsForTheNextCall(t *testing.T) {
	b := newBench(t, fault.Options{Faults: []fault.Fault{{Action: "*",
		Rewrite: &fault.Rewrite{Pattern: "not there", With: "x"}}}})
	judge(t, "the call", post(t.Context(), b.url, createAction), view{status: 200, body: created})
	if calls := b.Calls(); calls[0].Struck || len(b.Remaining()) != 1 {
		t.Errorf("record %+v, remaining %v; want no call struck", calls, b.Remaining())
	}
}

func page(title string) string {
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n</body>\r\n</html>\r\n"
}

// judge compares a client's view; of the headers those that the wanted view names.
func judge(t *testing.T, what string, got, want view) {
	t.Helper()
	if got.status != want.status || got.body != want.body || got.err != want.err {
		t.Errorf("%s: got %d %q %q; want %d %q %q", what, got.status, got.body, got.err, want.status, want.body,
			want.err)
	}
	for name, values := range want.header {
		if !slices.Equal(got.header[name], values) {
			t.Errorf("%s: header %s is %q; want %q", what, name, got.header[name], values)
		}
	}
}

func TestTruncatedAnswerWithoutABodyIsNotSentAtAll(t *testing.T) {
	b := newBench(t, fault.Options{Faults: []fault.Fault{{Action: "*", Body: fault.BodyTruncated}}})
	judge(t, "the struck call", post(t.Context(), b.url, "DeleteMessage"), view{err: "no answer"})
	judge(t, "the next call", post(t.Context(), b.url, "DeleteMessage"), view{status: 204})
	if got := b.service.record(); len(got) != 2 {
		t.Errorf("effects %v; want both", got)
	}
}

func TestKillEndsTheInstanceThatCalled(t *testing.T) {
	for moment, effects := range map[string][]string{fault.Before: nil, fault.After: {createAction}} {
		t.Run(moment, func(t *testing.T) {
			killed := make(chan string, 2)
			b := newBench(t, fault.Options{
				Faults: []fault.Fault{{Action: createAction, Kill: moment}},
				Caller: caller,
				Kill: func(accessKeyID string) bool {
					if accessKeyID != "STS.instance" {
						return false
					}
					killed <- accessKeyID
					return true
				},
			})
			judge(t, "a person's call", postAs(t.Context(), "local", b.url, createAction),
				view{status: 200, body: created})
			if len(killed) != 0 || len(b.Remaining()) != 1 || b.Calls()[0].Struck {
				t.Fatalf("killed %d, remaining %v, record %+v; a person is no instance", len(killed), b.Remaining(),
					b.Calls())
			}
			judge(t, "the instance's call", postAs(t.Context(), "STS.instance", b.url, createAction),
				view{err: "no answer"})
			if len(killed) != 1 || len(b.Remaining()) != 0 || !b.Calls()[1].Struck {
				t.Errorf("killed %d, remaining %v, record %+v; want one, none, struck", len(killed), b.Remaining(),
					b.Calls())
			}
			if got := b.service.record()[1:]; !slices.Equal(got, effects) {
				t.Errorf("effects of the instance's call: %v; want %v", got, effects)
			}
		})
	}
}

func TestDelayedCallHasItsEffectAlthoughTheClientLeft(t *testing.T) {
	b := newBench(t, fault.Options{Faults: []fault.Fault{{Action: "*", Delay: time.Hour}}})
	ctx, leave := context.WithCancel(t.Context())
	seen := make(chan view, 1)
	go func() { seen <- post(ctx, b.url, createAction) }()
	eventually(t, "the call arrives", func() bool { return len(b.Calls()) == 1 })
	time.Sleep(10 * time.Millisecond) // long enough for an effect that does not wait
	if effects := b.service.record(); len(effects) != 0 {
		t.Fatalf("effects during the delay: %v", effects)
	}
	leave()
	judge(t, "the client", <-seen, view{err: "no answer"})
	eventually(t, "the effect", func() bool { return len(b.service.record()) == 1 })
}

func TestLongPollWaitsWithoutHoldingUpOtherCalls(t *testing.T) {
	b := newBench(t, fault.Options{})
	seen := make(chan view, 1)
	go func() { seen <- post(t.Context(), b.url, "ReceiveMessage") }()
	eventually(t, "the poll waits", func() bool { return len(b.service.record()) == 1 })
	judge(t, "a call in the meantime", post(t.Context(), b.url, createAction), view{status: 200, body: created})
	close(b.service.message)
	judge(t, "the poll", <-seen, view{status: 200, body: created})
	if got, want := b.service.record(), []string{"waiting", createAction, "received"}; !slices.Equal(got, want) {
		t.Errorf("effects %v; want %v", got, want)
	}
	if calls := b.Calls(); calls[0].Action != "ReceiveMessage" || calls[0].Status != 200 {
		t.Errorf("record %+v; want the poll first, as it arrived first", calls)
	}
}

func TestLongPollEndsWhenTheClientLeaves(t *testing.T) {
	b := newBench(t, fault.Options{})
	ctx, leave := context.WithCancel(t.Context())
	seen := make(chan view, 1)
	go func() { seen <- post(ctx, b.url, "ReceiveMessage") }()
	eventually(t, "the poll waits", func() bool { return len(b.service.record()) == 1 })
	leave()
	judge(t, "the client", <-seen, view{err: "no answer"})
	eventually(t, "the poll ends",
		func() bool { return reflect.DeepEqual(b.service.record(), []string{"waiting", "left"}) })
}

func TestRequestThatDoesNotArriveWholeReachesNobody(t *testing.T) {
	injector, err := fault.New(fault.Options{})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{}
	wrapped, ended := injector.Wrap("openapi", s), make(chan any, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() { ended <- recover() }()
		wrapped.ServeHTTP(w, r)
	}))
	defer server.Close()
	client, err := net.Dial("tcp", server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(client, "POST / HTTP/1.1\r\nHost: local\r\nContent-Length: 8\r\n\r\nhalf")
	client.Close()
	if got := <-ended; got != http.ErrAbortHandler || len(injector.Calls()) != 0 || len(s.record()) != 0 {
		t.Errorf("ended with %v, record %v, effects %v; want it aborted and no trace", got, injector.Calls(),
			s.record())
	}
}
