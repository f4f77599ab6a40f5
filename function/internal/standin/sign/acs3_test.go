package sign_test

import (
	"bufio"
	"bytes"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// published is the example of the V3 signature's specification, signature included. In this and the next text a line
// that ends in a comma continues on the next line.
const published = `POST /?ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai HTTP/1.1
Host: ecs.cn-shanghai.aliyuncs.com
Authorization: ACS3-HMAC-SHA256 Credential=YourAccessKeyId,
SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;x-acs-signature-nonce;x-acs-version,
Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0
x-acs-action: RunInstances
x-acs-content-sha256: e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855
x-acs-date: 2023-10-26T10:22:32Z
x-acs-signature-nonce: 3156853299f313e23d1673dc12e1703d
x-acs-version: 2014-05-26
Content-Length: 0

`

// temporary is a request of a temporary key with a body and special characters. Its hashes were made with
// `openssl dgst -sha256` over the canonical request and `-hmac secret` over the string to sign, not with this package.
const temporary = "POST /?TransitRouterAttachmentName=a+b%2Bc%2A~%2F%E5%90%8D&ClientToken=t-1&RegionId=cn-hangzhou" +
	` HTTP/1.1
Host: cbn.aliyuncs.com
Authorization: ACS3-HMAC-SHA256 Credential=STS.local,
SignedHeaders=content-type;host;x-acs-accesskey-id;x-acs-action;x-acs-content-sha256;x-acs-date;` +
	`x-acs-security-token;x-acs-signature-nonce;x-acs-version,
Signature=f125f72e4fbdf2af9c4eaf587d0d56b6f17fe69e9424792605bf5d96efb40b67
content-type: application/x-www-form-urlencoded
x-acs-accesskey-id: STS.local
x-acs-action: CreateTransitRouterVpnAttachment
x-acs-content-sha256: 262c2a98fd7a8d44c0c51396399e81b06c80b2668a4063724995f26518d6564f
x-acs-date: 2026-11-23T02:37:17Z
x-acs-security-token: token+/=
x-acs-signature-nonce: 0123456789abcdef0123456789abcdef
x-acs-version: 2017-09-12
Content-Length: 11

VpnId=vco-1`

// sentAt is the date of temporary.
func sentAt() time.Time { return time.Date(2026, 11, 23, 2, 37, 17, 0, time.UTC) }

// at runs a test at the given time.
func at(t *testing.T, now time.Time, test func(*testing.T)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		time.Sleep(time.Until(now))
		test(t)
	})
}

// verifier knows the keys of both texts.
func verifier() *sign.Verifier {
	keys := &sign.Keyring{}
	keys.Add("YourAccessKeyId", "YourAccessKeySecret", "")
	keys.Add("STS.local", "secret", "token+/=")
	return &sign.Verifier{Keys: keys}
}

// receive parses a text as net/http's server does.
func receive(t *testing.T, wire string) (*http.Request, []byte) {
	t.Helper()
	head, body, _ := strings.Cut(strings.ReplaceAll(wire, ",\n", ","), "\n\n")
	text := strings.ReplaceAll(head, "\n", "\r\n") + "\r\n\r\n" + body
	r, err := http.ReadRequest(bufio.NewReader(strings.NewReader(text)))
	if err != nil {
		t.Fatalf("the fixture is not a request: %v", err)
	}
	sent, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatalf("the fixture's body: %v", err)
	}
	return r, sent
}

func code(refusal *sign.Refusal) string {
	if refusal == nil {
		return ""
	}
	return refusal.Code
}

func TestFixedVectorsAreAccepted(t *testing.T) {
	for name, vector := range map[string]struct {
		wire string
		now  time.Time
		key  string
	}{
		"the specification's own example": {
			published, time.Date(2023, 10, 26, 10, 22, 32, 0, time.UTC), "YourAccessKeyId"},
		"a temporary key, a body and special characters": {temporary, sentAt(), "STS.local"},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, vector.now, func(t *testing.T) {
				r, body := receive(t, vector.wire)
				if key, refusal := verifier().Verify(r, body); refusal != nil || key != vector.key {
					t.Fatalf("Verify = %q, %+v; want %q", key, refusal, vector.key)
				}
			})
		})
	}
}

func TestAChangedRequestIsRefused(t *testing.T) {
	for name, change := range map[string]struct{ from, to, want string }{
		"in the method":                {"POST /", "PUT /", "SignatureDoesNotMatch"},
		"in the path":                  {"POST /?", "POST /x?", "SignatureDoesNotMatch"},
		"in a query value":             {"ClientToken=t-1", "ClientToken=t-2", "SignatureDoesNotMatch"},
		"in a query name":              {"ClientToken=", "ClientTokem=", "SignatureDoesNotMatch"},
		"in an escaped character":      {"%2B", "%2D", "SignatureDoesNotMatch"},
		"by an extra parameter":        {"?", "?DryRun=&", "SignatureDoesNotMatch"},
		"by a query with a bad escape": {"%2B", "%2", "SignatureDoesNotMatch"},
		"in the body":                  {"\nVpnId=vco-1", "\nVpnId=vco-2", "SignatureDoesNotMatch"},
		"in the host":                  {"Host: cbn", "Host: cbm", "SignatureDoesNotMatch"},
		"in content-type":              {"form-urlencoded", "form-urlencodee", "SignatureDoesNotMatch"},
		"in x-acs-accesskey-id":        {"-id: STS.local", "-id: STS.locam", "SignatureDoesNotMatch"},
		"in x-acs-action":              {"action: Create", "action: Delete", "SignatureDoesNotMatch"},
		"in x-acs-content-sha256":      {"sha256: 262", "sha256: 263", "SignatureDoesNotMatch"},
		"in x-acs-date":                {"02:37:17Z", "02:37:18Z", "SignatureDoesNotMatch"},
		"in x-acs-signature-nonce":     {"nonce: 0", "nonce: 1", "SignatureDoesNotMatch"},
		"in x-acs-version":             {"version: 2017", "version: 2018", "SignatureDoesNotMatch"},
		"in the signature":             {"f125f", "f125e", "SignatureDoesNotMatch"},
		"in the security token":        {"token+", "token-", "InvalidSecurityToken.MismatchWithAccessKey"},
		"in the credential":            {"Credential=STS.local", "Credential=STS.locam", "InvalidAccessKeyId.NotFound"},
		"in the list of headers":       {"SignedHeaders=content-type;", "SignedHeaders=", "SignatureDoesNotMatch"},
		"by leaving a header out":      {"x-acs-version,", "x-acs-versiom,", "IncompleteSignature"},
		"by an extra x-acs header":     {"content-type: ", "x-acs-more: 1\ncontent-type: ", "IncompleteSignature"},
		"by a date of another format":  {"2026-11-23T02:37:17Z", "Mon, 23 Nov 2026", "InvalidTimeStamp.Format"},
		"without Authorization":        {"Authorization", "X-Authorization", "IncompleteSignature"},
		"without a date":               {"x-acs-date: 2026-11-23T02:37:17Z\n", "", "MissingParameter"},
		"without a nonce":              {"x-acs-signature-nonce: ", "signature-nonce: ", "MissingParameter"},
		"without a body hash":          {"x-acs-content-sha256: ", "content-sha256: ", "MissingParameter"},
		"without a token":              {"x-acs-security-token: token+/=\n", "", "MissingSecurityToken"},
		"without a content type":       {"content-type: ", "x-content-type: ", "SignatureDoesNotMatch"},
	} {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(temporary, change.from, change.to, 1)
			if changed == temporary {
				t.Fatalf("%q does not occur in the request", change.from)
			}
			at(t, sentAt(), func(t *testing.T) {
				r, body := receive(t, changed)
				key, refusal := verifier().Verify(r, body)
				if code(refusal) != change.want || key != "" {
					t.Fatalf("Verify = %q, %+v; want %s", key, refusal, change.want)
				}
				notFound := change.want == "InvalidAccessKeyId.NotFound"
				if refusal.Message == "" || (refusal.Status == 404) != notFound || (refusal.Status == 400) == notFound {
					t.Errorf("the refusal is %+v; want a message and the status of its code", refusal)
				}
			})
		})
	}
}

func TestAnAuthorizationThatCannotBeParsedIsRefused(t *testing.T) {
	for _, header := range []string{
		"", "Bearer x", "ACS3-HMAC-SHA256", "ACS3-HMAC-SHA256 ", "ACS3-HMAC-SHA256 Credential=a,Signature=b",
		"ACS3-HMAC-SHA256 SignedHeaders=host,Signature=b", "ACS3-HMAC-SHA256 Credential=a,SignedHeaders=host",
		"ACS3-HMAC-SM3 Credential=a,SignedHeaders=host,Signature=b",
	} {
		r, body := receive(t, temporary)
		r.Header.Set("Authorization", header)
		if _, refusal := verifier().Verify(r, body); code(refusal) != "IncompleteSignature" {
			t.Errorf("Authorization %q: refusal = %+v; want IncompleteSignature", header, refusal)
		}
	}
}

func TestADateMayBeFifteenMinutesOff(t *testing.T) {
	for name, skew := range map[string]struct {
		by   time.Duration
		want string
	}{
		"fifteen minutes old":           {15 * time.Minute, ""},
		"more than fifteen minutes old": {15*time.Minute + time.Second, "InvalidTimeStamp.Expired"},
		"fifteen minutes ahead":         {-15 * time.Minute, ""},
		"too far ahead":                 {-15*time.Minute - time.Second, "InvalidTimeStamp.Expired"},
	} {
		t.Run(name, func(t *testing.T) {
			at(t, sentAt().Add(skew.by), func(t *testing.T) {
				r, body := receive(t, temporary)
				if _, refusal := verifier().Verify(r, body); code(refusal) != skew.want {
					t.Fatalf("refusal = %+v; want %q", refusal, skew.want)
				}
			})
		})
	}
}

func TestANonceIsAcceptedOnce(t *testing.T) {
	at(t, sentAt().Add(-15*time.Minute), func(t *testing.T) {
		v := verifier()
		r, body := receive(t, temporary)
		if _, refusal := v.Verify(r, body); refusal != nil {
			t.Fatalf("the first use was refused: %+v", refusal)
		}
		// The date is accepted for half an hour, and the nonce must be remembered for as long.
		for minute := range 31 {
			if _, refusal := v.Verify(r, body); code(refusal) != "SignatureNonceUsed" {
				t.Fatalf("after %d minutes: refusal = %+v; want SignatureNonceUsed", minute, refusal)
			}
			time.Sleep(time.Minute)
		}
	})
}

func TestARefusedRequestDoesNotUseUpItsNonce(t *testing.T) {
	at(t, sentAt(), func(t *testing.T) {
		v := verifier()
		r, body := receive(t, temporary)
		if _, refusal := v.Verify(r, append(bytes.Clone(body), '!')); code(refusal) != "SignatureDoesNotMatch" {
			t.Fatalf("refusal = %+v; want SignatureDoesNotMatch", refusal)
		}
		if _, refusal := v.Verify(r, body); refusal != nil {
			t.Fatalf("the genuine request was refused after the forged one: %+v", refusal)
		}
	})
}

func TestAnExpiredTokenIsRefused(t *testing.T) {
	at(t, sentAt(), func(t *testing.T) {
		var keys sign.Keyring
		keys.Add("STS.local", "secret", "token+/=")
		keys.Expire("STS.local")
		v := verifier()
		v.Keys = &keys
		r, body := receive(t, temporary)
		if _, refusal := v.Verify(r, body); code(refusal) != "InvalidSecurityToken.Expired" {
			t.Fatalf("refusal = %+v; want InvalidSecurityToken.Expired", refusal)
		}
		keys.Add("STS.local", "secret", "token+/=")
		if _, refusal := v.Verify(r, body); refusal != nil {
			t.Fatalf("the renewed key was refused: %+v", refusal)
		}
	})
}
