package mns

import (
	"cmp"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

// maxSkew is how far a request's date may be from the service's clock.
const maxSkew = 15 * time.Minute

// verify checks a request's Authorization, date, digest and security token, and returns the key that signed it.
func (s *Service) verify(r *http.Request, c request) (accessKeyID string, err *Error) {
	authorization := r.Header.Get("Authorization")
	if authorization == "" {
		return "", refuse("MissingAuthorizationHeader")
	}
	accessKeyID, ok := signer(authorization)
	if !ok {
		return "", refuse("InvalidAuthorizationHeader")
	}
	if r.Header.Get("x-mns-version") == "" {
		return "", refuse("MissingVersionHeader")
	}
	secret, token, known := s.options.Keys.Lookup(accessKeyID)
	if !known {
		return "", refuse("InvalidAccessKeyId")
	}
	if named := c.account(); named != "" && named != s.options.Account {
		return "", refuse("AccessDenied")
	}
	if err := s.checkDate(r); err != nil {
		return "", err
	}
	if !slices.ContainsFunc(s.authorizations(r, c, accessKeyID, secret), func(want string) bool {
		return hmac.Equal([]byte(authorization), []byte(want))
	}) {
		return "", refuse("SignatureDoesNotMatch")
	}
	if !digestMatches(r.Header.Get("Content-MD5"), c.body) {
		return "", refuse("InvalidDegist")
	}
	// The token is not part of the signature. The code of a wrong one is assumed.
	if r.Header.Get("security-token") != token {
		return "", refuse("InvalidSecurityToken")
	}
	return accessKeyID, nil
}

// signer is the key that an Authorization header names, in either of its forms.
func signer(authorization string) (accessKeyID string, ok bool) {
	if credential, second := strings.CutPrefix(authorization, derivedPrefix+" Credential="); second {
		accessKeyID, _, ok = strings.Cut(credential, "/")
		return accessKeyID, ok
	}
	credential, first := strings.CutPrefix(authorization, "MNS ")
	accessKeyID, _, ok = strings.Cut(credential, ":")
	return accessKeyID, first && ok
}

// authorizations are the headers that prove the secret of a request's key. The vendor's Java SDK also signs the part of
// the path before the resource; the others do not.
func (s *Service) authorizations(r *http.Request, c request, accessKeyID, secret string) []string {
	return []string{
		"MNS " + accessKeyID + ":" + sign(r, c.resource, secret),
		"MNS " + accessKeyID + ":" + sign(r, r.URL.RequestURI(), secret),
		s.derived(r, c, accessKeyID, secret),
	}
}

func (s *Service) checkDate(r *http.Request) *Error {
	text := signedDate(r)
	if text == "" {
		return refuse("MissingDateHeader")
	}
	date, err := http.ParseTime(text)
	if err != nil {
		return refuse("InvalidDateHeader")
	}
	if skew := time.Since(date).Abs(); skew > maxSkew {
		return refuse("TimeExpired")
	}
	return nil
}

// signedDate is x-mns-date, which replaces a Date that a client cannot set, or Date.
func signedDate(r *http.Request) string {
	return cmp.Or(r.Header.Get("x-mns-date"), r.Header.Get("Date"))
}

// sign is the signature of MNS API "Sign requests": HMAC-SHA1 over the method, the digest, the type, the date, the
// x-mns headers and the resource, as they were sent.
func sign(r *http.Request, resource, secret string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(textToSign(r, resource)))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// textToSign is what is signed of a request.
func textToSign(r *http.Request, resource string) string {
	return r.Method + "\n" + r.Header.Get("Content-MD5") + "\n" + r.Header.Get("Content-Type") + "\n" +
		signedDate(r) + "\n" + signedHeaders(r) + resource
}

// signedHeaders has one line for each x-mns header of a request, and for each of the others by name, sorted.
func signedHeaders(r *http.Request, others ...string) string {
	var lines []string
	for name := range r.Header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-mns-") || slices.Contains(others, lower) {
			lines = append(lines, lower+":"+strings.TrimSpace(strings.Join(r.Header[name], ","))+"\n")
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

// digestMatches accepts the digest of a body as clients write it: base64 of the MD5, base64 of its hex form, or none.
func digestMatches(header string, body []byte) bool {
	sum := md5.Sum(body)
	return header == "" ||
		header == base64.StdEncoding.EncodeToString(sum[:]) ||
		header == base64.StdEncoding.EncodeToString([]byte(hex.EncodeToString(sum[:])))
}
