package mns_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// vector is a publish as an SDK sends it. Its signature was computed apart from this
// package, with the secret "testsk".
const vector = "POST /1234567890123456.mns.cn-hangzhou.local.test/topics/outcomes/messages HTTP/1.1\r\n" +
	"Host: localhost:8080\r\n" +
	"User-Agent: aliyun-mns-go-sdk\r\n" +
	"Content-Length: 78\r\n" +
	"Content-Md5: YjlkM2ZmZTQwZWJkMjE3N2I0ZjUxZDk4NzFhNDNkNzU=\r\n" +
	"Content-Type: application/xml\r\n" +
	"Date: Mon, 23 Nov 2026 03:00:00 GMT\r\n" +
	"X-Mns-Version: 2015-06-06\r\n" +
	"Authorization: MNS ak:dQoSUSUY6ofDWrUIDuAP+TQPYpc=\r\n" +
	"\r\n" +
	"<Message><MessageBody>hello</MessageBody><MessageTag>ok</MessageTag></Message>"

func vectorTime() time.Time { return time.Date(2026, 11, 23, 3, 0, 0, 0, time.UTC) }

// replayVector sends the vector, with one text of it replaced, to a service at a time.
func replayVector(t *testing.T, now time.Time, old, replacement string) (answer, []mns.Published) {
	t.Helper()
	if strings.Count(vector, old) != 1 && old != "" {
		t.Fatalf("the vector does not hold %q once", old)
	}
	s := mns.New(mns.Options{Account: account, Region: region, Keys: testKeys(), Now: func() time.Time { return now }})
	if err := s.CreateTopic("outcomes"); err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(vector, old, replacement, 1)
	head, body, _ := strings.Cut(text, "\r\n\r\n")
	text = strings.Replace(head, "Content-Length: 78", fmt.Sprintf("Content-Length: %d", len(body)), 1) + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return serve(s, r), s.Published("outcomes")
}

func TestTheVectorIsTakenAndOneAlteredByteIsRefused(t *testing.T) {
	cases := map[string]struct {
		old, replacement string
		status           int
		code             string
	}{
		"the vector is taken as it stands":                    {"", "", 201, ""},
		"a path without a prefix has the same signature":      {prefix, "", 201, ""},
		"a prefix of several parts is not signed either":      {prefix, "/a/b/c", 201, ""},
		"the key id is not signed":                            {"MNS ak:", "MNS ak2:", 201, ""},
		"the user agent is not signed":                        {"aliyun-mns-go-sdk", "curl", 201, ""},
		"another method is refused":                           {"POST /", "PUT /", 403, "SignatureDoesNotMatch"},
		"another digest is refused":                           {"YjlkM2Zm", "YjlkM2Zn", 403, "SignatureDoesNotMatch"},
		"another content type is refused":                     {"application/xml", "application/xmL", 403, "SignatureDoesNotMatch"},
		"a missing content type is refused":                   {"Content-Type: application/xml\r\n", "", 403, "SignatureDoesNotMatch"},
		"another second is refused":                           {"03:00:00", "03:00:01", 403, "SignatureDoesNotMatch"},
		"another version is refused":                          {"2015-06-06", "2015-06-07", 403, "SignatureDoesNotMatch"},
		"a missing version is refused":                        {"X-Mns-Version: 2015-06-06\r\n", "", 400, "MissingVersionHeader"},
		"one more service header is refused":                  {"X-Mns-Version", "X-Mns-Prefix: a\r\nX-Mns-Version", 403, "SignatureDoesNotMatch"},
		"another topic is refused":                            {"/topics/outcomes", "/topics/outcomez", 403, "SignatureDoesNotMatch"},
		"an added query is refused":                           {"/messages HTTP", "/messages?a=b HTTP", 403, "SignatureDoesNotMatch"},
		"another body is refused":                             {"hello", "hellp", 400, "InvalidDegist"},
		"a body with one byte more is refused":                {"hello", "hello ", 400, "InvalidDegist"},
		"another signature is refused":                        {"ak:dQoS", "ak:dQoT", 403, "SignatureDoesNotMatch"},
		"an empty signature is refused":                       {"dQoSUSUY6ofDWrUIDuAP+TQPYpc=", "", 403, "SignatureDoesNotMatch"},
		"a signature cut short is refused":                    {"TQPYpc=", "TQPYpc", 403, "SignatureDoesNotMatch"},
		"a key with another secret is refused":                {"MNS ak:", "MNS other:", 403, "SignatureDoesNotMatch"},
		"an unknown key is refused":                           {"MNS ak:", "MNS nobody:", 403, "InvalidAccessKeyId"},
		"an empty key is refused":                             {"MNS ak:", "MNS :", 403, "InvalidAccessKeyId"},
		"a missing authorization is refused":                  {"Authorization", "X-Authorization", 400, "MissingAuthorizationHeader"},
		"an authorization without a colon is refused":         {"ak:dQoS", "ak dQoS", 400, "InvalidAuthorizationHeader"},
		"an authorization of another service is refused":      {"MNS ak", "OSS ak", 400, "InvalidAuthorizationHeader"},
		"a missing date is refused":                           {"Date:", "X-Date:", 400, "MissingDateHeader"},
		"a date that is none is refused":                      {"Mon, 23 Nov 2026 03:00:00 GMT", "yesterday", 400, "InvalidDateHeader"},
		"a path to neither queues nor topics is refused":      {"/topics/", "/tropics/", 400, "InvalidRequestURL"},
		"x-mns-date stands in for the date and is signed too": {"Date: Mon", "X-Mns-Date: Mon", 403, "SignatureDoesNotMatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, published := replayVector(t, vectorTime(), c.old, c.replacement)
			got.want(t, c.status, c.code)
			if taken := len(published) == 1; taken != (c.status == 201) {
				t.Errorf("answered %d, and published is %+v", c.status, published)
			}
		})
	}
}

func TestADateMayBeFifteenMinutesOff(t *testing.T) {
	cases := map[string]struct {
		clock  time.Duration // of the service, against the request's date
		status int
		code   string
	}{
		"a request of fifteen minutes ago is taken":         {15 * time.Minute, 201, ""},
		"a request from fifteen minutes ahead is taken":     {-15 * time.Minute, 201, ""},
		"a request that is a second older is refused":       {15*time.Minute + time.Second, 408, "TimeExpired"},
		"a request from a second further ahead is refused":  {-15*time.Minute - time.Second, 408, "TimeExpired"},
		"a request of another year is refused as out of it": {400 * 24 * time.Hour, 408, "TimeExpired"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, _ := replayVector(t, vectorTime().Add(c.clock), "", "")
			got.want(t, c.status, c.code)
		})
	}
}

func TestHeadersThatClientsWriteDifferently(t *testing.T) {
	const body = "<Message><MessageBody>hello</MessageBody></Message>"
	hexMD5 := base64.StdEncoding.EncodeToString([]byte(fmt.Sprintf("%x", mustDecode(t, rawMD5(body)))))
	cases := map[string]struct {
		set    map[string]string
		status int
		code   string
	}{
		"no digest is taken":                         {nil, 201, ""},
		"a digest of the bytes is taken":             {map[string]string{"Content-MD5": rawMD5(body)}, 201, ""},
		"a digest of the hex form is taken":          {map[string]string{"Content-MD5": hexMD5}, 201, ""},
		"a digest of another body is refused":        {map[string]string{"Content-MD5": rawMD5("other")}, 400, "InvalidDegist"},
		"a digest that is none is refused":           {map[string]string{"Content-MD5": "hello"}, 400, "InvalidDegist"},
		"no content type is taken":                   {map[string]string{"Content-Type": ""}, 201, ""},
		"more signed headers are taken in any order": {map[string]string{"x-mns-with-meta": "true", "x-mns-marker": "m"}, 201, ""},
		"a date that a client can not set is replaced": {
			map[string]string{"Date": "yesterday", "x-mns-date": time.Now().UTC().Format(http.TimeFormat)}, 201, ""},
		"a replaced date counts, not the other": {
			map[string]string{"x-mns-date": time.Now().Add(-time.Hour).UTC().Format(http.TimeFormat)}, 408, "TimeExpired"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			serve(newService(t, 1), signed("POST", "/queues/work/messages", body, c.set)).want(t, c.status, c.code)
		})
	}
}

func mustDecode(t *testing.T, text string) []byte {
	t.Helper()
	raw, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestAKeyOfARoleNeedsItsToken(t *testing.T) {
	cases := map[string]struct {
		id, secret, token string
		status            int
		code              string
	}{
		"its token is taken":                       {"STS.role", "rolesk", "the-token", 201, ""},
		"a missing token is refused":               {"STS.role", "rolesk", "", 403, "InvalidSecurityToken"},
		"another token is refused":                 {"STS.role", "rolesk", "the-tokem", 403, "InvalidSecurityToken"},
		"a token beside a lasting key is refused":  {"ak", "testsk", "the-token", 403, "InvalidSecurityToken"},
		"a wrong signature is told before a token": {"STS.role", "wrong", "", 403, "SignatureDoesNotMatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			const resource = "/topics/outcomes/messages"
			s := newService(t, 1)
			r := signed("POST", resource, "<Message><MessageBody>hello</MessageBody></Message>", nil)
			r.Header.Set("Authorization", "MNS "+c.id+":"+signature("POST", resource, c.secret, r.Header))
			if c.token != "" {
				r.Header.Set("security-token", c.token)
			}
			serve(s, r).want(t, c.status, c.code)
			if got := s.Published("outcomes"); c.status == 201 && (len(got) != 1 || got[0].AccessKeyID != c.id) {
				t.Errorf("published %+v, want one by %s", got, c.id)
			}
		})
	}
}
