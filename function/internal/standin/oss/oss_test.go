package oss_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/oss"
	"vpn-attach/function/internal/standin/sign"
)

// send signs a request of a key, whose secret is its name, and sends it.
func send(s http.Handler, key, method, target, body string, change func(*http.Request)) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, target, strings.NewReader(body))
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	if change != nil {
		change(r)
	}
	r.Header.Set("Authorization", oss.Scheme+key+":"+oss.Signature(key, r))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

func store() *oss.Service {
	keys := &sign.Keyring{}
	keys.Add("ours", "ours", "")
	keys.Add("theirs", "theirs", "")
	return oss.New(oss.Options{Region: "cn-hangzhou", Keys: keys, AccountOf: func(key string) string {
		return map[string]string{"ours": "1234567890123456", "theirs": "6543210987654321"}[key]
	}})
}

func TestABucketBelongsToWhoMadeIt(t *testing.T) {
	s := store()
	for _, c := range []struct {
		key, method, target string
		status              int
		says                string
	}{
		{"ours", "GET", "/code-1/?bucketInfo", 404, "NoSuchBucket"},
		{"ours", "PUT", "/Code_1/", 400, "InvalidBucketName"},
		{"ours", "PUT", "/code-1/", 200, ""},
		{"ours", "PUT", "/code-1/", 200, ""},
		{"theirs", "PUT", "/code-1/", 409, "BucketAlreadyExists"},
		{"ours", "GET", "/code-1/?bucketInfo", 200, "<ID>1234567890123456</ID>"},
		{"theirs", "GET", "/code-1/?bucketInfo", 403, "AccessDenied"},
		{"theirs", "PUT", "/code-1/a.zip", 403, "AccessDenied"},
		{"ours", "GET", "/code-1/?acl", 501, "NotImplemented"},
		{"ours", "DELETE", "/code-1/", 501, "NotImplemented"},
		{"nobody", "PUT", "/code-2/", 403, "InvalidAccessKeyId"},
	} {
		w := send(s, c.key, c.method, c.target, "", nil)
		if w.Code != c.status || !strings.Contains(w.Body.String(), c.says) {
			t.Errorf("%s %s of %s: got %d %s, want %d %s", c.method, c.target, c.key, w.Code, w.Body, c.status, c.says)
		}
	}
}

func TestAnObjectComesBackAsItWasPut(t *testing.T) {
	s := store()
	send(s, "ours", "PUT", "/code-1/", "", nil)
	if w := send(s, "ours", "GET", "/code-1/a/b.zip", "", nil); w.Code != 404 {
		t.Errorf("before it was put: %d %s", w.Code, w.Body)
	}
	w := send(s, "ours", "PUT", "/code-1/a%2Fb.zip", "\x00content", func(r *http.Request) {
		r.Header.Set("Content-Type", "application/zip")
		r.Header.Set("x-oss-meta-of", "test")
	})
	if w.Code != 200 || w.Header().Get("ETag") == "" {
		t.Fatalf("got %d %s", w.Code, w.Body)
	}
	if w := send(s, "ours", "GET", "/code-1/a/b.zip", "", nil); w.Body.String() != "\x00content" {
		t.Errorf("got %d %q", w.Code, w.Body)
	}
	object, err := s.Object("code-1", "a/b.zip")
	if err != nil || string(object) != "\x00content" {
		t.Errorf("got %q, %v", object, err)
	}
	for _, none := range [][2]string{{"code-2", "a/b.zip"}, {"code-1", "b.zip"}} {
		if _, err := s.Object(none[0], none[1]); err == nil {
			t.Errorf("%q is there", none)
		}
	}
}

func TestWhatWasChangedOnTheWayIsRefused(t *testing.T) {
	s := store()
	send(s, "ours", "PUT", "/code-1/", "", nil)
	for name, c := range map[string]struct {
		change func(*http.Request)
		after  func(*http.Request)
		code   string
	}{
		"another content": {func(r *http.Request) { r.Header.Set("Content-MD5", "AAAAAAAAAAAAAAAAAAAAAA==") }, nil,
			"InvalidDigest"},
		"an old date": {func(r *http.Request) {
			r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat))
		}, nil, "RequestTimeTooSkewed"},
		"another type": {nil, func(r *http.Request) { r.Header.Set("Content-Type", "text/html") },
			"SignatureDoesNotMatch"},
		"another name": {nil, func(r *http.Request) { r.URL.Path = "/code-1/other" }, "SignatureDoesNotMatch"},
		"no signature": {nil, func(r *http.Request) { r.Header.Del("Authorization") }, "AccessDenied"},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("PUT", "/code-1/a", strings.NewReader("content"))
			r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
			if c.change != nil {
				c.change(r)
			}
			r.Header.Set("Authorization", oss.Scheme+"ours:"+oss.Signature("ours", r))
			if c.after != nil {
				c.after(r)
			}
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			if w.Code < 400 || !strings.Contains(w.Body.String(), "<Code>"+c.code+"</Code>") {
				t.Errorf("got %d %s, want %s", w.Code, w.Body, c.code)
			}
		})
	}
}
