package mns_test

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

const (
	account = "1234567890123456"
	region  = "cn-hangzhou"
	prefix  = "/" + account + ".mns." + region + ".local.test"
	host    = "http://example.com"
	home    = host + prefix
)

// keys are a secret and a security token by access key.
type keys map[string][2]string

func (k keys) Lookup(id string) (secret, token string, ok bool) {
	key, ok := k[id]
	return key[0], key[1], ok
}

func testKeys() keys {
	return keys{
		"ak": {"testsk", ""}, "ak2": {"testsk", ""}, "other": {"othersk", ""}, "STS.role": {"rolesk", "the-token"},
	}
}

// virtually runs a test on a virtual clock, and then for a minute more, in which the SDK's client ends its goroutine.
func virtually(t *testing.T, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		defer time.Sleep(time.Minute)
		test(t)
	})
}

// each checks all cases at once, each of them on a clock of its own.
func each[C any](t *testing.T, cases map[string]C, check func(*testing.T, C)) {
	t.Helper()
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			virtually(t, func(t *testing.T) { check(t, c) })
		})
	}
}

// newService has a queue "work" of the default attributes and a topic "outcomes".
func newService(t *testing.T, speed float64) *mns.Service {
	t.Helper()
	s := mns.New(mns.Options{Account: account, Region: region, Keys: testKeys(), Speed: speed})
	makeQueue(t, s, "work", mns.QueueAttributes{})
	if err := s.CreateTopic("outcomes", mns.TopicAttributes{}); err != nil {
		t.Fatal(err)
	}
	return s
}

func makeQueue(t *testing.T, s *mns.Service, name string, a mns.QueueAttributes) {
	t.Helper()
	if err := s.CreateQueue(name, a); err != nil {
		t.Fatal(err)
	}
}

func send(t *testing.T, s *mns.Service, queue, body string, delay time.Duration) {
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

// wantCode compares the code of a refusal; "" wants no error.
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

// message is a message as clients write it, with more elements after the body.
func message(body string, more ...string) string {
	return "<Message><MessageBody>" + body + "</MessageBody>" + strings.Join(more, "") + "</Message>"
}

// signature is computed here a second time, from the reference and not by the package's own code.
func signature(call, secret string, header http.Header) string {
	method, resource, _ := strings.Cut(call, " ")
	date, own := header.Get("Date"), []string{}
	for name := range header {
		if lower := strings.ToLower(name); strings.HasPrefix(lower, "x-mns-") {
			own = append(own, lower+":"+header.Get(name))
		}
	}
	if replacement := header.Get("x-mns-date"); replacement != "" {
		date = replacement
	}
	slices.Sort(own)
	lines := []string{method, header.Get("Content-MD5"), header.Get("Content-Type"), date}
	lines = append(append(lines, own...), resource)
	mac := hmac.New(sha1.New, []byte(secret))
	_, _ = io.WriteString(mac, strings.Join(lines, "\n"))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// signed is a request of the key "ak", such as "GET /queues". More headers are added before it is signed.
func signed(call, body string, more map[string]string) *http.Request {
	method, resource, _ := strings.Cut(call, " ")
	r := httptest.NewRequest(method, prefix+resource, strings.NewReader(body))
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	r.Header.Set("Content-Type", "text/xml;charset=utf-8")
	r.Header.Set("x-mns-version", "2015-06-06")
	for name, value := range more {
		r.Header.Set(name, value)
	}
	r.Header.Set("Authorization", "MNS ak:"+signature(call, "testsk", r.Header))
	return r
}

func rawMD5(body string) string {
	sum := md5.Sum([]byte(body))
	return base64.StdEncoding.EncodeToString(sum[:])
}

// answer is what the service answered.
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
	return append(a.values(name), "")[0]
}

func serve(h http.Handler, r *http.Request) answer {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return recorded(w)
}

// recorded is an answer as a client sees it: whatever the case of a header's name.
func recorded(w *httptest.ResponseRecorder) answer {
	header := http.Header{}
	for name, values := range w.Header() {
		header[http.CanonicalHeaderKey(name)] = values
	}
	return answer{w.Code, header, w.Body.String()}
}

func call(s *mns.Service, what, body string) answer { return serve(s, signed(what, body, nil)) }

// result is the status and, for a refusal, its code, such as "404 QueueNotExist".
func (a answer) result() string {
	return strings.TrimSpace(strconv.Itoa(a.status) + " " + a.value("Code"))
}

// want stops the test unless the answer has this result.
func (a answer) want(t *testing.T, result string) {
	t.Helper()
	if a.result() != result {
		t.Fatalf("got %s, want %s: %s", a.result(), result, a.text)
	}
}

// wantValues compares the texts of elements by their names.
func (a answer) wantValues(t *testing.T, want map[string]string) {
	t.Helper()
	for name, value := range want {
		if got := a.value(name); got != value {
			t.Errorf("%s is %q, want %q", name, got, value)
		}
	}
}
