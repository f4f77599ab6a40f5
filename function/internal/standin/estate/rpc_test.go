package estate_test

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
)

func TestUnknownActionsAreNotFound(t *testing.T) {
	c := open(t, core(), nil)
	for _, call := range [][2]string{
		{"2017-09-12", "DescribeVpnConnection"}, {"2016-04-28", "ListTransitRouters"}, {"2017-09-12", "Nonsense"}, {"2014-05-26", "ListTransitRouters"},
	} {
		if _, err := c.rpc(call[0], call[1], nil); err == nil || codeOf(t, err) != "InvalidAction.NotFound" {
			t.Errorf("%s of %s: %v; want InvalidAction.NotFound", call[1], call[0], err)
		}
	}
}

func TestCallsAreUnderstoodAsGETAndAsForm(t *testing.T) {
	c := open(t, core(), nil)
	for name, method := range map[string]string{"GET": "GET", "POST": "POST"} {
		t.Run(name, func(t *testing.T) {
			client, err := openapi.NewClient(c.config())
			if err != nil {
				t.Fatal(err)
			}
			request := &openapimodels.OpenApiRequest{Query: map[string]*string{"RegionId": dara.String(region), "VpnConnectionId": dara.String("vco-1")}}
			if method == "POST" {
				request = &openapimodels.OpenApiRequest{Body: map[string]any{"RegionId": region, "VpnConnectionId": "vco-1"}}
			}
			answer, err := client.CallApiWithCtx(context.Background(), &openapimodels.Params{
				Action: dara.String("DescribeVpnConnection"), Version: dara.String("2016-04-28"), Protocol: dara.String("HTTP"), Pathname: dara.String("/"),
				Method: &method, AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"), BodyType: dara.String("string"),
			}, request, &dara.RuntimeOptions{})
			if err != nil || !strings.Contains(answer["body"].(string), `"Name":"site-1"`) {
				t.Errorf("answer %v, err %v", answer, err)
			}
		})
	}
}

func TestUnsignedCallIsRefusedAndNotRecorded(t *testing.T) {
	c := open(t, core(), nil)
	r := httptest.NewRequest("POST", "/?VpnId=vco-1", nil)
	r.Header.Set("x-acs-action", "CreateTransitRouterVpnAttachment")
	r.Header.Set("x-acs-version", "2017-09-12")
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	if w.Code != http.StatusBadRequest || !strings.Contains(w.Body.String(), `"IncompleteSignature"`) || len(c.Creates()) != 0 {
		t.Errorf("answer %d %s with %d creates recorded", w.Code, w.Body, len(c.Creates()))
	}
}

func TestWrongKeyIsNotFound(t *testing.T) {
	c := open(t, core(), nil)
	config := c.config()
	config.AccessKeyId = dara.String("nobody")
	client, err := openapi.NewClient(config)
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CallApiWithCtx(context.Background(), &openapimodels.Params{
		Action: dara.String("ListTransitRouters"), Version: dara.String("2017-09-12"), Protocol: dara.String("HTTP"), Pathname: dara.String("/"),
		Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapimodels.OpenApiRequest{}, &dara.RuntimeOptions{})
	if err == nil || codeOf(t, err) != "InvalidAccessKeyId.NotFound" {
		t.Errorf("err = %v; want InvalidAccessKeyId.NotFound", err)
	}
}

func TestErrorsHaveTheServicesForm(t *testing.T) {
	c := open(t, core(), nil)
	for name, fault := range map[string]struct {
		version, code, message, product string
		status                          int
	}{
		"on the page":         {"2017-09-12", "OperationFailed.AllocateCidrFailed", "Operation failed because vpn allocate cidr failed.", "Cbn", 400},
		"of VPC":              {"2016-04-28", "InvalidVpnConnectionInstanceId.NotFound", "The specified vpn connection instance id does not exist.", "Vpc", 404},
		"of the gateway":      {"2017-09-12", "ServiceUnavailable", "The request has failed due to a temporary failure of the server.", "Cbn", 503},
		"nobody has heard of": {"2017-09-12", "Brand.New", "The request failed.", "Cbn", 400},
		"without even a code": {"2017-09-12", "", "The request failed.", "Cbn", 500},
		"a prefix of another": {"2017-09-12", "InvalidParameter", "Invalid parameter.", "Cbn", 400},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "http://cbn.aliyuncs.com/", nil)
			r.Header.Set("x-acs-version", fault.version)
			w := httptest.NewRecorder()
			c.WriteError(w, r, fault.status, fault.code)
			var body map[string]string
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatalf("the body %s: %v", w.Body, err)
			}
			if w.Code != fault.status || body["Code"] != fault.code || body["Message"] != fault.message || body["HostId"] != "cbn.aliyuncs.com" {
				t.Errorf("answer %d %v", w.Code, body)
			}
			if body["RequestId"] == "" || body["RequestId"] != w.Header().Get("x-acs-request-id") || !strings.Contains(body["Recommend"], "product="+fault.product) {
				t.Errorf("request id %q, recommendation %q", body["RequestId"], body["Recommend"])
			}
			if !strings.HasPrefix(w.Header().Get("Content-Type"), "application/json") {
				t.Errorf("content type %q", w.Header().Get("Content-Type"))
			}
		})
	}
}

func TestActionNamesTheOperation(t *testing.T) {
	c := open(t, core(), nil)
	r := httptest.NewRequest("POST", "/", nil)
	if got := c.Action(r); got != "" {
		t.Errorf("Action of a plain request = %q", got)
	}
	r.Header.Set("x-acs-action", "ListTransitRouters")
	if got := c.Action(r); got != "ListTransitRouters" {
		t.Errorf("Action = %q", got)
	}
}

func TestOversizeBodyIsRefused(t *testing.T) {
	c := open(t, core(), nil)
	w := httptest.NewRecorder()
	c.ServeHTTP(w, httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", 1<<20+1))))
	if w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d; want 413", w.Code)
	}
}

func TestEveryAnswerHasItsOwnRequestID(t *testing.T) {
	c := open(t, core(), nil)
	seen := make(map[string]bool)
	for range 3 {
		body, err := c.rpc("2017-09-12", "ListTransitRouters", nil)
		if err != nil {
			t.Fatal(err)
		}
		var answer struct{ RequestId string }
		if err := json.Unmarshal([]byte(body), &answer); err != nil || answer.RequestId == "" || seen[answer.RequestId] {
			t.Errorf("request id %q, err %v, seen %v", answer.RequestId, err, seen)
		}
		seen[answer.RequestId] = true
	}
}
