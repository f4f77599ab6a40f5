package local_test

import (
	"crypto/hmac"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	"github.com/alibabacloud-go/darabonba-openapi/v2/utils"
	"github.com/alibabacloud-go/tea/dara"

	"vpn-attach/function/internal/local"
)

// The tests here hold that what people call is judged by the policies of their keys, whichever the service.

// refusal is what came of a call: empty texts when it was not refused.
type refusal struct{ code, message string }

// ask makes a call with the vendor's client and a key whose secret is its name.
func ask(t *testing.T, cloud *local.Cloud, key string, p utils.Params, query map[string]string) refusal {
	t.Helper()
	client, err := openapi.NewClient(&openapi.Config{
		AccessKeyId: dara.String(key), AccessKeySecret: dara.String(key), HttpClient: direct{cloud},
		Endpoint: dara.String("local.test"), Protocol: dara.String("http"),
	})
	if err != nil {
		t.Fatal(err)
	}
	p.Protocol, p.AuthType, p.BodyType = dara.String("HTTP"), dara.String("AK"), dara.String("json")
	request := &utils.OpenApiRequest{Query: map[string]*string{}}
	for name, value := range query {
		request.Query[name] = dara.String(value)
	}
	client.DisableSDKError = dara.Bool(true)
	_, err = client.CallApiWithCtx(t.Context(), &p, request, &dara.RuntimeOptions{})
	var refused interface {
		error
		GetCode() *string
	}
	if errors.As(err, &refused) {
		return refusal{dara.StringValue(refused.GetCode()), refused.Error()}
	}
	if err != nil {
		t.Fatal(err)
	}
	return refusal{}
}

// rpc is an operation of CBN, VPC or STS.
func rpc(version, action string) utils.Params {
	return utils.Params{
		Action: dara.String(action), Version: dara.String(version), Pathname: dara.String("/"),
		Method: dara.String("POST"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
	}
}

// ofFunction is an operation of Function Compute.
func ofFunction(method, path string) utils.Params {
	return utils.Params{
		Action: dara.String("any"), Version: dara.String("2023-03-30"),
		Pathname: dara.String("/2023-03-30/functions/vpn-attach" + path),
		Method:   dara.String(method), Style: dara.String("ROA"), ReqBodyType: dara.String("json"),
	}
}

// askQueues makes a call of Message Service.
func askQueues(cloud *local.Cloud, key, method, path string) refusal {
	r := httptest.NewRequest(method, "http://1234567890123456.mns.cn-hangzhou.aliyuncs.com"+path, nil)
	r.Header.Set("x-mns-version", "2015-06-06")
	r.Header.Set("Date", time.Now().UTC().Format(http.TimeFormat))
	mac := hmac.New(sha1.New, []byte(key))
	fmt.Fprintf(mac, "%s\n\n\n%s\nx-mns-version:2015-06-06\n%s", method, r.Header.Get("Date"), path)
	r.Header.Set("Authorization", "MNS "+key+":"+base64.StdEncoding.EncodeToString(mac.Sum(nil)))
	w := httptest.NewRecorder()
	cloud.ServeHTTP(w, r)
	if w.Code < http.StatusBadRequest {
		return refusal{}
	}
	_, code, _ := strings.Cut(w.Body.String(), "<Code>")
	code, _, _ = strings.Cut(code, "</Code>")
	return refusal{code, w.Body.String()}
}

// asked is a call of a person, by the action that it needs and the code of its refusal.
type asked struct {
	action, code string
	make         func(t *testing.T, cloud *local.Cloud, key string) refusal
}

func askedOf(action, code string, p utils.Params, query map[string]string) asked {
	return asked{action, code, func(t *testing.T, cloud *local.Cloud, key string) refusal {
		return ask(t, cloud, key, p, query)
	}}
}

func askedOfQueues(action, method, path string) asked {
	return asked{action, "AccessDenied", func(_ *testing.T, cloud *local.Cloud, key string) refusal {
		return askQueues(cloud, key, method, path)
	}}
}

// allAsked has a call of every service, and all that Function Compute has.
func allAsked() []asked {
	const denied = "AccessDenied"
	role := map[string]string{
		"RoleArn": "acs:ram::6543210987654321:role/reader", "RoleSessionName": "person", "RegionId": "cn-hangzhou",
	}
	return []asked{
		askedOfQueues("mns:ListQueue", "GET", "/queues"),
		askedOfQueues("mns:PeekMessage", "GET", "/queues/vpn-attach-events/messages?peekonly=true"),
		askedOfQueues("mns:ListSubscriptionByTopic", "GET", "/topics/vpn-attach-outcomes/subscriptions"),
		askedOf("cen:ListTransitRouters", "NoPermission", rpc("2017-09-12", "ListTransitRouters"),
			map[string]string{"CenId": "cen-core", "RegionId": "cn-hangzhou"}),
		askedOf("vpc:DescribeVpnConnections", "Forbidden.RAM", rpc("2016-04-28", "DescribeVpnConnections"),
			map[string]string{"RegionId": "cn-hangzhou"}),
		askedOf("sts:AssumeRole", "NoPermission", rpc("2015-04-01", "AssumeRole"), role),
		askedOf("fc:InvokeFunction", denied, ofFunction("POST", "/invocations"), nil),
		askedOf("fc:GetFunction", denied, ofFunction("GET", ""), nil),
		askedOf("fc:GetAlias", denied, ofFunction("GET", "/aliases/live"), nil),
		askedOf("fc:ListFunctionVersions", denied, ofFunction("GET", "/versions"), nil),
		askedOf("fc:PublishFunctionVersion", denied, ofFunction("POST", "/versions"), nil),
		askedOf("fc:CreateAlias", denied, ofFunction("POST", "/aliases"), nil),
		askedOf("fc:UpdateAlias", denied, ofFunction("PUT", "/aliases/live"), nil),
		askedOf("fc:ListTriggers", denied, ofFunction("GET", "/triggers"), nil),
		askedOf("fc:ListInstances", denied, ofFunction("GET", "/instances"), nil),
		askedOf("fc:UpdateFunction", denied, ofFunction("PUT", ""), nil),
		askedOf("fc:UpdateTrigger", denied, ofFunction("PUT", "/triggers/sweep"), nil),
		askedOf("log:GetLogStoreLogs", denied, ofFunction("GET", "/logs"), nil),
	}
}

// aPerson may do one action and nothing else, or everything else.
const aPerson = `
members: [{account: "6543210987654321", role: reader, trustPolicy: {Version: "1", Statement: [
  {Effect: Allow, Action: "sts:AssumeRole", Principal: {RAM: ["acs:ram::1234567890123456:root"]}}]}}]
accessKeys:
  - {id: alone, secret: alone, policy: {Version: "1", Statement: [{Effect: Allow, Action: "%[1]s", Resource: "*"}]}}
  - {id: without, secret: without, policy: {Version: "1", Statement: [
      {Effect: Allow, Action: "*", Resource: "*"}, {Effect: Deny, Action: "%[1]s", Resource: "*"}]}}
`

func TestACallOfAPersonIsJudgedByThePolicyOfItsKey(t *testing.T) {
	t.Parallel()
	for _, one := range allAsked() {
		t.Run(one.action, func(t *testing.T) {
			cloud := start(t, fmt.Sprintf(aPerson, one.action), &texts{})
			defer cloud.Close()
			if got := one.make(t, cloud, "alone"); got.code == one.code || strings.Contains(got.message, one.action) {
				t.Errorf("allowed, and refused: %+v", got)
			}
			got := one.make(t, cloud, "without")
			if got.code != one.code || !strings.Contains(got.message, one.action) {
				t.Errorf("denied, and came to %+v, want %s", got, one.code)
			}
		})
	}
}

func TestAPolicyMayNameTheFunctionAndItsTriggers(t *testing.T) {
	t.Parallel()
	const pattern = `accessKeys: [{id: p, secret: p, policy: {Version: "1", Statement: [
  {Effect: Allow, Action: "fc:*", Resource: "acs:fc:cn-hangzhou:1234567890123456:functions/%s"}]}}]`
	for named, isAllowed := range map[string]map[string]bool{
		"vpn-attach":                {"": true, "/triggers": false},
		"vpn-attach/triggers/*":     {"": false, "/triggers": true},
		"vpn-attach*":               {"": true, "/triggers": true},
		"another":                   {"": false, "/triggers": false},
		"vpn-attach/triggers/sweep": {"": false, "/triggers": false},
	} {
		cloud := start(t, fmt.Sprintf(pattern, named), &texts{})
		for path, want := range isAllowed {
			if got := ask(t, cloud, "p", ofFunction("GET", path), nil); (got.code == "") != want {
				t.Errorf("%s, GET %q: got %+v", named, path, got)
			}
		}
		cloud.Close()
	}
}
