package estate_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	cbn "github.com/alibabacloud-go/cbn-20170912/v2/client"
	openapi "github.com/alibabacloud-go/darabonba-openapi/v2/client"
	openapimodels "github.com/alibabacloud-go/darabonba-openapi/v2/models"
	"github.com/alibabacloud-go/tea/dara"
	"github.com/alibabacloud-go/tea/tea"

	"vpn-attach/function/internal/standin/estate"
	"vpn-attach/function/internal/standin/sign"
)

const (
	account  = "1234567890123456"
	stranger = "9999999999999999"
	region   = "cn-hangzhou"
)

// clock runs with the real one, which dates the signatures, and can be put forward by less than their skew.
type clock struct{ ahead atomic.Int64 }

func (c *clock) now() time.Time          { return time.Now().Add(time.Duration(c.ahead.Load())) }
func (c *clock) advance(d time.Duration) { c.ahead.Add(int64(d)) }

// cloud is an estate behind a listener, with the clients of the real SDKs.
type cloud struct {
	*estate.Estate
	t      *testing.T
	server *httptest.Server
	clock  *clock
}

// open starts a cloud of the seed in which attaching takes 30 seconds; adjust may change the options.
func open(t *testing.T, seed estate.Seed, adjust func(*estate.Options)) *cloud {
	t.Helper()
	c := &cloud{t: t, clock: &clock{}}
	keys := &sign.Keyring{}
	keys.Add("local", "secret", "")
	o := estate.Options{Account: account, Region: region, Keys: keys, Now: c.clock.now, AttachSeconds: 30}
	if adjust != nil {
		adjust(&o)
	}
	estate, err := estate.New(o, seed)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	c.Estate, c.server = estate, httptest.NewServer(estate)
	t.Cleanup(func() {
		c.server.Close()
		estate.Close()
	})
	return c
}

// core is a seed of one transit router and one unbound connection.
func core() estate.Seed {
	return estate.Seed{
		TransitRouters: []estate.TransitRouter{{ID: "tr-core", CEN: "cen-1", Name: "core", CIDRs: []string{"10.255.0.0/24"}}},
		VPNConnections: []estate.VPNConnection{{ID: "vco-1", Name: "site-1"}},
	}
}

// direct sends the SDK's requests without the proxy of the environment.
type direct struct{ client *http.Client }

func (d direct) Call(r *http.Request, _ *http.Transport) (*http.Response, error) {
	return d.client.Do(r)
}

func (c *cloud) config() *openapimodels.Config {
	return &openapimodels.Config{
		AccessKeyId: dara.String("local"), AccessKeySecret: dara.String("secret"), HttpClient: direct{c.server.Client()},
		Endpoint: dara.String(strings.TrimPrefix(c.server.URL, "http://")), Protocol: dara.String("http"),
	}
}

func (c *cloud) cbn() *cbn.Client {
	client, err := cbn.NewClient(c.config())
	if err != nil {
		c.t.Fatalf("making a CBN client: %v", err)
	}
	return client
}

// request is a create for vco-1 on tr-core that nothing speaks against.
func request(adjust func(*cbn.CreateTransitRouterVpnAttachmentRequest)) *cbn.CreateTransitRouterVpnAttachmentRequest {
	r := &cbn.CreateTransitRouterVpnAttachmentRequest{
		TransitRouterId: dara.String("tr-core"), RegionId: dara.String(region), VpnId: dara.String("vco-1"), ClientToken: dara.String("token-1"),
	}
	if adjust != nil {
		adjust(r)
	}
	return r
}

// create returns the attachment's id or the error's code.
func (c *cloud) create(r *cbn.CreateTransitRouterVpnAttachmentRequest) (id, code string) {
	answer, err := c.cbn().CreateTransitRouterVpnAttachmentWithContext(context.Background(), r, &dara.RuntimeOptions{})
	if err != nil {
		return "", codeOf(c.t, err)
	}
	return dara.StringValue(answer.Body.TransitRouterAttachmentId), ""
}

func (c *cloud) mustCreate() string {
	c.t.Helper()
	id, code := c.create(request(nil))
	if id == "" {
		c.t.Fatalf("the create was refused: %s", code)
	}
	return id
}

// rpc calls any operation without the help of a product's SDK and returns the body as text.
func (c *cloud) rpc(version, action string, query map[string]string) (string, error) {
	client, err := openapi.NewClient(c.config())
	if err != nil {
		c.t.Fatalf("making an OpenAPI client: %v", err)
	}
	parameters := make(map[string]*string)
	for name, value := range query {
		parameters[name] = dara.String(value)
	}
	answer, err := client.CallApiWithCtx(context.Background(), &openapimodels.Params{
		Action: dara.String(action), Version: dara.String(version), Protocol: dara.String("HTTP"), Pathname: dara.String("/"),
		Method: dara.String("POST"), AuthType: dara.String("AK"), Style: dara.String("RPC"), ReqBodyType: dara.String("formData"),
		BodyType: dara.String("string"),
	}, &openapimodels.OpenApiRequest{Query: parameters}, &dara.RuntimeOptions{})
	if err != nil {
		return "", err
	}
	return answer["body"].(string), nil
}

// description is the part of DescribeVpnConnection's answer that these tests look at.
type description struct {
	VpnConnectionId, Name, State, AttachType, AttachInstanceId, TransitRouterId, TransitRouterName, NetworkType, ZoneNo string

	Tags                       struct{ Tag []struct{ Key, Value string } }
	IkeConfig                  struct{ Psk string }
	VpnBgpConfig               struct{ AuthKey string }
	TunnelOptionsSpecification struct {
		TunnelOptions []struct{ TunnelIkeConfig struct{ Psk string } }
	}
}

func (c *cloud) describe(id string) (d description, code string) {
	c.t.Helper()
	body, err := c.rpc("2016-04-28", "DescribeVpnConnection", map[string]string{"RegionId": region, "VpnConnectionId": id})
	if err != nil {
		return d, codeOf(c.t, err)
	}
	if err := json.Unmarshal([]byte(body), &d); err != nil {
		c.t.Fatalf("the description is not JSON: %v", err)
	}
	return d, ""
}

func codeOf(t *testing.T, err error) string {
	t.Helper()
	var refused *tea.SDKError
	if !errors.As(err, &refused) {
		t.Fatalf("the call failed without an answer: %v", err)
	}
	return tea.StringValue(refused.Code)
}
