package sign

import "sync"

// Keys is what a verifier asks about an access key; Keyring is the one implementation here.
type Keys interface {
	// Lookup returns the secret of an access key and the security token that must accompany it, which is empty for a long-term key.
	Lookup(accessKeyID string) (secret, securityToken string, ok bool)
	// Expired says whether the security token issued with the key has run out.
	Expired(accessKeyID string) bool
}

// Keyring holds the access keys a stand-in accepts.
// The zero value is empty and ready for use; all methods may be called concurrently.
type Keyring struct {
	mu   sync.RWMutex
	keys map[string]accessKey
}

type accessKey struct {
	secret        string
	securityToken string
	expired       bool
}

// Add accepts an access key from now on, replacing one of the same id.
// A security token makes it a temporary key as Security Token Service issues them: every call must carry that very token.
func (k *Keyring) Add(accessKeyID, secret, securityToken string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = make(map[string]accessKey)
	}
	k.keys[accessKeyID] = accessKey{secret: secret, securityToken: securityToken}
}

// Expire lets the token of a temporary key run out. Long-term and unknown keys are left as they are.
func (k *Keyring) Expire(accessKeyID string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if key := k.keys[accessKeyID]; key.securityToken != "" {
		key.expired = true
		k.keys[accessKeyID] = key
	}
}

// Lookup implements Keys. A key whose token has expired is still found.
func (k *Keyring) Lookup(accessKeyID string) (secret, securityToken string, ok bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	key, ok := k.keys[accessKeyID]
	return key.secret, key.securityToken, ok
}

// Expired implements Keys.
func (k *Keyring) Expired(accessKeyID string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.keys[accessKeyID].expired
}
