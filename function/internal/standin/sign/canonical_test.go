package sign

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

func TestCanonicalQueryIsSortedAndEscapedAnew(t *testing.T) {
	for name, query := range map[string]struct{ raw, want string }{
		"nothing":                   {"", ""},
		"sorted by name":            {"b=2&a=1&B=3", "B=3&a=1&b=2"},
		"a name and its elements":   {"Tag.1.Key=k&Tag=t", "Tag=t&Tag.1.Key=k"},
		"a name twice":              {"a=2&a=1", "a=1&a=2"},
		"a space, sent either way":  {"a=x+y&b=x%20y", "a=x%20y&b=x%20y"},
		"a star, sent either way":   {"a=*&b=%2A", "a=%2A&b=%2A"},
		"a tilde, sent either way":  {"a=~&b=%7E", "a=~&b=~"},
		"a plus, slash and equals":  {"a=%2B%2F%3D", "a=%2B%2F%3D"},
		"Chinese":                   {"a=%E6%9D%AD", "a=%E6%9D%AD"},
		"an empty and a bare value": {"a=&b", "a=&b="},
		"an awkward name":           {"a+b=1", "a%20b=1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := canonicalQuery(query.raw); err != nil || got != query.want {
				t.Errorf("canonicalQuery(%q) = %q, %v; want %q", query.raw, got, err, query.want)
			}
		})
	}
}

func TestCanonicalPathKeepsItsSlashes(t *testing.T) {
	for target, want := range map[string]string{
		"/":                       "/",
		"http://cbn.aliyuncs.com": "/",
		"/2023-03-30/functions/vpn-attach/invocations": "/2023-03-30/functions/vpn-attach/invocations",
		"/a%20b/c*/%7Ed": "/a%20b/c%2A/~d",
	} {
		if got := canonicalPath(httptest.NewRequest("POST", target, nil).URL); got != want {
			t.Errorf("the path of %s is %q; want %q", target, got, want)
		}
	}
}

func TestCanonicalHeadersJoinSeveralValues(t *testing.T) {
	r := httptest.NewRequest("POST", "http://cbn.aliyuncs.com/", nil)
	r.Header["X-Acs-Odd"] = []string{"b", "a"}
	want := "host:cbn.aliyuncs.com\nx-acs-odd:a,b\nx-acs-missing:\n"
	if got := canonicalHeaders(r, []string{"host", "x-acs-odd", "x-acs-missing"}); got != want {
		t.Errorf("the headers are %q; want %q", got, want)
	}
	if first := r.Header.Get("x-acs-odd"); first != "b" {
		t.Errorf("sorting changed the request: its first value is %q", first)
	}
}

func TestNonceOutlivesAChangeOfGenerations(t *testing.T) {
	now := time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC)
	v := &ACS3{Now: func() time.Time { return now }}
	use := func(key, nonce string) string {
		if refusal := v.spend(key, nonce); refusal != nil {
			return http.StatusText(refusal.Status) + " " + refusal.Code
		}
		return ""
	}
	use("a", "early")
	now = now.Add(14 * time.Minute)
	use("a", "late")
	for range 30 {
		now = now.Add(time.Minute)
		if got := use("a", "late"); got != "Bad Request SignatureNonceUsed" {
			t.Fatalf("at %v the nonce was taken again: %q", now, got)
		}
	}
	if got := use("b", "late"); got != "" {
		t.Errorf("another key's nonce was refused: %s", got)
	}
	now = now.Add(3 * time.Hour)
	use("a", "x")
	now = now.Add(3 * time.Hour)
	if use("a", "y"); len(v.nonces)+len(v.older) != 2 {
		t.Errorf("%d nonces are remembered; want those of the last two generations", len(v.nonces)+len(v.older))
	}
}
