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

// Words of the second form of a signature, as the vendor's Java SDK 2.0 ("V4") writes them.
const (
	derivedPrefix = "MNS4-HMAC-SHA256"
	derivedSuffix = "aliyun_v4_request"
)

// derived is the Authorization header of the second form: HMAC-SHA256 with a key that was derived for the date's day, this
// region and this service. The time is that of the request's date, "" where there is none that can be read.
func (s *Service) derived(r *http.Request, c request, accessKeyID, secret string) string {
	date, err := http.ParseTime(signedDate(r))
	if err != nil {
		return ""
	}
	scope := []string{date.UTC().Format("20060102"), s.options.Region, "mns", derivedSuffix}
	key := []byte("aliyun_v4" + secret)
	for _, word := range scope {
		key = sha256MAC(key, word)
	}
	text := derivedPrefix + "\n" + date.UTC().Format("20060102T150405Z") + "\n" + strings.Join(scope, "/") + "\n" + canonical(r, c)
	return derivedPrefix + " Credential=" + accessKeyID + "/" + strings.Join(scope, "/") + ",Signature=" + hex.EncodeToString(sha256MAC(key, text))
}

func sha256MAC(key []byte, text string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte(text))
	return mac.Sum(nil)
}

// canonical is what of a request is signed in the second form: method, path, sorted query, and the headers Content-Type,
// Content-MD5 and x-mns-*, names in lower case.
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
	var headers []string
	for name := range r.Header {
		if lower := strings.ToLower(name); lower == "content-type" || lower == "content-md5" || strings.HasPrefix(lower, "x-mns-") {
			headers = append(headers, lower+":"+strings.TrimSpace(r.Header.Get(name))+"\n")
		}
	}
	slices.Sort(headers)
	return r.Method + "\n" + strings.ReplaceAll(percent(path), "%2F", "/") + "\n" + strings.Join(query, "&") + "\n" + strings.Join(headers, "") + "\n"
}

// percent encodes everything but what RFC 3986 calls unreserved.
func percent(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }
