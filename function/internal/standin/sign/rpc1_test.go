package sign_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// signed are the parameters of a request, without their signature.
func signed() url.Values {
	return url.Values{
		"Action": {"DescribeDedicatedHosts"}, "Format": {"JSON"}, "SignatureVersion": {"1.0"}, "SignatureMethod": {"HMAC-SHA1"},
		"Timestamp": {"2023-03-13T08:34:30Z"}, "SignatureNonce": {"edb2b34af0af9a6d14deaf7c1a5315eb"}, "Version": {"2014-05-26"},
		"AccessKeyId": {"testid"}, "RegionId": {"cn-beijing"}, "Status": {"Available"},
	}
}

func TestTheOlderSignatureIsVerified(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("testid", "testsecret", "")
	keys.Add("session", "testsecret", "token")
	now := time.Date(2023, 3, 13, 8, 35, 0, 0, time.UTC)
	right := sign.SignRPC1(http.MethodPost, "testsecret", signed())
	cases := map[string]struct {
		change func(url.Values)
		code   string
	}{
		"as it was signed":           {func(url.Values) {}, ""},
		"a parameter is another":     {func(p url.Values) { p.Set("RegionId", "cn-shanghai") }, "SignatureDoesNotMatch"},
		"a parameter is more":        {func(p url.Values) { p.Set("RoleArn", "a") }, "SignatureDoesNotMatch"},
		"the key is unknown":         {func(p url.Values) { p.Set("AccessKeyId", "other") }, "InvalidAccessKeyId.NotFound"},
		"the token is missing":       {func(p url.Values) { p.Set("AccessKeyId", "session") }, "InvalidSecurityToken.MismatchWithAccessKey"},
		"it is too old":              {func(p url.Values) { p.Set("Timestamp", "2023-03-13T08:00:00Z") }, "InvalidTimeStamp.Expired"},
		"the method is another":      {func(p url.Values) { p.Set("SignatureMethod", "MD5") }, "IncompleteSignature"},
		"the nonce was there before": {func(url.Values) {}, "SignatureNonceUsed"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			verifier := &sign.RPC1{Keys: keys, Now: func() time.Time { return now }}
			p := signed()
			p.Set("Signature", right)
			if c.code == "SignatureNonceUsed" {
				if _, refusal := verifier.Verify(http.MethodPost, p); refusal != nil {
					t.Fatal(refusal)
				}
			}
			c.change(p)
			caller, refusal := verifier.Verify(http.MethodPost, p)
			switch {
			case c.code == "" && (refusal != nil || caller != "testid"):
				t.Errorf("got %q, %+v", caller, refusal)
			case c.code != "" && (refusal == nil || refusal.Code != c.code):
				t.Errorf("got %+v, want %s", refusal, c.code)
			}
		})
	}
}

func TestTheCallerOfAnOlderRequestIsInItsQuery(t *testing.T) {
	r := httptest.NewRequest(http.MethodPost, "/?AccessKeyId=testid", strings.NewReader(""))
	if got := sign.AccessKeyID(r); got != "testid" {
		t.Errorf("got %q", got)
	}
}
