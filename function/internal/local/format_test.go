package local

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"
)

// classic is a query as the older SDKs, the CLI and Terraform sign it.
func classic(method string, parameters map[string]string) string {
	all := map[string]string{
		"AccessKeyId": "local", "SignatureMethod": "HMAC-SHA1", "SignatureVersion": "1.0",
		"SignatureNonce": rand.Text(), "Timestamp": time.Now().UTC().Format("2006-01-02T15:04:05Z"),
	}
	maps.Copy(all, parameters)
	escape := func(s string) string {
		return strings.NewReplacer("+", "%20", "*", "%2A", "%7E", "~").Replace(url.QueryEscape(s))
	}
	var pairs []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		pairs = append(pairs, escape(name)+"="+escape(all[name]))
	}
	query := strings.Join(pairs, "&")
	mac := hmac.New(sha1.New, []byte("local&"))
	mac.Write([]byte(method + "&%2F&" + escape(query)))
	return query + "&Signature=" + escape(base64.StdEncoding.EncodeToString(mac.Sum(nil)))
}

func TestClientsOfTheClassicSignatureAreServed(t *testing.T) {
	c := up(t)
	list := map[string]string{"Action": "ListTransitRouters", "Version": "2017-09-12", "RegionId": "cn-hangzhou",
		"CenId": "cen-core"}
	with := func(more ...string) map[string]string {
		all := maps.Clone(list)
		for i := 0; i < len(more); i += 2 {
			all[more[i]] = more[i+1]
		}
		return all
	}
	for name, asked := range map[string]struct {
		parameters map[string]string
		status     int
		kind, want string
	}{
		"CBN in JSON": {with("Format", "JSON"), 200, "application/json", `"TransitRouterId":"tr-core"`},
		"CBN in XML, in small letters": {with("Format", "xml"), 200, "text/xml",
			"<ListTransitRoutersResponse><PageNumber>1</PageNumber>"},
		"XML when nothing is said": {list, 200, "text/xml", "<TransitRouterId>tr-core</TransitRouterId>"},
		"VPC": {with("Format", "JSON", "Version", "2016-04-28", "Action", "DescribeVpnConnections", "Odd", "a b+*~/名"),
			200, "application/json", `"VpnConnectionId":"vco-1"`},
		"STS": {with("Format", "JSON", "Version", "2015-04-01", "Action", "AssumeRole", "RoleArn", "acs:ram::1:role/x",
			"RoleSessionName", "alice"), 404, "application/json", "EntityNotExist.Role"},
		"the identity of a caller": {with("Format", "JSON", "Version", "2015-04-01", "Action", "GetCallerIdentity"),
			200, "application/json", `"AccountId":"1234567890123456"`},
		"an unknown format": {with("Format", "yaml"), 400, "application/json", "InvalidParameter.Format"},
		"an error in XML":   {with("Action", "Nope"), 404, "text/xml", "<Error><Code>InvalidAction.NotFound</Code>"},
		"a wrong key": {with("AccessKeyId", "nobody", "Format", "JSON"), 404, "application/json",
			"InvalidAccessKeyId.NotFound"},
	} {
		t.Run(name, func(t *testing.T) {
			form := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
			for _, method := range []string{"GET", "POST"} {
				path, body := "/?"+classic(method, asked.parameters), ""
				if method == "POST" {
					path, body = "/", strings.TrimPrefix(path, "/?")
				}
				status, header, text := c.ask(t, method, path, body, form)
				if status != asked.status || !strings.HasPrefix(header.Get("Content-Type"), asked.kind) ||
					!strings.Contains(text, asked.want) {
					t.Errorf("%s: got %d %s %s", method, status, header.Get("Content-Type"), text)
				}
			}
		})
	}
}

func TestFaultsAndTheRecordKnowTheClassicSignature(t *testing.T) {
	c := up(t)
	call := classic("GET", map[string]string{"Action": "DescribeVpnConnections", "Version": "2016-04-28"})
	c.ask(t, "GET", "/?"+call, "", nil)
	calls := c.Faults.Calls()
	if len(calls) != 1 || calls[0].Action != "DescribeVpnConnections" || calls[0].AccessKeyID != "local" {
		t.Errorf("the record is %+v", calls)
	}
}

func TestALineOfJSONBecomesXMLAsTheGatewayWritesIt(t *testing.T) {
	got, err := toXML("R", []byte(`{"b":{"Item":[1,"<&>"]},"a":null,"n":1234567890123456,"e":[],"t":true}`))
	const want = "<R><a></a><b><Item>1</Item><Item>&lt;&amp;&gt;</Item></b><n>1234567890123456</n><t>true</t></R>"
	if err != nil || !strings.HasSuffix(string(got), "\n"+want) {
		t.Errorf("got %s, %v; want %s", got, err, want)
	}
	if _, err := toXML("R", []byte("<html>")); err == nil {
		t.Error("a page of a proxy was taken for JSON")
	}
}

func TestMessageServiceAnswersXMLAtEveryPath(t *testing.T) {
	c := up(t)
	for path, want := range map[string]string{
		"/":                  "InvalidRequestURL",
		"/nothing":           "InvalidRequestURL",
		"/queues":            "MissingAuthorizationHeader",
		"/?accountmeta=true": "MissingAuthorizationHeader",
	} {
		status, header, text := c.ask(t, "GET", path, "", map[string]string{"x-mns-version": "2015-06-06"})
		if status != 400 || !strings.Contains(text, "<Code>"+want+"</Code>") ||
			!strings.HasPrefix(header.Get("Content-Type"), "text/xml") {
			t.Errorf("%s: got %d %s", path, status, text)
		}
	}
	if _, _, text := c.ask(t, "GET", "/x/x509_public_certificate.pem", "", nil); !strings.Contains(text, "BEGIN CERT") {
		t.Errorf("the certificate is %s", text)
	}
}

func TestThePageIsToldWhatWouldBeSent(t *testing.T) {
	c := up(t)
	if state := c.state(); len(state.Notices) != 0 || state.Notices == nil {
		t.Errorf("the notices are %v", state.Notices)
	}
}
