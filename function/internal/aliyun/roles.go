package aliyun

import (
	"encoding/json"
	"strings"
	"sync"
	"time"

	"github.com/aliyun/credentials-go/credentials/providers"

	"vpn-attach/function/internal/cloud"
)

// Roles assumes a role in other accounts (STS API AssumeRole). A session is kept for each
// account and renewed three minutes before it ends. It is safe for concurrent use.
type Roles struct {
	ARN        string // of the role, with ${account} where the account's id belongs
	ExternalID string
	Endpoint   string // host and port of STS; "" is the one of all regions
	Own        *Credentials
	Timeout    time.Duration // of one call

	mu       sync.Mutex
	sessions map[string]*session
}

// session is one account's; the provider is not safe for concurrent use.
type session struct {
	mu       sync.Mutex
	provider providers.CredentialsProvider
}

// For gives the credentials of an account: the function's own when it has no name. Errors are
// *cloud.APIError.
func (r *Roles) For(account string) (*Credentials, error) {
	const action = "AssumeRole"
	if account == "" {
		return r.Own, nil
	}
	s, err := r.session(account)
	if err != nil {
		return nil, &cloud.APIError{Action: action, Message: "the role's name could not be used"}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	assumed, err := s.provider.GetCredentials()
	if err != nil {
		return nil, refusedRole(action, err)
	}
	return NewCredentials(assumed.AccessKeyId, assumed.AccessKeySecret, assumed.SecurityToken), nil
}

func (r *Roles) session(account string) (*session, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.sessions[account]; s != nil {
		return s, nil
	}
	wait := int(r.Timeout.Milliseconds())
	provider, err := providers.NewRAMRoleARNCredentialsProviderBuilder().
		WithCredentialsProvider(caller{r.Own}).WithRoleArn(strings.ReplaceAll(r.ARN, "${account}", account)).
		WithExternalId(r.ExternalID).WithRoleSessionName("vpn-attach").WithStsEndpoint(r.Endpoint).
		WithHttpOptions(&providers.HttpOptions{ConnectTimeout: wait / 2, ReadTimeout: wait / 2}).Build()
	if err != nil {
		return nil, err
	}
	if r.sessions == nil {
		r.sessions = map[string]*session{}
	}
	r.sessions[account] = &session{provider: provider}
	return r.sessions[account], nil
}

// caller is who assumes: the function, with its session of this moment.
type caller struct{ own *Credentials }

func (c caller) GetCredentials() (*providers.Credentials, error) {
	now := c.own.current.Load()
	return &providers.Credentials{AccessKeyId: *now.AccessKeyId, AccessKeySecret: *now.AccessKeySecret, SecurityToken: *now.SecurityToken, ProviderName: *now.ProviderName}, nil
}

func (c caller) GetProviderName() string { return "function" }

// refusedRole reads the provider's error, which is a text that ends with the service's answer.
func refusedRole(action string, err error) *cloud.APIError {
	var answer struct{ Code, Message, RequestId string }
	_, text, _ := strings.Cut(err.Error(), "{")
	if json.Unmarshal([]byte("{"+text), &answer) != nil || answer.Code == "" {
		return &cloud.APIError{Action: action, Message: NoAnswer(err)}
	}
	return &cloud.APIError{Action: action, Code: answer.Code, Message: answer.Message, RequestID: answer.RequestId, Status: 400} // which it was the provider does not say
}
