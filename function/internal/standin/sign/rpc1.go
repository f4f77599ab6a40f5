package sign

import (
	"crypto/hmac"
	"crypto/sha1" //nolint:gosec // the scheme's own
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// RPC1 verifies the older signature of RPC services (SignatureMethod HMAC-SHA1, SignatureVersion 1.0), which Security
// Token Service's callers still use: all parameters of the query and the form, but for the signature. Keys and Now must be
// set; it may be used concurrently but not copied.
type RPC1 struct {
	Keys Keys
	Now  func() time.Time

	mu     sync.Mutex
	nonces map[string]bool
}

// Verify returns the access key id of a request that the service would let in, or the refusal. parameters are those of the
// query and of the form together.
func (v *RPC1) Verify(method string, parameters url.Values) (accessKeyID string, refusal *Refusal) {
	id := parameters.Get("AccessKeyId")
	secret, token, known := v.Keys.Lookup(id)
	sent, err := time.Parse("2006-01-02T15:04:05Z", parameters.Get("Timestamp"))
	switch {
	case parameters.Get("SignatureMethod") != "HMAC-SHA1" || parameters.Get("SignatureVersion") != "1.0":
		return "", &Refusal{http.StatusBadRequest, "IncompleteSignature", "The request signature does not conform to Aliyun standards."}
	case err != nil || v.Now().Sub(sent).Abs() > maxSkew:
		return "", &Refusal{http.StatusBadRequest, "InvalidTimeStamp.Expired", "Specified time stamp or date value is expired."}
	case !known:
		return "", &Refusal{http.StatusNotFound, "InvalidAccessKeyId.NotFound", "Specified access key is not found."}
	case parameters.Get("SecurityToken") != token:
		return "", &Refusal{http.StatusBadRequest, "InvalidSecurityToken.MismatchWithAccessKey", "Specified SecurityToken mismatch with the AccessKey."}
	case v.Keys.Expired(id):
		return "", &Refusal{http.StatusBadRequest, "InvalidSecurityToken.Expired", "Specified SecurityToken is expired."}
	case !hmac.Equal([]byte(SignRPC1(method, secret, parameters)), []byte(parameters.Get("Signature"))):
		return "", &Refusal{http.StatusBadRequest, "SignatureDoesNotMatch", "Specified signature is not matched with our calculation."}
	case !v.spend(id + " " + parameters.Get("SignatureNonce")):
		return "", &Refusal{http.StatusBadRequest, "SignatureNonceUsed", "Specified signature nonce was used already."}
	}
	return id, nil
}

// SignRPC1 is the signature of a request with these parameters.
func SignRPC1(method, secret string, parameters url.Values) string {
	signed := url.Values{}
	for name, values := range parameters {
		if name != "Signature" {
			signed[name] = values
		}
	}
	canonical := rfc3986(signed.Encode())
	text := method + "&%2F&" + rfc3986(url.QueryEscape(canonical))
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// spend takes a nonce that was not there before; what is kept is bounded by the life of a stand-in.
func (v *RPC1) spend(nonce string) bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.nonces == nil {
		v.nonces = map[string]bool{}
	}
	if v.nonces[nonce] || strings.HasSuffix(nonce, " ") {
		return false
	}
	v.nonces[nonce] = true
	return true
}
