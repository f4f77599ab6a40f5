package mns_test

import (
	"crypto/hmac"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
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
	text := "MNS4-HMAC-SHA256\n" + at.UTC().Format("20060102T150405") + "Z\n" + scope + "\n" + canonical
	return fmt.Sprintf("MNS4-HMAC-SHA256 Credential=%s/%s,Signature=%x", id, scope, mac(key, text))
}

// The signatures are those that the unit tests of the vendor's Java SDK expect.
func TestTheSecondFormIsThatOfTheVendorsSDK(t *testing.T) {
	type vector struct{ id, secret, region, at, canonical, want string }
	each(t, map[string]vector{
		"names of a query are in lower case, its values are encoded": {
			"ak1", "sk1", "region1", "2025-06-03T10:52:35Z", "POST\n/queues/TestQueue/\n" +
				"param1=abc&param2=d%20%20ef&param3=%5Bdef%5D%23bbb&param4=%E4%B8%AD%E6%96%87%E5%8F%82%E6%95%B0\n\n",
			"1fc6013f158d4c3aba09570895a2a93c8445c2c5213d82a1463baf602cf0d945"},
		"headers of the service are signed in any case": {
			"akkkkk1111111111", "skkkkkkk1111111111", "region2", "2025-12-03T11:23:48Z",
			"PUT\n/queues/TestQueue123456\n\nx-mns-abc:kkk\nx-mns-sss:2015-06-06xFFF\n\n",
			"04f1e5f929b5aaac3af6a54970f591581ecd2aade2562f926c5f2ec5d5c8cfad"},
		"type and digest are signed as well": {
			"akkkkk222222222", "skkkkkk2222222222", "eu-west-1", "2025-12-04T06:32:35Z",
			"GET\n/queues\n\ncontent-md5:0d9d2ce750000593eb34f00\ncontent-type:application/json\n" +
				"x-mns-ttt:1\nx-mns-uuuuu:FALse\nx-mns-version:2015-06-30\n\n",
			"294f776a2d5726df679b54b081ab8126a199a2545c8c8a7a875adff0b386e458"},
		"a path is encoded except for its slashes": {
			"testAk", "testSk", "testRegion", "2025-06-03T10:52:35Z", "POST\n/queues/Test%20Queue%40123\n\n\n",
			"87de7499365a31e767cdc0c726a893c72c860e415876f7f92914197ac3795833"},
	}, func(t *testing.T, c vector) {
		at, err := time.Parse(time.RFC3339, c.at)
		if err != nil {
			t.Fatal(err)
		}
		got := derived(c.id, c.secret, c.region, at, c.canonical)
		if !strings.HasSuffix(got, ",Signature="+c.want) {
			t.Errorf("got %s, want the signature %s", got, c.want)
		}
	})
}

// One of these vectors has the version header that the service requires. Its digest is not that of the (empty) body,
// which is checked once the signature is right.
func TestTheServiceAcceptsAVectorOfTheVendorsSDK(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		at := time.Date(2025, 12, 4, 6, 32, 35, 0, time.UTC)
		time.Sleep(time.Until(at))
		known := keys{"akkkkk222222222": {"skkkkkk2222222222", ""}}
		s := mns.New(mns.Options{Account: account, Region: "eu-west-1", Keys: known})
		for signature, code := range map[string]string{
			"294f776a2d5726df679b54b081ab8126a199a2545c8c8a7a875adff0b386e458": "InvalidDegist",
			"294f776a2d5726df679b54b081ab8126a199a2545c8c8a7a875adff0b386e459": "SignatureDoesNotMatch",
		} {
			r := httptest.NewRequest("GET", "/queues", nil)
			for name, value := range map[string]string{
				"Date": at.Format(http.TimeFormat), "x-mns-version": "2015-06-30", "x-mns-ttt": "1",
				"X-MNS-UUUuu": "FALse", "Content-Type": "application/json", "Content-MD5": "0d9d2ce750000593eb34f00",
				"Authorization": "MNS4-HMAC-SHA256 " +
					"Credential=akkkkk222222222/20251204/eu-west-1/mns/aliyun_v4_request,Signature=" + signature,
			} {
				r.Header.Set(name, value)
			}
			if got := serve(s, r); got.value("Code") != code {
				t.Errorf("the signature %s got %s, want %s", signature, got.result(), code)
			}
		}
	})
}

func TestAllOfARequestIsSignedInTheSecondForm(t *testing.T) {
	const (
		typed    = "content-type:text/xml;charset=utf-8\nx-mns-version:2015-06-06\n\n"
		publish  = "POST /topics/outcomes/messages"
		posted   = "POST\n/topics/outcomes/messages\n\n" + typed
		batch    = "GET\n/queues/work/messages\nnumofmessages=16&waitseconds=0\n" + typed
		receipt  = "DELETE\n/queues/work/messages\nreceipthandle=8-a%2Bb%2F%3D\n" + typed
		mismatch = "403 SignatureDoesNotMatch"
		none     = "404 MessageNotExist"
	)
	type request struct{ call, canonical, id, secret, region, want string }
	each(t, map[string]request{
		"a publish is accepted": {publish, posted, "ak", "testsk", region, "201"},
		"a query is signed in order and lower case": {
			"GET /queues/work/messages?waitseconds=0&numOfMessages=16", batch, "ak", "testsk", region, none},
		"a handle is signed encoded, however it was sent": {
			"DELETE /queues/work/messages?ReceiptHandle=8-a+b%2F=", receipt, "ak", "testsk", region, none},
		"a name without a value is signed alone": {
			"GET /queues/work?empty=", "GET\n/queues/work\nempty\n" + typed, "ak", "testsk", region, "200"},
		"another query is refused": {
			"GET /queues/work/messages?waitseconds=0&numOfMessages=15", batch, "ak", "testsk", region, mismatch},
		"another method is refused":       {"PUT /topics/outcomes/messages", posted, "ak", "testsk", region, mismatch},
		"another path is refused":         {"POST /topics/outcomez/messages", posted, "ak", "testsk", region, mismatch},
		"another secret is refused":       {publish, posted, "ak", "othersk", region, mismatch},
		"another region's key is refused": {publish, posted, "ak", "testsk", "cn-beijing", mismatch},
		"an unknown key is refused":       {publish, posted, "nobody", "testsk", region, "403 InvalidAccessKeyId"},
		"a header too many is refused":    {publish, posted + "x-mns-prefix:a\n", "ak", "testsk", region, mismatch},
	}, func(t *testing.T, c request) {
		body := ""
		if strings.HasSuffix(c.call, "/messages") {
			body = message("hello")
		}
		r := signed(c.call, body, nil)
		r.Header.Set("Authorization", derived(c.id, c.secret, c.region, time.Now(), c.canonical))
		serve(newService(t, 1), r).want(t, c.want)
	})
}

func TestAHeaderOfTheSecondFormMustBeComplete(t *testing.T) {
	for authorization, code := range map[string]string{
		"MNS4-HMAC-SHA256 Credential=ak": "InvalidAuthorizationHeader",
		"MNS4-HMAC-SHA256 ak/a/b/c/d":    "InvalidAuthorizationHeader",
		"MNS4-HMAC-SHA256":               "InvalidAuthorizationHeader",
		"MNS4-HMAC-SHA256 Credential=ak/20251204/cn-hangzhou/mns/aliyun_v4_request": "SignatureDoesNotMatch",
	} {
		r := signed("GET /queues/work", "", nil)
		r.Header.Set("Authorization", authorization)
		if got := serve(newService(t, 1), r); got.value("Code") != code {
			t.Errorf("%s got %s, want %s", authorization, got.result(), code)
		}
	}
}

func TestAKeyOfARoleMaySignInTheSecondForm(t *testing.T) {
	const canonical = "GET\n/queues/work\n\ncontent-type:text/xml;charset=utf-8\nx-mns-version:2015-06-06\n\n"
	for token, want := range map[string]string{"the-token": "200", "another": "403 InvalidSecurityToken"} {
		r := signed("GET /queues/work", "", nil)
		r.Header.Set("security-token", token)
		r.Header.Set("Authorization", derived("STS.role", "rolesk", region, time.Now(), canonical))
		serve(newService(t, 1), r).want(t, want)
	}
}

// The vendor's Java SDK signs the path of its endpoint as well.
func TestThePathOfTheEndpointMayBeSigned(t *testing.T) {
	for path, want := range map[string]string{prefix: "200", "/other": "403 SignatureDoesNotMatch"} {
		r := signed("GET /queues/work", "", nil)
		r.Header.Set("Authorization", "MNS ak:"+signature("GET "+path+"/queues/work", "testsk", r.Header))
		serve(newService(t, 1), r).want(t, want)
	}
}
