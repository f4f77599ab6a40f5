package local

import (
	"cmp"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/fault"
	"vpn-attach/function/internal/standin/fc"
)

// desk is what the page and its HTTP interface need beside the services' own records.
type desk struct {
	serve   http.Handler
	records bool // calls and story are kept
	calls   calls
	story   diary
	book    book
	alarms  judgedAlarms
}

// CallState is a call of a service, or of the function.
type CallState struct {
	Time    time.Time `json:"time"`
	Ms      int64     `json:"ms"`
	Caller  string    `json:"caller"` // function, page, trigger, or an access key
	Service string    `json:"service"`
	Action  string    `json:"action"`
	About   string    `json:"about"`  // the connection, transit router, queue or topic that it names first
	Status  int       `json:"status"` // 0 when nothing was answered
	Code    string    `json:"code"`
	Fault   bool      `json:"fault"` // a fault struck it
}

// The callers that have no access key of their own.
const (
	callerFunction = "function"
	callerPage     = "page"
	callerTrigger  = "trigger"
	callerUnsigned = "unsigned"
)

// maxCalls is how many calls are kept: the last ones.
const maxCalls = 5000

// calls is the request log.
type calls struct {
	mu  sync.Mutex
	all []CallState
}

func (l *calls) add(call CallState) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.all = append(l.all, call); len(l.all) > 2*maxCalls {
		l.all = slices.Clone(l.all[len(l.all)-maxCalls:])
	}
}

// callFilter is which calls are asked for: texts that the fields contain, whatever the case. Empty texts ask for all.
type callFilter struct {
	caller, action, code, about string
	most                        int
}

// find gives the calls that a filter asks for, the latest first.
func (l *calls) find(f callFilter) []CallState {
	l.mu.Lock()
	defer l.mu.Unlock()
	found := []CallState{}
	for _, call := range slices.Backward(l.all[max(0, len(l.all)-maxCalls):]) {
		if len(found) == f.most {
			break
		}
		if f.takes(call) {
			found = append(found, call)
		}
	}
	return found
}

func (f callFilter) takes(call CallState) bool {
	for _, pair := range [][2]string{
		{call.Caller, f.caller}, {call.Action, f.action}, {call.Code, f.code}, {call.About, f.about},
	} {
		if !strings.Contains(strings.ToLower(pair[0]), strings.ToLower(pair[1])) {
			return false
		}
	}
	return true
}

// noteExchange enters a call of a service.
func (c *Cloud) noteExchange(x fault.Exchange) {
	if !c.desk.records {
		return
	}
	caller := c.callerOf(x.AccessKeyID)
	call := CallState{
		Time: x.Arrived.UTC(), Ms: time.Since(x.Arrived).Milliseconds(), Caller: caller, Service: x.Service,
		Action: x.Action, About: aboutOf(x.URL, x.Body), Status: x.Status, Code: x.Code, Fault: x.Fault != nil,
	}
	if x.Fault != nil && (x.Fault.Drop != "" || x.Fault.Kill != "") {
		call.Status, call.Code = 0, ""
	}
	c.desk.calls.add(call)
	if !strings.HasPrefix(caller, callerFunction) && x.Status < http.StatusBadRequest {
		c.desk.story.called(x, c.EventQueue, c.connectionOf)
	}
}

// callerOf tells the function, with all its sessions, from others.
func (c *Cloud) callerOf(accessKeyID string) string {
	switch caller := c.access.of(accessKeyID); {
	case caller.member:
		return callerFunction + " in " + caller.account
	case caller == c.access.role:
		return callerFunction
	}
	return cmp.Or(accessKeyID, callerUnsigned)
}

// connectionOf finds the connection of an attachment.
func (c *Cloud) connectionOf(attachmentID string) string {
	for _, a := range c.Estate.Attachments() {
		if a.ID == attachmentID {
			return a.Connection
		}
	}
	return attachmentID
}

// aboutOf finds what a request names first.
func aboutOf(url string, body []byte) string {
	found := regexp.MustCompile(`(?:queues|topics)/[A-Za-z0-9-]+|(?:vco|tr)-[a-z0-9-]+`)
	if name := found.FindString(url); name != "" {
		return name
	}
	return string(found.Find(body[:min(len(body), maxShown)]))
}

// noteSent enters a message that a rule of EventBridge sent.
func (c *Cloud) noteSent(queue, message string) {
	if c.desk.records && queue == c.EventQueue {
		c.desk.story.sent(message)
	}
}

// noteInvocation enters a run of the function.
func (c *Cloud) noteInvocation(caller string, i fc.Invocation) {
	if !c.desk.records {
		return
	}
	call := CallState{
		Time: i.Started.UTC(), Ms: i.Duration.Milliseconds(), Caller: caller, Service: "fc", Action: "InvokeFunction",
		About: c.deployed.FunctionName, Status: http.StatusOK,
	}
	if i.Failure != nil {
		call.Code = i.Failure.Type
	}
	c.desk.calls.add(call)
}
