package sign

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
)

// rpc is version 1.0 of the signature for RPC services: of all parameters, those of the query and those of a form
// ("Request signatures", SignatureVersion 1.0). The action, the key and the signature itself are parameters, too.
type rpc struct{}

func (rpc) read(r *http.Request, body []byte) (signed, *Refusal) {
	all, err := Parameters(r, body)
	if err != nil {
		return signed{}, incomplete(err.Error())
	}
	if refusal := requireParameters(r.Method, all); refusal != nil {
		return signed{}, refusal
	}
	text := r.Method + "&%2F&" + escape(canonicalParameters(all))
	return signed{
		accessKeyID: all.Get("AccessKeyId"), token: all.Get("SecurityToken"), nonce: all.Get("SignatureNonce"),
		date: all.Get("Timestamp"), layout: isoSeconds, text: text, signature: all.Get("Signature"),
		// An ampersand follows the secret: there the services of old put the secret of a session.
		mac: func(secret, text string) string { return hmacSHA1(secret+"&", text) },
	}, nil
}

// requireParameters demands what the other checks need. Two tables of codes are published, of the gateway and of the
// services behind it; IllegalTimestamp is from the second. The status of UnsupportedHTTPMethod is 400 in the one and
// 403 in the other.
func requireParameters(method string, all url.Values) *Refusal {
	if method != http.MethodGet && method != http.MethodPost {
		return badRequest("UnsupportedHTTPMethod", "This http method is not supported.")
	}
	if all.Get("Timestamp") == "" {
		const message = `The input parameter "Timestamp" that is mandatory for processing this request is not supplied.`
		return badRequest("IllegalTimestamp", message)
	}
	for _, name := range []string{"AccessKeyId", "Signature", "SignatureMethod", "SignatureVersion", "SignatureNonce"} {
		if all.Get(name) == "" {
			return missing(name)
		}
	}
	switch {
	case all.Get("SignatureMethod") != "HMAC-SHA1":
		return badRequest("InvalidSignatureMethod", "Specified signature method is not valid.")
	case all.Get("SignatureVersion") != "1.0":
		return badRequest("InvalidSignatureVersion", "Specified parameter SignatureVersion is not valid.")
	}
	return nil
}

// IsCommon reports whether a parameter belongs to the signature or to every call, and says nothing of what is asked.
func IsCommon(name string) bool {
	switch name {
	case "AccessKeyId", "Action", "Format", "SecurityToken", "Signature", "SignatureMethod", "SignatureNonce",
		"SignatureType", "SignatureVersion", "Timestamp", "Version":
		return true
	}
	return false
}

// canonicalParameters are all parameters but the signature, sorted and escaped.
func canonicalParameters(all url.Values) string {
	rest := url.Values{}
	for name, values := range all {
		if name != "Signature" {
			rest[name] = values
		}
	}
	return canonicalPairs(rest)
}

// Parameters collects the parameters of the query and, for a form, of the body.
func Parameters(r *http.Request, body []byte) (url.Values, error) {
	all, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil || !strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		return all, err
	}
	form, err := url.ParseQuery(string(body))
	for name, values := range form {
		all[name] = append(all[name], values...)
	}
	return all, err
}

// parametersOf gives a request's parameters by name; one that cannot be read is "".
func parametersOf(r *http.Request, body []byte) func(name string) string {
	all, _ := Parameters(r, body)
	return all.Get
}

// escape is the encoding of the signature: everything but what RFC 3986 calls unreserved.
func escape(text string) string { return rfc3986(url.QueryEscape(text)) }

func hmacSHA1(secret, text string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

func (rpc) caller(_ *http.Request, parameters func(string) string) string {
	return parameters("AccessKeyId")
}

func (rpc) operation(_ *http.Request, parameters func(string) string) (action, version string) {
	return parameters("Action"), parameters("Version")
}
