package operate

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"
)

// versions are those of the APIs that a local cloud has as signed RPC.
func versions() map[string]string {
	return map[string]string{
		"ros": "2019-09-10", "ram": "2015-05-01", "eventbridge": "2020-04-01", "cms": "2019-01-01",
		"resourcemanager": "2020-03-31", "sts": "2015-04-01", "vpc": "2016-04-28", "cbn": "2017-09-12",
	}
}

// signature is version 1.0 of the signatures: HMAC-SHA1.
func signature(secret, text string) string {
	mac := hmac.New(sha1.New, []byte(secret))
	mac.Write([]byte(text))
	return base64.StdEncoding.EncodeToString(mac.Sum(nil))
}

// rpc makes a signed RPC call. The endpoint that a call names is the service's, so it is left out.
func (l Local) rpc(ctx context.Context, c Call, version string) ([]byte, error) {
	keys, err := LocalKeys()
	if err != nil {
		return nil, err
	}
	form := url.Values{
		"Action": {c.Action}, "Version": {version}, "Format": {"JSON"}, "AccessKeyId": {keys.ID},
		"SignatureMethod": {"HMAC-SHA1"}, "SignatureVersion": {"1.0"}, "SignatureNonce": {rand.Text()},
		"Timestamp": {time.Now().UTC().Format("2006-01-02T15:04:05Z")},
	}
	for i := 0; i+1 < len(c.Flags); i += 2 {
		if name := strings.TrimPrefix(c.Flags[i], "--"); name != "endpoint" {
			form.Set(name, c.Flags[i+1])
		}
	}
	sorted := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(form.Encode())
	form.Set("Signature", signature(keys.Secret+"&", "POST&%2F&"+url.QueryEscape(sorted)))
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://"+l.Address+"/",
		strings.NewReader(form.Encode()))
	if err != nil {
		return nil, fmt.Errorf("calling the local cloud: %w", err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	answer, err := l.send(c, request)
	if err != nil {
		return nil, err
	}
	return answer, unsuccessful(c, answer)
}

// store makes a call of OSS: mb, stat or cp, as the CLI does. Its answer is a text.
func (l Local) store(ctx context.Context, c Call) ([]byte, error) {
	method, path, content := http.MethodPut, strings.TrimPrefix(c.Path, "oss://")+"/", []byte(nil)
	switch {
	case c.Action == "stat":
		method, path = http.MethodGet, path+"?bucketInfo"
	case c.Action == "cp" && len(c.Flags) > 0:
		var err error
		if content, err = os.ReadFile(c.Path); err != nil {
			return nil, fmt.Errorf("reading the code: %w", err)
		}
		path = strings.TrimPrefix(c.Flags[0], "oss://")
	case c.Action != "mb":
		return nil, &NotLocalError{c.Service + " " + c.Action}
	}
	request, err := http.NewRequestWithContext(ctx, method, "http://"+l.Address+"/"+path, bytes.NewReader(content))
	if err != nil {
		return nil, fmt.Errorf("calling the local cloud: %w", err)
	}
	keys, err := LocalKeys()
	if err != nil {
		return nil, err
	}
	date := time.Now().UTC().Format(http.TimeFormat)
	request.Header.Set("Date", date)
	text := method + "\n\n\n" + date + "\n/" + path
	request.Header.Set("Authorization", "OSS "+keys.ID+":"+signature(keys.Secret, text))
	answer, err := l.send(c, request)
	if err != nil || c.Action != "stat" {
		return answer, err
	}
	var about struct {
		Bucket struct{ Owner struct{ ID string } }
	}
	if err := xml.Unmarshal(answer, &about); err != nil {
		return nil, fmt.Errorf("reading what the local cloud says of the bucket: %w", err)
	}
	return []byte("Owner : " + about.Bucket.Owner.ID + "\n"), nil
}

// refusalOf reads a refusal, which is JSON, or XML of OSS.
func refusalOf(c Call, text []byte) *CallError {
	refusal := &CallError{Call: c}
	if json.Unmarshal(text, refusal) != nil {
		_ = xml.Unmarshal(text, &struct {
			Code    *string
			Message *string
		}{&refusal.Code, &refusal.Message}) // what is neither has no code
	}
	refusal.Call = c
	return refusal
}

// Region is that of the local cloud; "" when none answers.
func (l Local) Region(ctx context.Context) string {
	var state struct{ Region string }
	text, err := l.Call(ctx, Call{Service: localService, Action: http.MethodGet, Path: "/local/state"})
	if err != nil || json.Unmarshal(text, &state) != nil {
		return ""
	}
	return state.Region
}
