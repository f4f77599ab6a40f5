package rpc_test

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/rpc"
	"vpn-attach/function/internal/standin/sign"
)

// call signs a call and gives what the service answers.
func call(s http.Handler, secret string, parameters url.Values) (int, map[string]any) {
	form := url.Values{
		"AccessKeyId": {"key"}, "SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"}, "Format": {"JSON"},
		"SignatureNonce": {rand.Text()}, "Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
	for name := range parameters {
		form.Set(name, parameters.Get(name))
	}
	mac := hmac.New(sha1.New, []byte(secret+"&"))
	mac.Write([]byte("POST&%2F&" + url.QueryEscape(strings.ReplaceAll(form.Encode(), "+", "%20"))))
	form.Set("Signature", base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form.Encode()))
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	answer := map[string]any{}
	_ = json.Unmarshal(w.Body.Bytes(), &answer)
	return w.Code, answer
}

func TestACallIsSignedKnownAndComplete(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("key", "secret", "")
	roles := &rpc.LinkedRoles{}
	s := rpc.New("2020-01-01", keys, map[string]rpc.Operation{
		"Make": func(c rpc.Call) (map[string]any, *sign.Refusal) {
			if refusal := roles.Make(c, "Name"); refusal != nil {
				return nil, refusal
			}
			return map[string]any{"Made": c.Get("Name"), "By": c.Caller}, nil
		},
	})
	usual := url.Values{"Action": {"Make"}, "Version": {"2020-01-01"}, "Name": {"a name"}}
	for _, c := range []struct {
		what, secret, parameter, value string
		status                         int
		code                           string
	}{
		{"a wrong secret", "guessed", "Name", "a name", 400, "SignatureDoesNotMatch"},
		{"another action", "secret", "Action", "Unmake", 404, "InvalidAction.NotFound"},
		{"another version", "secret", "Version", "2021-01-01", 404, "InvalidAction.NotFound"},
		{"no name", "secret", "Name", "", 400, "MissingName"},
		{"all", "secret", "Name", "a name", 200, ""},
		{"all again", "secret", "Name", "a name", 409, "EntityAlreadyExists.Role"},
		{"another name", "secret", "Name", "b", 200, ""},
	} {
		asked := url.Values{}
		for name := range usual {
			asked.Set(name, usual.Get(name))
		}
		asked.Set(c.parameter, c.value)
		status, answer := call(s, c.secret, asked)
		code, _ := answer["Code"].(string)
		if status != c.status || code != c.code || answer["RequestId"] == "" {
			t.Errorf("%s: got %d %v, want %d %s", c.what, status, answer, c.status, c.code)
		}
		if status == 200 && (answer["Made"] != c.value || answer["By"] != "key") {
			t.Errorf("%s: got %v", c.what, answer)
		}
	}
}

func TestRefusalsCanHaveAnotherForm(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("key", "secret", "")
	s := rpc.New("2020-01-01", keys, nil)
	s.Refusing = func(r *sign.Refusal) (int, map[string]any) { return 200, map[string]any{"Wrong": r.Code} }
	status, answer := call(s, "secret", url.Values{"Action": {"Make"}, "Version": {"2020-01-01"}})
	if status != 200 || answer["Wrong"] != "InvalidAction.NotFound" || answer["Code"] != nil {
		t.Errorf("got %d %v", status, answer)
	}
}
