package sign_test

import (
	"net/http"
	"net/url"
	"sync"
	"testing"

	"vpn-attach/function/internal/standin/sign"
)

func TestAnEmptyKeyringKnowsNoKey(t *testing.T) {
	var keys sign.Keyring
	if _, _, ok := keys.Lookup("local"); ok {
		t.Error("an empty keyring found a key")
	}
	keys.Expire("local")
	if _, _, ok := keys.Lookup("local"); ok || keys.Expired("local") {
		t.Error("expiring an unknown key made one")
	}
}

func TestAKeyReplacesOneWithItsID(t *testing.T) {
	var keys sign.Keyring
	keys.Add("STS.a", "s1", "t1")
	keys.Expire("STS.a")
	keys.Add("STS.a", "s2", "t2")
	secret, token, ok := keys.Lookup("STS.a")
	if secret != "s2" || token != "t2" || !ok || keys.Expired("STS.a") {
		t.Errorf("Lookup = %q, %q, %v; want the second key, not expired", secret, token, ok)
	}
}

func TestALongTermKeyDoesNotExpire(t *testing.T) {
	var keys sign.Keyring
	keys.Add("local", "local", "")
	keys.Expire("local")
	if keys.Expired("local") {
		t.Error("a key without a token expired")
	}
}

func TestAKeyringIsSafeForConcurrentUse(t *testing.T) {
	var keys sign.Keyring
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			keys.Add("STS.a", "s", "t")
			keys.Expire("STS.a")
			if secret, _, ok := keys.Lookup("STS.a"); !ok || secret != "s" {
				t.Errorf("Lookup = %q, %v", secret, ok)
			}
		})
	}
	all.Wait()
}

func TestAccessKeyIDNamesTheCaller(t *testing.T) {
	for header, want := range map[string]string{
		"": "",
		"ACS3-HMAC-SHA256 Credential=STS.n7,SignedHeaders=host,Signature=00":         "STS.n7",
		"ACS3-HMAC-SHA256 SignedHeaders=host, Credential=STS.n7, Signature=00":       "STS.n7",
		"ACS3-HMAC-SHA256 SignedHeaders=host,Signature=00":                           "",
		"MNS STS.n7:dQoSUSUY6ofDWrUIDuAP+TQPYpc=":                                    "STS.n7",
		"MNS4-HMAC-SHA256 Credential=STS.n7/20261123/cn-hangzhou/mns/x,Signature=00": "STS.n7",
		"acs STS.n7:dQoSUSUY6ofDWrUIDuAP+TQPYpc=":                                    "STS.n7",
		"MNS ":                   "",
		"Basic bG9jYWw6bG9jYWw=": "",
	} {
		r := &http.Request{URL: &url.URL{}, Header: http.Header{"Authorization": {header}}}
		if got := sign.AccessKeyID(r); got != want {
			t.Errorf("AccessKeyID of %q = %q; want %q", header, got, want)
		}
	}
}
