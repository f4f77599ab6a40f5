package fctest

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"sync"

	"vpn-attach/function/internal/signtest"
)

// InvokePath is where the API of Function Compute (2023-03-30) runs functions: InvokePath/<name>/invocations.
const InvokePath = "/2023-03-30/functions/"

// Limits of an event, in bytes, and of the log's tail.
const (
	maxSync  = 32 << 20
	maxAsync = 128 << 10
	maxTail  = 4 << 10
)

// asyncTries is how often an asynchronous invocation is run at most. The platform waits between them; here they follow each
// other at once.
const asyncTries = 3

// InvokeAPI is API InvokeFunction for the one function of a Runtime: synchronous and asynchronous, with the log's tail, behind
// ACS3 signatures. Close waits for asynchronous invocations.
type InvokeAPI struct {
	Runtime    *Runtime
	Signatures *signtest.ACS3
	// Ended is told of every asynchronous invocation after its last try; may be nil.
	Ended func(Invocation)

	work sync.WaitGroup
}

// Close waits for the asynchronous invocations that were accepted. The Runtime is closed by whoever made it, before this.
func (a *InvokeAPI) Close() { a.work.Wait() }

// ServeHTTP answers POST …/functions/<name>/invocations.
func (a *InvokeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	requestID := a.Runtime.identifier("1")
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSync+1))
	if err != nil || len(body) > maxSync {
		refuse(w, requestID, &signtest.Refusal{Status: http.StatusRequestEntityTooLarge, Code: "InvalidArgument", Message: "The event is larger than 32 MB."})
		return
	}
	if _, refusal := a.Signatures.Verify(r, body); refusal != nil {
		refuse(w, requestID, refusal)
		return
	}
	if refusal := a.examine(r, body); refusal != nil {
		refuse(w, requestID, refusal)
		return
	}
	if r.Header.Get("x-fc-invocation-type") == "Async" {
		a.later(body)
		w.Header().Set("x-fc-request-id", requestID)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	invocation, err := a.Runtime.Invoke(r.Context(), body)
	if err != nil {
		refuse(w, requestID, &signtest.Refusal{Status: http.StatusInternalServerError, Code: "InternalServerError", Message: err.Error()})
		return
	}
	answerSync(w, invocation, r.Header.Get("x-fc-log-type") == "Tail")
}

// examine refuses what is no invocation of this function. The codes are those of the API's page; their texts are assumed.
func (a *InvokeAPI) examine(r *http.Request, body []byte) *signtest.Refusal {
	name, call, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, InvokePath), "/")
	kind, tail, qualifier := r.Header.Get("x-fc-invocation-type"), r.Header.Get("x-fc-log-type"), r.URL.Query().Get("qualifier")
	invalid := func(text string) *signtest.Refusal {
		return &signtest.Refusal{Status: http.StatusBadRequest, Code: "InvalidArgument", Message: text}
	}
	switch {
	case r.Method != http.MethodPost || call != "invocations":
		return &signtest.Refusal{Status: http.StatusNotFound, Code: "InvalidAction.NotFound", Message: "Only invocations are served: POST " + InvokePath + "<name>/invocations."}
	case name != a.Runtime.options.Function.Name:
		return &signtest.Refusal{Status: http.StatusNotFound, Code: "FunctionNotFound", Message: "function '" + name + "' does not exist"}
	case kind != "" && kind != "Sync" && kind != "Async":
		return invalid("x-fc-invocation-type must be Sync or Async.")
	case tail != "" && tail != "None" && tail != "Tail":
		return invalid("x-fc-log-type must be None or Tail.")
	case qualifier != "" && qualifier != "LATEST":
		return &signtest.Refusal{Status: http.StatusNotFound, Code: "VersionNotFound", Message: "there is only LATEST here"}
	case kind == "Async" && len(body) > maxAsync:
		return &signtest.Refusal{Status: http.StatusRequestEntityTooLarge, Code: "InvalidArgument", Message: "The event of an asynchronous invocation is larger than 128 KB."}
	}
	return nil
}

// later runs an asynchronous invocation, again when it fails.
func (a *InvokeAPI) later(event []byte) {
	a.work.Go(func() {
		var last Invocation
		for range asyncTries {
			invocation, err := a.Runtime.Invoke(context.Background(), event)
			if err != nil {
				return // the runtime is closed, or the function does not start
			}
			if last = invocation; last.Failure == nil {
				break
			}
		}
		if a.Ended != nil {
			a.Ended(last)
		}
	})
}

// answerSync is 200 whatever the function did: its failure is told by a header and the body.
func answerSync(w http.ResponseWriter, invocation Invocation, tail bool) {
	h := w.Header()
	h.Set("x-fc-request-id", invocation.RequestID)
	h.Set("x-fc-instance-id", invocation.InstanceID)
	h.Set("Content-Type", "application/octet-stream")
	if tail {
		h.Set("x-fc-log-result", base64.StdEncoding.EncodeToString(invocation.Log))
	}
	if failure := invocation.Failure; failure != nil {
		h.Set("x-fc-error-type", failure.kind())
		_ = json.NewEncoder(w).Encode(map[string]string{"errorMessage": failure.Message, "errorType": failure.Type}) // a client that left is no matter
		return
	}
	_, _ = w.Write(invocation.Response)
}

// kind tells what the function reported from what happened to it.
func (f *Failure) kind() string {
	if f.Type == FunctionTimeout || f.Type == InstanceCrashed {
		return "UnhandledInvocationError"
	}
	return "HandledInvocationError"
}

// refuse answers in the form of the API's errors.
func refuse(w http.ResponseWriter, requestID string, refusal *signtest.Refusal) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("x-fc-request-id", requestID)
	w.WriteHeader(refusal.Status)
	_ = json.NewEncoder(w).Encode(map[string]string{"Code": refusal.Code, "Message": refusal.Message, "RequestId": requestID})
}
