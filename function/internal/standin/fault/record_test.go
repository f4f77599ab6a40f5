package fault_test

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/fault"
)

func TestCallsAreRecordedAsTheyArrived(t *testing.T) {
	b := newBench(t, fault.Options{Caller: caller, Faults: []fault.Fault{
		{Action: "A", Status: 503, Code: "ServiceUnavailable"},
		{Action: "A", Drop: fault.Before},
		{Action: "A", Drop: fault.After},
		{Action: "A", Body: fault.BodyHTML},
		{Action: "A", Body: fault.BodyTruncated},
	}})
	for _, action := range []string{"A", "A", "A", "A", "A", "A", "UnknownAction"} {
		post(t.Context(), b.url, action)
	}
	want := []fault.Call{
		{Service: "openapi", Action: "A", AccessKeyID: "local", Status: 503, Code: "ServiceUnavailable", Struck: true},
		{Service: "openapi", Action: "A", AccessKeyID: "local", Struck: true},
		{Service: "openapi", Action: "A", AccessKeyID: "local", Struck: true},
		{Service: "openapi", Action: "A", AccessKeyID: "local", Status: 502, Struck: true},
		{Service: "openapi", Action: "A", AccessKeyID: "local", Status: 200, Struck: true},
		{Service: "openapi", Action: "A", AccessKeyID: "local", Status: 200},
		{Service: "openapi", Action: "UnknownAction", AccessKeyID: "local", Status: 404,
			Code: "InvalidAction.NotFound"},
	}
	if got := b.Calls(); !slices.Equal(got, want) {
		t.Errorf("record\n%+v; want\n%+v", got, want)
	}
	if got := b.Counts(); !maps.Equal(got, map[string]int{"A": 6, "UnknownAction": 1}) {
		t.Errorf("counts %v; want 6 of A, also those that were never served, and 1 unknown", got)
	}
}

// xmlService answers every call as Message Service does.
type xmlService struct {
	service
	status int
	body   string
}

func (s *xmlService) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	w.WriteHeader(s.status)
	fmt.Fprint(w, s.body)
}

func TestErrorCodeIsReadFromTheAnswer(t *testing.T) {
	for title, test := range map[string]struct {
		status     int
		body, want string
	}{
		"of an error in XML": {404, `<?xml version="1.0" encoding="utf-8"?>
<Error xmlns="http://mns.aliyuncs.com/doc/v1/"><Code>TopicNotExist</Code>
<Message>The topic name you provided is not exist.</Message>
<RequestId>65537E8F333646AB1F2E9F1A</RequestId>
<HostId>http://1234567890123456.mns.cn-hangzhou.aliyuncs.com</HostId></Error>`, "TopicNotExist"},
		"of an error in JSON":        {400, fmt.Sprintf(refused, "InvalidVpnId.NotFound"), "InvalidVpnId.NotFound"},
		"not of a success":           {200, `{"Code":"200"}`, ""},
		"not of a page":              {502, page("502 Bad Gateway"), ""},
		"not of an error without it": {500, "", ""},
	} {
		t.Run(title, func(t *testing.T) {
			injector, err := fault.New(fault.Options{})
			if err != nil {
				t.Fatal(err)
			}
			server := httptest.NewServer(injector.Wrap("mns", &xmlService{status: test.status, body: test.body}))
			defer server.Close()
			judge(t, "the client", post(t.Context(), server.URL, "PublishMessage"),
				view{status: test.status, body: test.body})
			if got := injector.Calls()[0]; got.Code != test.want || got.Status != test.status {
				t.Errorf("record %+v; want code %q", got, test.want)
			}
		})
	}
}

func TestTapIsToldWhatWasSentOrWouldHaveBeen(t *testing.T) {
	started := time.Now()
	for title, test := range map[string]struct {
		fault    fault.Fault
		status   int
		response string
	}{
		"nothing of a call that nobody answered":  {fault.Fault{Drop: fault.Before}, 0, ""},
		"the whole of a dropped answer":           {fault.Fault{Drop: fault.After}, 200, created},
		"the whole of a truncated answer":         {fault.Fault{Body: fault.BodyTruncated}, 200, created},
		"the empty body that took a body's place": {fault.Fault{Body: fault.BodyEmpty}, 200, ""},
		"the error that took the service's place": {fault.Fault{Status: 500, Code: "InternalError"}, 500,
			fmt.Sprintf(refused, "InternalError")},
		"the service's answer behind other header": {fault.Fault{Headers: map[string]string{"X-A": "b"}}, 200, created},
	} {
		t.Run(title, func(t *testing.T) {
			test.fault.Action = "A"
			exchanges := make(chan fault.Exchange, 2)
			b := newBench(t, fault.Options{
				Faults: []fault.Fault{test.fault}, Caller: caller, Tap: func(e fault.Exchange) { exchanges <- e },
			})
			post(t.Context(), b.url, "A")
			if len(exchanges) != 1 {
				t.Fatalf("%d exchanges are known when the client has its answer; want 1", len(exchanges))
			}
			e := <-exchanges
			if e.Status != test.status || string(e.Response) != test.response || e.Fault == nil ||
				e.Fault.Action != "A" {
				t.Errorf("told %d %q, fault %v; want %d %q, the fault", e.Status, e.Response, e.Fault, test.status,
					test.response)
			}
			if e.Arrived.Before(started) || e.Service != "openapi" || e.Action != "A" || e.AccessKeyID != "local" ||
				e.Method != "POST" ||
				e.URL != "/?VpnId=vco-1" || e.Header.Get("X-Access-Key") != "local" || string(e.Body) != "body" {
				t.Errorf("told of the request %+v", e)
			}
			post(t.Context(), b.url, "A")
			if e := <-exchanges; e.Fault != nil || e.Status != 200 || string(e.Response) != created {
				t.Errorf("told of the next call %+v; want no fault", e)
			}
		})
	}
}
