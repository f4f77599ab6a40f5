package sign_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
)

// direct sends the SDK's requests without the proxy of the environment.
type direct struct{ client *http.Client }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	return d.client.Do(r)
}

// service answers an accepted request with its caller and its name, and any other with the refusal.
func service(t *testing.T) *httptest.Server {
	v := verifier()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "application/json")
		key, refusal := v.Verify(r, body)
		if refusal != nil {
			w.WriteHeader(refusal.Status)
			_ = json.NewEncoder(w).Encode(map[string]string{"Code": refusal.Code, "Message": refusal.Message})
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{
			"RequestId": key, "TransitRouterAttachmentId": r.URL.Query().Get("TransitRouterAttachmentName"),
		})
	}))
	t.Cleanup(server.Close)
	return server
}

func config(server *httptest.Server, secret, token string) *openapimodels.Config {
	c := &openapimodels.Config{
		AccessKeyId: dara.String("STS.local"), AccessKeySecret: dara.String(secret),
		Endpoint: dara.String(strings.TrimPrefix(server.URL, "http://")), Protocol: dara.String("http"),
		HttpClient: direct{server.Client()},
	}
	if token != "" {
		c.SecurityToken = dara.String(token)
	}
	return c
}

// create returns what the service saw of a create with this name: its caller and the name.
func create(server *httptest.Server, name, secret, token string) (seen [2]string, err error) {
	client, err := cbn.NewClient(config(server, secret, token))
	if err != nil {
		return seen, err
	}
	answer, err := client.CreateTransitRouterVpnAttachmentWithContext(context.Background(),
		&cbn.CreateTransitRouterVpnAttachmentRequest{
			TransitRouterAttachmentName: &name, VpnId: dara.String("vco-1"), RegionId: dara.String("cn-hangzhou"),
			Tag: []*cbn.CreateTransitRouterVpnAttachmentRequestTag{
				{Key: dara.String("k"), Value: &name}, {Key: dara.String("k2"), Value: dara.String("")},
			},
		}, &dara.RuntimeOptions{})
	if err != nil {
		return seen, err
	}
	body := answer.Body
	return [2]string{dara.StringValue(body.RequestId), dara.StringValue(body.TransitRouterAttachmentId)}, nil
}

func TestTheSDKIsAccepted(t *testing.T) {
	server := service(t)
	for title, name := range map[string]string{
		"plain": "site-1", "spaces": " two  words ", "plus": "a+b", "star": "a*b", "tilde": "~a", "slash": "a/b",
		"question mark": "a?b", "ampersand": "a&b", "equals": "a=b", "percent": "100%41", "Chinese": "杭州", "empty": "",
		"tab": "a\tb", "all": "näme+ *~/?&=%\t名",
	} {
		t.Run(title, func(t *testing.T) {
			seen, err := create(server, name, "secret", "token+/=")
			if err != nil || seen != [2]string{"STS.local", name} {
				t.Errorf("the service saw %q, error %v; want STS.local and %q", seen, err, name)
			}
		})
	}
}

func TestTheSDKWithWrongCredentialsIsRefused(t *testing.T) {
	server := service(t)
	for title, c := range map[string]struct{ secret, token, want string }{
		"a wrong secret": {"secreT", "token+/=", "SignatureDoesNotMatch"},
		"no token":       {"secret", "", "MissingSecurityToken"},
		"an old token":   {"secret", "token", "InvalidSecurityToken.MismatchWithAccessKey"},
	} {
		t.Run(title, func(t *testing.T) {
			if _, err := create(server, "n", c.secret, c.token); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("err = %v; want %s", err, c.want)
			}
		})
	}
}

func TestAFormOfTheSDKIsAccepted(t *testing.T) {
	server := service(t)
	client, err := openapi.NewClient(config(server, "secret", "token+/="))
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.CallApiWithCtx(context.Background(), &openapimodels.Params{
		Action: dara.String("DescribeVpnConnection"), Version: dara.String("2016-04-28"), Protocol: dara.String("HTTP"),
		Pathname: dara.String("/a%20b/c*"), Method: dara.String("POST"), AuthType: dara.String("AK"),
		Style: dara.String("RPC"), ReqBodyType: dara.String("formData"), BodyType: dara.String("json"),
	}, &openapimodels.OpenApiRequest{
		Query: map[string]*string{"RegionId": dara.String("cn-hangzhou")},
		Body:  map[string]any{"VpnConnectionId": "vco-1", "Name": "a b*~"},
	}, &dara.RuntimeOptions{})
	if err != nil {
		t.Fatalf("the call was refused: %v", err)
	}
}

func TestConcurrentCallersAreAccepted(t *testing.T) {
	server := service(t)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			if _, err := create(server, "n", "secret", "token+/="); err != nil {
				t.Errorf("a concurrent call was refused: %v", err)
			}
		})
	}
	all.Wait()
}
