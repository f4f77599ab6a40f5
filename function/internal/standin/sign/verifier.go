// Package sign checks request signatures the way an Alibaba Cloud service does, for the stand-ins of this project.
//
// A stand-in that accepted every caller would hide the most common failures in production: a body changed after
// signing, a wrong clock, a retry that repeats its nonce, rotated credentials. A Verifier takes the three forms in
// which the vendor's clients sign: V3 (ACS3-HMAC-SHA256), and of version 1.0 (HMAC-SHA1) the form of RPC services, in
// parameters, and the form of ROA services, in headers. Keyring holds the keys; AccessKeyID names the caller and
// Operation what is asked for, in each of the forms.
//
//	keys := &sign.Keyring{}
//	keys.Add("local", "secret", "")
//	verifier := &sign.Verifier{Keys: keys}
//	caller, refusal := verifier.Verify(r, body)
//
// It does not imitate: SM3, RSA and HMAC-SHA256 of version 2.0, bearer tokens, permissions (a known key may do
// everything), or the order in which the service makes its checks, which is not documented. Only a request that passes
// every other check uses up its nonce; that is assumed, too.
package sign

import (
	"crypto/hmac"
	"net/http"
	"strings"
	"sync"
	"time"
)

// maxSkew is how far the date of a request may be from the service's clock, either way.
const maxSkew = 15 * time.Minute

// Refusal answers a request that is refused: the HTTP status, and the code and message of the error body. The codes are
// those of the "Common errors" of the OpenAPI gateway; a comment at a check says which are assumed.
type Refusal struct {
	Status  int
	Code    string
	Message string
}

func badRequest(code, message string) *Refusal { return &Refusal{http.StatusBadRequest, code, message} }

// missing is the gateway's refusal of a request without a parameter.
func missing(name string) *Refusal {
	return badRequest("Missing"+name, name+" is mandatory for this action.")
}

// signed is what a request says of its signature, in whatever form.
type signed struct {
	accessKeyID, token string
	nonce              string // "" where the form does not ask for one
	date               string
	layout             string // of the date
	text               string // that was to be signed
	flaw               string // why no signature can match; "" is none
	signature          string
	mac                func(secret, text string) string
}

// form is a way to sign.
type form interface {
	// read takes the signature from a request, or refuses a request that is not of the form.
	read(r *http.Request, body []byte) (signed, *Refusal)
	// caller and operation are what the request says, without a proof.
	caller(r *http.Request, parameters func(string) string) string
	operation(r *http.Request, parameters func(string) string) (action, version string)
}

// formOf tells how a request is signed. One without a signature counts as V3, as the newest clients send it, unless it
// has parameters of the RPC form. The older SDKs send the headers of V3 beside these.
func formOf(r *http.Request, parameters func(string) string) form {
	switch scheme := r.Header.Get("Authorization"); {
	case strings.HasPrefix(scheme, roaScheme):
		return roa{}
	case scheme == "" && (parameters("Action") != "" || parameters("SignatureVersion") != ""):
		return rpc{}
	}
	return acs3{}
}

// Verifier verifies signatures and remembers nonces. Keys is required. It is safe for concurrent use and must not be
// copied.
type Verifier struct {
	Keys Keys

	mu      sync.Mutex
	nonces  map[string]bool
	older   map[string]bool
	rotated time.Time
}

// Verify returns the access key id of a request that the service would accept, or the refusal.
// body is the whole body, which the caller has read.
func (v *Verifier) Verify(r *http.Request, body []byte) (accessKeyID string, refusal *Refusal) {
	s, refusal := formOf(r, parametersOf(r, body)).read(r, body)
	if refusal != nil {
		return "", refusal
	}
	for _, check := range []func(signed) *Refusal{checkDate, v.checkKey, v.checkSignature, v.spend} {
		if refusal := check(s); refusal != nil {
			return "", refusal
		}
	}
	return s.accessKeyID, nil
}

func checkDate(s signed) *Refusal {
	sent, err := time.Parse(s.layout, s.date)
	if err != nil {
		return badRequest("InvalidTimeStamp.Format", "Specified time stamp or date value is not well formatted.")
	}
	if time.Since(sent).Abs() > maxSkew {
		return badRequest("InvalidTimeStamp.Expired", "Specified time stamp or date value is expired.")
	}
	return nil
}

func (v *Verifier) checkKey(s signed) *Refusal {
	_, want, ok := v.Keys.Lookup(s.accessKeyID)
	switch {
	case !ok:
		return &Refusal{http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found."}
	case want != "" && s.token == "":
		return missing("SecurityToken")
	case s.token != want:
		const code = "InvalidSecurityToken.MismatchWithAccessKey"
		return badRequest(code, "Specified SecurityToken mismatch with the AccessKey.")
	case v.Keys.Expired(s.accessKeyID):
		return badRequest("InvalidSecurityToken.Expired", "Specified SecurityToken is expired.")
	}
	return nil
}

func (v *Verifier) checkSignature(s signed) *Refusal {
	secret, _, _ := v.Keys.Lookup(s.accessKeyID)
	switch {
	case s.flaw != "":
		return mismatch(s.flaw)
	case !hmac.Equal([]byte(s.mac(secret, s.text)), []byte(s.signature)):
		return mismatch("server string to sign is:" + s.text)
	}
	return nil
}

func mismatch(detail string) *Refusal {
	return badRequest("SignatureDoesNotMatch", "Specified signature is not matched with our calculation. "+detail)
}

// spend refuses a nonce that the key has already used, for as long as the date of that request would be accepted.
// A date may lie up to maxSkew ahead, so a nonce is kept at least twice as long. There are two generations: dropping
// the older one as a whole bounds the memory without a cleanup.
func (v *Verifier) spend(s signed) *Refusal {
	if s.nonce == "" {
		return nil
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if now := time.Now(); v.nonces == nil || now.Sub(v.rotated) > 2*maxSkew {
		v.older, v.nonces, v.rotated = v.nonces, make(map[string]bool), now
	}
	key := s.accessKeyID + " " + s.nonce
	if v.nonces[key] || v.older[key] {
		return badRequest("SignatureNonceUsed", "Specified signature nonce was used already.")
	}
	v.nonces[key] = true
	return nil
}
