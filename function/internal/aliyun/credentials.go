// Package aliyun is what the adapters of cloud services share: credentials that change with every invocation, one pool
// of HTTP connections, and the reading of the SDK's errors.
package aliyun

import (
	"sync/atomic"

	"github.com/aliyun/credentials-go/credentials"
)

// Credentials holds what the platform handed over with the latest invocation. Every SDK asks it anew for each request,
// so that no client has to be rebuilt when the role's session is renewed. It is safe for concurrent use.
type Credentials struct {
	current atomic.Pointer[credentials.CredentialModel]
}

// NewCredentials starts with the given session, as the environment has it.
func NewCredentials(accessKeyID, accessKeySecret, securityToken string) *Credentials {
	c := &Credentials{}
	c.Set(accessKeyID, accessKeySecret, securityToken)
	return c
}

// Set replaces the session for all requests from now on.
func (c *Credentials) Set(accessKeyID, accessKeySecret, securityToken string) {
	kind := "sts"
	if securityToken == "" {
		kind = "access_key"
	}
	provider := "function"
	c.current.Store(&credentials.CredentialModel{
		AccessKeyId: &accessKeyID, AccessKeySecret: &accessKeySecret, SecurityToken: &securityToken,
		Type: &kind, ProviderName: &provider,
	})
}

// GetCredential gives the current session as one value, so that a change in the middle of a request cannot mix two.
func (c *Credentials) GetCredential() (*credentials.CredentialModel, error) {
	return c.current.Load(), nil
}

// The rest of credentials.Credential, which SDKs of an older make ask one by one.

func (c *Credentials) GetAccessKeyId() (*string, error) { return c.current.Load().AccessKeyId, nil }
func (c *Credentials) GetAccessKeySecret() (*string, error) {
	return c.current.Load().AccessKeySecret, nil
}
func (c *Credentials) GetSecurityToken() (*string, error) { return c.current.Load().SecurityToken, nil }
func (c *Credentials) GetBearerToken() *string            { return nil }
func (c *Credentials) GetType() *string                   { return c.current.Load().Type }
