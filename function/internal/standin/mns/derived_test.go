package mns_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/mns"
)

// derived signs a canonical request, which every test writes out, in the second form.
func derived(id, secret, region string, at time.Time, canonical string) string {
	mac := func(key []byte, text string) []byte {
		h := hmac.New(sha256.New, key)
		h.Write([]byte(text))
		return h.Sum(nil)
	}
	day := at.UTC().Format("20060102")
	scope := day + "/" + region + "/mns/aliyun_v4_request"
	key := mac(mac(mac(mac([]byte("aliyun_v4"+secret), day), region), "mns"), "aliyun_v4_request")
	signature := mac(key, "MNS4-HMAC-SHA256\n"+at.UTC().Format("20060102T150405")+"Z\n"+scope+"\n"+canonical)
	return fmt.Sprintf("MNS4-HMAC-SHA256 Credential=%s/%s,Signature=%x", id, scope, signature)
}

// The signatures are those that the unit tests of the vendor's Java SDK expect.
func TestTheSecondFormIsThatOfTheVendorsSDK(t *testing.T) {
	cases := map[string]struct {
		id, secret, region, at, canonical, want string
	}{
		"names of a query are in lower case, its values are encoded": {
			"ak1", "sk1", "region1", "2025-06-03T10:52:35Z",
			"POST\n/queues/TestQueue/\nparam1=abc&param2=d%20%20ef&param3=%5Bdef%5D%23bbb&param4=%E4%B8%AD%E6%96%87%E5%8F%82%E6%95%B0\n\n",
			"1fc6013f158d4c3aba09570895a2a93c8445c2c5213d82a1463baf602cf0d945"},
		"headers of the service are signed, whatever their case": {
			"akkkkk1111111111", "skkkkkkk1111111111", "region2", "2025-12-03T11:23:48Z",
			"PUT\n/queues/TestQueue123456\n\nx-mns-abc:kkk\nx-mns-sss:2015-06-06xFFF\n\n",
			"04f1e5f929b5aaac3af6a54970f591581ecd2aade2562f926c5f2ec5d5c8cfad"},
		"type and digest are signed as well": {
			"akkkkk222222222", "skkkkkk2222222222", "eu-west-1", "2025-12-04T06:32:35Z",
			"GET\n/queues\n\ncontent-md5:0d9d2ce750000593eb34f00\ncontent-type:application/json\nx-mns-ttt:1\nx-mns-uuuuu:FALse\nx-mns-version:2015-06-30\n\n",
			"294f776a2d5726df679b54b081ab8126a199a2545c8c8a7a875adff0b386e458"},
		"a path is encoded but for its slashes": {
			"testAk", "testSk", "testRegion", "2025-06-03T10:52:35Z",
			"POST\n/queues/Test%20Queue%40123\n\n\n",
			"87de7499365a31e767cdc0c726a893c72c860e415876f7f92914197ac3795833"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			at, err := time.Parse(time.RFC3339, c.at)
			if err != nil {
				t.Fatal(err)
			}
			if got := derived(c.id, c.secret, c.region, at, c.canonical); !strings.HasSuffix(got, ",Signature="+c.want) {
				t.Errorf("got %s, want the signature %s", got, c.want)
			}
		})
	}
}

// One of these vectors has the version header that the service asks for. Its digest is not one of the (empty) body, which is
// looked at once the signature is right.
func TestTheServiceTakesAVectorOfTheVendorsSDK(t *testing.T) {
	at := time.Date(2025, 12, 4, 6, 32, 35, 0, time.UTC)
	s := mns.New(mns.Options{Account: account, Region: "eu-west-1", Keys: keys{"akkkkk222222222": {"skkkkkk2222222222", ""}}, Now: func() time.Time { return at }})
	for signature, code := range map[string]string{
		"294f776a2d5726df679b54b081ab8126a199a2545c8c8a7a875adff0b386e458": "InvalidDegist",
		"294f776a2d5726df679b54b081ab8126a199a2545c8c8a7a875adff0b386e459": "SignatureDoesNotMatch",
	} {
		r := httptest.NewRequest("GET", "/queues", nil)
		for name, value := range map[string]string{
			"Date": at.Format(http.TimeFormat), "x-mns-version": "2015-06-30", "x-mns-ttt": "1", "X-MNS-UUUuu": "FALse",
			"Content-Type": "application/json", "Content-MD5": "0d9d2ce750000593eb34f00",
			"Authorization": "MNS4-HMAC-SHA256 Credential=akkkkk222222222/20251204/eu-west-1/mns/aliyun_v4_request,Signature=" + signature,
		} {
			r.Header.Set(name, value)
		}
		if got := serve(s, r); got.value("Code") != code {
			t.Errorf("the signature %s got %d %s, want %s", signature, got.status, got.text, code)
		}
	}
}

func TestARequestInTheSecondFormIsHeldToAllOfIt(t *testing.T) {
	const (
		message = "<Message><MessageBody>hello</MessageBody></Message>"
		typed   = "content-type:text/xml;charset=utf-8\nx-mns-version:2015-06-06\n\n"
		posting = "POST\n/topics/outcomes/messages\n\n" + typed
	)
	cases := map[string]struct {
		method, resource, body, canonical string
		id, secret, region                string
		status                            int
		code                              string
	}{
		"a publish is taken": {"POST", "/topics/outcomes/messages", message, posting, "ak", "testsk", region, 201, ""},
		"a query is signed in order and lower case": {"GET", "/queues/work/messages?waitseconds=0&numOfMessages=16", "",
			"GET\n/queues/work/messages\nnumofmessages=16&waitseconds=0\n" + typed, "ak", "testsk", region, 404, "MessageNotExist"},
		"a handle is signed encoded, however it came": {"DELETE", "/queues/work/messages?ReceiptHandle=8-a+b%2F=", "",
			"DELETE\n/queues/work/messages\nreceipthandle=8-a%2Bb%2F%3D\n" + typed, "ak", "testsk", region, 404, "MessageNotExist"},
		"a name without a value is signed alone": {"GET", "/queues/work?empty=", "",
			"GET\n/queues/work\nempty\n" + typed, "ak", "testsk", region, 200, ""},
		"another query is refused": {"GET", "/queues/work/messages?numOfMessages=15", "",
			"GET\n/queues/work/messages\nnumofmessages=16\n" + typed, "ak", "testsk", region, 403, "SignatureDoesNotMatch"},
		"another method is refused":       {"PUT", "/topics/outcomes/messages", message, posting, "ak", "testsk", region, 403, "SignatureDoesNotMatch"},
		"another path is refused":         {"POST", "/topics/outcomez/messages", message, posting, "ak", "testsk", region, 403, "SignatureDoesNotMatch"},
		"another secret is refused":       {"POST", "/topics/outcomes/messages", message, posting, "ak", "othersk", region, 403, "SignatureDoesNotMatch"},
		"another region's key is refused": {"POST", "/topics/outcomes/messages", message, posting, "ak", "testsk", "cn-beijing", 403, "SignatureDoesNotMatch"},
		"an unknown key is refused":       {"POST", "/topics/outcomes/messages", message, posting, "nobody", "testsk", region, 403, "InvalidAccessKeyId"},
		"a header too many is refused":    {"POST", "/topics/outcomes/messages", message, posting + "x-mns-prefix:a\n", "ak", "testsk", region, 403, "SignatureDoesNotMatch"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			r := signed(c.method, c.resource, c.body, nil)
			at, err := http.ParseTime(r.Header.Get("Date"))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", derived(c.id, c.secret, c.region, at, c.canonical))
			serve(newService(t, 1), r).want(t, c.status, c.code)
		})
	}
}

func TestTheSecondFormIsReadOrRefused(t *testing.T) {
	for authorization, code := range map[string]string{
		"MNS4-HMAC-SHA256 Credential=ak": "InvalidAuthorizationHeader",
		"MNS4-HMAC-SHA256 ak/a/b/c/d":    "InvalidAuthorizationHeader",
		"MNS4-HMAC-SHA256":               "InvalidAuthorizationHeader",
		"MNS4-HMAC-SHA256 Credential=ak/20251204/cn-hangzhou/mns/aliyun_v4_request": "SignatureDoesNotMatch",
	} {
		r := signed("GET", "/queues/work", "", nil)
		r.Header.Set("Authorization", authorization)
		if got := serve(newService(t, 1), r); got.value("Code") != code {
			t.Errorf("%s got %d %s, want %s", authorization, got.status, got.value("Code"), code)
		}
	}
}

func TestAKeyOfARoleMaySignInTheSecondForm(t *testing.T) {
	for token, status := range map[string]int{"the-token": 200, "another": 403} {
		r := signed("GET", "/queues/work", "", nil)
		at, _ := http.ParseTime(r.Header.Get("Date"))
		r.Header.Set("security-token", token)
		r.Header.Set("Authorization", derived("STS.role", "rolesk", region, at, "GET\n/queues/work\n\ncontent-type:text/xml;charset=utf-8\nx-mns-version:2015-06-06\n\n"))
		if got := serve(newService(t, 1), r); got.status != status {
			t.Errorf("the token %q got %d %s", token, got.status, got.text)
		}
	}
}

// The vendor's Java SDK signs the path of its endpoint as well.
func TestThePathOfTheEndpointMayBeSigned(t *testing.T) {
	const resource = "/queues/work"
	r := signed("GET", resource, "", nil)
	r.Header.Set("Authorization", "MNS ak:"+signature("GET", prefix+resource, "testsk", r.Header))
	serve(newService(t, 1), r).want(t, 200, "")
	r.Header.Set("Authorization", "MNS ak:"+signature("GET", "/other"+resource, "testsk", r.Header))
	serve(newService(t, 1), r).want(t, 403, "SignatureDoesNotMatch")
}
