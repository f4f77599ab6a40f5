package estate_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
)

func TestUnknownActionsAreNotFound(t *testing.T) {
	c := open(t, core(), nil)
	for _, call := range []string{
		"cbn DescribeVpnConnection", "vpc ListTransitRouters", "cbn Nonsense", "ecs ListTransitRouters",
	} {
		if _, code := c.call(call, ""); code != "InvalidAction.NotFound" {
			t.Errorf("%s: %s; want InvalidAction.NotFound", call, code)
		}
	}
}

func TestCallsMayBeGETOrAForm(t *testing.T) {
	c := open(t, core(), nil)
	query := map[string]*string{"RegionId": dara.String(region), "VpnConnectionId": dara.String("vco-1")}
	form := map[string]any{"RegionId": region, "VpnConnectionId": "vco-1"}
	for method, request := range map[string]*openapimodels.OpenApiRequest{"GET": {Query: query}, "POST": {Body: form}} {
		body, code := send(t, c.config(), params(method, "vpc DescribeVpnConnection"), request)
		if !strings.Contains(body, `"Name":"site-1"`) {
			t.Errorf("%s: answer %q %s", method, code, body)
		}
	}
}

func TestAnUnsignedCallIsRefusedAndNotRecorded(t *testing.T) {
	c := open(t, core(), nil)
	r := httptest.NewRequest("POST", "/?VpnId=vco-1", nil)
	r.Header.Set("x-acs-action", "CreateTransitRouterVpnAttachment")
	r.Header.Set("x-acs-version", "2017-09-12")
	w := httptest.NewRecorder()
	c.ServeHTTP(w, r)
	refused := w.Code == http.StatusBadRequest && strings.Contains(w.Body.String(), `"IncompleteSignature"`)
	if !refused || len(c.Creates()) != 0 {
		t.Errorf("answer %d %s with %d creates recorded", w.Code, w.Body, len(c.Creates()))
	}
}

func TestAnUnknownKeyIsNotFound(t *testing.T) {
	config := open(t, core(), nil).config()
	config.AccessKeyId = dara.String("nobody")
	_, code := send(t, config, params("POST", "cbn ListTransitRouters"), &openapimodels.OpenApiRequest{})
	if code != "InvalidAccessKeyId.NotFound" {
		t.Errorf("code = %s; want InvalidAccessKeyId.NotFound", code)
	}
}

func TestErrorsHaveTheServicesForm(t *testing.T) {
	const vpnNotFound = "InvalidVpnConnectionInstanceId.NotFound"
	c := open(t, core(), nil)
	for name, fault := range map[string]struct {
		version, code, message, product string
		status                          int
	}{
		"on the page": {"2017-09-12", "OperationFailed.AllocateCidrFailed",
			"Operation failed because vpn allocate cidr failed.", "Cbn", 400},
		"of VPC": {"2016-04-28", vpnNotFound, "The specified vpn connection instance id does not exist.", "Vpc", 404},
		"of the gateway": {"2017-09-12", "ServiceUnavailable",
			"The request has failed due to a temporary failure of the server.", "Cbn", 503},
		"with a long text": {"2017-09-12", "OperationUnsupported.VcoTunnelNotMatchZoneParam",
			"The tunnel type of the entered Vco does not match the Zone parameter.", "Cbn", 400},
		"unknown":             {"2017-09-12", "Brand.New", "The request failed.", "Cbn", 400},
		"without a code":      {"2017-09-12", "", "The request failed.", "Cbn", 500},
		"a prefix of another": {"2017-09-12", "InvalidParameter", "Invalid parameter.", "Cbn", 400},
	} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "http://cbn.aliyuncs.com/", nil)
			r.Header.Set("x-acs-version", fault.version)
			w := httptest.NewRecorder()
			c.WriteError(w, r, fault.status, fault.code)
			var body struct{ Code, Message, HostId, RequestId, Recommend string }
			if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil {
				t.Fatalf("the body %s: %v", w.Body, err)
			}
			if w.Code != fault.status || body.Code != fault.code || body.Message != fault.message ||
				body.HostId != "cbn.aliyuncs.com" || !strings.Contains(body.Recommend, "product="+fault.product) {
				t.Errorf("answer %d %+v", w.Code, body)
			}
			if body.RequestId == "" || body.RequestId != w.Header().Get("x-acs-request-id") {
				t.Errorf("request id %q, header %v", body.RequestId, w.Header())
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

func TestABodyThatIsTooLargeIsRefused(t *testing.T) {
	w := httptest.NewRecorder()
	large := httptest.NewRequest("POST", "/", strings.NewReader(strings.Repeat("x", 1<<20+1)))
	if open(t, core(), nil).ServeHTTP(w, large); w.Code != http.StatusRequestEntityTooLarge {
		t.Errorf("status %d; want 413", w.Code)
	}
}

func TestEveryAnswerHasItsOwnRequestID(t *testing.T) {
	c := open(t, core(), nil)
	seen := make(map[string]bool)
	for range 3 {
		var answer struct{ RequestId string }
		if c.get("cbn ListTransitRouters", "CenId=cen-1", &answer); answer.RequestId == "" || seen[answer.RequestId] {
			t.Errorf("request id %q, seen %v", answer.RequestId, seen)
		}
		seen[answer.RequestId] = true
	}
}
