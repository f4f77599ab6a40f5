package fault

import (
	"net/http"
	"time"
)

// Call is a line of the record.
type Call struct {
	Service     string // the name given to Wrap
	Action      string
	AccessKeyID string // of the caller
	Status      int    // the HTTP status answered; 0 if there was no answer, or is none yet
	Code        string // the error code answered, "" where there was none
	Struck      bool   // by a fault
}

// Exchange is a call with all that went over the wire. Its contents are shared and must not be changed.
//
// Status and Response are what the client is sent; where the answer is truncated, dropped or lost with the instance,
// what it would have been sent. Status is 0 when nobody answered.
type Exchange struct {
	Arrived     time.Time // when the request was there, by the injector's clock
	Service     string
	Action      string
	AccessKeyID string
	Method      string
	URL         string // path and query as sent
	Header      http.Header
	Body        []byte
	Status      int
	Code        string // the error code answered, "" where there was none
	Response    []byte
	Fault       *Fault // that struck the call, nil for none
}

// Calls is the record in order of arrival. It grows with every call.
func (in *Injector) Calls() []Call {
	in.mu.Lock()
	defer in.mu.Unlock()
	calls := make([]Call, len(in.calls))
	for i, call := range in.calls {
		calls[i] = *call
	}
	return calls
}

// Counts is how many calls arrived by action, those included that their service never saw.
func (in *Injector) Counts() map[string]int {
	in.mu.Lock()
	defer in.mu.Unlock()
	counts := make(map[string]int)
	for _, call := range in.calls {
		counts[call.Action]++
	}
	return counts
}

// finish completes the call's line in the record and tells the tap, all before the client can know of the answer.
func (in *Injector) finish(call *Call, arrived time.Time, r *http.Request, body []byte, a answer, f *Fault) {
	in.mu.Lock()
	call.Struck = f != nil
	if a.fate != lost {
		call.Status, call.Code = a.status, a.code()
	}
	in.mu.Unlock()
	if in.options.Tap == nil {
		return
	}
	in.options.Tap(Exchange{
		Arrived: arrived,
		Service: call.Service, Action: call.Action, AccessKeyID: call.AccessKeyID,
		Method: r.Method, URL: r.URL.RequestURI(), Header: r.Header, Body: body,
		Status: a.status, Code: a.code(), Response: a.body, Fault: f,
	})
}
