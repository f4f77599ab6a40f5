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

// vector is a publish as an SDK sends it. Its signature was computed apart from this package, with the secret "testsk".
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

// replayVector sends the vector, with one text of it replaced, at a time. It is called on a virtual clock.
func replayVector(t *testing.T, now time.Time, old, replacement string) (answer, []mns.Published) {
	t.Helper()
	if strings.Count(vector, old) != 1 && old != "" {
		t.Fatalf("the vector does not hold %q once", old)
	}
	time.Sleep(time.Until(now))
	s := newService(t, 1)
	head, body, _ := strings.Cut(strings.Replace(vector, old, replacement, 1), "\r\n\r\n")
	length := fmt.Sprintf("Content-Length: %d", len(body))
	text := strings.Replace(head, "Content-Length: 78", length, 1) + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatal(err)
	}
	return serve(s, r), s.Published("outcomes")
}

func TestTheVectorIsAcceptedAndOneChangedByteIsRefused(t *testing.T) {
	const mismatch = "403 SignatureDoesNotMatch"
	type changed struct{ old, replacement, want string }
	each(t, map[string]changed{
		"the vector is accepted as it is":             {"", "", "201"},
		"a path without a prefix is signed alike":     {prefix, "", "201"},
		"a prefix of several parts is not signed":     {prefix, "/a/b/c", "201"},
		"the key id is not signed":                    {"MNS ak:", "MNS ak2:", "201"},
		"the user agent is not signed":                {"aliyun-mns-go-sdk", "curl", "201"},
		"another method is refused":                   {"POST /", "PUT /", mismatch},
		"another digest is refused":                   {"YjlkM2Zm", "YjlkM2Zn", mismatch},
		"another content type is refused":             {"application/xml", "application/xmL", mismatch},
		"a missing content type is refused":           {"Content-Type: application/xml\r\n", "", mismatch},
		"another second is refused":                   {"03:00:00", "03:00:01", mismatch},
		"another version is refused":                  {"2015-06-06", "2015-06-07", mismatch},
		"a missing version is refused":                {"X-Mns-Version", "X-Version", "400 MissingVersionHeader"},
		"one more service header is refused":          {"X-Mns-Version", "X-Mns-Prefix: a\r\nX-Mns-Version", mismatch},
		"another topic is refused":                    {"/topics/outcomes", "/topics/outcomez", mismatch},
		"an added query is refused":                   {"/messages HTTP", "/messages?a=b HTTP", mismatch},
		"another body is refused":                     {"hello", "hellp", "400 InvalidDegist"},
		"a body with one byte more is refused":        {"hello", "hello ", "400 InvalidDegist"},
		"another signature is refused":                {"ak:dQoS", "ak:dQoT", mismatch},
		"an empty signature is refused":               {"dQoSUSUY6ofDWrUIDuAP+TQPYpc=", "", mismatch},
		"a shortened signature is refused":            {"TQPYpc=", "TQPYpc", mismatch},
		"a key with another secret is refused":        {"MNS ak:", "MNS other:", mismatch},
		"an unknown key is refused":                   {"MNS ak:", "MNS nobody:", "403 InvalidAccessKeyId"},
		"an empty key is refused":                     {"MNS ak:", "MNS :", "403 InvalidAccessKeyId"},
		"a missing authorization is refused":          {"Authorization", "X-Auth", "400 MissingAuthorizationHeader"},
		"an authorization without a colon is refused": {"ak:dQoS", "ak dQoS", "400 InvalidAuthorizationHeader"},
		"another service's authorization is refused":  {"MNS ak", "OSS ak", "400 InvalidAuthorizationHeader"},
		"a missing date is refused":                   {"Date:", "X-Date:", "400 MissingDateHeader"},
		"a date that cannot be read is refused": {
			"Mon, 23 Nov 2026 03:00:00 GMT", "yesterday", "400 InvalidDateHeader"},
		"a path to neither queues nor topics is refused":    {"/topics/", "/tropics/", "400 InvalidRequestURL"},
		"x-mns-date replaces the date and is signed itself": {"Date: Mon", "X-Mns-Date: Mon", mismatch},
	}, func(t *testing.T, c changed) {
		got, published := replayVector(t, vectorTime(), c.old, c.replacement)
		got.want(t, c.want)
		if taken := len(published) == 1; taken != (c.want == "201") {
			t.Errorf("answered %d, and published is %+v", got.status, published)
		}
	})
}

func TestADateMayBeFifteenMinutesOff(t *testing.T) {
	type clock struct {
		ahead time.Duration // of the service, against the request's date
		want  string
	}
	each(t, map[string]clock{
		"a request of fifteen minutes ago is accepted":     {15 * time.Minute, "201"},
		"a request from fifteen minutes ahead is accepted": {-15 * time.Minute, "201"},
		"a request that is a second older is refused":      {15*time.Minute + time.Second, "408 TimeExpired"},
		"a request from a second further ahead is refused": {-15*time.Minute - time.Second, "408 TimeExpired"},
		"a request of another year is refused":             {400 * 24 * time.Hour, "408 TimeExpired"},
	}, func(t *testing.T, c clock) {
		got, _ := replayVector(t, vectorTime().Add(c.ahead), "", "")
		got.want(t, c.want)
	})
}

func TestHeadersThatClientsWriteDifferently(t *testing.T) {
	digest, err := base64.StdEncoding.DecodeString(rawMD5(message("hello")))
	if err != nil {
		t.Fatal(err)
	}
	inHex := base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "%x", digest))
	// The dates are those of a virtual clock's first moment.
	const now, earlier = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 31 Dec 1999 23:00:00 GMT"
	type headers struct {
		set  map[string]string
		want string
	}
	digestOf := func(text string) map[string]string { return map[string]string{"Content-MD5": text} }
	dated := map[string]string{"Date": "yesterday", "x-mns-date": now}
	more := map[string]string{"x-mns-with-meta": "true", "x-mns-marker": "m"}
	each(t, map[string]headers{
		"no digest is accepted":                         {nil, "201"},
		"a digest of the bytes is accepted":             {digestOf(rawMD5(message("hello"))), "201"},
		"a digest of the hex form is accepted":          {digestOf(inHex), "201"},
		"a digest of another body is refused":           {digestOf(rawMD5("other")), "400 InvalidDegist"},
		"a text that is not a digest is refused":        {digestOf("hello"), "400 InvalidDegist"},
		"no content type is accepted":                   {map[string]string{"Content-Type": ""}, "201"},
		"more signed headers are accepted in any order": {more, "201"},
		"the date of x-mns-date is used":                {dated, "201"},
		"the replaced date counts, not the other":       {map[string]string{"x-mns-date": earlier}, "408 TimeExpired"},
	}, func(t *testing.T, c headers) {
		serve(newService(t, 1), signed("POST /queues/work/messages", message("hello"), c.set)).want(t, c.want)
	})
}

func TestAKeyOfARoleNeedsItsToken(t *testing.T) {
	type key struct{ id, secret, token, want string }
	each(t, map[string]key{
		"its token is accepted":                     {"STS.role", "rolesk", "the-token", "201"},
		"a missing token is refused":                {"STS.role", "rolesk", "", "403 InvalidSecurityToken"},
		"another token is refused":                  {"STS.role", "rolesk", "the-tokem", "403 InvalidSecurityToken"},
		"a token with a long-term key is refused":   {"ak", "testsk", "the-token", "403 InvalidSecurityToken"},
		"a wrong signature is found before a token": {"STS.role", "wrong", "", "403 SignatureDoesNotMatch"},
	}, func(t *testing.T, c key) {
		const publish = "POST /topics/outcomes/messages"
		s := newService(t, 1)
		r := signed(publish, message("hello"), nil)
		r.Header.Set("Authorization", "MNS "+c.id+":"+signature(publish, c.secret, r.Header))
		if c.token != "" {
			r.Header.Set("security-token", c.token)
		}
		serve(s, r).want(t, c.want)
		if got := s.Published("outcomes"); c.want == "201" && (len(got) != 1 || got[0].AccessKeyID != c.id) {
			t.Errorf("published %+v, want one by %s", got, c.id)
		}
	})
}
