package aliyun

import (
	"context"
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

	sessions sync.Map // of accounts to *session
}

// session is the latest session in one account.
type session struct {
	turn        chan struct{} // full while somebody reads or fetches the session
	credentials *Credentials
	expires     time.Time
}

// renewBefore is how long before its end a session is replaced, so that no call outlasts it.
const renewBefore = 3 * time.Minute

// For gives the credentials of an account: the function's own when it has no name. At most one session is fetched at a
// time for each account. Errors are *cloud.APIError.
func (r *Roles) For(ctx context.Context, account string) (*Credentials, error) {
	if account == "" {
		return r.Own, nil
	}
	kept, _ := r.sessions.LoadOrStore(account, &session{turn: make(chan struct{}, 1)})
	s := kept.(*session)
	select {
	case s.turn <- struct{}{}:
		defer func() { <-s.turn }()
	case <-ctx.Done():
		return nil, &cloud.APIError{Action: cloud.ActionAssumeRole, Message: NoAnswer(ctx.Err())}
	}
	if time.Until(s.expires) > renewBefore {
		return s.credentials, nil
	}
	credentials, expires, err := r.assume(ctx, account)
	if err != nil {
		return nil, err
	}
	s.credentials, s.expires = credentials, expires
	return credentials, nil
}

// assume fetches a session, which lasts as long as the service gives it by default: an hour.
func (r *Roles) assume(ctx context.Context, account string) (*Credentials, time.Time, error) {
	var answer struct {
		Credentials struct {
			ID      string `json:"AccessKeyId"`
			Secret  string `json:"AccessKeySecret"`
			Token   string `json:"SecurityToken"`
			Expires string `json:"Expiration"`
		}
	}
	query := map[string]string{
		"RoleArn":         strings.ReplaceAll(r.ARN, "{account}", account),
		"RoleSessionName": "vpn-attach", "ExternalId": r.ExternalID,
	}
	config := Config(r.Endpoint, "", r.Own, r.HTTP)
	if err := Call(ctx, config, "2015-04-01", cloud.ActionAssumeRole, query, &answer); err != nil {
		return nil, time.Time{}, err
	}
	key := answer.Credentials
	expires, err := time.Parse(time.RFC3339, key.Expires)
	if err != nil || key.ID == "" || key.Secret == "" || key.Token == "" {
		return nil, time.Time{}, Unreadable(cloud.ActionAssumeRole)
	}
	return NewCredentials(key.ID, key.Secret, key.Token), expires, nil
}
