package sign

import "sync"

// Keys is what a verifier asks about an access key; Keyring implements it.
type Keys interface {
	// Lookup returns the secret of an access key and the security token that must accompany it, if any.
	Lookup(accessKeyID string) (secret, securityToken string, ok bool)
	// Expired says whether the security token issued with the key has expired.
	Expired(accessKeyID string) bool
}

// Keyring holds the access keys that a stand-in accepts.
// The zero value is empty and ready for use; all methods are safe for concurrent use.
type Keyring struct {
	mu   sync.RWMutex
	keys map[string]accessKey
}

type accessKey struct {
	secret        string
	securityToken string
	expired       bool
}

// Add accepts an access key from now on, replacing one with the same id.
// A security token makes it a temporary key, as Security Token Service issues them: every call must carry that token.
func (k *Keyring) Add(accessKeyID, secret, securityToken string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.keys == nil {
		k.keys = make(map[string]accessKey)
	}
	k.keys[accessKeyID] = accessKey{secret: secret, securityToken: securityToken}
}

// Expire expires the token of a temporary key. Long-term and unknown keys stay as they are.
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
