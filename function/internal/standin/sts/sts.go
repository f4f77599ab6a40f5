// Package sts stands in for Security Token Service (STS, 2015-04-01): AssumeRole, with the older signature that the
// vendor's credentials library uses. A role is trusted to whoever has a key here and knows the role's external id.
//
// It does not imitate: policies of a session, durations that a role does not allow, and quotas.
package sts

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// Version is the API's.
const Version = "2015-04-01"

// Role is a role of another account.
type Role struct {
	Account    string `yaml:"account"`
	Name       string `yaml:"role"`
	ExternalID string `yaml:"externalId"` // that its trust policy asks for
}

func (r Role) arn() string { return "acs:ram::" + r.Account + ":role/" + r.Name }

// Key is a session's.
type Key struct{ ID, Secret, Token string }

// Options are what the service needs from outside.
type Options struct {
	Roles []Role
	Keys  sign.Keys
	Now   func() time.Time
	// Issue makes the key of a session in an account.
	Issue func(account string) Key
	// Session is how long a session lasts; zero: as long as it is asked for.
	Session time.Duration
}

// Service is the stand-in.
type Service struct {
	options    Options
	signatures *sign.RPC1
	mu         sync.Mutex
	requests   int
}

// New makes a service.
func New(o Options) *Service {
	return &Service{options: o, signatures: &sign.RPC1{Keys: o.Keys, Now: o.Now}}
}

// ServeHTTP answers AssumeRole on "/": common parameters in the query, the others in a form.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	parameters, err := parse(r)
	if err != nil {
		s.WriteError(w, r, http.StatusBadRequest, "InvalidParameter")
		return
	}
	if _, refusal := s.signatures.Verify(r.Method, parameters); refusal != nil {
		s.refuse(w, r, refusal.Status, refusal.Code, refusal.Message)
		return
	}
	if s.Action(r) != "AssumeRole" || parameters.Get("Version") != Version {
		s.WriteError(w, r, http.StatusNotFound, "InvalidAction.NotFound")
		return
	}
	s.assume(w, r, parameters)
}

func parse(r *http.Request) (url.Values, error) {
	body, err := io.ReadAll(io.LimitReader(r.Body, 1<<16))
	if err != nil {
		return nil, fmt.Errorf("reading the form: %w", err)
	}
	parameters, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return nil, fmt.Errorf("parsing the query: %w", err)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, fmt.Errorf("parsing the form: %w", err)
	}
	for name, values := range form {
		parameters[name] = append(parameters[name], values...)
	}
	return parameters, nil
}

// assume answers with a session's key. That a wrong external id is refused like a lack of trust is how the service does it.
func (s *Service) assume(w http.ResponseWriter, r *http.Request, p url.Values) {
	arn, name := p.Get("RoleArn"), p.Get("RoleSessionName")
	var seconds int
	if n, _ := fmt.Sscan(p.Get("DurationSeconds"), &seconds); n != 1 || seconds < 900 || seconds > 43200 || name == "" {
		s.WriteError(w, r, http.StatusBadRequest, "InvalidParameter")
		return
	}
	for _, role := range s.options.Roles {
		switch {
		case role.arn() != arn:
			continue
		case role.ExternalID != p.Get("ExternalId"):
			s.refuse(w, r, http.StatusForbidden, "NoPermission", "You are not authorized to do this action. You should be authorized by RAM.")
			return
		}
		life := time.Duration(seconds) * time.Second
		if s.options.Session > 0 {
			life = s.options.Session
		}
		key := s.options.Issue(role.Account)
		s.write(w, http.StatusOK, map[string]any{
			"RequestId":       s.requestID(),
			"AssumedRoleUser": map[string]string{"Arn": arn + "/" + name, "AssumedRoleId": "3" + role.Account + ":" + name},
			"Credentials":     map[string]string{"AccessKeyId": key.ID, "AccessKeySecret": key.Secret, "SecurityToken": key.Token, "Expiration": s.options.Now().Add(life).UTC().Format("2006-01-02T15:04:05Z")},
		})
		return
	}
	s.refuse(w, r, http.StatusNotFound, "EntityNotExist.Role", "The specified Role not exists.")
}

// Action names what is asked for.
func (s *Service) Action(r *http.Request) string { return r.URL.Query().Get("Action") }

// WriteError answers with an error in the service's own form.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	s.refuse(w, r, status, code, code)
}

func (s *Service) refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	s.write(w, status, map[string]string{"RequestId": s.requestID(), "HostId": r.Host, "Code": code, "Message": message})
}

func (s *Service) requestID() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.requests++
	return fmt.Sprintf("00000000-0000-6000-8000-%012X", s.requests)
}

// write ignores that a client may be gone: there is nobody to tell.
func (s *Service) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
