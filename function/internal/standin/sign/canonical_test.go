package sign

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheCanonicalQueryIsSortedAndEscapedAgain(t *testing.T) {
	for name, query := range map[string]struct{ raw, want string }{
		"nothing":                      {"", ""},
		"sorted by name":               {"b=2&a=1&B=3", "B=3&a=1&b=2"},
		"a name and its elements":      {"Tag.1.Key=k&Tag=t", "Tag=t&Tag.1.Key=k"},
		"a name twice":                 {"a=2&a=1", "a=1&a=2"},
		"a space, sent either way":     {"a=x+y&b=x%20y", "a=x%20y&b=x%20y"},
		"an asterisk, sent either way": {"a=*&b=%2A", "a=%2A&b=%2A"},
		"a tilde, sent either way":     {"a=~&b=%7E", "a=~&b=~"},
		"a plus, slash and equals":     {"a=%2B%2F%3D", "a=%2B%2F%3D"},
		"Chinese":                      {"a=%E6%9D%AD", "a=%E6%9D%AD"},
		"an empty and a bare value":    {"a=&b", "a=&b="},
		"a name with a space":          {"a+b=1", "a%20b=1"},
	} {
		t.Run(name, func(t *testing.T) {
			if got, err := canonicalQuery(query.raw); err != nil || got != query.want {
				t.Errorf("canonicalQuery(%q) = %q, %v; want %q", query.raw, got, err, query.want)
			}
		})
	}
}

func TestTheCanonicalPathKeepsItsSlashes(t *testing.T) {
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

func TestANonceIsRememberedWhenTheGenerationChanges(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		v := &Verifier{}
		use := func(key, nonce string) string {
			if refusal := v.spend(signed{accessKeyID: key, nonce: nonce}); refusal != nil {
				return http.StatusText(refusal.Status) + " " + refusal.Code
			}
			return ""
		}
		use("a", "early")
		time.Sleep(14 * time.Minute)
		use("a", "late")
		for minute := range 30 {
			time.Sleep(time.Minute)
			if got := use("a", "late"); got != "Bad Request SignatureNonceUsed" {
				t.Fatalf("after %d minutes the nonce was accepted again: %q", minute+1, got)
			}
		}
		if got := use("b", "late"); got != "" {
			t.Errorf("another key's nonce was refused: %s", got)
		}
		time.Sleep(3 * time.Hour)
		use("a", "x")
		time.Sleep(3 * time.Hour)
		if use("a", "y"); len(v.nonces)+len(v.older) != 2 {
			t.Errorf("%d nonces are remembered; want those of the last two generations", len(v.nonces)+len(v.older))
		}
	})
}
