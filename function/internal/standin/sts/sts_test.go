package sts_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"vpn-attach/function/internal/standin/sign"
	"vpn-attach/function/internal/standin/sts"
)

// ask signs a request for a role and sends it.
func ask(t *testing.T, s *sts.Service, change func(query, form url.Values)) (status int, answer map[string]any) {
	t.Helper()
	query := url.Values{
		"Action": {"AssumeRole"}, "Version": {sts.Version}, "Format": {"JSON"}, "AccessKeyId": {"ak"}, "SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"},
		"SignatureNonce": {t.Name()}, "Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
	form := url.Values{"RoleArn": {"acs:ram::6543210987654321:role/reader"}, "RoleSessionName": {"s"}, "ExternalId": {"x"}, "DurationSeconds": {"3600"}}
	change(query, form)
	all := url.Values{}
	for _, part := range []url.Values{query, form} {
		for name, values := range part {
			all[name] = values
		}
	}
	query.Set("Signature", sign.SignRPC1(http.MethodPost, "sk", all))
	r := httptest.NewRequest(http.MethodPost, "/?"+query.Encode(), strings.NewReader(form.Encode()))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
		t.Fatalf("%s: %v", w.Body, err)
	}
	return w.Code, answer
}

func TestARoleIsGivenToWhoMayHaveIt(t *testing.T) {
	keys := &sign.Keyring{}
	keys.Add("ak", "sk", "")
	s := sts.New(sts.Options{
		Roles: []sts.Role{{Account: "6543210987654321", Name: "reader", ExternalID: "x"}}, Keys: keys, Now: time.Now,
		Issue: func(account string) sts.Key { return sts.Key{ID: "STS." + account, Secret: "s", Token: "t"} },
	})
	cases := map[string]struct {
		change func(query, form url.Values)
		status int
		code   string
	}{
		"trusted":                    {func(url.Values, url.Values) {}, 200, ""},
		"another external id":        {func(_, form url.Values) { form.Set("ExternalId", "y") }, 403, "NoPermission"},
		"no such role":               {func(_, form url.Values) { form.Set("RoleArn", "acs:ram::6543210987654321:role/other") }, 404, "EntityNotExist.Role"},
		"another account's role":     {func(_, form url.Values) { form.Set("RoleArn", "acs:ram::1234567890123456:role/reader") }, 404, "EntityNotExist.Role"},
		"too short a session":        {func(_, form url.Values) { form.Set("DurationSeconds", "60") }, 400, "InvalidParameter"},
		"another action":             {func(query, _ url.Values) { query.Set("Action", "GetCallerIdentity") }, 404, "InvalidAction.NotFound"},
		"a key that is not known":    {func(query, _ url.Values) { query.Set("AccessKeyId", "zz") }, 404, "InvalidAccessKeyId.NotFound"},
		"a request of an hour ago":   {func(query, _ url.Values) { query.Set("Timestamp", "2020-01-01T00:00:00Z") }, 400, "InvalidTimeStamp.Expired"},
		"a signature of another way": {func(query, _ url.Values) { query.Set("SignatureMethod", "none") }, 400, "IncompleteSignature"},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			status, answer := ask(t, s, c.change)
			code, _ := answer["Code"].(string)
			if status != c.status || code != c.code {
				t.Fatalf("got %d %v", status, answer)
			}
			if credentials, _ := answer["Credentials"].(map[string]any); c.code == "" && (credentials["AccessKeyId"] != "STS.6543210987654321" || credentials["Expiration"] == "") {
				t.Errorf("got %v", answer)
			}
		})
	}
}
