package sign_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/sign"
)

// classicAt is the date of the texts below.
func classicAt() time.Time { return time.Date(2016, 2, 23, 12, 46, 24, 0, time.UTC) }

// regions is the example of the documentation of signature version 1.0 for RPC services, signature included.
const regions = "GET /?Timestamp=2016-02-23T12%3A46%3A24Z&Format=XML&AccessKeyId=testid&Action=DescribeRegions" +
	"&SignatureMethod=HMAC-SHA1&SignatureNonce=3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf&Version=2014-05-26" +
	"&SignatureVersion=1.0&Signature=OLeaidS1JvxuMvnyHOwuJ%2BuX5qY%3D" + ` HTTP/1.1
Host: ecs.aliyuncs.com

`

// form is a request of a temporary key with its parameters in a form, with special characters. Its signature was made
// with `openssl dgst -sha1 -hmac 'secret&'` over the string to sign.
const form = `POST /?Action=CreateTransitRouterVpnAttachment HTTP/1.1
Host: cbn.aliyuncs.com
Content-Type: application/x-www-form-urlencoded; charset=utf-8
Content-Length: 256

AccessKeyId=STS.local&Format=JSON&Name=a+b%2Bc%2A~%2F%E5%90%8D&SecurityToken=token%2B%2F%3D` +
	`&SignatureMethod=HMAC-SHA1&SignatureNonce=n-1&SignatureVersion=1.0&Timestamp=2016-02-23T12%3A46%3A24Z` +
	`&Version=2017-09-12&Signature=odGruJbcv1aBtn%2FT3iPm0zSyi%2FE%3D`

// resource is a request of the ROA form. Its signature was made with `openssl dgst -sha1 -hmac secret`.
const resource = `POST /2023-03-30/functions/f/invocations?qualifier=LATEST&b=x%20y&a HTTP/1.1
Host: fc.aliyuncs.com
Accept: application/json
Authorization: acs STS.local:sWo3w0QUt3WD1rSj6Q4hzRby1hE=
Content-MD5: XUFAKrxLKna5cZ2REBfFkg==
Content-Type: application/octet-stream
Date: Tue, 23 Feb 2016 12:46:24 GMT
x-acs-security-token: token+/=
x-acs-signature-method: HMAC-SHA1
x-acs-signature-nonce: n-2
x-acs-signature-version: 1.0
x-acs-action: InvokeFunction
x-acs-version: 2023-03-30
Content-Length: 5

hello`

// classic is a verifier that knows the keys of the texts.
func classic() *sign.Verifier {
	keys := &sign.Keyring{}
	keys.Add("testid", "testsecret", "")
	keys.Add("STS.local", "secret", "token+/=")
	return &sign.Verifier{Keys: keys}
}

// readCloser is a body.
func readCloser(body []byte) io.ReadCloser { return io.NopCloser(bytes.NewReader(body)) }

// fitted gives a request the length of its body.
func fitted(wire string) string {
	head, body, _ := strings.Cut(wire, "\n\n")
	before, after, found := strings.Cut(head, "Content-Length: ")
	if !found {
		return wire
	}
	_, rest, _ := strings.Cut(after, "\n")
	return strings.TrimSuffix(before+"Content-Length: "+strconv.Itoa(len(body))+"\n"+rest, "\n") + "\n\n" + body
}

// texts are the requests, with the signature that stands in each.
func texts() map[string]string {
	return map[string]string{"the documented example": regions, "a form": form, "a resource": resource}
}

func TestRequestsOfVersionOneAreAccepted(t *testing.T) {
	for name, wire := range texts() {
		t.Run(name, func(t *testing.T) {
			at(t, classicAt(), func(t *testing.T) {
				r, body := receive(t, wire)
				key, refusal := classic().Verify(r, body)
				if want := sign.AccessKeyID(withBody(t, wire)); refusal != nil || key != want || want == "" {
					t.Fatalf("Verify = %q, %+v; want %q", key, refusal, want)
				}
			})
		})
	}
}

// withBody is a request whose body is still to be read.
func withBody(t *testing.T, wire string) *http.Request {
	t.Helper()
	r, body := receive(t, wire)
	r.Body = http.NoBody
	if len(body) > 0 {
		r.Body = readCloser(body)
	}
	return r
}

func TestAChangedRequestOfTheRPCFormIsRefused(t *testing.T) {
	const mismatch = "SignatureDoesNotMatch"
	expect(t, form, map[string]change{
		"in a value":                    {"Name=a", "Name=b", mismatch},
		"in an escaped character":       {"%2Bc", "%2Dc", mismatch},
		"in the action":                 {"Action=Create", "Action=Delete", mismatch},
		"in the version":                {"Version=2017", "Version=2018", mismatch},
		"by an extra parameter":         {"Format=JSON", "Format=JSON&DryRun=true", mismatch},
		"in the nonce":                  {"Nonce=n-1", "Nonce=n-2", mismatch},
		"in the signature":              {"&Signature=", "&Signature=A", mismatch},
		"in the method":                 {"POST /", "GET /", mismatch},
		"to a method without meaning":   {"POST /", "PUT /", "UnsupportedHTTPMethod"},
		"to another key":                {"STS.local", "STS.locam", "InvalidAccessKeyId.NotFound"},
		"to another token":              {"token%2B", "token%2D", "InvalidSecurityToken.MismatchWithAccessKey"},
		"without a token":               {"SecurityToken", "SecurityTokem", "MissingSecurityToken"},
		"without a key":                 {"AccessKeyId", "AccessKeyIe", "MissingAccessKeyId"},
		"without a nonce":               {"SignatureNonce", "SignatureNomce", "MissingSignatureNonce"},
		"without a timestamp":           {"Timestamp", "TimeStamp", "IllegalTimestamp"},
		"without a signature":           {"&Signature=", "&Signatura=", "MissingSignature"},
		"without a method to sign":      {"SignatureMethod", "SignatureMethot", "MissingSignatureMethod"},
		"to another method to sign":     {"HMAC-SHA1", "HMAC-SHA256", "InvalidSignatureMethod"},
		"to another version to sign by": {"SignatureVersion=1.0", "SignatureVersion=2.0", "InvalidSignatureVersion"},
		"to a date without sense":       {"2016-02-23T", "2016-02-23+", "InvalidTimeStamp.Format"},
		"to an old date":                {"2016-02-23T12%3A46", "2016-02-23T12%3A30", "InvalidTimeStamp.Expired"},
		"by a bad escape":               {"%E5", "%ZZ", "IncompleteSignature"},
	})
}

func TestAChangedRequestOfTheROAFormIsRefused(t *testing.T) {
	const mismatch = "SignatureDoesNotMatch"
	expect(t, resource, map[string]change{
		"in the method":                 {"POST /", "PUT /", mismatch},
		"in the path":                   {"functions/f/", "functions/g/", mismatch},
		"in the query":                  {"LATEST", "live", mismatch},
		"in the body":                   {"hello", "hallo", mismatch},
		"in Accept":                     {"Accept: application/json", "Accept: */*", mismatch},
		"in Content-Type":               {"octet-stream", "json", mismatch},
		"in Date":                       {"12:46:24", "12:46:25", mismatch},
		"in x-acs-action":               {"InvokeFunction", "DeleteFunction", mismatch},
		"by an extra x-acs header":      {"x-acs-action", "x-acs-more: 1\nx-acs-action", mismatch},
		"in the signature":              {"local:", "local:A", mismatch},
		"to another key":                {"acs STS.local", "acs STS.locam", "InvalidAccessKeyId.NotFound"},
		"without a signature":           {"acs STS.local:", "acs ", "IncompleteSignature"},
		"without a token":               {"x-acs-security-token: token+/=\n", "", "MissingSecurityToken"},
		"to another token":              {"token+", "token-", "InvalidSecurityToken.MismatchWithAccessKey"},
		"without a date":                {"\nDate:", "\nDay:", "MissingDate"},
		"to a date of another format":   {"Tue, 23 Feb 2016 12:46:24 GMT", "2016-02-23", "InvalidTimeStamp.Format"},
		"to an old date":                {"12:46:24 GMT", "12:30:24 GMT", "InvalidTimeStamp.Expired"},
		"to another method to sign":     {"HMAC-SHA1", "HMAC-SHA256", "InvalidSignatureMethod"},
		"to another version to sign by": {"version: 1.0", "version: 2.0", "InvalidSignatureVersion"},
	})
}

type change struct{ from, to, want string }

// expect wants a request to be refused after each change.
func expect(t *testing.T, wire string, changes map[string]change) {
	t.Helper()
	for name, c := range changes {
		t.Run(name, func(t *testing.T) {
			changed := strings.Replace(wire, c.from, c.to, 1)
			if changed == wire {
				t.Fatalf("%q does not occur in the request", c.from)
			}
			at(t, classicAt(), func(t *testing.T) {
				r, body := receive(t, fitted(changed))
				key, refusal := classic().Verify(r, body)
				if code(refusal) != c.want || key != "" || refusal.Message == "" {
					t.Fatalf("Verify = %q, %+v; want %s", key, refusal, c.want)
				}
			})
		})
	}
}

func TestANonceOfVersionOneIsAcceptedOnce(t *testing.T) {
	for name, wire := range texts() {
		t.Run(name, func(t *testing.T) {
			at(t, classicAt(), func(t *testing.T) {
				v := classic()
				r, body := receive(t, wire)
				if _, refusal := v.Verify(r, body); refusal != nil {
					t.Fatalf("the first use was refused: %+v", refusal)
				}
				if _, refusal := v.Verify(r, body); code(refusal) != "SignatureNonceUsed" {
					t.Fatalf("the second use: %+v; want SignatureNonceUsed", refusal)
				}
			})
		})
	}
}

func TestARefusedSignatureNamesTheStringToSign(t *testing.T) {
	at(t, classicAt(), func(t *testing.T) {
		r, body := receive(t, strings.Replace(regions, "&Signature=O", "&Signature=P", 1))
		_, refusal := classic().Verify(r, body)
		const want = "server string to sign is:GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML" +
			"%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf" +
			"%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z%26Version%3D2014-05-26"
		if refusal == nil || !strings.HasSuffix(refusal.Message, want) {
			t.Errorf("the refusal is %+v; want one that ends in %q", refusal, want)
		}
	})
}

func TestARequestSaysWhatItAsksForInEveryForm(t *testing.T) {
	for name, c := range map[string]struct{ wire, action, version, format string }{
		"V3":             {temporary, "CreateTransitRouterVpnAttachment", "2017-09-12", sign.JSON},
		"RPC in a query": {regions, "DescribeRegions", "2014-05-26", sign.XML},
		"RPC with the headers of V3": {strings.Replace(form, "Host: ", "x-acs-action: A\nx-acs-version: V\nHost: ", 1),
			"CreateTransitRouterVpnAttachment", "2017-09-12", sign.JSON},
		"RPC in a form": {form, "CreateTransitRouterVpnAttachment", "2017-09-12", sign.JSON},
		"ROA":           {resource, "InvokeFunction", "2023-03-30", sign.JSON},
		"RPC without a format": {
			strings.Replace(regions, "Format=XML", "F=1", 1), "DescribeRegions", "2014-05-26", sign.XML},
		"an unknown format": {strings.Replace(regions, "Format=XML", "Format=yaml", 1), "DescribeRegions", "2014-05-26",
			"YAML"},
		"V3 that accepts XML": {strings.Replace(temporary, "Host: ", "Accept: application/xml\nHost: ", 1),
			"CreateTransitRouterVpnAttachment", "2017-09-12", sign.XML},
	} {
		t.Run(name, func(t *testing.T) {
			r := withBody(t, c.wire)
			action, version := sign.Operation(r)
			if action != c.action || version != c.version || sign.Format(r) != c.format {
				t.Errorf("it asks for %q of %q in %q; want %+v", action, version, sign.Format(r), c)
			}
		})
	}
}

func TestAskingWhatARequestSaysLeavesItsBody(t *testing.T) {
	r := withBody(t, form)
	sign.Operation(r)
	sign.AccessKeyID(r)
	rest, err := io.ReadAll(r.Body)
	if err != nil || !strings.Contains(string(rest), "SignatureNonce=n-1") {
		t.Errorf("the body is now %q, %v", rest, err)
	}
}

func TestTheFormAndTheQueryAreOneSetOfParameters(t *testing.T) {
	r, body := receive(t, form)
	all, err := sign.Parameters(r, body)
	if err != nil || all.Get("Action") == "" || all.Get("Name") != "a b+c*~/名" {
		t.Errorf("the parameters are %v, %v", all, err)
	}
}
