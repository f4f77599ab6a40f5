package fc

import (
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"

	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sign"
)

// InvokePath is where the API of Function Compute (2023-03-30) runs functions:
// InvokePath<name>/invocations.
const InvokePath = "/" + version + "/functions/"

// Limits of an event, in bytes ("Limits": the payload of an invocation).
const (
	maxSync  = 32 << 20
	maxAsync = 128 << 10
)

// InvokeAPI is API InvokeFunction for the one function of a Runtime, and what can be read of that function:
//
//	POST /2023-03-30/functions/<name>/invocations?qualifier=LATEST
//	GET  /2023-03-30/functions/<name>
//	GET  /2023-03-30/functions/<name>/aliases/<alias>
//	GET  /2023-03-30/functions/<name>/versions
//	GET  /2023-03-30/functions/<name>/triggers
//	GET  /2023-03-30/functions/<name>/instances
//	GET  /2023-03-30/functions/<name>/logs?requestId=…
//
// and, to stop and start a trigger, to give the function other environment variables, to publish a version, and to have
// an alias mean one:
//
//	PUT  /2023-03-30/functions/<name>/triggers/<trigger>
//	PUT  /2023-03-30/functions/<name>
//	POST /2023-03-30/functions/<name>/versions
//	POST /2023-03-30/functions/<name>/aliases
//	PUT  /2023-03-30/functions/<name>/aliases/<alias>
//
// The logs are an addition: the platform's logs are in Simple Log Service, whose entries it answers. The qualifier is
// LATEST, the default, a version or an alias. An invocation is a POST
// with the event as body. x-fc-invocation-type is Sync, the default, or Async;
// x-fc-log-type is None, the default, or Tail. Runtime and Signatures must be
// set. It is safe for concurrent use.
//
// A synchronous call gets 200 and what the function returned, or 200, the
// header x-fc-error-type and {"errorMessage","errorType"} when the function
// failed. An asynchronous one gets 202 at once, and the request id under which
// its invocations can be found. Everything else is refused with
// {"Code","Message","RequestId"}.
type InvokeAPI struct {
	Runtime    *Runtime
	Signatures *sign.Verifier
	// Unsigned takes calls from this machine that carry no signature, too.
	Unsigned bool
	// Allow judges a call of a key before anything is done; nil allows every call. The verdict is the refusal.
	Allow func(accessKeyID string, r ram.Request) *ram.Verdict
	// Ended is told of every asynchronous invocation that was accepted once it
	// succeeded or was dropped: its last try, with a Failure when it was
	// dropped. It may be nil.
	Ended func(Invocation)
	// Triggers are those of the function, as the API lists them. Once it serves, SetTriggers changes them.
	Triggers []*Managed

	mu   sync.Mutex     // guards Triggers
	work sync.WaitGroup // asynchronous invocations
}

// Close waits for the asynchronous invocations that were accepted. Close the
// server in front of the API before, so that no more come, and the Runtime, so
// that those under way end.
func (a *InvokeAPI) Close() { a.work.Wait() }

func (a *InvokeAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c := call{requestID: a.Runtime.identifier("1")}
	w.Header().Set("x-fc-request-id", c.requestID)
	event, refusal := a.admit(w, r)
	if refusal != nil {
		refuse(w, c.requestID, refusal)
		return
	}
	if change, changes := a.changes(r); changes {
		answer, refusal := change(event)
		if refusal != nil {
			refuse(w, c.requestID, refusal)
			return
		}
		answerRead(w, answer)
		return
	}
	if answer, reads := a.read(operationOf(r)); reads {
		answer, refusal := answer(r)
		if refusal != nil {
			refuse(w, c.requestID, refusal)
			return
		}
		answerRead(w, answer)
		return
	}
	c.payload, c.qualifier = event, r.URL.Query().Get("qualifier")
	if of, refusal := a.Runtime.resolve(c.qualifier); refusal == nil {
		w.Header().Set("x-fc-code-checksum", of.function.Code().Checksum)
	}
	if r.Header.Get("x-fc-invocation-type") == "Async" {
		a.runAsync(c)
		w.WriteHeader(http.StatusAccepted)
		return
	}
	invocation, err := a.Runtime.invoke(r.Context(), c)
	if err != nil {
		refusal := &sign.Refusal{Status: http.StatusInternalServerError, Code: internalError, Message: err.Error()}
		refuse(w, c.requestID, refusal)
		return
	}
	answerSync(w, invocation, r.Header.Get("x-fc-log-type") == "Tail")
}

// admit returns the event of a request that the API takes, or why it does not.
// The signature is checked first, then the policies of its key.
func (a *InvokeAPI) admit(w http.ResponseWriter, r *http.Request) ([]byte, *sign.Refusal) {
	event, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxSync))
	if tooLarge := (*http.MaxBytesError)(nil); errors.As(err, &tooLarge) {
		return nil, entityTooLarge(maxSync)
	}
	if err != nil {
		return nil, invalid("reading the event: " + err.Error())
	}
	if !a.Unsigned || isSigned(r) || !IsLocal(r) {
		caller, refusal := a.Signatures.Verify(r, event)
		if refusal != nil {
			return nil, forbidden(refusal)
		}
		if refusal := a.notAllowed(caller, r); refusal != nil {
			return nil, refusal
		}
	}
	if refusal := a.examine(r, len(event)); refusal != nil {
		return nil, refusal
	}
	return event, nil
}

// examine refuses what is no invocation of this function.
func (a *InvokeAPI) examine(r *http.Request, size int) *sign.Refusal {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, InvokePath), "/")
	operation := operationOf(r)
	_, reads := a.read(operation)
	_, changes := a.changes(r)
	kind, tail := r.Header.Get("x-fc-invocation-type"), r.Header.Get("x-fc-log-type")
	_, missing := a.Runtime.resolve(r.URL.Query().Get("qualifier"))
	switch {
	case changes && name == a.Runtime.options.Function.Name && !a.Runtime.isRemoved():
	case !changes && (reads != (r.Method == http.MethodGet) ||
		!reads && (r.Method != http.MethodPost || operation != "invocations")):
		return notSupported(r)
	case name != a.Runtime.options.Function.Name, changes:
		return notFound("FunctionNotFound", fmt.Sprintf("function '%s' does not exist", name))
	case missing != nil:
		return missing
	case kind != "" && kind != "Sync" && kind != "Async":
		return invalid("x-fc-invocation-type must be Sync or Async")
	case tail != "" && tail != "None" && tail != "Tail":
		return invalid("x-fc-log-type must be None or Tail")
	case kind == "Async" && size > maxAsync:
		return entityTooLarge(maxAsync)
	}
	return nil
}

// operationOf is what a path says after the function's name.
func operationOf(r *http.Request) string {
	_, operation, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, InvokePath), "/")
	return operation
}

// isSigned tells whether a call carries a signature that can be checked, in whatever form.
func isSigned(r *http.Request) bool {
	return r.Header.Get("Authorization") != "" || r.URL.Query().Has("Signature")
}

// answerSync tells what came of an invocation. The status is 200 whatever the
// function did.
func answerSync(w http.ResponseWriter, invocation Invocation, tail bool) {
	h := w.Header()
	h.Set("x-fc-instance-id", invocation.InstanceID)
	if tail {
		h.Set("x-fc-log-result", base64.StdEncoding.EncodeToString(invocation.Log))
	}
	if failure := invocation.Failure; failure != nil {
		h.Set("x-fc-error-type", failure.errorType())
		writeJSON(w, http.StatusOK, map[string]string{"errorMessage": failure.Message, "errorType": failure.Type})
		return
	}
	h.Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(invocation.Response) // a caller that hung up has the invocation in the record
}

// errorType is the x-fc-error-type of a failure: UnhandledInvocationError when
// the platform ended the invocation, HandledInvocationError when the SDK
// reported it. The latter is assumed of Go: API InvokeFunction documents it for
// the callback of Node.js alone, so that callers had better not tell the two
// apart. InitializationError is documented with the initializer hook.
func (f *Failure) errorType() string {
	switch f.Type {
	case InitializationError:
		return InitializationError
	case FunctionTimeout, InstanceCrashed:
		return "UnhandledInvocationError"
	}
	return "HandledInvocationError"
}
