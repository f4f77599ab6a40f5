// Package sign checks request signatures the way an Alibaba Cloud service does, for the stand-ins of this project.
//
// A stand-in that accepted every caller would hide the most common failures in production: a body changed after
// signing, a wrong clock, a retry that repeats its nonce, rotated credentials. ACS3 verifies the V3 signature
// (ACS3-HMAC-SHA256) of the RPC and ROA services; Keyring holds the keys; AccessKeyID names the caller.
//
//	keys := &sign.Keyring{}
//	keys.Add("local", "secret", "")
//	verifier := sign.ACS3{Keys: keys}
//	caller, refusal := verifier.Verify(r, body)
//
// It does not imitate: the older V1/V2 signatures, SM3 and RSA algorithms, bearer tokens, permissions (a known key may
// do everything), or the order in which the service makes its checks, which is not documented. Only a request that
// passes every other check uses up its nonce; that is assumed, too.
package sign

import (
	"crypto/hmac"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// maxSkew is how far x-acs-date may be from the service's clock, either way.
const maxSkew = 15 * time.Minute

// Refusal answers a request that is refused: the HTTP status, and the code and message of the error body. The codes are
// those of the "Common errors" of the OpenAPI gateway; a comment at a check says which are assumed.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

func badRequest(code, message string) *Refusal { return &Refusal{http.StatusBadRequest, code, message} }

// ACS3 verifies V3 signatures and remembers nonces. Keys is required. It is safe for concurrent use and must
// not be copied.
type ACS3 struct {
	Keys Keys

	mu      sync.Mutex
	nonces  map[string]bool
	older   map[string]bool
	rotated time.Time
}

// Verify returns the access key id of a request that the service would accept, or the refusal.
// body is the whole body, which the caller has read: its hash must be the one that was signed.
func (v *ACS3) Verify(r *http.Request, body []byte) (accessKeyID string, refusal *Refusal) {
	auth, ok := parseACS3(r.Header.Get("Authorization"))
	if !ok {
		// Assumed: the gateway's code for a header that it cannot parse.
		return "", badRequest("IncompleteSignature", "The request signature does not conform to Aliyun standards.")
	}
	for _, check := range []func() *Refusal{
		func() *Refusal { return requireHeaders(r, auth.signedHeaders) },
		func() *Refusal { return v.checkDate(r.Header.Get("x-acs-date")) },
		func() *Refusal { return v.checkKey(auth.accessKeyID, r.Header.Get("x-acs-security-token")) },
		func() *Refusal { return v.checkSignature(r, auth, body) },
		func() *Refusal { return v.spend(auth.accessKeyID, r.Header.Get("x-acs-signature-nonce")) },
	} {
		if refusal := check(); refusal != nil {
			return "", refusal
		}
	}
	return auth.accessKeyID, nil
}

// requireHeaders demands the headers that the other checks need, and that the host and every x-acs- header are signed,
// as the specification does: what is not signed could be changed on the way. The codes are assumed.
func requireHeaders(r *http.Request, signed []string) *Refusal {
	for _, name := range []string{"x-acs-date", "x-acs-signature-nonce", "x-acs-content-sha256"} {
		if r.Header.Get(name) == "" {
			return badRequest("MissingParameter", "The header "+name+" is mandatory for this request.")
		}
	}
	present := []string{"host"}
	for name := range r.Header {
		if name = strings.ToLower(name); strings.HasPrefix(name, "x-acs-") {
			present = append(present, name)
		}
	}
	for _, name := range present {
		if !slices.Contains(signed, name) {
			return badRequest("IncompleteSignature", "The header "+name+" must be signed.")
		}
	}
	return nil
}

func (v *ACS3) checkDate(date string) *Refusal {
	sent, err := time.Parse("2006-01-02T15:04:05Z", date)
	if err != nil {
		return badRequest("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
	}
	if time.Since(sent).Abs() > maxSkew {
		return badRequest("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	return nil
}

func (v *ACS3) checkKey(accessKeyID, token string) *Refusal {
	_, want, ok := v.Keys.Lookup(accessKeyID)
	switch {
	case !ok:
		return &Refusal{http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found."}
	case want != "" && token == "":
		return badRequest("MissingSecurityToken", "SecurityToken is mandatory for this action.")
	case token != want:
		const code = "InvalidSecurityToken.MismatchWithAccessKey"
		return badRequest(code, "Specified SecurityToken mismatch with the AccessKey.")
	case v.Keys.Expired(accessKeyID):
		return badRequest("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return nil
}

func (v *ACS3) checkSignature(r *http.Request, auth authorization, body []byte) *Refusal {
	bodyHash := sha256Hex(body)
	// Assumed: the service treats a wrong hash of the body as a wrong signature.
	if r.Header.Get("x-acs-content-sha256") != bodyHash {
		return mismatch("x-acs-content-sha256 of the body is " + bodyHash)
	}
	text, err := stringToSign(r, auth.signedHeaders, bodyHash)
	if err != nil {
		return mismatch(err.Error())
	}
	secret, _, _ := v.Keys.Lookup(auth.accessKeyID)
	if !hmac.Equal([]byte(hmacSHA256Hex(secret, text)), []byte(auth.signature)) {
		return mismatch("server string to sign is:" + text)
	}
	return nil
}

func mismatch(detail string) *Refusal {
	return badRequest("SignatureDoesNotMatch", "Specified signature is not matched with our calculation. "+detail)
}

// spend refuses a nonce that the key has already used, for as long as the date of that request would be accepted.
// A date may lie up to maxSkew ahead, so a nonce is kept at least twice as long. There are two generations: dropping
// the older one as a whole bounds the memory without a cleanup.
func (v *ACS3) spend(accessKeyID, nonce string) *Refusal {
	v.mu.Lock()
	defer v.mu.Unlock()
	if now := time.Now(); v.nonces == nil || now.Sub(v.rotated) > 2*maxSkew {
		v.older, v.nonces, v.rotated = v.nonces, make(map[string]bool), now
	}
	key := accessKeyID + " " + nonce
	if v.nonces[key] || v.older[key] {
		return badRequest("SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	v.nonces[key] = true
	return nil
}
