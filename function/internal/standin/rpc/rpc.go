// Package rpc is what stand-ins of small services share: signed calls of one version of an API on "/", each operation a
// function, answers in JSON, errors in the form of the OpenAPI gateway.
//
// It does not imitate: permissions (every known key may call every operation), quotas, and idempotence by client
// tokens.
package rpc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync/atomic"

	"vpn-attach/function/internal/standin/sign"
)

// maxBody is far above a template of ROS, the largest that is sent, in bytes.
const maxBody = 1 << 21

// Call is one call: whose key, and its parameters.
type Call struct {
	Caller     string // access key id
	Parameters url.Values
}

// Get is a parameter; "" when the call does not have it.
func (c Call) Get(name string) string { return c.Parameters.Get(name) }

// Operation does a call. The fields of its answer are the service's; the request id is added. A refusal is answered
// in its place.
type Operation func(Call) (answer map[string]any, refusal *sign.Refusal)

// Service is one version of an API. Keys is required. It must not be copied.
type Service struct {
	Version    string
	Operations map[string]Operation
	Refusing   func(*sign.Refusal) (status int, answer map[string]any) // another form of errors; nil is the gateway's

	signatures sign.Verifier
	requests   atomic.Int64
}

// New makes a service that knows the keys.
func New(version string, keys sign.Keys, operations map[string]Operation) *Service {
	return &Service{Version: version, Operations: operations, signatures: sign.Verifier{Keys: keys}}
}

// Refuse is a refusal with a code and a message that the service documents, or that a comment says is assumed.
func Refuse(status int, code, format string, values ...any) *sign.Refusal {
	return &sign.Refusal{Status: status, Code: code, Message: fmt.Sprintf(format, values...)}
}

// Missing is the gateway's refusal of a call without a parameter; nil when all are there.
func (c Call) Missing(names ...string) *sign.Refusal {
	for _, name := range names {
		if c.Get(name) == "" {
			return Refuse(http.StatusBadRequest, "Missing"+name, "%s is mandatory for this action.", name)
		}
	}
	return nil
}

// ServeHTTP answers a call: parameters in the query or in a form, signed in any of the forms of package sign.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		s.WriteError(w, r, http.StatusRequestEntityTooLarge, "RequestBodyTooLarge")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // the action may be in it
	answer, refusal := s.answer(r, body)
	if refusal != nil {
		s.refuse(w, r, refusal)
		return
	}
	s.write(w, http.StatusOK, answer)
}

func (s *Service) answer(r *http.Request, body []byte) (map[string]any, *sign.Refusal) {
	caller, refusal := s.signatures.Verify(r, body)
	if refusal != nil {
		return nil, refusal
	}
	action, version := sign.Operation(r)
	operate := s.Operations[action]
	if operate == nil || version != s.Version || r.URL.Path != "/" {
		return nil, Refuse(http.StatusNotFound, "InvalidAction.NotFound", "Specified api is not found here.")
	}
	parameters, err := sign.Parameters(r, body)
	if err != nil {
		return nil, Refuse(http.StatusBadRequest, "InvalidParameter", "The parameters cannot be read: %v", err)
	}
	return operate(Call{caller, parameters})
}

// Action names what is asked for.
func (s *Service) Action(r *http.Request) string {
	action, _ := sign.Operation(r)
	return action
}

// WriteError answers with an error in the service's own form.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	s.refuse(w, r, Refuse(status, code, "%s", code))
}

func (s *Service) refuse(w http.ResponseWriter, r *http.Request, refusal *sign.Refusal) {
	status, answer := refusal.Status, map[string]any{
		"HostId": r.Host, "Code": refusal.Code, "Message": refusal.Message,
	}
	if s.Refusing != nil {
		status, answer = s.Refusing(refusal)
	}
	s.write(w, status, answer)
}

// write ignores that a client may be gone: there is nobody to tell.
func (s *Service) write(w http.ResponseWriter, status int, answer map[string]any) {
	whole := map[string]any{"RequestId": fmt.Sprintf("00000000-0000-7000-8000-%012X", s.requests.Add(1))}
	for name, value := range answer {
		whole[name] = value
	}
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(whole)
}
