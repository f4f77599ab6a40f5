package aliyun

import (
	"context"
	"errors"
	"net/url"
	"strings"
	"sync"
	"time"

	"vpn-attach/function/internal/cloud"
)

// Roles assumes a role in other accounts (STS API 2015-04-01, AssumeRole). It keeps a session for each account. It is
// safe for concurrent use.
type Roles struct {
	ARN        string // of the role, with {account} where the account's id belongs
	ExternalID string
	Endpoint   *url.URL
	HTTP       *HTTPClient
	Own        *Credentials // of the function, which assumes

	mu       sync.Mutex // never held during a call
	sessions map[string]*session
}

// session is what came of assuming the role of an account. The other fields are set when fetched is closed.
type session struct {
	fetched     chan struct{}
	credentials *Credentials
	err         error
	until       time.Time // a session is used, or a failure believed, until then
}

// renewBefore is how long before its end a session is replaced, so that no call outlasts it.
const renewBefore = 3 * time.Minute

// A failure is believed for twice as long as it took, within these bounds: calls do not wait, one after the other, for
// a service that hangs.
const (
	leastBelieved = time.Second
	mostBelieved  = 10 * time.Second
)

// Do makes a call with the credentials of an account: the function's own when it has no name. A session that the called
// service does not accept is dropped, and the call made once more with a new one. Errors are *cloud.APIError.
func (r *Roles) Do(ctx context.Context, account string, call func(*Credentials) error) error {
	if account == "" {
		return call(r.Own)
	}
	used, err := r.session(ctx, account)
	if err != nil {
		return err
	}
	if err := call(used.credentials); !sessionRefused(err) {
		return err
	}
	r.drop(account, used)
	if used, err = r.session(ctx, account); err != nil {
		return err
	}
	return call(used.credentials)
}

// sessionRefused reports whether a service did not accept the session that a call was made with.
func sessionRefused(err error) bool {
	var api *cloud.APIError
	if !errors.As(err, &api) {
		return false
	}
	for _, code := range []string{"InvalidSecurityToken", "SecurityTokenExpired", "InvalidAccessKeyId"} {
		if api.Code == code || strings.HasPrefix(api.Code, code+".") {
			return true
		}
	}
	return false
}

// session gives the session of an account that is kept, or fetches one. One is fetched at a time for each account; who
// waits for it stops waiting with its own context.
func (r *Roles) session(ctx context.Context, account string) (*session, error) {
	r.mu.Lock()
	s, first := r.sessions[account], false
	if s == nil || s.isOver() {
		if r.sessions == nil {
			r.sessions = map[string]*session{}
		}
		s, first = &session{fetched: make(chan struct{})}, true
		r.sessions[account] = s
	}
	r.mu.Unlock()
	if first {
		r.fetch(ctx, account, s)
		return s, s.err
	}
	select {
	case <-s.fetched:
		return s, s.err
	case <-ctx.Done():
		return nil, &cloud.APIError{Action: cloud.ActionAssumeRole, Message: NoAnswer(ctx.Err())}
	}
}

// isOver reports whether a session must be fetched anew. One that is being fetched is not over.
func (s *session) isOver() bool {
	select {
	case <-s.fetched:
		return !time.Now().Before(s.until)
	default:
		return false
	}
}

// drop forgets a session, unless another one has taken its place already.
func (r *Roles) drop(account string, s *session) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.sessions[account] == s {
		delete(r.sessions, account)
	}
}

// fetch makes the call for a session. Whoever gets its failure is asked not to call again while it is believed. A call
// that was given up says nothing of the service, and is not believed.
func (r *Roles) fetch(ctx context.Context, account string, s *session) {
	began := time.Now()
	s.err = Unreadable(cloud.ActionAssumeRole) // should the call panic
	defer close(s.fetched)
	var expires time.Time
	s.credentials, expires, s.err = r.assume(ctx, account)
	s.until = expires.Add(-renewBefore)
	var api *cloud.APIError
	if errors.As(s.err, &api) && !errors.Is(ctx.Err(), context.Canceled) {
		api.RetryAfter = max(api.RetryAfter, leastBelieved, 2*time.Since(began))
		s.until = time.Now().Add(min(api.RetryAfter, mostBelieved))
	}
}

// assume fetches a session, which lasts as long as the service gives it by default: an hour.
func (r *Roles) assume(ctx context.Context, account string) (*Credentials, time.Time, error) {
	query := map[string]string{
		"RoleArn":         strings.ReplaceAll(r.ARN, "{account}", account),
		"RoleSessionName": "vpn-attach", "ExternalId": r.ExternalID,
	}
	config := Config(r.Endpoint, "", r.Own, r.HTTP)
	answer, err := Call(ctx, config, "2015-04-01", cloud.ActionAssumeRole, query)
	if err != nil {
		return nil, time.Time{}, err
	}
	key := answer.Within("Credentials")
	id, secret, token := key.Text("AccessKeyId"), key.Text("AccessKeySecret"), key.Text("SecurityToken")
	expires, err := time.Parse(time.RFC3339, key.Text("Expiration"))
	if err != nil || id == "" || secret == "" || token == "" {
		return nil, time.Time{}, Unreadable(cloud.ActionAssumeRole)
	}
	return NewCredentials(id, secret, token), expires, nil
}
