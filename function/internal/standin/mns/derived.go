package mns

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// The constant texts of the second form of a signature, as the vendor's Java SDK 2.0 ("V4") writes them.
const (
	derivedPrefix = "MNS4-HMAC-SHA256"
	derivedSuffix = "aliyun_v4_request"
)

// derived is the Authorization header of the second form: HMAC-SHA256 with a key that is derived for the day of the
// request's date, this region and this service. It is "" when the request has no date that can be read.
func (s *Service) derived(r *http.Request, c request, accessKeyID, secret string) string {
	date, err := http.ParseTime(signedDate(r))
	if err != nil {
		return ""
	}
	parts := []string{date.UTC().Format("20060102"), s.options.Region, "mns", derivedSuffix}
	key := []byte("aliyun_v4" + secret)
	for _, part := range parts {
		key = sha256MAC(key, part)
	}
	scope := strings.Join(parts, "/")
	text := derivedPrefix + "\n" + date.UTC().Format("20060102T150405Z") + "\n" + scope + "\n" + canonical(r, c)
	signature := hex.EncodeToString(sha256MAC(key, text))
	return derivedPrefix + " Credential=" + accessKeyID + "/" + scope + ",Signature=" + signature
}

func sha256MAC(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// canonical is the part of a request that the second form signs: method, path, sorted query, and the headers
// Content-Type, Content-MD5 and x-mns-*, names in lower case.
func canonical(r *http.Request, c request) string {
	path, _, _ := strings.Cut(c.resource, "?")
	if plain, err := url.PathUnescape(path); err == nil {
		path = plain
	}
	var query []string
	for _, name := range slices.Sorted(maps.Keys(c.query)) {
		pair := percent(name)
		if value := c.query[name]; value != "" {
			pair += "=" + percent(value)
		}
		query = append(query, pair)
	}
	return r.Method + "\n" + strings.ReplaceAll(percent(path), "%2F", "/") + "\n" + strings.Join(query, "&") + "\n" +
		signedHeaders(r, "content-type", "content-md5") + "\n"
}

// percent encodes everything except what RFC 3986 calls unreserved.
func percent(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
