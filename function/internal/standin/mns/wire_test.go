package mns_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

const (
	account = "1234567890123456"
	region  = "cn-hangzhou"
	prefix  = "/" + account + ".mns." + region + ".local.test"
)

// keys are a secret and a security token by access key.
type keys map[string][2]string

func (k keys) Lookup(id string) (secret, token string, ok bool) {
	key, ok := k[id]
	return key[0], key[1], ok
}

func testKeys() keys {
	return keys{"ak": {"testsk", ""}, "ak2": {"testsk", ""}, "other": {"othersk", ""}, "STS.role": {"rolesk", "the-token"}}
}

// newService has a queue "work" of the default attributes and a topic "outcomes".
func newService(t *testing.T, speed float64) *mns.Service {
	t.Helper()
	s := mns.New(mns.Options{Account: account, Region: region, Keys: testKeys(), Speed: speed})
	makeQueue(t, s, "work", mns.QueueAttributes{})
	if err := s.CreateTopic("outcomes"); err != nil {
		t.Fatal(err)
	}
	return s
}

func makeQueue(t testing.TB, s *mns.Service, name string, a mns.QueueAttributes) {
	t.Helper()
	if err := s.CreateQueue(name, a); err != nil {
		t.Fatal(err)
	}
}

func send(t testing.TB, s *mns.Service, queue, body string, delay time.Duration) {
	t.Helper()
	if _, err := s.Send(queue, body, delay); err != nil {
		t.Fatal(err)
	}
}

// receive takes what is visible now.
func receive(t *testing.T, s *mns.Service, queue string) []mns.Message {
	t.Helper()
	messages, err := s.Receive(t.Context(), queue, 16, 0)
	if err != nil {
		t.Fatal(err)
	}
	return messages
}

// one is the only message that can be received now.
func one(t *testing.T, s *mns.Service, queue string) mns.Message {
	t.Helper()
	messages := receive(t, s, queue)
	if len(messages) != 1 {
		t.Fatalf("received %d messages, want 1: %q", len(messages), bodies(messages))
	}
	return messages[0]
}

func bodies(messages []mns.Message) []string {
	texts := []string{}
	for _, m := range messages {
		texts = append(texts, m.Body)
	}
	return texts
}

// wantCode holds a refusal's code against the one that is wanted; "" wants none.
func wantCode(t *testing.T, err error, code string) {
	t.Helper()
	var refusal *mns.Error
	switch errors.As(err, &refusal); {
	case code == "" && err != nil:
		t.Errorf("refused: %v", err)
	case code != "" && (refusal == nil || refusal.Code != code):
		t.Errorf("got error %v, want %s", err, code)
	}
}

// signature is computed here a second time, from the reference and not from the
// package's own code.
func signature(method, resource, secret string, header http.Header) string {
	date, own := header.Get("Date"), []string{}
	for name := range header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-mns-") {
			own = append(own, lower+":"+header.Get(name))
		}
	}
	if stand := header.Get("x-mns-date"); stand != "" {
		date = stand
	}
	slices.Sort(own)
	lines := append([]string{method, header.Get("Content-MD5"), header.Get("Content-Type"), date}, append(own, resource)...)
	mac := hmac.New(sha1.New, []byte(secret))
	_, _ = io.WriteString(mac, strings.Join(lines, "\n"))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signed is a request of the key "ak"; set may add headers before it is signed.
func signed(method, resource, body string, set map[string]string) *http.Request {
	r := httptest.NewRequest(method, prefix+resource, strings.NewReader(body))
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	r.Header.Set("Content-Type", "text/xml;charset=utf-8")
	r.Header.Set("x-mns-version", "2015-06-06")
	for name, value := range set {
		r.Header.Set(name, value)
	}
	r.Header.Set("Authorization", "MNS ak:"+signature(method, resource, "testsk", r.Header))
	return r
}

func rawMD5(body string) string {
	sum := md5.Sum([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// answer is what came back over the wire.
type answer struct {
	status int
	header http.Header
	text   string
}

// values are the texts of all elements of that name.
func (a answer) values(name string) []string {
	var found []string
	for _, piece := range strings.Split(a.text, "<"+name+">")[1:] {
		value, _, _ := strings.Cut(piece, "</"+name+">")
		found = append(found, value)
	}
	return found
}

// value is the text of the first element of that name.
func (a answer) value(name string) string {
	if found := a.values(name); len(found) > 0 {
		return found[0]
	}
	return ""
}

func serve(h http.Handler, r *http.Request) answer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return answer{w.Code, w.Header(), w.Body.String()}
}

func call(s *mns.Service, method, resource, body string) answer {
	return serve(s, signed(method, resource, body, nil))
}

// want fails the test unless the answer has this status and, for a refusal, this code.
func (a answer) want(t *testing.T, status int, code string) {
	t.Helper()
	if a.status != status || a.value("Code") != code {
		t.Fatalf("got %d %q, want %d %q: %s", a.status, a.value("Code"), status, code, bytes.TrimSpace([]byte(a.text)))
	}
}
