// Package sts stands in for Security Token Service (STS, 2015-04-01): AssumeRole and GetCallerIdentity. Options.Allow
// decides who may ask for a role, and Options.Trust whom a role trusts; without it, whoever knows its external id.
//
// It does not imitate: what the policy of a session allows, durations that a role does not allow, and quotas.
package sts

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"sync/atomic"
	"time"

	"vpn-attach/function/internal/standin/ram"
	"vpn-attach/function/internal/standin/sign"
)

// Version is the API's.
const Version = "2015-04-01"

// maxBody is far above what the operation needs.
const maxBody = 1 << 16

// Role is a role of another account.
type Role struct {
	Account    string `yaml:"account"`
	Name       string `yaml:"role"`
	ExternalID string `yaml:"externalId"` // that its trust policy asks for
	// Policy is what a session may do, and TrustPolicy who may assume the role, as RAM writes them.
	Policy      any `yaml:"policy,omitempty"`
	TrustPolicy any `yaml:"trustPolicy,omitempty"`
	// Bus is the bus of the function's account to which this account hands its events; "" is none.
	Bus string `yaml:"bus,omitempty"`
}

// ARN is the role's name.
func (r Role) ARN() string { return ram.RoleARN(r.Account, r.Name) }

// Key is a session's.
type Key struct{ ID, Secret, Token string }

// Options are what the service needs from outside.
type Options struct {
	Roles []Role
	Keys  sign.Keys
	// Found finds a role that is not among Roles; nil knows none.
	Found func(arn string) (Role, bool)
	// AccountOf is the account for which a key acts.
	AccountOf func(accessKeyID string) string
	// Issue makes the key of a session of a role.
	Issue func(Role) Key
	// Allow judges a call of a key before anything is done; nil allows every call. The verdict is the refusal.
	Allow func(accessKeyID string, r ram.Request) *ram.Verdict
	// Trust judges whether a role trusts the caller with a key; nil compares the external id.
	Trust func(accessKeyID string, role Role, externalID string) *ram.Verdict
	// Session is how long a session lasts; zero: as long as it is asked for.
	Session time.Duration
}

// Service is the stand-in.
type Service struct {
	options    Options
	signatures *sign.Verifier
	requests   atomic.Int64
}

// New makes a service.
func New(o Options) *Service {
	return &Service{options: o, signatures: &sign.Verifier{Keys: o.Keys}}
}

// ServeHTTP answers both operations on "/": parameters in the query or in a form.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		s.WriteError(w, r, http.StatusRequestEntityTooLarge, "RequestEntityTooLarge")
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body)) // the action and the version may be in it
	caller, refusal := s.signatures.Verify(r, body)
	if refusal != nil {
		s.refuse(w, r, refusal.Status, refusal.Code, refusal.Message)
		return
	}
	parameters, err := sign.Parameters(r, body)
	action, version := sign.Operation(r)
	switch {
	case err != nil:
		s.WriteError(w, r, http.StatusBadRequest, "InvalidParameter")
	case version == Version && action == "AssumeRole":
		s.assume(w, r, caller, parameters)
	case version == Version && action == "GetCallerIdentity":
		s.identify(w, caller)
	default:
		s.WriteError(w, r, http.StatusNotFound, "InvalidAction.NotFound")
	}
}

// assume answers with a session's key. A wrong external id is refused like a lack of trust, as the service does it.
func (s *Service) assume(w http.ResponseWriter, r *http.Request, caller string, p url.Values) {
	asked, code := read(p)
	if code != "" {
		s.WriteError(w, r, http.StatusBadRequest, code)
		return
	}
	if denied := s.allow(caller, p); denied != nil {
		s.deny(w, r, denied)
		return
	}
	role, found := s.role(asked.arn)
	if !found {
		s.WriteError(w, r, http.StatusNotFound, "EntityNotExist.Role")
		return
	}
	if denied := s.trust(caller, role, asked.externalID); denied != nil {
		s.deny(w, r, denied)
		return
	}
	life := cmp.Or(s.options.Session, asked.life)
	key := s.options.Issue(role)
	answer := map[string]any{
		"RequestId": s.requestID(),
		"AssumedRoleUser": map[string]string{
			"Arn": asked.arn + "/" + asked.session, "AssumedRoleId": "3" + role.Account + ":" + asked.session,
		},
		"Credentials": map[string]string{
			"AccessKeyId": key.ID, "AccessKeySecret": key.Secret, "SecurityToken": key.Token,
			"Expiration": time.Now().Add(life).UTC().Format("2006-01-02T15:04:05Z"),
		},
	}
	if asked.source != "" {
		answer["SourceIdentity"] = asked.source
	}
	s.write(w, http.StatusOK, answer)
}

func (s *Service) role(arn string) (Role, bool) {
	at := slices.IndexFunc(s.options.Roles, func(role Role) bool { return role.ARN() == arn })
	switch {
	case at >= 0:
		return s.options.Roles[at], true
	case s.options.Found == nil:
		return Role{}, false
	}
	return s.options.Found(arn)
}

// allow judges a request for a role by the policies of its key.
func (s *Service) allow(caller string, p url.Values) *ram.Verdict {
	if s.options.Allow == nil {
		return nil
	}
	return s.options.Allow(caller, ram.Request{API: Version, Operation: "AssumeRole", Get: p.Get})
}

// trust judges a request for a role by whom the role trusts.
func (s *Service) trust(caller string, role Role, externalID string) *ram.Verdict {
	switch {
	case s.options.Trust != nil:
		return s.options.Trust(caller, role, externalID)
	case role.ExternalID != externalID:
		demand := ram.Demand{Action: "sts:AssumeRole", Resource: role.ARN()}
		return &ram.Verdict{Demand: demand, Why: "another external id"}
	}
	return nil
}

func (s *Service) deny(w http.ResponseWriter, r *http.Request, denied *ram.Verdict) {
	s.refuse(w, r, http.StatusForbidden, "NoPermission",
		"You are not authorized to do this action. You should be authorized by RAM. "+denied.String())
}

// identify says for whom a key acts: here every key is the account's own.
func (s *Service) identify(w http.ResponseWriter, caller string) {
	account := s.options.AccountOf(caller)
	s.write(w, http.StatusOK, map[string]any{
		"RequestId": s.requestID(), "IdentityType": "Account", "AccountId": account, "PrincipalId": account,
		"UserId": account, "Arn": "acs:ram::" + account + ":root",
	})
}

// Action names what is asked for.
func (s *Service) Action(r *http.Request) string {
	action, _ := sign.Operation(r)
	return action
}

// WriteError answers with an error in the service's own form.
func (s *Service) WriteError(w http.ResponseWriter, r *http.Request, status int, code string) {
	s.refuse(w, r, status, code, message(code))
}

func (s *Service) refuse(w http.ResponseWriter, r *http.Request, status int, code, message string) {
	s.write(w, status, map[string]string{
		"RequestId": s.requestID(), "HostId": r.Host, "Code": code, "Message": message,
	})
}

func (s *Service) requestID() string {
	return fmt.Sprintf("00000000-0000-6000-8000-%012X", s.requests.Add(1))
}

// write ignores that a client may be gone: there is nobody to tell.
func (s *Service) write(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json;charset=utf-8")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(body)
}
