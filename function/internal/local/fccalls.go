package local

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"vpn-attach/function/internal/standin/fc"
	"vpn-attach/function/internal/standin/sign"
)

// serveFunction serves the API of Function Compute, and enters its calls: the invocations that it takes are steps of a
// case.
func (c *Cloud) serveFunction(w http.ResponseWriter, r *http.Request) {
	if !c.desk.records {
		c.Invokes.ServeHTTP(w, r)
		return
	}
	var payload bytes.Buffer
	operation := cmp.Or(c.Invokes.Operation(r.Method, r.URL.Path), r.Method)
	if operation == fc.InvokeFunction {
		r.Body = struct {
			io.Reader
			io.Closer
		}{io.TeeReader(r.Body, &payload), r.Body}
	}
	call := CallState{
		Time: time.Now().UTC(), Caller: c.callerOf(sign.AccessKeyID(r)), Service: "fc", Action: operation,
		About: c.deployed.FunctionName,
	}
	answer := &statusWriter{ResponseWriter: w, status: http.StatusOK}
	c.Invokes.ServeHTTP(answer, r)
	call.Ms, call.Status = time.Since(call.Time).Milliseconds(), answer.status
	call.Code = cmp.Or(w.Header().Get("x-fc-error-type"), answer.code())
	c.desk.calls.add(call)
	switch {
	case answer.status >= http.StatusBadRequest:
	case operation == fc.InvokeFunction:
		c.desk.story.invoked(call.Time, payload.String())
	case operation != r.Method && !isReading(operation):
		c.desk.story.setAside(call.Time, operation, call.About)
	}
}

// statusWriter remembers the status of an answer, and what a refusal says.
type statusWriter struct {
	http.ResponseWriter
	status  int
	refusal []byte
}

// WriteHeader implements http.ResponseWriter.
func (w *statusWriter) WriteHeader(status int) {
	w.status = status
	w.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (w *statusWriter) Write(text []byte) (int, error) {
	if w.status >= http.StatusBadRequest && len(w.refusal)+len(text) <= maxShown {
		w.refusal = append(w.refusal, text...)
	}
	n, err := w.ResponseWriter.Write(text)
	if err != nil {
		return n, fmt.Errorf("answering: %w", err)
	}
	return n, nil
}

// code is that of a refusal.
func (w *statusWriter) code() string {
	var refusal struct{ Code string }
	_ = json.Unmarshal(w.refusal, &refusal) // another answer has none
	return refusal.Code
}
