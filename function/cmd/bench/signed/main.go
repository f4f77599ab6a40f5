// Command signed is a floor of the benchmarks, for information: the calls of one event by
// net/http, signed by hand, with the payloads of command sdk and no logic. The difference
// between the two is what the SDKs cost.
package main

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/aliyun/fc-runtime-go-sdk/fc"
	"github.com/aliyun/fc-runtime-go-sdk/fccontext"
)

func main() { fc.Start(handle) }

func handle(ctx context.Context, payload []byte) ([]byte, error) {
	fc, found := fccontext.FromContext(ctx)
	if !found {
		return nil, fmt.Errorf("there is no context")
	}
	i := bytes.Index(payload, []byte("vco-"))
	id := string(payload[i : i+bytes.IndexAny(payload[i:], `\"`)])
	c := caller{ctx: ctx, key: fc.Credentials}
	region := url.Values{"RegionId": {fc.Region}}
	for _, call := range []struct {
		version, action string
		query           url.Values
	}{
		{"2016-04-28", "DescribeVpnConnection", url.Values{"VpnConnectionId": {id}}},
		{"2017-09-12", "ListTransitRouters", url.Values{"TransitRouterId": {"tr-0"}, "PageNumber": {"1"}, "PageSize": {"50"}}},
		{"2017-09-12", "CreateTransitRouterVpnAttachment", url.Values{
			"ClientToken": {strings.Repeat("0", 64-len(fc.RequestID)) + fc.RequestID}, "TransitRouterId": {"tr-0"}, "VpnId": {id}, "AutoPublishRouteEnabled": {"true"},
			"TransitRouterAttachmentName": {id}, "Tag.1.Key": {"vpn-attach:vpn-connection"}, "Tag.1.Value": {id}, "Tag.2.Key": {"vpn-attach:event"}, "Tag.2.Value": {strings.Repeat("0", 32)},
		}},
	} {
		call.query["RegionId"] = region["RegionId"]
		if err := c.rpc(call.version, call.action, call.query); err != nil {
			return nil, err
		}
	}
	queue, topic := "/queues/"+os.Getenv("MNS_QUEUE")+"/messages", "/topics/"+os.Getenv("MNS_TOPIC")+"/messages"
	const space = ` xmlns="http://mns.aliyuncs.com/doc/v1/"`
	if err := c.mns(queue, "<Messages"+space+"><Message><MessageBody>"+strings.Repeat("x", 700)+"</MessageBody><DelaySeconds>15</DelaySeconds><Priority>8</Priority></Message></Messages>"); err != nil {
		return nil, err
	}
	return nil, c.mns(topic, "<Message"+space+"><MessageBody>"+strings.Repeat("x", 900)+"</MessageBody><MessageTag>attaching</MessageTag></Message>")
}

// caller makes calls with the credentials of one invocation.
type caller struct {
	ctx context.Context
	key fccontext.Credentials
}

// rpc is signed by ACS3-HMAC-SHA256.
func (c caller) rpc(version, action string, query url.Values) error {
	canonical := strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(query.Encode())
	r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, os.Getenv("CBN_ENDPOINT")+"/?"+canonical, nil)
	if err != nil {
		return err
	}
	var nonce [16]byte
	_, _ = rand.Read(nonce[:]) // never fails
	empty := sha256.Sum256(nil)
	headers := [][2]string{
		{"host", r.URL.Host}, {"x-acs-action", action}, {"x-acs-content-sha256", hex.EncodeToString(empty[:])}, {"x-acs-date", time.Now().UTC().Format("2006-01-02T15:04:05Z")},
		{"x-acs-security-token", c.key.SecurityToken}, {"x-acs-signature-nonce", hex.EncodeToString(nonce[:])}, {"x-acs-version", version},
	}
	var lines, names strings.Builder
	for i, h := range headers {
		lines.WriteString(h[0] + ":" + h[1] + "\n")
		if i > 0 {
			names.WriteByte(';')
			r.Header.Set(h[0], h[1])
		}
		names.WriteString(h[0])
	}
	request := sha256.Sum256([]byte("POST\n/\n" + canonical + "\n" + lines.String() + "\n" + names.String() + "\n" + hex.EncodeToString(empty[:])))
	mac := hmac.New(sha256.New, []byte(c.key.AccessKeySecret))
	mac.Write([]byte("ACS3-HMAC-SHA256\n" + hex.EncodeToString(request[:])))
	r.Header.Set("Authorization", "ACS3-HMAC-SHA256 Credential="+c.key.AccessKeyId+",SignedHeaders="+names.String()+",Signature="+hex.EncodeToString(mac.Sum(nil)))
	return send(r)
}

// mns is signed by HMAC-SHA1, as Message Service takes it.
func (c caller) mns(resource, body string) error {
	r, err := http.NewRequestWithContext(c.ctx, http.MethodPost, os.Getenv("MNS_ENDPOINT")+resource, strings.NewReader(`<?xml version="1.0" encoding="UTF-8"?>`+body))
	if err != nil {
		return err
	}
	date := time.Now().UTC().Format(http.TimeFormat)
	r.Header.Set("Date", date)
	r.Header.Set("Content-Type", "text/xml")
	r.Header.Set("x-mns-version", "2015-06-06")
	r.Header.Set("security-token", c.key.SecurityToken)
	mac := hmac.New(sha1.New, []byte(c.key.AccessKeySecret))
	mac.Write([]byte("POST\n\ntext/xml\n" + date + "\nx-mns-version:2015-06-06\n" + resource))
	r.Header.Set("Authorization", "MNS "+c.key.AccessKeyId+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	return send(r)
}

func send(r *http.Request) error {
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err == nil && answer.StatusCode/100 != 2 {
		err = fmt.Errorf("calling %s: HTTP %d: %s", r.URL.Path, answer.StatusCode, body)
	}
	return err
}
